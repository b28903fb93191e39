//! The ledger: every movement, newest first, of which only the part in view is fetched; filtered by
//! what is typed or scanned, and by a dialog.

mod dialog;
pub(in crate::tui::screens) mod draw;
pub mod filter;
#[cfg(test)]
pub(in crate::tui::screens) mod tests;

use self::dialog::FilterDialog;
use self::filter::{Filter, Part, question};
use crate::domain::{MovementId, Reference, Sku};
use crate::tui::app::{Canvas, Context, Hit, View, Wish};
use crate::tui::command::{Command, Scope};
use crate::tui::key::Key;
use crate::tui::keymap::Typing;
use crate::tui::screens::choice::Picked;
use crate::tui::screens::posting::PostingView;
use crate::tui::screens::reverse::ReverseDialog;
use crate::tui::widgets::{Field, Wanted, Window, steps};
use crate::worker::message::{Anchor, Answer, Failure, LedgerRow, Question, Scanned, Strand, Ticket};

/// How many rows are fetched at a time: some screens full, so that paging does not wait.
const PAGE_ROWS: usize = 200;

/// Which page a question asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Start,
    End,
    After,
    Before,
    /// The fetched rows again, so many of them.
    Refresh(usize),
}

impl Asked {
    /// How many rows that is at most.
    fn limit(self) -> usize {
        if let Self::Refresh(rows) = self { rows } else { PAGE_ROWS }
    }
}

/// The ledger.
#[derive(Debug, Default)]
pub struct LedgerScreen {
    /// An item, place, reference or id, taken with Enter.
    quick: Field,
    filter: Filter,
    list: Window<LedgerRow>,
    asked: Option<(Ticket, Asked)>,
    /// The quick text that is being looked up.
    looking_up: Option<(Ticket, String)>,
    /// Somebody posted while a page was under way.
    stale: bool,
    /// How many rows the last drawing had room for.
    lines: usize,
    failure: Option<Failure>,
}

fn id_of(row: &LedgerRow) -> Option<MovementId> {
    MovementId::try_from(row.id).ok()
}

fn same(old: &LedgerRow, new: &LedgerRow) -> bool {
    old.id == new.id
}

impl LedgerScreen {
    /// Shows the movements of one product.
    pub fn show_product(&mut self, sku: &Sku, context: &mut Context<'_>) {
        self.quick.take();
        self.filter = Filter::default();
        self.filter.set(Part::Item(sku.clone()));
        self.restart(context);
    }

    /// Lists anew, after the filter has changed.
    fn restart(&mut self, context: &mut Context<'_>) {
        self.list = Window::default();
        self.failure = None;
        self.ask(Asked::Start, context);
    }

    fn ask(&mut self, asked: Asked, context: &mut Context<'_>) {
        let mut filter = question(&self.filter, context.zone);
        let first = self.list.rows().first().and_then(id_of);
        let last = self.list.rows().last().and_then(id_of);
        filter.anchor = match (asked, first, last) {
            (Asked::End, ..) => Anchor::End,
            (Asked::After, _, Some(last)) => Anchor::After(last),
            (Asked::Before, Some(first), _) => Anchor::Before(first),
            (Asked::Refresh(_), Some(first), _) if self.list.more_before() => Anchor::From(first),
            // At the beginning a refresh starts from there, so that what is new shows up.
            _ => Anchor::Start,
        };
        filter.limit = u32::try_from(asked.limit()).ok();
        self.stale = false;
        self.asked = Some((context.ask(Strand::Ledger, Question::Ledger(Box::new(filter))), asked));
    }

    /// Fetches what the cursor has come near to.
    fn ask_more(&mut self, context: &mut Context<'_>) {
        if self.asked.is_some() {
            return;
        }
        match self.list.wanted() {
            Some(Wanted::After) => self.ask(Asked::After, context),
            Some(Wanted::Before) => self.ask(Asked::Before, context),
            None => {}
        }
    }

    fn took_page(&mut self, asked: Asked, rows: Vec<LedgerRow>) {
        let full = rows.len() >= asked.limit();
        match asked {
            Asked::Start => self.list.restart(rows, false, full, false),
            Asked::End => self.list.restart(rows, full, false, true),
            Asked::After => self.list.append(rows, full),
            Asked::Before => self.list.prepend(rows, full),
            Asked::Refresh(_) => self.refreshed(rows, full),
        }
    }

    fn refreshed(&mut self, rows: Vec<LedgerRow>, full: bool) {
        let lost = self.list.selected().is_some_and(|row| !rows.iter().any(|new| same(row, new)));
        if lost && full && !self.list.more_before() {
            // More has been posted than one page holds. The cursor stays where it is, and what is newer
            // is fetched page by page as the cursor goes there.
            self.list.note_before();
            return;
        }
        let at_start = !self.list.more_before() && self.list.first_drawn(self.lines) == 0;
        self.list.replace(rows, full, same);
        if at_start {
            self.list.show_start();
        }
    }

    fn step(&mut self, rows: isize, context: &mut Context<'_>) {
        self.list.step(rows);
        self.ask_more(context);
    }

    /// To the newest movement or the oldest one; the other end is fetched, not walked to.
    fn jump(&mut self, end: bool, context: &mut Context<'_>) {
        if end && self.list.more_after() {
            self.ask(Asked::End, context);
        } else if !end && self.list.more_before() {
            self.ask(Asked::Start, context);
        } else {
            self.list.select(if end { usize::MAX } else { 0 });
            self.ask_more(context);
        }
    }

