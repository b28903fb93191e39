//! Postings that are malformed, whatever the stock is.

use super::{Term, term};
use crate::domain::{LINES_MAX, MovementKind, PostingError};
use crate::tui::text::{Words, ledger};

super::super::phrases! {
    /// Why a posting is malformed.
    PostingText {
        UnknownKind: "\"{text}\" is not a kind of movement; the kinds are {kinds}",
            "« {text} » n'est pas un type de mouvement ; les types sont {kinds}";
        UnknownTracking: "\"{text}\" is not a way to track a product; use none, lot or serial",
            "« {text} » n'est pas un suivi d'article ; choisissez none, lot ou serial";
        NoLines: "a posting needs at least one line", "une écriture doit avoir au moins une ligne";
        TooManyLines: "the posting has {lines} lines; at most {lines_max} can be posted together",
            "l'écriture a {lines} lignes ; {lines_max} au plus peuvent être validées ensemble";
        NoRoomForLines: "the id {id} leaves no room for the ids of the lines; use another one",
            "l'identifiant {id} ne laisse pas assez de place à ceux des lignes ; prenez-en un autre";
        WrongEnds: "line {line}: {kind} of {sku} needs {needed}", "ligne {line} : {kind} de {sku}, il faut {needed}";
        ReasonMissing: "this {kind} needs a reason", "{kind} : il faut un motif";
        ReleaseReasonMissing: "a release needs a reason", "il faut un motif pour libérer une réservation";
        ReversesMisplaced: "line {line}: every line of a reversal, and no other line, must name the movement that it reverses",
            "ligne {line} : chaque ligne d'une annulation, et aucune autre, doit nommer le mouvement qu'elle annule";
    }
}

/// Which ends a movement needs.
pub(super) const TERMS: [Term; 5] = [
    Term(
        "a location to put the goods into and none to take them from",
        "un emplacement où mettre les marchandises et aucun d'où les prendre",
    ),
    Term(
        "a location to take the goods from and none to put them into",
        "un emplacement d'où prendre les marchandises et aucun où les mettre",
    ),
    Term(
        "a location to take the goods from and another to put them into",
        "un emplacement d'où prendre les marchandises et un autre où les mettre",
    ),
    Term(
        "one location, either to take from or to put into",
        "un seul emplacement, soit d'où prendre, soit où mettre",
    ),
    Term(
        "the locations of the movement that it reverses, the other way round",
        "les emplacements du mouvement qu'elle annule, en sens inverse",
    ),
];

/// Why a posting is malformed.
#[must_use]
pub fn posting(words: Words, error: &PostingError) -> String {
    let kind = |kind: &MovementKind| words.say(ledger::kind(*kind));
    match error {
        PostingError::UnknownKind(text) => {
            let kinds = MovementKind::ALL.map(|kind| words.say(ledger::kind(kind))).join(", ");
            words.fill(PostingText::UnknownKind, &[("text", text), ("kinds", &kinds)])
        }
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
        PostingError::ReleaseReasonMissing => words.say(PostingText::ReleaseReasonMissing).to_owned(),
        PostingError::ReversesMisplaced { line } => {
            words.fill(PostingText::ReversesMisplaced, &[("line", &line.to_string())])
        }
    }
}
