//! A list far longer than what is fetched of it: the pages around the cursor are queried as it moves.
//!
//! What the list assumes about rows beyond the fetched ones is what the latest page said. It never infers the end from
//! a page that is shorter than requested, because the server may have a lower limit.
//!
//! Boundary: knows how pages are combined, not what the rows mean. A [`PageSource`] makes the queries.

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::hash::Hash;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Rect;

use super::List;
use super::empty::draw_empty;
use crate::domain::{Anchor, PAGE_ROWS_MAX, Page};
use crate::tui::command::Command;
use crate::tui::view::{Canvas, Context};
use crate::worker::message::Failure;
use crate::worker::query::{Answer, Question, Ticket};

/// The most rows that are kept; rows farther from the cursor are dropped and fetched again when they are needed.
const KEPT_ROWS_MAX: usize = 800;
/// How near to the first or last fetched row the cursor comes before more are fetched.
const MARGIN_ROWS: usize = 100;
/// How many rows from the cursor on a refresh fetches: beyond the margin, with room for new rows.
const REFRESH_ROWS: usize = 2 * MARGIN_ROWS;

/// What happens with rows that appear before the first one while that is in view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewRows {
    /// They stay above the view, until the person scrolls there.
    StayAbove,
    /// They come into view, and the cursor stays on its row.
    ComeIntoView,
    /// The cursor moves to the first of them if it was on the first row; otherwise they stay above the view.
    AreFollowed,
}

/// The source of a list: how its pages are queried, and what identifies its rows.
pub trait PageSource {
    type Row: Clone;
    /// What identifies a row, whatever else changes about it.
    type Id<'a>: Eq + Hash;
    /// The position of a row in the order of the list.
    type Key;

    /// How many rows are fetched at a time: several screens, so that paging need not wait.
    const PAGE_ROWS: u16;
    const NEW_ROWS: NewRows;

    fn id(row: &Self::Row) -> Self::Id<'_>;

    fn key(&self, row: &Self::Row) -> Option<Self::Key>;

    /// The page in an answer, if it answers a question of this source.
    fn page(answer: &Answer) -> Option<&Page<Self::Row>>;

    fn question(&self, anchor: Anchor<Self::Key>, limit: u16, zone: &TimeZone) -> Question;

    /// The shortest interval between two refreshes of the list.
    fn refresh_pause(&self) -> SignedDuration {
        SignedDuration::ZERO
    }
}

/// How far a refresh reaches back from the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// To the start of the list, so that new rows there are shown.
    Start,
    /// To as many rows before the cursor as may be in view.
    View,
    /// To the cursor's row, which is then the first of the page, unless it is gone.
    Cursor,
}

/// Which rows a query requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Request {
    Start,
    End,
    After,
    Before,
    /// The rows around the cursor again, from a position on.
    Refresh(Reach, usize),
}

/// A list of which a part is fetched.
#[derive(Debug)]
pub struct PagedList<S: PageSource> {
    source: S,
    list: List<S::Row>,
    more_before: bool,
    more_after: bool,
    /// The running query. Any other answer is out of date.
    asked: Option<(Ticket, Request)>,
    asked_at: Option<Timestamp>,
    /// Whether the rows may have changed since the query.
    stale: bool,
    failure: Option<Failure>,
}

impl<S: PageSource + Default> Default for PagedList<S> {
    fn default() -> Self {
        Self::new(S::default())
    }
}

impl<S: PageSource> PagedList<S> {
    /// A list of which nothing has been fetched yet.
    #[must_use]
    pub fn new(source: S) -> Self {
        Self {
            source,
            list: List::default(),
            more_before: false,
            more_after: false,
            asked: None,
            asked_at: None,
            stale: false,
            failure: None,
        }
    }

    /// The source of the rows, which holds the filter and the order.
    #[must_use]
    pub fn source(&self) -> &S {
        &self.source
    }

    /// The rows that are fetched, which may be a part of the list.
    #[must_use]
    pub fn rows(&self) -> &[S::Row] {
        self.list.rows()
    }

    /// The fetched rows with their cursor, to draw them.
    pub fn list_mut(&mut self) -> &mut List<S::Row> {
        &mut self.list
    }

