//! What went wrong, in the person's language, with every figure that the error holds.
//!
//! In English these are the words of the errors themselves, but for numbers and days, which the language
//! of the screens writes, and for advice that only makes sense on a command line.

mod entry;
mod form;
mod posting;
mod refusal;
mod rule;
#[cfg(test)]
mod tests;

use super::Words;
use crate::worker::message::Failure;

pub use entry::{EntryText, entry};
pub use form::{FormText, code, id, quantity};
pub use posting::{PostingText, posting};
pub use refusal::{RefusalText, refusal};
pub use rule::{RuleText, rule};

super::phrases! {
    /// Why something did not succeed.
    FailureText {
        Conflict: "Others were changing the same stock and {attempts} attempts did not get through. Nothing was posted; try again.",
            "D'autres modifiaient le même stock et {attempts} essais n'ont pas abouti. Rien n'est validé ; réessayez.";
        Unavailable: "The database is not available: {message}. Nothing was changed.",
            "La base de données n'est pas disponible : {message}. Rien n'a changé.";
        Unknown: "It is not known yet whether the posting stands: {message}. It is being looked up.",
            "On ne sait pas encore si l'écriture est validée : {message}. Vérification en cours.";
        NotCollected: "Nothing could be verified: the log has not been collected up to now within {seconds} s. Is the collector at work?",
            "Rien n'a pu être vérifié : le journal n'a pas été collecté jusqu'à maintenant en {seconds} s. Le collecteur tourne-t-il ?";
        Other: "{message}", "Erreur imprévue : {message}";
    }
}

/// The failure in words, with its figures.
#[must_use]
pub fn words(words: Words, failure: &Failure) -> String {
    let fill = |phrase: FailureText, places: &[(&str, &str)]| words.fill(phrase, places);
    match failure {
        Failure::Refused(why) => refusal(words, why),
        Failure::Conflict { attempts } => fill(FailureText::Conflict, &[("attempts", &attempts.to_string())]),
        Failure::Unavailable(message) => fill(FailureText::Unavailable, &[("message", message)]),
        Failure::OutcomeUnknown { message, .. } => fill(FailureText::Unknown, &[("message", message)]),
        Failure::NotCollected { seconds } => {
            fill(FailureText::NotCollected, &[("seconds", &seconds.to_string())])
        }
        Failure::Other(message) => fill(FailureText::Other, &[("message", message)]),
    }
}

/// A phrase of the domain's errors: English that stands in them as it is, and its French.
#[derive(Debug, Clone, Copy)]
struct Term(&'static str, &'static str);

impl super::Phrase for Term {
    fn pair(self) -> (&'static str, &'static str) {
        (self.0, self.1)
    }
}

/// The words that an error of the domain holds in English, such as what a text should have been.
fn term(words: Words, terms: &[Term], english: &'static str) -> &'static str {
    let known = terms.iter().find(|term| term.0 == english);
    known.map_or(english, |term| words.say(*term))
}
