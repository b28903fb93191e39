//! Which lines of the collected log are listed.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::tui::app::{Context, Wish};
use crate::tui::screens::choice::Picked;
use crate::tui::screens::ledger::filter::{end_of, start_of};
use crate::tui::screens::parts::Parts;
use crate::tui::text::Words;
use crate::tui::text::audit::AuditText;
use crate::worker::message::EventFilter;

/// Which kind of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shown {
    /// Records, and what was refused or failed.
    #[default]
    Records,
    /// Also what the server says of itself, of logins and the like.
    Everything,
    /// Records of changes to data.
    Writes,
    /// Records of changes to tables, functions and so on.
    Structure,
    /// Records of changes to logins and rights.
    Rights,
    /// Records of settings and the like.
    Other,
    /// What only looks like a record, or cannot be read.
    Forged,
    /// What was refused or failed.
    Errors,
}

impl Shown {
    /// All choices, in the order of the dialog.
    pub const ALL: [Self; 8] = [
        Self::Records,
        Self::Everything,
        Self::Writes,
        Self::Structure,
        Self::Rights,
        Self::Other,
        Self::Forged,
        Self::Errors,
    ];

    /// The choice in words.
    #[must_use]
    pub fn phrase(self) -> AuditText {
        match self {
            Self::Records => AuditText::ShownRecords,
            Self::Everything => AuditText::ShownEverything,
            Self::Writes => AuditText::ShownWrites,
            Self::Structure => AuditText::ShownStructure,
            Self::Rights => AuditText::ShownRights,
            Self::Other => AuditText::ShownOther,
            Self::Forged => AuditText::ShownForged,
            Self::Errors => AuditText::ShownErrors,
        }
    }

    /// The choice that shows records of a class.
    #[must_use]
    pub fn of_class(class: &str) -> Self {
        match class {
            "WRITE" => Self::Writes,
            "DDL" => Self::Structure,
            "ROLE" => Self::Rights,
            "MISC" => Self::Other,
            "FORGED" | "UNREADABLE" | "COLLECTOR" => Self::Forged,
            _ => Self::Records,
        }
    }

    fn classes(self) -> &'static [&'static str] {
        match self {
            Self::Records | Self::Everything | Self::Errors => &[],
            Self::Writes => &["WRITE"],
            Self::Structure => &["DDL"],
            Self::Rights => &["ROLE"],
            Self::Other => &["MISC"],
            Self::Forged => &["FORGED", "UNREADABLE", "COLLECTOR"],
        }
    }
}

/// One part of the filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Only one kind of lines.
    Shown(Shown),
    /// Only this login.
    Person(String),
    /// Only clients on this host.
    Host(String),
    /// Only this server process.
    Session(String),
    /// Only this object.
    Object(String),
    /// Only lines that hold this text.
    Text(String),
    /// From the beginning of this day on.
    Since(Date),
    /// Until the end of this day.
    Until(Date),
}

/// What a list can be narrowed down to by what a line or a finding names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Same {
    /// The person.
    Person,
    /// The session.
    Session,
}

impl Same {
    /// The part that lists only what has the same, where it is known.
    pub fn part(self, person: Option<&String>, session: Option<&String>) -> Option<Part> {
        match self {
            Self::Person => person.cloned().map(Part::Person),
            Self::Session => session.cloned().map(Part::Session),
        }
    }
}

/// Closes the view in front and lists only the lines that have this part, or rings when there is none.
pub(super) fn show_only(part: Option<Part>, context: &mut Context<'_>) {
    match part {
        Some(part) => {
            let filter = Filter::default().replaced(vec![part]);
            context.wish(Wish::Close);
            context.wish(Wish::Picked(Picked::Events(Box::new(filter))));
        }
        None => context.ring(),
    }
}

impl Part {
    /// What is filtered, for the line above the list.
    pub(super) fn words(&self, words: Words) -> String {
        let (phrase, value) = match self {
            Self::Shown(shown) => return words.say(shown.phrase()).to_owned(),
            Self::Person(login) => (AuditText::ChipPerson, login.clone()),
            Self::Host(host) => (AuditText::ChipHost, host.clone()),
            Self::Session(session) => (AuditText::ChipSession, session.clone()),
            Self::Object(object) => (AuditText::ChipObject, object.clone()),
            Self::Text(text) => (AuditText::ChipText, text.clone()),
            Self::Since(day) => (AuditText::ChipSince, words.language.day(*day)),
            Self::Until(day) => (AuditText::ChipUntil, words.language.day(*day)),
        };
        words.fill(phrase, &[("value", &value)])
    }
}

/// Which lines are listed.
pub type Filter = Parts<Part>;

/// As the database is asked. Of a session everything is listed, also its beginning and end. Days are those of the person's time zone.
pub(super) fn question(filter: &Filter, zone: &TimeZone) -> EventFilter {
    let mut asked = EventFilter::default();
    let everything = |part: &Part| matches!(part, Part::Shown(Shown::Everything) | Part::Session(_));
    asked.records_only = !filter.all().iter().any(everything);
    for part in filter.all() {
        match part.clone() {
            Part::Shown(shown) => {
                asked.classes = shown.classes().iter().map(|class| (*class).to_owned()).collect();
                asked.errors_only = shown == Shown::Errors;
            }
            Part::Person(login) => asked.login = Some(login),
            Part::Host(host) => asked.host = Some(host),
            Part::Session(session) => asked.session = Some(session),
            Part::Object(object) => asked.object = Some(object),
            Part::Text(text) => asked.text = Some(text),
            Part::Since(day) => asked.since = start_of(day, zone),
            Part::Until(day) => asked.until = end_of(day, zone),
        }
    }
    asked
}
