//! The stock: the whole catalogue as a table of which only the part in view is fetched, searched as
//! one types or scans.

mod draw;
#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp};

use crate::domain::{MovementKind, Sku};
use crate::tui::app::{Canvas, Context, Hit, View, Wish};
use crate::tui::command::{Command, Scope};
use crate::tui::key::Key;
use crate::tui::keymap::Typing;
use crate::tui::screens::choice::{Choice, Picked};
use crate::tui::screens::item::ItemView;
use crate::tui::text::stock::StockText;
use crate::tui::widgets::{Field, Wanted, Window, steps};
use crate::worker::message::{
    Anchor, Answer, Failure, Found, Item, Page, Question, StockKey, StockOnly, StockOrder, StockRow,
    StockSelection, Strand, Ticket,
};

/// How many rows are fetched at a time: some screens full, so that paging does not wait.
const PAGE_ROWS: u16 = 200;
/// How many matches a search shows; who needs more narrows it down.
const FOUND_MAX: u16 = 100;
/// The least time between two refreshes of a list that adds up all levels, when others post all the time.
const COSTLY_PAUSE: SignedDuration = SignedDuration::from_secs(30);
/// How many days ahead the list of expiring goods looks.
const EXPIRING_DAYS: u16 = 30;

/// Which page a question asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Start,
    End,
    After,
    Before,
    Refresh,
}

/// The stock.
#[derive(Debug, Default)]
pub struct StockScreen {
    search: Field,
    selection: StockSelection,
    list: Window<StockRow>,
    asked: Option<(Ticket, Asked)>,
    found: Window<Found>,
    searching: Option<Ticket>,
    /// The text that `found` answers.
    found_for: String,
    /// Enter came before the answer, as it does after a scan; the best match is opened when it comes.
    open_found: bool,
    estimate: Option<u64>,
    preview: Option<Box<Item>>,
    previewing: Option<Ticket>,
    /// Whether the last drawing had room for the product beside the list.
    wide: bool,
    /// How many rows the last drawing had room for.
    lines: usize,
    failure: Option<Failure>,
    /// When the list was last asked for.
    asked_at: Option<Timestamp>,
    /// Something has changed since.
    stale: bool,
}

impl StockScreen {
    fn is_searching(&self) -> bool {
        !self.search.text().trim().is_empty()
    }

    fn selected(&self) -> Option<&StockRow> {
        if self.is_searching() { self.found.selected().map(|found| &found.row) } else { self.list.selected() }
    }

    fn selected_sku(&self) -> Option<Sku> {
        self.selected().and_then(|row| row.sku.parse().ok())
    }

    fn key_of(&self, row: &StockRow) -> StockKey {
        StockKey::of(row, self.selection.order)
    }

    fn ask_page(&mut self, asked: Asked, context: &mut Context<'_>) {
        let first = self.list.rows().first().map(|row| self.key_of(row));
        let last = self.list.rows().last().map(|row| self.key_of(row));
        let mut limit = PAGE_ROWS;
        let anchor = match (asked, first, last) {
            (Asked::End, ..) => Anchor::End,
            (Asked::After, _, Some(last)) => Anchor::After(last),
            (Asked::Before, Some(first), _) => Anchor::Before(first),
            // At the beginning a refresh starts from there, so that new products before it show up.
            (Asked::Refresh, Some(first), _) => {
                limit = limit.max(u16::try_from(self.list.rows().len()).unwrap_or(u16::MAX));
                if self.list.more_before() { Anchor::From(first) } else { Anchor::Start }
            }
            _ => Anchor::Start,
        };
        let question = Question::StockPage { selection: self.selection.clone(), anchor, limit };
        self.asked_at = Some(context.now);
        self.stale &= matches!(asked, Asked::After | Asked::Before);
        self.asked = Some((context.ask(Strand::Stock, question), asked));
    }

    fn ask_search(&mut self, context: &mut Context<'_>) {
        let text = self.search.text().trim().to_owned();
        if text.is_empty() {
            self.searching = None;
            self.found = Window::default();
            self.found_for.clear();
            self.refresh_if_due(context);
            self.preview(context);
            return;
        }
        let question = Question::Search { text, selection: self.selection.clone(), limit: FOUND_MAX };
        self.searching = Some(context.ask(Strand::Search, question));
    }

    /// Fetches what the cursor has come near to.
    fn ask_more(&mut self, context: &mut Context<'_>) {
        if self.asked.is_some() || self.is_searching() {
            return;
        }
        match self.list.wanted() {
            Some(Wanted::After) => self.ask_page(Asked::After, context),
            Some(Wanted::Before) => self.ask_page(Asked::Before, context),
            None => {}
        }
    }

    /// Shows the product under the cursor beside the list, where there is room.
    fn preview(&mut self, context: &mut Context<'_>) {
        let Some(sku) = self.selected_sku() else {
            self.preview = None;
            return;
        };
        if self.wide {
            self.previewing = Some(context.ask(Strand::Preview, Question::Item(sku)));
        }
    }

