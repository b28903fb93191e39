//! What the ledger lists: the parts of the filter in the order in which they were set.

use jiff::Timestamp;
use jiff::ToSpan as _;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::domain::entry::{self, EntryError};
use crate::domain::{LocationCode, MovementKind, Sku};
use crate::tui::screens::parts::Parts;
use crate::tui::text::Words;
use crate::tui::text::ledger::{LedgerText, kind_words};
use crate::worker::message::LedgerFilter;

/// One part of the filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Only this product.
    Item(Sku),
    /// Only what one person posted.
    Person(String),
    /// Only this kind.
    Kind(MovementKind),
    /// Only this document.
    Reference(String),
    /// From the beginning of this day on.
    Since(Date),
    /// Until the end of this day.
    Until(Date),
    /// Only out of or into this place and those within it.
    Place(LocationCode),
}

impl Part {
    /// What is filtered, for the line above the list.
    pub(super) fn words(&self, words: Words) -> String {
        let (phrase, value) = match self {
            Self::Item(sku) => (LedgerText::ChipItem, sku.to_string()),
            Self::Person(login) => (LedgerText::ChipPerson, login.clone()),
            Self::Kind(kind) => (LedgerText::ChipKind, words.say(kind_words(*kind)).to_owned()),
            Self::Reference(reference) => (LedgerText::ChipReference, reference.clone()),
            Self::Since(day) => (LedgerText::ChipSince, words.language.day(*day)),
            Self::Until(day) => (LedgerText::ChipUntil, words.language.day(*day)),
            Self::Place(code) => (LedgerText::ChipPlace, code.to_string()),
        };
        words.fill(phrase, &[("value", &value)])
    }
}

/// What the ledger lists.
pub type Filter = Parts<Part>;

/// As the database is asked. Days are those of the person's time zone.
pub(super) fn question(filter: &Filter, zone: &TimeZone) -> LedgerFilter {
    let mut asked = LedgerFilter::default();
    for part in filter.all() {
        match part.clone() {
            Part::Item(sku) => asked.sku = Some(sku),
            Part::Person(login) => asked.posted_by = Some(login),
            Part::Kind(kind) => asked.kind = Some(kind),
            Part::Reference(reference) => asked.reference = Some(reference),
            Part::Since(day) => asked.since = start_of(day, zone),
            Part::Until(day) => asked.until = end_of(day, zone),
            Part::Place(code) => asked.location = Some(code),
        }
    }
    asked
}

pub(in crate::tui::screens) fn start_of(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_timestamp(day.to_datetime(Time::midnight())).ok()
}

/// The last moment of a day: the times of the ledger are whole milliseconds.
pub(in crate::tui::screens) fn end_of(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    let next = start_of(day.tomorrow().ok()?, zone)?;
    next.checked_sub(1.millisecond()).ok()
}

/// Reads a day of the past: `7d` is seven days ago, and a day without a year is the latest such day.
pub(in crate::tui::screens) fn past_day(text: &str, today: Date) -> Result<Date, EntryError> {
    let word = text.trim();
    if word.ends_with(|last: char| last.is_ascii_alphabetic())
        && let Some(digits) = word.get(..word.len() - 1)
        && !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
    {
        return entry::day(&format!("-{word}"), today);
    }
    let day = entry::day(text, today)?;
    // Only digits can mean the wrong year; words and spans are meant as they stand.
    if day > today && word.starts_with(|first: char| first.is_ascii_digit()) {
        let year_ago = today.checked_sub(1.year()).and_then(Date::tomorrow).unwrap_or(today);
        if let Ok(earlier) = entry::day(text, year_ago)
            && earlier <= today
        {
            return Ok(earlier);
        }
    }
    Ok(day)
}
