//! Postings that no state of the stock could make right.

use super::{Term, term};
use crate::domain::{LINES_MAX, PostingError};
use crate::tui::text::{Words, ledger};

super::super::phrases! {
    /// Why a posting is malformed.
    PostingText {
        UnknownKind: "\"{text}\" is no kind of movement; there are receipt, issue, transfer, adjustment and reversal",
            "« {text} » n'est pas un genre de mouvement ; il y a réception, sortie, transfert, ajustement et contrepassation";
        UnknownTracking: "\"{text}\" is no way to track a product; there are none, lot and serial",
            "« {text} » n'est pas un suivi de produit ; il y a aucun, lot et numéro de série";
        NoLines: "a posting needs at least one line", "une écriture a au moins une ligne";
        TooManyLines: "the posting has {lines} lines; at most {lines_max} can be posted together",
            "l'écriture a {lines} lignes ; {lines_max} au plus peuvent être validées ensemble";
        NoRoomForLines: "the id {id} leaves no room for the ids of the lines; use another one",
            "l'identifiant {id} ne laisse pas de place à ceux des lignes ; en prendre un autre";
        WrongEnds: "line {line}: {kind} of {sku} needs {needed}", "ligne {line} : {kind} de {sku}, il faut {needed}";
        ReasonMissing: "this {kind} needs a reason", "{kind} : il faut un motif";
        ReversesMisplaced: "line {line}: only the lines of a reversal name the movement that they undo, and each must",
            "ligne {line} : seules les lignes d'une contrepassation nomment le mouvement qu'elles annulent, et chacune le doit";
    }
}

/// Which ends a movement needs.
pub(super) const TERMS: [Term; 5] = [
    Term(
        "a place to put the goods and none to take them from",
        "un emplacement où mettre les marchandises et aucun d'où les prendre",
    ),
    Term(
        "a place to take the goods from and none to put them",
        "un emplacement d'où prendre les marchandises et aucun où les mettre",
    ),
    Term(
        "a place to take the goods from and another one to put them",
        "un emplacement d'où prendre les marchandises et un autre où les mettre",
    ),
    Term(
        "one place, either to take from or to put to",
        "un seul emplacement, soit d'où prendre, soit où mettre",
    ),
    Term(
        "the ends of the movement that it undoes, the other way round",
        "les emplacements du mouvement qu'elle annule, en sens inverse",
    ),
];

/// Why a posting is malformed.
#[must_use]
pub fn posting(words: Words, error: &PostingError) -> String {
    let kind = |kind: &crate::domain::MovementKind| words.say(ledger::kind(kind.as_str()));
    match error {
        PostingError::UnknownKind(text) => words.fill(PostingText::UnknownKind, &[("text", text)]),
        PostingError::UnknownTracking(text) => words.fill(PostingText::UnknownTracking, &[("text", text)]),
        PostingError::NoLines => words.say(PostingText::NoLines).to_owned(),
        PostingError::TooManyLines { lines } => words.fill(
            PostingText::TooManyLines,
            &[("lines", &lines.to_string()), ("lines_max", &LINES_MAX.to_string())],
        ),
        PostingError::NoRoomForLines(id) => {
            words.fill(PostingText::NoRoomForLines, &[("id", &id.to_string())])
        }
        PostingError::WrongEnds { line, kind: of, sku, needed } => words.fill(
            PostingText::WrongEnds,
            &[
                ("line", &line.to_string()),
                ("kind", kind(of)),
                ("sku", sku.as_str()),
                ("needed", term(words, &TERMS, needed)),
            ],
        ),
        PostingError::ReasonMissing(of) => words.fill(PostingText::ReasonMissing, &[("kind", kind(of))]),
        PostingError::ReversesMisplaced { line } => {
            words.fill(PostingText::ReversesMisplaced, &[("line", &line.to_string())])
        }
    }
}
