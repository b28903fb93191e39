//! The filter of the list of log entries.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::domain::{EventFilter, Suggested, entry};
use crate::tui::text::Words;
use crate::tui::text::audit::AuditText;
use crate::tui::view::{Action, Context, Picked};
use crate::tui::widgets::filter_dialog::{FilterField, FilterForm, FilterInput};
use crate::tui::widgets::parts::Parts;

/// Which kinds of log entries are listed, as the filter dialog offers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shown {
    /// Audit records, and what was refused or failed.
    #[default]
    Records,
    /// Also messages of the server, logins and the like.
    Everything,
    /// Records of changes to data.
    Writes,
    /// Records of changes to tables, functions and other definitions.
    Structure,
    /// Records of changes to logins and privileges.
    Rights,
    /// Records of changes to settings and the like.
    Other,
    /// What only looks like a record, or cannot be read.
    Forged,
    /// What was refused or failed.
    Errors,
}

impl Shown {
    /// The other choices besides records and failures, in the order of the dialog.
    const OTHERS: [Self; 7] = [
        Self::Everything,
        Self::Writes,
        Self::Structure,
        Self::Rights,
        Self::Other,
        Self::Forged,
        Self::Errors,
    ];

    /// The text for the choice, for the dialog and the line above the list.
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

    /// The choice that includes records of a class.
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

/// One condition of the filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Only one kind of lines.
    Shown(Shown),
    Person(String),
    /// Only clients on this host.
    Host(String),
    Session(String),
    Object(String),
    /// Only entries that contain this text.
    Text(String),
    /// From the beginning of this day on.
    Since(Date),
    /// Until the end of this day.
    Until(Date),
}

/// A property of an entry or a finding by which a list can be narrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Same {
    Person,
    Session,
}

impl Same {
    /// The condition for the same value, if it is known.
    pub fn part(self, person: Option<&String>, session: Option<&String>) -> Option<Part> {
        match self {
            Self::Person => person.cloned().map(Part::Person),
            Self::Session => session.cloned().map(Part::Session),
        }
    }
}

/// Closes the view in front and lists only the entries that meet the condition, or rings the bell if there is none.
pub(super) fn show_only(part: Option<Part>, context: &mut Context<'_>) {
    match part {
        Some(part) => {
            let filter = Filter::default().replaced(vec![part]);
            context.request(Action::Close);
            context.request(Action::Picked(Picked::new(filter)));
        }
        None => context.ring(),
    }
}

impl Part {
    /// The text for a condition in the line above the list.
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

/// The conditions on the listed entries, in the order in which they were set.
pub type Filter = Parts<Part>;

/// The filter dialog for the page of log entries.
pub(super) static RECORDS_FORM: FilterForm<Part, AuditText> =
    FilterForm { title: AuditText::FilterTitle, fields: &fields(records_shown), text_of };

/// The filter dialog for the page of logins, which have no classes.
pub(super) static LOGINS_FORM: FilterForm<Part, AuditText> =
    FilterForm { title: AuditText::FilterTitle, fields: &fields(logins_shown), text_of };

fn records_shown() -> Vec<(AuditText, Option<Part>)> {
    choices(Shown::Records, &Shown::OTHERS)
}

fn logins_shown() -> Vec<(AuditText, Option<Part>)> {
    choices(Shown::Everything, &[Shown::Errors])
}

const fn fields(shown: fn() -> Vec<(AuditText, Option<Part>)>) -> [FilterField<Part, AuditText>; 7] {
    [
        FilterField { label: AuditText::FilterShown, input: FilterInput::Choice(shown) },
        FilterField {
            label: AuditText::Person,
            input: FilterInput::Suggested(Suggested::Login, Part::Person),
        },
        FilterField { label: AuditText::Host, input: FilterInput::Text(Part::Host) },
        FilterField { label: AuditText::Object, input: FilterInput::Text(Part::Object) },
        FilterField { label: AuditText::FilterText, input: FilterInput::Text(Part::Text) },
        FilterField { label: AuditText::FilterSince, input: FilterInput::Since(Part::Since) },
        FilterField { label: AuditText::FilterUntil, input: FilterInput::Until(Part::Until) },
    ]
}

fn choices(usual: Shown, others: &[Shown]) -> Vec<(AuditText, Option<Part>)> {
    let others = others.iter().map(|shown| (shown.phrase(), Some(Part::Shown(*shown))));
    [(usual.phrase(), None)].into_iter().chain(others).collect()
}

fn text_of(part: &Part) -> Option<(AuditText, String)> {
    match part {
        Part::Person(login) => Some((AuditText::Person, login.clone())),
        Part::Host(host) => Some((AuditText::Host, host.clone())),
        Part::Object(object) => Some((AuditText::Object, object.clone())),
        Part::Text(text) => Some((AuditText::FilterText, text.clone())),
        Part::Since(day) => Some((AuditText::FilterSince, day.to_string())),
        Part::Until(day) => Some((AuditText::FilterUntil, day.to_string())),
        // The session is set by a key of its own.
        Part::Shown(_) | Part::Session(_) => None,
    }
}

/// The filter of the query. For a session everything is listed, including its beginning and end. Days are those of the
/// person's time zone.
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
            Part::Since(day) => asked.since = entry::day_start(day, zone),
            Part::Until(day) => asked.until = entry::day_end(day, zone),
        }
    }
    asked
}
