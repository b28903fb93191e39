//! The list of collected lines, newest first, of which only the part in view is fetched. As long as the cursor is on
//! the first line, the list follows new lines.

use jiff::tz::TimeZone;

use super::filter::{Filter, Part, question};
use crate::audit::reconcile::line_status::{LineStatus, RowState, Seen};
use crate::domain::{Anchor, EventFilter, Page};
use crate::tui::command::Command;
use crate::tui::view::Context;
use crate::tui::widgets::Field;
use crate::tui::widgets::paged_list::{NewRows, PageSource, PagedList};
use crate::worker::query::{self, Answer, Query as _, Question};

/// The source of a list of collected lines.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// Only logins, failed logins and ends of sessions.
    logins: bool,
    filter: Filter,
}

impl PageSource for Lines {
    type Row = Seen;
    type Id<'a> = u64;
    type Key = u64;

    const PAGE_ROWS: u16 = 100;
    const NEW_ROWS: NewRows = NewRows::AreFollowed;

    fn id(row: &Seen) -> u64 {
        row.event.line_no
    }

    fn key(&self, row: &Seen) -> Option<u64> {
        Some(row.event.line_no)
    }

    fn page(answer: &Answer) -> Option<&Page<Seen>> {
        query::Events::answer(answer).or_else(|| query::Logins::answer(answer))
    }

    fn question(&self, anchor: Anchor<u64>, limit: u16, zone: &TimeZone) -> Question {
        let filter = question(&self.filter, zone);
        let filter = Box::new(EventFilter {
            logins_only: self.logins,
            records_only: filter.records_only && !self.logins,
            anchor,
            limit: Some(limit.into()),
            ..filter
        });
        if self.logins { query::Logins { filter }.into() } else { query::Events { filter }.into() }
    }
}

/// A list of collected lines with the field that filters it.
#[derive(Debug)]
pub(super) struct Records {
    /// The text that a line must contain, applied with Enter.
    pub quick: Field,
    pub list: PagedList<Lines>,
    /// How many lines there were when the list was last queried.
    known: u64,
}

impl Records {
    /// A list of all lines, or of those about logins.
    pub fn new(logins: bool) -> Self {
        let list = PagedList::new(Lines { logins, ..Lines::default() });
        Self { quick: Field::default(), list, known: 0 }
    }

    /// Whether this is the list of logins.
    pub fn is_logins(&self) -> bool {
        self.list.source().logins
    }

    pub fn filter(&self) -> &Filter {
        &self.list.source().filter
    }

    /// Lists the lines that match a filter.
    pub fn list_those(&mut self, filter: Filter, context: &mut Context<'_>) {
        self.list.relist(|lines| lines.filter = filter, context);
    }

    /// Records how many lines have been collected by now.
    pub fn counted(&mut self, lines: u64, context: &mut Context<'_>) {
        let open = |seen: &Seen| seen.line_status == LineStatus::Posted(RowState::Open);
        if self.known != lines || self.list.rows().iter().any(open) {
            self.known = lines;
            self.list.changed(context);
        }
    }

    /// Adds the typed text to the filter. Returns whether there was any.
    pub fn take_quick(&mut self, context: &mut Context<'_>) -> bool {
        let text = self.quick.take().trim().to_owned();
        if text.is_empty() {
            return false;
        }
        self.narrow(Part::Text(text), context);
        true
    }

    /// Sets a condition of the filter.
    pub fn narrow(&mut self, part: Part, context: &mut Context<'_>) {
        self.list.relist(|lines| lines.filter.set(part), context);
    }

    /// Removes the condition at a position of the filter.
    pub fn widen(&mut self, position: usize, context: &mut Context<'_>) {
        self.list.relist(|lines| lines.filter.remove(position), context);
    }

    /// Goes back one step: clears the typed text, then removes the conditions, the latest first, then goes to the
    /// newest line. Returns whether there was a step to undo.
    pub fn back(&mut self, context: &mut Context<'_>) -> bool {
        if !self.quick.is_empty() {
            self.quick.take();
        } else if !self.filter().is_empty() {
            self.list.relist(|lines| _ = lines.filter.pop(), context);
        } else if !self.list.is_at_start() {
            self.list.command(Command::First, context);
        } else {
            return false;
        }
        true
    }
}
