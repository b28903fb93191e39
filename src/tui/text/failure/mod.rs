//! Error messages in the person's language, with every figure of the error.
//!
//! The English texts are those of the errors themselves, except for numbers and dates, which have the format of the
//! language, and for advice that only applies to the command line.

mod entry;
mod form;
mod order;
mod posting;
mod refusal;
mod rule;
#[cfg(test)]
mod tests;

use super::Words;
use crate::domain::LockHolder;
use crate::worker::message::Failure;

pub use entry::{EntryText, entry};
pub use form::{FormText, code, id, quantity};
pub use order::{OrderText, order};
pub use posting::{PostingText, posting};
pub use refusal::{RefusalText, refusal};
pub use rule::{RuleText, rule};

super::phrases! {
    /// The messages about why something failed.
    FailureText {
        Conflict: "Other postings were changing the same stock, and all {attempts} attempts failed. Nothing was posted; try again.",
            "D'autres écritures modifiaient le même stock, et les {attempts} tentatives ont échoué. Rien n'a été validé ; réessayez.";
        Blocked: "Another session holds stock that this would change. Nothing was posted. {holders}",
            "Une autre session retient du stock que cette écriture modifierait. Rien n'a été validé. {holders}";
        Holder: "{login} has held it for {seconds} s (since {time}, from {client}); an admin can end session {pid}.",
            "{login} le retient depuis {seconds} s (depuis {time}, de {client}) ; un administrateur peut mettre fin à la session {pid}.";
        Unavailable: "The database is not available: {message}. Nothing was changed.",
            "La base de données n'est pas disponible : {message}. Rien n'a changé.";
        OlderDatabase: "The schema of the database is older ({database}) than this program needs ({program}); a superuser has to run stockroom db migrate. Nothing was changed.",
            "Le schéma de la base est plus ancien ({database}) que celui qu'exige ce programme ({program}) ; un superutilisateur doit lancer stockroom db migrate. Rien n'a changé.";
        NewerDatabase: "The schema of the database is newer ({database}) than this program knows ({program}); install the current version of stockroom on this machine. Nothing was changed.",
            "Le schéma de la base est plus récent ({database}) que celui que connaît ce programme ({program}) ; installez la version actuelle de stockroom sur ce poste. Rien n'a changé.";
        Unknown: "It is not known yet whether this was posted: {message}. The outcome is being checked.",
            "On ne sait pas encore si l'écriture a été validée : {message}. Vérification en cours.";
        NotCollected: "Verification failed: the collector did not catch up with the log within {seconds} s. Is it running?",
            "Échec de la vérification : le collecteur n'a pas rattrapé le journal en {seconds} s. Est-il en marche ?";
        NotAuditor: "Only an auditor can verify: verification reads every log entry in full, and statements may hold passwords. Log in as an auditor.",
            "Seul un auditeur peut vérifier : la vérification lit chaque entrée du journal en entier, et les requêtes peuvent contenir des mots de passe. Connectez-vous en tant qu'auditeur.";
        Other: "{message}", "Erreur inattendue : {message}";
    }
}

/// The message for a failure, with its figures.
#[must_use]
pub fn words(words: Words, failure: &Failure) -> String {
    let fill = |phrase: FailureText, places: &[(&str, &str)]| words.fill(phrase, places);
    match failure {
        Failure::Refused(why) => refusal(words, why),
        Failure::Conflict { attempts } => fill(FailureText::Conflict, &[("attempts", &attempts.to_string())]),
        Failure::Blocked { holders } => {
            let named: Vec<String> = holders.iter().map(|holder| holder_words(words, holder)).collect();
            fill(FailureText::Blocked, &[("holders", &named.join(" "))]).trim_end().to_owned()
        }
        Failure::Unavailable(message) => fill(FailureText::Unavailable, &[("message", message)]),
        Failure::OtherVersion { database, program } => {
            let phrase = if database.is_some_and(|database| database > *program) {
                FailureText::NewerDatabase
            } else {
                FailureText::OlderDatabase
            };
            let found = database.map_or("?".to_owned(), |number| number.to_string());
            fill(phrase, &[("database", &found), ("program", &program.to_string())])
        }
        Failure::OutcomeUnknown { message, .. } => fill(FailureText::Unknown, &[("message", message)]),
        Failure::NotCollected { seconds } => {
            fill(FailureText::NotCollected, &[("seconds", &seconds.to_string())])
        }
        Failure::NotAuditor => fill(FailureText::NotAuditor, &[]),
        Failure::Other(message) => fill(FailureText::Other, &[("message", message)]),
    }
}

/// The holder of a lock: since when and from where.
fn holder_words(words: Words, holder: &LockHolder) -> String {
    words.fill(
        FailureText::Holder,
        &[
            ("login", &holder.login),
            ("seconds", &holder.held_seconds.to_string()),
            ("time", &holder.since.strftime("%H:%M UTC").to_string()),
            ("client", &holder.client),
            ("pid", &holder.pid.to_string()),
        ],
    )
}

/// A phrase in the domain's errors: the English as it appears there, and its French.
#[derive(Debug, Clone, Copy)]
struct Term(&'static str, &'static str);

impl super::Phrase for Term {
    fn texts(self) -> super::Texts {
        [self.0, self.1]
    }
}

/// The phrase for the English one in an error of the domain, such as what a text should have been.
fn term(words: Words, terms: &[Term], english: &'static str) -> &'static str {
    let known = terms.iter().find(|term| term.0 == english);
    known.map_or(english, |term| words.say(*term))
}