    /// Whether the window has become wide enough for the product since the list came.
    fn lacks_preview(&self) -> bool {
        self.wide && self.preview.is_none() && self.previewing.is_none() && self.selected_sku().is_some()
    }

    /// When the list is to be fetched again, if something has changed. One that costs much has to wait.
    fn due_at(&self) -> Option<Timestamp> {
        if !self.stale || self.asked.is_some() || self.is_searching() {
            return None;
        }
        let gathers = matches!(self.selection.order, StockOrder::OnHandLeast | StockOrder::OnHandMost)
            || self.selection.only.is_some();
        let pause = if gathers { COSTLY_PAUSE } else { SignedDuration::ZERO };
        Some(self.asked_at.map_or(Timestamp::MIN, |at| at.saturating_add(pause).unwrap_or(Timestamp::MAX)))
    }

    fn refresh_if_due(&mut self, context: &mut Context<'_>) {
        if self.due_at().is_some_and(|due| due <= context.now) {
            self.ask_page(Asked::Refresh, context);
        }
    }

    fn step(&mut self, rows: isize, context: &mut Context<'_>) {
        if self.is_searching() {
            self.found.step(rows);
        } else {
            self.list.step(rows);
            self.ask_more(context);
        }
        self.preview(context);
    }

    fn go_to_end(&mut self, end: bool, context: &mut Context<'_>) {
        if self.is_searching() {
            self.found.select(if end { usize::MAX } else { 0 });
        } else if end && self.list.more_after() {
            self.ask_page(Asked::End, context);
        } else if !end && self.list.more_before() {
            self.ask_page(Asked::Start, context);
        } else {
            self.list.select(if end { usize::MAX } else { 0 });
        }
        self.preview(context);
    }

    fn open(&mut self, context: &mut Context<'_>) {
        // A scan ends with Enter before its answer can have come.
        if self.is_searching() && self.found_for != self.search.text().trim() {
            self.open_found = true;
            return;
        }
        if let Some(sku) = self.selected_sku() {
            context.wish(Wish::Open(Box::new(ItemView::new(sku))));
        } else {
            context.ring();
        }
    }

    fn handle(&self, kind: MovementKind, context: &mut Context<'_>) {
        if let Some(row) = self.selected() {
            context.wish(Wish::Handle(kind, Box::new(row.clone())));
        }
    }

    fn took_page(&mut self, asked: Asked, page: &Page<StockRow>) {
        let rows = page.rows.clone();
        match asked {
            Asked::Start => self.list.restart(rows, page.more_before, page.more_after, false),
            Asked::End => self.list.restart(rows, page.more_before, page.more_after, true),
            Asked::After => self.list.append(rows, page.more_after),
            Asked::Before => self.list.prepend(rows, page.more_before),
            Asked::Refresh => self.list.replace(rows, page.more_after, |old, new| old.sku == new.sku),
        }
    }

    fn took_found(&mut self, found: &[Found], context: &mut Context<'_>) {
        let text = self.search.text().trim();
        let full = found.len() >= usize::from(FOUND_MAX);
        if self.found_for == text {
            self.found.replace(found.to_vec(), full, |old, new| old.row.sku == new.row.sku);
        } else {
            self.found_for = text.to_owned();
            self.found.restart(found.to_vec(), false, full, false);
        }
        if std::mem::take(&mut self.open_found) {
            if self.found.rows().is_empty() {
                context.ring();
            } else {
                self.open(context);
            }
        }
        self.preview(context);
    }

    fn choose_filter(&self, context: &mut Context<'_>) {
        let only = |phrase: StockText, only: Option<StockOnly>| {
            (context.words.say(phrase).to_owned(), Picked::Only(only))
        };
        let options = vec![
            only(StockText::FilterAll, None),
            only(StockText::FilterLow, Some(StockOnly::Low)),
            only(StockText::FilterExpiring, Some(StockOnly::Expiring { within_days: EXPIRING_DAYS })),
            only(StockText::FilterZero, Some(StockOnly::Zero)),
        ];
        let title = context.words.say(StockText::FilterTitle);
        let current = Picked::Only(self.selection.only);
        context.wish(Wish::Open(Box::new(Choice::new(title, options, &current))));
    }

    fn choose_order(&self, context: &mut Context<'_>) {
        let options = [
            (StockText::SortSku, StockOrder::Sku),
            (StockText::SortName, StockOrder::Name),
            (StockText::SortLeast, StockOrder::OnHandLeast),
            (StockText::SortMost, StockOrder::OnHandMost),
            (StockText::SortExpiry, StockOrder::Expiry),
        ]
        .map(|(phrase, order)| (context.words.say(phrase).to_owned(), Picked::Order(order)));
        let title = context.words.say(StockText::SortTitle);
        let current = Picked::Order(self.selection.order);
        context.wish(Wish::Open(Box::new(Choice::new(title, options.into(), &current))));
    }

    /// Goes back one step: the search is cleared, then the filter.
    fn back(&mut self, context: &mut Context<'_>) {
        if self.is_searching() {
            self.search.take();
            self.open_found = false;
            self.ask_search(context);
        } else if self.selection.only.is_some() || self.selection.location.is_some() {
            self.selection.only = None;
            self.selection.location = None;
            self.ask_page(Asked::Start, context);
        } else {
            context.dismiss_messages();
        }
    }
}