    fn open(&mut self, context: &mut Context<'_>) {
        let text = self.quick.text().trim().to_owned();
        if !text.is_empty() {
            self.look_up(text, context);
        } else if self.looking_up.is_some() {
            // A second Enter behind a scan must not open what is about to leave the list.
        } else if let Some(view) = self.list.selected().and_then(PostingView::of_row) {
            context.wish(Wish::Open(Box::new(view)));
        } else {
            context.ring();
        }
    }

    /// Finds out what was typed or scanned. The field is free for the next scan at once.
    fn look_up(&mut self, text: String, context: &mut Context<'_>) {
        self.quick.take();
        if let Ok(id) = text.parse::<MovementId>() {
            context.wish(Wish::Open(Box::new(PostingView::new(id))));
            return;
        }
        let ticket = context.ask(Strand::Scan, Question::Scan(text.clone()));
        self.looking_up = Some((ticket, text));
    }

    fn looked_up(&mut self, scanned: &Scanned, text: &str, context: &mut Context<'_>) {
        let part = match scanned {
            Scanned::Product { row, .. } => row.sku.parse().ok().map(Part::Item),
            Scanned::Location { code, .. } => Some(Part::Place(code.clone())),
            Scanned::Nothing => {
                // What no label says may stand on a document.
                text.parse::<Reference>().ok().map(|reference| Part::Reference(reference.to_string()))
            }
        };
        if let Some(part) = part {
            self.filter.set(part);
            self.restart(context);
        }
    }

    /// Goes back one step: what is typed, then the parts of the filter, the latest first.
    fn back(&mut self, context: &mut Context<'_>) {
        if !self.quick.is_empty() {
            self.quick.take();
        } else if self.looking_up.take().is_some() {
        } else if self.filter.pop() {
            self.restart(context);
        } else {
            context.dismiss_messages();
        }
    }
}

impl View for LedgerScreen {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Ledger, Scope::List]
    }

    fn typing(&self) -> Typing {
        if self.quick.is_empty() { Typing::Empty } else { Typing::Text }
    }

    fn hints(&self) -> &'static [Command] {
        &[
            Command::Open,
            Command::Filter,
            Command::Reverse,
            Command::LedgerOfThis,
            Command::AuditOfThis,
            Command::Close,
            Command::Palette,
        ]
    }

    fn shown(&mut self, context: &mut Context<'_>) {
        if self.list.rows().is_empty() {
            self.ask(Asked::Start, context);
        } else {
            self.changed(context);
        }
    }

    fn key(&mut self, key: Key, _context: &mut Context<'_>) {
        self.quick.key(key);
    }

    fn command(&mut self, command: Command, context: &mut Context<'_>) -> bool {
        match command {
            Command::First => self.jump(false, context),
            Command::Last => self.jump(true, context),
            Command::Open => self.open(context),
            Command::Filter => context.wish(Wish::Open(Box::new(FilterDialog::new(&self.filter)))),
            Command::Reverse => ReverseDialog::offer(self.list.selected(), context),
            Command::LedgerOfThis => {
                if let Some(sku) = self.list.selected().and_then(|row| row.sku.parse().ok()) {
                    self.filter.set(Part::Item(sku));
                    self.restart(context);
                }
            }
            Command::AuditOfThis => match self.list.selected() {
                Some(row) => context.wish(Wish::EventsOf(row.id.to_string())),
                None => context.ring(),
            },
            Command::Refresh => {
                self.asked = None;
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
        if let Picked::Movements(filter) = picked
            && self.filter != *filter
        {
            self.filter = *filter;
            self.restart(context);
        }
    }

    fn clicked(&mut self, hit: Hit, context: &mut Context<'_>) {
        match hit {
            Hit::Row(position) if position == self.list.cursor() && self.quick.is_empty() => {
                self.open(context);
            }
            Hit::Row(position) => {
                self.list.select(position);
                self.ask_more(context);
            }
            Hit::Field(position) => {
                self.filter.remove(position);
                self.restart(context);
            }
            Hit::Command(_) => {}
        }
    }

    fn answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        if let Some((_, text)) = self.looking_up.take_if(|(asked, _)| *asked == ticket) {
            match answer {
                Ok(Answer::Scan(scanned)) => self.looked_up(scanned, &text, context),
                Ok(_) => {}
                Err(failure) => {
                    context.fail(failure);
                    context.ring();
                }
            }
            return true;
        }
        let Some((_, asked)) = self.asked.take_if(|(asked, _)| *asked == ticket) else { return false };
        match answer {
            Ok(Answer::Ledger(rows)) => {
                self.failure = None;
                self.took_page(asked, rows.clone());
                if self.stale {
                    self.changed(context);
                } else {
                    self.ask_more(context);
                }
            }
            Ok(_) => {}
            Err(failure) => self.failure = Some(failure.clone()),
        }
        true
    }

    fn changed(&mut self, context: &mut Context<'_>) {
        if self.asked.is_some() {
            self.stale = true;
        } else {
            let rows = if self.list.more_before() {
                // At the end one more is asked for, because fewer than that say that it is still the end.
                self.list.rows().len() + usize::from(!self.list.more_after())
            } else {
                // At the beginning there is room for what is new, so that it does not push out the cursor's row.
                self.list.cursor() + 2 * PAGE_ROWS
            };
            self.ask(Asked::Refresh(rows), context);
        }
    }

    fn draw(&mut self, area: ratatui::layout::Rect, canvas: &mut Canvas<'_, '_>) {
        self.draw_screen(area, canvas);
    }
}
