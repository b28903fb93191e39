//! The rules that stop a command.

use rust_decimal::Decimal;

use super::{form, posting, rule};
use crate::domain::Refusal;
use crate::tui::text::Words;

super::super::phrases! {
    /// Why a command was refused.
    RefusalText {
        Short: "{sku} at {location}: have {have}, need {need}",
            "{sku} à {location} : en stock {have}, il faut {need}";
        ShortOfLot: "{sku} lot {lot} at {location}: have {have}, need {need}",
            "{sku} lot {lot} à {location} : en stock {have}, il faut {need}";
        UnknownProduct: "there is no product \"{code}\"", "aucun produit « {code} »";
        UnknownLocation: "there is no location {code}", "aucun emplacement {code}";
        UnknownLot: "{sku} has no lot {lot}", "{sku} n'a pas de lot {lot}";
        UnknownPartner: "there is no supplier or customer {code}", "aucun fournisseur ni client {code}";
        UnknownMovement: "there is no movement or posting {id}", "aucun mouvement ni écriture {id}";
        AlreadyReversed: "movement {id} has been reversed already; a movement is reversed once at most",
            "le mouvement {id} est déjà contrepassé ; un mouvement ne l'est qu'une fois";
        IdUsedForAnother: "the id {id} has been used for another posting; nothing was posted now",
            "l'identifiant {id} a servi à une autre écriture ; rien n'est validé cette fois";
        ProductExists: "there is a product {code} already", "le produit {code} existe déjà";
        LocationExists: "there is a location {code} already", "l'emplacement {code} existe déjà";
        PartnerExists: "there is a supplier or customer {code} already",
            "le fournisseur ou client {code} existe déjà";
        BarcodeExists: "the barcode {code} belongs to a product already",
            "le code-barres {code} appartient déjà à un produit";
        UnknownBarcode: "{sku} has no barcode {barcode}", "{sku} n'a pas de code-barres {barcode}";
        LotExpired: "lot {lot} of {sku} expired on {day}; adjust it out, or name a later lot",
            "le lot {lot} de {sku} est périmé depuis le {day} ; l'ajuster à zéro, ou nommer un lot plus récent";
        ExpiryDiffers: "lot {lot} of {sku} is known to expire on {known}, not on {given}",
            "la péremption connue du lot {lot} de {sku} est le {known}, pas le {given}";
        ExpiryNever: "lot {lot} of {sku} is known to expire never, not on {given}",
            "le lot {lot} de {sku} est connu sans péremption, pas au {given}";
        Moved: "{sku} at {location}: the books held {seen} when it was counted and hold {have} now; goods have moved, so count it again",
            "{sku} à {location} : les livres disaient {seen} au moment du comptage et disent {have} maintenant ; des marchandises ont bougé, à recompter";
        MovedOfLot: "{sku} lot {lot} at {location}: the books held {seen} when it was counted and hold {have} now; goods have moved, so count it again",
            "{sku} lot {lot} à {location} : les livres disaient {seen} au moment du comptage et disent {have} maintenant ; des marchandises ont bougé, à recompter";
        NotAllowed: "your login may not do this: {message}", "votre compte n'y est pas autorisé : {message}";
    }
}

/// The refusal in words, with its figures.
#[must_use]
pub fn refusal(words: Words, refusal: &Refusal) -> String {
    let number = |value: &Decimal| words.language.number(*value);
    let coded = |phrase: RefusalText, code: &str| words.fill(phrase, &[("code", code)]);
    let with_id = |phrase: RefusalText, id: String| words.fill(phrase, &[("id", &id)]);
    match refusal {
        Refusal::InsufficientStock { sku, location, lot, have, need } => {
            let (have, need) = (number(have), number(need));
            let mut places = vec![("sku", sku.as_str()), ("location", location.as_str())];
            places.extend([("have", have.as_str()), ("need", need.as_str())]);
            places.extend(lot.iter().map(|lot| ("lot", lot.as_str())));
            words.fill(if lot.is_some() { RefusalText::ShortOfLot } else { RefusalText::Short }, &places)
        }
        Refusal::MovedSinceCounted { sku, location, lot, seen, have } => {
            let (seen, have) = (number(seen), number(have));
            let mut places = vec![("sku", sku.as_str()), ("location", location.as_str())];
            places.extend([("seen", seen.as_str()), ("have", have.as_str())]);
            places.extend(lot.iter().map(|lot| ("lot", lot.as_str())));
            words.fill(if lot.is_some() { RefusalText::MovedOfLot } else { RefusalText::Moved }, &places)
        }
        Refusal::UnknownProduct(code) => coded(RefusalText::UnknownProduct, code),
        Refusal::UnknownLocation(code) => coded(RefusalText::UnknownLocation, code.as_str()),
        Refusal::UnknownLot { sku, lot } => {
            words.fill(RefusalText::UnknownLot, &[("sku", sku.as_str()), ("lot", lot.as_str())])
        }
        Refusal::UnknownBarcode { sku, barcode } => {
            words.fill(RefusalText::UnknownBarcode, &[("sku", sku.as_str()), ("barcode", barcode.as_str())])
        }
        Refusal::UnknownPartner(code) => coded(RefusalText::UnknownPartner, code.as_str()),
        Refusal::UnknownMovement(id) => with_id(RefusalText::UnknownMovement, id.to_string()),
        Refusal::AlreadyReversed(id) => with_id(RefusalText::AlreadyReversed, id.to_string()),
        Refusal::IdUsedForAnother(id) => with_id(RefusalText::IdUsedForAnother, id.to_string()),
        Refusal::ProductExists(code) => coded(RefusalText::ProductExists, code.as_str()),
        Refusal::LocationExists(code) => coded(RefusalText::LocationExists, code.as_str()),
        Refusal::PartnerExists(code) => coded(RefusalText::PartnerExists, code.as_str()),
        Refusal::BarcodeExists(code) => coded(RefusalText::BarcodeExists, code.as_str()),
        Refusal::LotExpired { .. } | Refusal::LotExpiryDiffers { .. } => expiry(words, refusal),
        Refusal::Code(error) => form::code(words, error),
        Refusal::Quantity(error) => form::quantity(words, error),
        Refusal::Id(error) => form::id(words, error),
        Refusal::Posting(error) => posting::posting(words, error),
        Refusal::NotAllowed { message } => words.fill(RefusalText::NotAllowed, &[("message", message)]),
        Refusal::Rule { rule: name, message } => rule::rule(words, name, message),
    }
}

/// What is wrong with the last day of use of a lot.
fn expiry(words: Words, refusal: &Refusal) -> String {
    let day = |day: &jiff::civil::Date| words.language.day(*day);
    match refusal {
        Refusal::LotExpired { sku, lot, expired_on } => words.fill(
            RefusalText::LotExpired,
            &[("sku", sku.as_str()), ("lot", lot.as_str()), ("day", &day(expired_on))],
        ),
        Refusal::LotExpiryDiffers { sku, lot, known: Some(known), given } => words.fill(
            RefusalText::ExpiryDiffers,
            &[("sku", sku.as_str()), ("lot", lot.as_str()), ("known", &day(known)), ("given", &day(given))],
        ),
        Refusal::LotExpiryDiffers { sku, lot, known: None, given } => words.fill(
            RefusalText::ExpiryNever,
            &[("sku", sku.as_str()), ("lot", lot.as_str()), ("given", &day(given))],
        ),
        other => other.to_string(),
    }
}
