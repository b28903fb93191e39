//! The stream of collected lines, newest first, of which only the part in view is fetched. As long as the
//! cursor stands on the first line, the list follows what comes in.

use super::filter::{Filter, Part, question};
use crate::tui::app::Context;
use crate::tui::command::Command;
use crate::tui::widgets::window::ROWS_KEPT_MAX;
use crate::tui::widgets::{Field, Wanted, Window, steps};
use crate::worker::message::{Anchor, Answer, Failure, Glance, Question, RowState, Seen, Strand, Ticket};

/// How many lines are fetched at a time: some screens full, so that paging does not wait.
const PAGE_ROWS: usize = 100;

/// Which page a question asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Start,
    End,
    After,
    Before,
    /// The fetched lines again, and what has come before them; so many of them.
    Refresh(usize),
}

impl Asked {
    /// How many lines that is at most.
    fn limit(self) -> usize {
        if let Self::Refresh(rows) = self { rows } else { PAGE_ROWS }
    }
}

/// A list of collected lines.
#[derive(Debug)]
pub(super) struct Records {
    /// Only logins, failed logins and ends of sessions.
    logins: bool,
    /// What the line must hold, taken with Enter.
    pub quick: Field,
    pub filter: Filter,
    pub list: Window<Seen>,
    asked: Option<(Ticket, Asked)>,
    /// More came while a page was under way.
    stale: bool,
    /// How many lines there were when the list was last asked for.
    known: u64,
    pub failure: Option<Failure>,
    /// How many rows the last drawing had room for.
    pub lines: usize,
}

impl Records {
    /// All lines, or those about logins.
    pub fn new(logins: bool) -> Self {
        Self {
            logins,
            quick: Field::default(),
            filter: Filter::default(),
            list: Window::default(),
            asked: None,
            stale: false,
            known: 0,
            failure: None,
            lines: 0,
        }
    }

    /// Whether this is the list of logins.
    pub fn is_logins(&self) -> bool {
        self.logins
    }

    /// Whether what comes in is shown at once.
    pub fn follows(&self) -> bool {
        self.list.cursor() == 0 && !self.list.more_before()
    }

    /// Whether the first lines have not come yet.
    pub fn is_loading(&self) -> bool {
        self.asked.is_some() && self.list.rows().is_empty()
    }

    pub fn shown(&mut self, context: &mut Context<'_>) {
        if self.list.rows().is_empty() {
            self.ask(Asked::Start, context);
        } else {
            self.refresh(context);
        }
    }

    /// Lists anew, after the filter has changed.
    pub fn restart(&mut self, context: &mut Context<'_>) {
        self.list = Window::default();
        self.failure = None;
        self.ask(Asked::Start, context);
    }

    /// So many lines have been collected by now.
    pub fn counted(&mut self, lines: u64, context: &mut Context<'_>) {
        let open = |seen: &Seen| seen.glance == Glance::Posted(RowState::Open);
        if self.known != lines || self.list.rows().iter().any(open) {
            self.known = lines;
            self.refresh(context);
        }
    }

    /// Fetches what is shown again.
    pub fn refresh(&mut self, context: &mut Context<'_>) {
        if self.asked.is_some() {
            self.stale = true;
            return;
        }
        let rows = if self.follows() {
            PAGE_ROWS
        } else if self.list.more_before() {
            // At the end one more is asked for, because fewer than that say that it is still the end.
            self.list.rows().len() + usize::from(!self.list.more_after())
        } else {
            // At the beginning there is room for what is new, so that it does not push out the cursor's line.
            (self.list.cursor() + 2 * PAGE_ROWS).min(ROWS_KEPT_MAX)
        };
        self.ask(Asked::Refresh(rows), context);
    }

    fn ask(&mut self, asked: Asked, context: &mut Context<'_>) {
        let mut filter = question(&self.filter, context.zone);
        filter.logins_only = self.logins;
        filter.records_only &= !self.logins;
        let number = |seen: Option<&Seen>| seen.map(|seen| seen.event.line_no);
        let (first, last) = (number(self.list.rows().first()), number(self.list.rows().last()));
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
        let strand = if self.logins { Strand::Logins } else { Strand::Events };
        self.asked = Some((context.ask(strand, Question::Events(Box::new(filter))), asked));
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

    /// Takes an answer. Returns whether it was to a question of this list.
    pub fn answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        let Some((_, asked)) = self.asked.take_if(|(asked, _)| *asked == ticket) else { return false };
        match answer {
            Ok(Answer::Events(rows)) => {
                self.failure = None;
                self.took(asked, rows.clone());
                if self.stale {
                    self.refresh(context);
                } else {
                    self.ask_more(context);
                }
            }
            Ok(_) => {}
            Err(failure) => self.failure = Some(failure.clone()),
        }
        true
    }

    fn took(&mut self, asked: Asked, rows: Vec<Seen>) {
        let full = rows.len() >= asked.limit();
        match asked {
            Asked::Start => self.list.restart(rows, false, full, false),
            Asked::End => self.list.restart(rows, full, false, true),
            Asked::After => self.list.append(rows, full),
            Asked::Before => self.list.prepend(rows, full),
            Asked::Refresh(_) if self.follows() => self.list.restart(rows, false, full, false),
            Asked::Refresh(_) => self.refreshed(rows, full),
        }
    }

    fn refreshed(&mut self, rows: Vec<Seen>, full: bool) {
        let same = |old: &Seen, new: &Seen| old.event.line_no == new.event.line_no;
        let lost = self.list.selected().is_some_and(|row| !rows.iter().any(|new| same(row, new)));
        if lost && full && !self.list.more_before() {
            // More has come in than one page holds. The cursor stays where it is, and what is newer is
            // fetched page by page as the cursor goes there.
            self.list.note_before();
            return;
        }
        self.list.replace(rows, full, same);
    }

    /// Takes what is typed as a part of the filter. Returns whether anything was.
    pub fn take_quick(&mut self, context: &mut Context<'_>) -> bool {
        let text = self.quick.take().trim().to_owned();
        if text.is_empty() {
            return false;
        }
        self.narrow(Part::Text(text), context);
        true
    }

    /// Sets a part of the filter.
    pub fn narrow(&mut self, part: Part, context: &mut Context<'_>) {
        self.filter.set(part);
        self.restart(context);
    }

    /// Goes back one step: what is typed, then the parts of the filter, the latest first, then to the newest
    /// line. Returns whether there was anything to take back.
    pub fn back(&mut self, context: &mut Context<'_>) -> bool {
        if !self.quick.is_empty() {
            self.quick.take();
        } else if self.filter.pop() {
            self.restart(context);
        } else if !self.follows() {
            self.command(Command::First, context);
        } else {
            return false;
        }
        true
    }

    /// Moves the cursor. Returns whether the command does.
    pub fn command(&mut self, command: Command, context: &mut Context<'_>) -> bool {
        match command {
            Command::First if self.list.more_before() => {
                self.restart(context);
                return true;
            }
            Command::Last if self.list.more_after() => {
                self.ask(Asked::End, context);
                return true;
            }
            _ => {}
        }
        let Some(rows) = steps(command, self.lines) else { return false };
        self.list.step(rows);
        self.ask_more(context);
        true
    }

    pub fn select(&mut self, position: usize, context: &mut Context<'_>) {
        self.list.select(position);
        self.ask_more(context);
    }
}
