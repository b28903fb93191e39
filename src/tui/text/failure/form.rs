//! Why a text is not a code, quantity or id.

use super::{Term, term};
use crate::domain::{CodeError, IdError, QuantityError};
use crate::tui::text::Words;

super::super::phrases! {
    /// Why a text is not a code, quantity or id.
    FormText {
        CodeEmpty: "{what} is empty", "{what} : rien n'est saisi";
        CodeTooLong: "{what} has {length} characters; at most {length_max} are allowed",
            "{what} : {length} caractères, c'est trop ; la limite est de {length_max}";
        CodeCharacter: "{what} \"{text}\" contains the character '{found}'; allowed are {allowed}",
            "{what} « {text} » contient le caractère « {found} » ; caractères permis : {allowed}";
        NotANumber: "\"{text}\" is not {what}; write digits with at most one decimal point, such as 12 or 2.5",
            "« {text} » n'est pas {what} ; écrivez des chiffres avec au plus une virgule, comme 12 ou 2,5";
        TooSmall: "{what} must be {bound}, not {value}", "{what} : il faut {bound}, pas {value}";
        TooLarge: "{what} {value} is too large; at most {value_max} can be posted",
            "{what} {value} : c'est trop ; {value_max} au plus peuvent être validés";
        TooPrecise: "{what} {value} has more than {decimals_max} decimal places",
            "{what} {value} : plus de {decimals_max} décimales";
        NotAUuid: "\"{text}\" is not a UUID", "« {text} » n'est pas un UUID";
        NotVersion7: "{id} is not a version 7 UUID; an id must contain the time of the posting",
            "{id} n'est pas un UUID de version 7 ; un identifiant doit contenir l'heure de l'écriture";
    }
}

/// What a text should have been, what it must be, and what it may be made of.
pub(super) const TERMS: [Term; 21] = [
    Term("the SKU", "le SKU"),
    Term("the location", "l'emplacement"),
    Term("the lot", "le lot"),
    Term("the partner", "le tiers"),
    Term("the barcode", "le code-barres"),
    Term("the name", "le nom"),
    Term("the reference", "la référence"),
    Term("the supplier's code", "le code du fournisseur"),
    Term("the reason", "le motif"),
    Term("a quantity", "une quantité"),
    Term("a counted quantity", "une quantité comptée"),
    Term("a price", "un prix"),
    Term("the quantity", "la quantité"),
    Term("the counted quantity", "la quantité comptée"),
    Term("the price", "le prix"),
    Term("greater than zero", "plus de zéro"),
    Term("zero or more", "zéro ou plus"),
    Term(
        "letters, digits and . _ / + - (the first a letter or digit)",
        "lettres, chiffres et . _ / + - (une lettre ou un chiffre en premier)",
    ),
    Term(
        "letters, digits and . _ / - (the first a letter or digit)",
        "lettres, chiffres et . _ / - (une lettre ou un chiffre en premier)",
    ),
    Term("any printable characters", "tout caractère imprimable"),
    Term("printable ASCII without spaces", "l'ASCII imprimable sans espaces"),
];

/// Why a text is not a code of the required kind.
#[must_use]
pub fn code(words: Words, error: &CodeError) -> String {
    let say = |english: &'static str| term(words, &TERMS, english);
    match error {
        CodeError::Empty { what } => words.fill(FormText::CodeEmpty, &[("what", say(what))]),
        CodeError::TooLong { what, length, length_max } => words.fill(
            FormText::CodeTooLong,
            &[("what", say(what)), ("length", &length.to_string()), ("length_max", &length_max.to_string())],
        ),
        CodeError::Character { what, text, found, allowed } => words.fill(
            FormText::CodeCharacter,
            &[("what", say(what)), ("text", text), ("found", &visible(*found)), ("allowed", say(allowed))],
        ),
    }
}

/// A character as it can be displayed: invisible ones by their number.
pub(super) fn visible(character: char) -> String {
    character.escape_debug().to_string()
}

/// Why a text is not a quantity or price.
#[must_use]
pub fn quantity(words: Words, error: &QuantityError) -> String {
    let say = |english: &'static str| term(words, &TERMS, english);
    let number = |value: &rust_decimal::Decimal| words.language.number(*value);
    match error {
        QuantityError::NotANumber { what, text } => {
            words.fill(FormText::NotANumber, &[("what", say(what)), ("text", text)])
        }
        QuantityError::TooSmall { what, bound, value } => words.fill(
            FormText::TooSmall,
            &[("what", say(what)), ("bound", say(bound)), ("value", &number(value))],
        ),
        QuantityError::TooLarge { what, value, value_max } => words.fill(
            FormText::TooLarge,
            &[("what", say(what)), ("value", &number(value)), ("value_max", &number(value_max))],
        ),
        QuantityError::TooPrecise { what, value, decimals_max } => words.fill(
            FormText::TooPrecise,
            &[("what", say(what)), ("value", &number(value)), ("decimals_max", &decimals_max.to_string())],
        ),
    }
}

/// Why a text is not an id.
#[must_use]
pub fn id(words: Words, error: &IdError) -> String {
    match error {
        IdError::NotAUuid(text) => words.fill(FormText::NotAUuid, &[("text", text)]),
        IdError::NotVersion7(id) => words.fill(FormText::NotVersion7, &[("id", &id.to_string())]),
    }
}