    /// Whether no rows are fetched.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The position of the cursor among the fetched rows.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.list.cursor()
    }

    /// The row under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&S::Row> {
        self.list.selected()
    }

    /// Whether there may be rows before the fetched ones.
    #[must_use]
    pub fn more_before(&self) -> bool {
        self.more_before
    }

    /// Whether the fetched rows are the whole list.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        !self.more_before && !self.more_after && (self.asked.is_none() || !self.is_empty())
    }

    /// Whether the cursor is on the first row of the list.
    #[must_use]
    pub fn is_at_start(&self) -> bool {
        self.list.cursor() == 0 && !self.more_before
    }

    /// Whether rows are being fetched.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.asked.is_some()
    }

    /// Why the latest query failed, if it did.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// The query of the first page, from which an export reads the whole list.
    #[must_use]
    pub fn question(&self, zone: &TimeZone) -> Question {
        self.source.question(Anchor::Start, S::PAGE_ROWS, zone)
    }

    /// Changes what is listed, and lists it from the start.
    pub fn relist(&mut self, change: impl FnOnce(&mut S), context: &mut Context<'_>) {
        change(&mut self.source);
        self.list.restart(Vec::new(), false);
        (self.more_before, self.more_after) = (false, false);
        self.failure = None;
        self.ask(Request::Start, context);
    }

    /// Fetches the first page, or refreshes what is shown.
    pub fn shown(&mut self, context: &mut Context<'_>) {
        if self.is_empty() {
            self.ask(Request::Start, context);
        } else {
            self.changed(context);
        }
    }

    /// Called when the rows may have changed: fetches them again as soon as that is due.
    pub fn changed(&mut self, context: &mut Context<'_>) {
        self.invalidate();
        self.ask_due(context);
    }

    /// Makes a refresh due without waiting for its pause.
    pub fn expire(&mut self) {
        self.asked_at = None;
    }

    /// Records that the rows may have changed.
    pub fn invalidate(&mut self) {
        self.stale = true;
    }

    /// When the rows are to be fetched again; none while a query is running, or if nothing has changed.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        if !self.stale || self.asked.is_some() {
            return None;
        }
        let due = |at: Timestamp| at.saturating_add(self.source.refresh_pause()).unwrap_or(Timestamp::MAX);
        Some(self.asked_at.map_or(Timestamp::MIN, due))
    }

    /// Fetches the rows again if that is due.
    pub fn ask_due(&mut self, context: &mut Context<'_>) {
        if self.due_at().is_some_and(|due| due <= context.now) {
            self.ask(self.refresh_request(), context);
        }
    }

    /// Queries what is due, or else the rows near the cursor.
    fn go_on(&mut self, context: &mut Context<'_>) {
        self.ask_due(context);
        if self.asked.is_none()
            && let Some(request) = self.wanted()
        {
            self.ask(request, context);
        }
    }

    /// Carries out a command of lists. Returns whether it was one.
    pub fn command(&mut self, command: Command, context: &mut Context<'_>) -> bool {
        match command {
            // The rows stay in view until those at the other end have come.
            Command::First if self.more_before => self.ask(Request::Start, context),
            Command::Last if self.more_after => self.ask(Request::End, context),
            _ if self.list.command(command) => self.go_on(context),
            _ => return false,
        }
        true
    }

    /// Moves the cursor to a clicked row. Returns whether it was there already.
    pub fn click(&mut self, position: usize, context: &mut Context<'_>) -> bool {
        let again = self.list.click(position);
        self.go_on(context);
        again
    }

    /// Takes the answer to the running query, and continues from there. Returns whether it was that.
    pub fn answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        let Some((_, request)) = self.asked.take_if(|(asked, _)| *asked == ticket) else { return false };
        match answer {
            Ok(answer) => {
                if let Some(page) = S::page(answer) {
                    self.failure = None;
                    self.take(request, page.clone(), context);
                    self.go_on(context);
                }
            }
            Err(failure) => self.failure = Some(failure.clone()),
        }
        true
    }

    /// Draws why there are no rows: a query is running, or failed, or found none.
    pub fn draw_empty(&self, nothing: &str, area: Rect, canvas: &mut Canvas<'_, '_>) {
        if self.is_empty() {
            draw_empty(self.is_asked(), self.failure(), nothing, area, canvas);
        }
    }

    fn ask(&mut self, request: Request, context: &mut Context<'_>) {
        let Some((anchor, limit)) = self.anchor(request) else { return };
        // The pages before and after say nothing new about the rows in between.
        self.stale &= matches!(request, Request::After | Request::Before);
        self.asked_at = Some(context.now);
        let question = self.source.question(anchor, limit, context.zone);
        self.asked = Some((context.ask(question), request));
    }

    /// Where the page for a request begins, and the most rows that it may have.
    fn anchor(&self, request: Request) -> Option<(Anchor<S::Key>, u16)> {
        let rows = self.list.rows();
        let key = |row: Option<&S::Row>| row.and_then(|row| self.source.key(row));
        let anchor = match request {
            Request::Start | Request::Refresh(Reach::Start, _) => Anchor::Start,
            Request::End => Anchor::End,
            Request::After => Anchor::After(key(rows.last())?),
            Request::Before => Anchor::Before(key(rows.first())?),
            Request::Refresh(Reach::View | Reach::Cursor, from) => Anchor::From(key(rows.get(from))?),
        };
        let limit = match request {
            Request::Refresh(_, from) => {
                let rows = self.list.cursor().saturating_sub(from) + REFRESH_ROWS;
                u16::try_from(rows).unwrap_or(PAGE_ROWS_MAX)
            }
            _ => S::PAGE_ROWS,
        };
        Some((anchor, limit.min(PAGE_ROWS_MAX)))
    }

    /// The request for the rows that the cursor is near to.
    fn wanted(&self) -> Option<Request> {
        let (cursor, rows) = (self.list.cursor(), self.list.rows().len());
        if rows == 0 {
            None
        } else if self.more_after && cursor + MARGIN_ROWS >= rows {
            Some(Request::After)
        } else if self.more_before && cursor < MARGIN_ROWS {
            Some(Request::Before)
        } else {
            None
        }
    }

    fn refresh_request(&self) -> Request {
        let near_start = self.list.cursor() + REFRESH_ROWS <= usize::from(PAGE_ROWS_MAX);
        let reach = if !self.more_before && near_start { Reach::Start } else { Reach::View };
        self.refresh_from(reach)
    }

    fn refresh_from(&self, reach: Reach) -> Request {
        let cursor = self.list.cursor();
        let from = match reach {
            _ if self.is_empty() => return Request::Start,
            Reach::Start => 0,
            Reach::View => {
                let room = usize::from(PAGE_ROWS_MAX) - REFRESH_ROWS;
                cursor.saturating_sub(self.list.lines().clamp(MARGIN_ROWS, room))
            }
            Reach::Cursor => cursor,
        };
        Request::Refresh(reach, from)
    }

    fn take(&mut self, request: Request, page: Page<S::Row>, context: &mut Context<'_>) {
        match request {
            Request::Start => self.restart(page, false),
            Request::End => self.restart(page, true),
            Request::After => self.append(page),
            Request::Before => self.prepend(page),
            Request::Refresh(reach, from) => self.take_refresh(reach, from, page, context),
        }
    }

    fn restart(&mut self, page: Page<S::Row>, at_end: bool) {
        (self.more_before, self.more_after) = (page.more_before, page.more_after);
        self.list.restart(page.rows, at_end);
    }

    /// Replaces the rows by refreshed ones, if they reach the cursor's row or show that it is gone; otherwise makes
    /// another query, and the old rows stay until its answer.
    fn take_refresh(&mut self, reach: Reach, from: usize, page: Page<S::Row>, context: &mut Context<'_>) {
        if S::NEW_ROWS == NewRows::AreFollowed && reach == Reach::Start && self.is_at_start() {
            return self.restart(page, false);
        }
        let begins_above = self.list.cursor() >= from;
        let found = self.list.cursor_in(&page.rows, is_same::<S>);
        let next = if begins_above { self.list.next_in(&page.rows, is_same::<S>) } else { None };
        // A page that begins at the cursor's former row says nothing about the row that it is on now.
        let begins_here = reach == Reach::Cursor && self.list.cursor() == from;
        let reached = begins_above && (next.is_some() || !page.more_after || begins_here);
        if found.is_none() && !reached {
            let was_short = begins_above && reach == Reach::View;
            let reach = if was_short { Reach::Cursor } else { Reach::View };
            return self.ask(self.refresh_from(reach), context);
        }
        if page.rows.is_empty() && page.more_before {
            // Everything from there on is gone.
            return self.ask(Request::End, context);
        }
        let at_top = reach == Reach::Start && self.list.first_in_view() == 0;
        (self.more_before, self.more_after) = (page.more_before, page.more_after);
        let neighbour = || match (reach, self.list.previous_in(&page.rows, is_same::<S>)) {
            (_, Some(previous)) => previous,
            (Reach::Cursor, None) => 0,
            (_, None) => self.list.cursor(),
        };
        let cursor = found.or(next).unwrap_or_else(neighbour);
        self.list.put(page.rows, cursor);
        if at_top && S::NEW_ROWS == NewRows::ComeIntoView {
            self.list.show_start();
        }
    }

    fn append(&mut self, mut page: Page<S::Row>) {
        self.more_after = page.more_after;
        self.drop_moved(&mut page.rows);
        self.list.append(page.rows);
        let surplus = self.list.rows().len().saturating_sub(KEPT_ROWS_MAX);
        let surplus = surplus.min(self.list.cursor().saturating_sub(MARGIN_ROWS));
        if surplus > 0 {
            self.list.drop_before(surplus);
            self.more_before = true;
        }
    }

    fn prepend(&mut self, mut page: Page<S::Row>) {
        self.more_before = page.more_before;
        self.drop_moved(&mut page.rows);
        self.list.prepend(page.rows);
        let kept = KEPT_ROWS_MAX.max(self.list.cursor() + MARGIN_ROWS);
        if self.list.rows().len() > kept {
            self.list.drop_from(kept);
            self.more_after = true;
        }
    }

    /// Removes rows from their former positions if they have moved into a page; but the cursor's row stays where it is
    /// until the next refresh.
    fn drop_moved(&mut self, page: &mut Vec<S::Row>) {
        if let Some(selected) = self.list.selected() {
            page.retain(|row| !is_same::<S>(selected, row));
        }
        let keep: Vec<bool> = {
            let fresh: HashSet<S::Id<'_>> = page.iter().map(S::id).collect();
            self.list.rows().iter().map(|row| !fresh.contains(&S::id(row))).collect()
        };
        self.list.retain(&keep);
    }
}

fn is_same<S: PageSource>(old: &S::Row, new: &S::Row) -> bool {
    S::id(old) == S::id(new)
}
