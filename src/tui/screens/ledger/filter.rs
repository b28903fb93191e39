//! The filter of the ledger: its conditions in the order in which they were set.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::domain::{LedgerFilter, LocationCode, MovementKind, Sku, Suggested, entry};
use crate::tui::text::Words;
use crate::tui::text::ledger::{self, LedgerText};
use crate::tui::widgets::filter_dialog::{FilterField, FilterForm, FilterInput};
use crate::tui::widgets::parts::Parts;

/// One condition of the filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Item(Sku),
    /// Only what one login posted.
    Person(String),
    Kind(MovementKind),
    Reference(String),
    /// Only from or to a partner.
    Partner(String),
    /// From the beginning of this day on.
    Since(Date),
    /// Until the end of this day.
    Until(Date),
    /// Only out of or into this location and those within it.
    Place(LocationCode),
}

impl Part {
    /// The text for a condition in the line above the list.
    pub(super) fn words(&self, words: Words) -> String {
        let (phrase, value) = match self {
            Self::Item(sku) => (LedgerText::ChipItem, sku.to_string()),
            Self::Person(login) => (LedgerText::ChipPerson, login.clone()),
            Self::Kind(kind) => (LedgerText::ChipKind, words.say(ledger::kind(*kind)).to_owned()),
            Self::Reference(reference) => (LedgerText::ChipReference, reference.clone()),
            Self::Partner(partner) => (LedgerText::ChipPartner, partner.clone()),
            Self::Since(day) => (LedgerText::ChipSince, words.language.day(*day)),
            Self::Until(day) => (LedgerText::ChipUntil, words.language.day(*day)),
            Self::Place(code) => (LedgerText::ChipPlace, code.to_string()),
        };
        words.fill(phrase, &[("value", &value)])
    }
}

/// The conditions on the listed movements, in the order in which they were set.
pub type Filter = Parts<Part>;

/// The filter dialog of the ledger.
pub(super) static FORM: FilterForm<Part, LedgerText> = FilterForm {
    title: LedgerText::FilterTitle,
    fields: &[
        FilterField { label: LedgerText::Item, input: FilterInput::Item(Part::Item) },
        FilterField {
            label: LedgerText::Person,
            input: FilterInput::Suggested(Suggested::Login, Part::Person),
        },
        FilterField { label: LedgerText::Kind, input: FilterInput::Choice(kinds) },
        FilterField { label: LedgerText::Reference, input: FilterInput::Text(Part::Reference) },
        FilterField {
            label: LedgerText::PartnerField,
            input: FilterInput::Suggested(Suggested::Partner, Part::Partner),
        },
        FilterField { label: LedgerText::From, input: FilterInput::Since(Part::Since) },
        FilterField { label: LedgerText::To, input: FilterInput::Until(Part::Until) },
        FilterField { label: LedgerText::Place, input: FilterInput::Location(Part::Place) },
    ],
    text_of,
};

fn kinds() -> Vec<(LedgerText, Option<Part>)> {
    let kinds = MovementKind::ALL.map(|kind| (ledger::kind(kind), Some(Part::Kind(kind))));
    [(LedgerText::AllKinds, None)].into_iter().chain(kinds).collect()
}

fn text_of(part: &Part) -> Option<(LedgerText, String)> {
    match part {
        Part::Item(sku) => Some((LedgerText::Item, sku.to_string())),
        Part::Person(login) => Some((LedgerText::Person, login.clone())),
        Part::Reference(reference) => Some((LedgerText::Reference, reference.clone())),
        Part::Partner(partner) => Some((LedgerText::PartnerField, partner.clone())),
        Part::Since(day) => Some((LedgerText::From, day.to_string())),
        Part::Until(day) => Some((LedgerText::To, day.to_string())),
        Part::Place(code) => Some((LedgerText::Place, code.to_string())),
        Part::Kind(_) => None,
    }
}

/// The filter of the query. Days are those of the person's time zone.
pub(super) fn question(filter: &Filter, zone: &TimeZone) -> LedgerFilter {
    let mut asked = LedgerFilter { in_part: true, ..LedgerFilter::default() };
    for part in filter.all() {
        match part.clone() {
            Part::Item(sku) => asked.sku = Some(sku),
            Part::Person(login) => asked.posted_by = Some(login),
            Part::Kind(kind) => asked.kind = Some(kind),
            Part::Reference(reference) => asked.reference = Some(reference),
            Part::Partner(partner) => asked.partner = Some(partner),
            Part::Since(day) => asked.since = entry::day_start(day, zone),
            Part::Until(day) => asked.until = entry::day_end(day, zone),
            Part::Place(code) => asked.location = Some(code),
        }
    }
    asked
}