impl View for StockScreen {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Stock, Scope::List]
    }

    fn typing(&self) -> Typing {
        if self.search.is_empty() { Typing::Empty } else { Typing::Text }
    }

    fn hints(&self) -> &'static [Command] {
        &[
            Command::Open,
            Command::Filter,
            Command::Sort,
            Command::ReceiveThis,
            Command::IssueThis,
            Command::TransferThis,
            Command::LedgerOfThis,
            Command::Palette,
        ]
    }

    fn shown(&mut self, context: &mut Context<'_>) {
        if self.list.rows().is_empty() {
            self.ask_page(Asked::Start, context);
            context.ask(Strand::Estimate, Question::Estimate);
        } else {
            self.changed(context);
        }
    }

    fn key(&mut self, key: Key, context: &mut Context<'_>) {
        let before = self.search.text().trim().to_owned();
        if self.search.key(key) && self.search.text().trim() != before {
            self.open_found = false;
            self.ask_search(context);
        }
    }

    fn command(&mut self, command: Command, context: &mut Context<'_>) -> bool {
        match command {
            Command::First => self.go_to_end(false, context),
            Command::Last => self.go_to_end(true, context),
            Command::Open => self.open(context),
            Command::Filter => self.choose_filter(context),
            Command::Sort => self.choose_order(context),
            Command::ReceiveThis => self.handle(MovementKind::Receipt, context),
            Command::IssueThis => self.handle(MovementKind::Issue, context),
            Command::TransferThis => self.handle(MovementKind::Transfer, context),
            Command::LedgerOfThis => {
                if let Some(sku) = self.selected_sku() {
                    context.wish(Wish::LedgerOf(sku));
                }
            }
            Command::Refresh => {
                self.asked_at = None;
                self.changed(context);
            }
            Command::Close => self.back(context),
            _ => match steps(command, self.lines) {
                Some(rows) => self.step(rows, context),
                None => return false,
            },
        }
        true
    }

    fn picked(&mut self, picked: Picked, context: &mut Context<'_>) {
        match picked {
            Picked::Order(order) => self.selection.order = order,
            Picked::Only(only) => self.selection.only = only,
            Picked::Movements(_) | Picked::Events(_) | Picked::Verify(_) | Picked::StopVerifying(_) => return,
        }
        self.list = Window::default();
        self.ask_page(Asked::Start, context);
        if self.is_searching() {
            self.ask_search(context);
        }
    }

    fn clicked(&mut self, hit: Hit, context: &mut Context<'_>) {
        let Hit::Row(position) = hit else { return };
        let window_cursor = if self.is_searching() { self.found.cursor() } else { self.list.cursor() };
        if window_cursor == position {
            self.open(context);
            return;
        }
        if self.is_searching() {
            self.found.select(position);
        } else {
            self.list.select(position);
            self.ask_more(context);
        }
        self.preview(context);
    }

    fn answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        let own =
            matches!(ticket.strand, Strand::Stock | Strand::Search | Strand::Estimate | Strand::Preview);
        if !own {
            return false;
        }
        match answer {
            Ok(Answer::StockPage(page)) => {
                if let Some((_, asked)) = self.asked.take_if(|(asked, _)| *asked == ticket) {
                    self.failure = None;
                    self.took_page(asked, page);
                    self.ask_more(context);
                    self.refresh_if_due(context);
                    if asked != Asked::Before && asked != Asked::After {
                        self.preview(context);
                    }
                }
            }
            Ok(Answer::Search(found)) => {
                if self.searching.take_if(|searching| *searching == ticket).is_some() {
                    self.failure = None;
                    self.took_found(found, context);
                }
            }
            Ok(Answer::Estimate(estimate)) => self.estimate = Some(*estimate),
            Ok(Answer::Item(item)) => {
                if self.previewing.take_if(|previewing| *previewing == ticket).is_some() {
                    self.preview = Some(item.clone());
                }
            }
            Ok(_) => {}
            Err(failure) => {
                self.asked.take_if(|(asked, _)| *asked == ticket);
                self.searching.take_if(|searching| *searching == ticket);
                if ticket.strand != Strand::Preview {
                    self.failure = Some(failure.clone());
                }
            }
        }
        true
    }

    fn changed(&mut self, context: &mut Context<'_>) {
        self.stale = true;
        if self.is_searching() && self.searching.is_none() {
            self.ask_search(context);
        }
        self.refresh_if_due(context);
        context.ask(Strand::Estimate, Question::Estimate);
    }

    fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        if self.lacks_preview() { Some(now) } else { self.due_at() }
    }

    fn ticked(&mut self, context: &mut Context<'_>) {
        if self.lacks_preview() {
            self.preview(context);
        }
        self.refresh_if_due(context);
    }

    fn draw(&mut self, area: ratatui::layout::Rect, canvas: &mut Canvas<'_, '_>) {
        self.draw_screen(area, canvas);
    }
}
