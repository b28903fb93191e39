//! The reversal dialog: what is reversed, the reason, and the outcome.

mod draw;
#[cfg(test)]
mod tests;

use crate::domain::{LedgerRow, MovementId, Note, Posted, PostingId, Reversal};
use crate::tui::command::{Command, Scope};
use crate::tui::key::{Code, Key};
use crate::tui::keymap::Typing;
use crate::tui::text::ledger::{COMMON_REASONS, LedgerText};
use crate::tui::text::{Words, failure};
use crate::tui::view::{
    Action, Binding, Bindings, Bound, Canvas, Confirmed, Context, Ended, Hit, Review, Severity, Submission,
    View, WriteEnd,
};
use crate::tui::widgets::Field;
use crate::worker::message::{Failure, Write, Written};
use crate::worker::query::{self, Answer, Ticket};

/// How many consecutive letters a reason must contain.
const WORD_LETTERS_MIN: usize = 3;
/// How many stock levels the message about a reversal names.
const LEVELS_SAID_MAX: usize = 3;

/// Which part of the posting is to be reversed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    Whole,
    One(MovementId),
}

/// The phase of the dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Editing,
    /// Sent; the outcome is not known yet.
    Posting,
    Done,
}

/// The reversal that is sent: which lines, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Draft {
    extent: Extent,
    reason: Note,
}

/// Dialog in which a posting or one of its movements is reversed, with a reason.
#[derive(Debug)]
pub struct ReverseDialog {
    posting: MovementId,
    extent: Extent,
    rows: Vec<LedgerRow>,
    asked: Option<Ticket>,
    reason: Field,
    /// The position of the common reason in the field.
    common: Option<usize>,
    /// Whether the extent has the focus, instead of the reason.
    choosing: bool,
    state: State,
    /// The movements to be reversed, as they have been shown.
    reviewing: Review<Vec<MovementId>>,
    submission: Submission<Draft>,
    fault: Option<String>,
}

impl ReverseDialog {
    /// The dialog for reversing all lines of a posting.
    #[must_use]
    pub fn of_posting(posting: PostingId, context: &mut Context<'_>) -> Self {
        Self::new(posting.line(0), Extent::Whole, context)
    }

    /// Opens the dialog for the movement under the cursor, or says why it cannot be reversed.
    pub fn offer(row: Option<&LedgerRow>, context: &mut Context<'_>) {
        let Some(row) = row else {
            context.ring();
            return;
        };
        if let Some(reason) = Self::impossible(row, context) {
            context.tell(Severity::Warning, reason);
            context.ring();
        } else {
            let dialog = Self::of_movement(row, context);
            context.request(Action::Open(Box::new(dialog)));
        }
    }

    /// The dialog for reversing the posting of a movement, or the movement alone.
    fn of_movement(row: &LedgerRow, context: &mut Context<'_>) -> Self {
        let mut dialog = Self::new(row.posting_id.line(0), Extent::Whole, context);
        dialog.extent = Extent::One(row.id);
        dialog
    }

    fn new(posting: MovementId, extent: Extent, context: &mut Context<'_>) -> Self {
        let mut dialog = Self {
            posting,
            extent,
            rows: Vec::new(),
            asked: None,
            reason: Field::default(),
            common: None,
            choosing: false,
            state: State::Editing,
            reviewing: Review::default(),
            submission: Submission::default(),
            fault: None,
        };
        dialog.ask(context);
        dialog
    }

    /// Why a movement cannot be reversed, if it cannot.
    fn impossible(row: &LedgerRow, context: &Context<'_>) -> Option<String> {
        if row.reverses.is_some() {
            return Some(context.words.say(LedgerText::IsReversal).to_owned());
        }
        let by = row.reversed_by?;
        let when = context.words.language.moment_short(by.occurred_at(), context.now, context.zone);
        Some(context.words.fill(LedgerText::IsReversed, &[("when", &when)]))
    }

    fn ask(&mut self, context: &mut Context<'_>) {
        self.asked = Some(context.ask(query::Posting { id: self.posting }));
    }

    /// The lines that can still be reversed.
    fn open(&self) -> impl Iterator<Item = &LedgerRow> {
        self.rows.iter().filter(|row| row.reversed_by.is_none() && row.reverses.is_none())
    }

    /// The choices: the whole posting if none of its lines is reversed, and each line that is not.
    fn extents(&self) -> Vec<Extent> {
        let open: Vec<Extent> = self.open().map(|row| Extent::One(row.id)).collect();
        if open.is_empty() || open.len() < self.rows.len() {
            return open;
        }
        if open.len() == 1 { vec![Extent::Whole] } else { [vec![Extent::Whole], open].concat() }
    }

    fn choose(&mut self, forward: bool) {
        let extents = self.extents();
        let Some(now) = extents.iter().position(|extent| *extent == self.extent) else { return };
        let step = if forward { 1 } else { extents.len() - 1 };
        self.extent = extents[(now + step) % extents.len()];
        self.reviewing.show(self.undone());
    }

    /// The lines that would be reversed.
    fn chosen(&self) -> impl Iterator<Item = &LedgerRow> {
        self.open().filter(|row| match self.extent {
            Extent::Whole => true,
            Extent::One(id) => row.id == id,
        })
    }

    /// The movements that would be reversed.
    fn undone(&self) -> Vec<MovementId> {
        self.chosen().map(|row| row.id).collect()
    }

    fn took(&mut self, rows: &[LedgerRow], words: Words) {
        let fresh = self.rows.is_empty();
        if fresh {
            // Until now the only possible fault was that the lines were missing.
            self.fault = None;
        }
        self.rows = rows.to_vec();
        let extents = self.extents();
        if let Some(first) = extents.first() {
            // The whole posting, unless that is no longer possible or one line was chosen by hand.
            let keep = extents.contains(&self.extent) && (!fresh || !extents.contains(&Extent::Whole));
            if !keep {
                self.extent = *first;
            }
        }
        self.reviewing.show(self.undone());
        if let Some(obstacle) = self.obstacle() {
            self.fault = Some(words.say(obstacle).to_owned());
        }
    }

    /// Why nothing of the posting can be reversed.
    fn obstacle(&self) -> Option<LedgerText> {
        if self.rows.is_empty() || self.open().next().is_some() {
            None
        } else if self.rows.iter().all(|row| row.reverses.is_some()) {
            Some(LedgerText::IsReversal)
        } else {
            Some(LedgerText::AllReversed)
        }
    }

    /// Puts the next or the previous common reason into the field, unless another text was typed. Returns whether it
    /// did; before the first one the field is empty again.
    fn step_reason(&mut self, down: bool, words: Words) -> bool {
        if self.choosing || (self.common.is_none() && !(down && self.reason.is_empty())) {
            return false;
        }
        self.common = match (self.common, down) {
            (None, _) => Some(0),
            (Some(at), true) => Some((at + 1).min(COMMON_REASONS.len() - 1)),
            (Some(at), false) => at.checked_sub(1),
        };
        let text = self.common.and_then(|at| COMMON_REASONS.get(at)).map(|reason| words.say(*reason));
        self.reason.set(text.unwrap_or_default());
        self.reason.preselect();
        if self.obstacle().is_none() {
            self.fault = None;
        }
        true
    }

    fn confirm(&mut self, context: &mut Context<'_>) {
        match self.state {
            State::Editing => {}
            State::Posting => return,
            State::Done => {
                context.request(Action::Close);
                return;
            }
        }
        // What nobody has seen must not be reversed by an Enter that was typed ahead.
        if self.rows.is_empty() {
            if self.asked.is_none() {
                self.ask(context);
            }
            self.refuse(context.words.say(LedgerText::StillLoading).to_owned(), context);
            return;
        }
        if let Some(obstacle) = self.obstacle() {
            self.refuse(context.words.say(obstacle).to_owned(), context);
            return;
        }
        match reason(self.reason.text(), context.words) {
            Ok(reason) => match self.reviewing.confirm(&self.undone()) {
                Some(confirmed) => self.post(Draft { extent: self.extent, reason }, confirmed, context),
                None => context.ring(),
            },
            Err(fault) => {
                self.choosing = false;
                self.refuse(fault, context);
            }
        }
    }

    fn close(&self, context: &mut Context<'_>) {
        if self.state == State::Posting {
            context.say(Severity::Note, LedgerText::GoesOn);
        }
        context.request(Action::Close);
    }

    fn refuse(&mut self, fault: String, context: &mut Context<'_>) {
        self.fault = Some(fault);
        context.ring();
    }

    fn post(&mut self, draft: Draft, confirmed: Confirmed, context: &mut Context<'_>) {
        let (target, movement_only) = match draft.extent {
            Extent::Whole => (self.posting, false),
            Extent::One(movement) => (movement, true),
        };
        let write = |id, draft: &Draft| {
            let reason = draft.reason.clone();
            Write::Reversal(Reversal { target, movement_only, reason, id: Some(id) })
        };
        context.warn_if_personal([draft.reason.as_str()]);
        if self.submission.send(draft, confirmed, context, write) {
            self.state = State::Posting;
            self.fault = None;
        }
    }

    /// Handles the outcome of the reversal.
    fn post_ended(&mut self, ended: &Ended<'_>, context: &mut Context<'_>) {
        match ended {
            Ended::Posted(Some(Written::Posted(posted))) => self.succeeded(Some(posted), context),
            Ended::Posted(_) => self.succeeded(None, context),
            // The dialog shows it.
            Ended::Unknown(_) => {}
            Ended::Refused(failure) => self.failed(failure, context),
            Ended::NotPosted => {
                self.state = State::Editing;
                self.fault = Some(context.words.say(LedgerText::WasNotPosted).to_owned());
            }
        }
    }

    fn succeeded(&mut self, posted: Option<&Posted>, context: &mut Context<'_>) {
        self.state = State::Done;
        let levels = posted.map(|posted| levels(posted, context.words)).unwrap_or_default();
        let text = if levels.is_empty() {
            context.words.say(LedgerText::ReversedNowBare).to_owned()
        } else {
            context.words.fill(LedgerText::ReversedNow, &[("levels", &levels)])
        };
        context.tell(Severity::Good, text);
        context.request(Action::Close);
        context.request(Action::Run(Command::Refresh));
    }

    fn failed(&mut self, error: &Failure, context: &mut Context<'_>) {
        self.state = State::Editing;
        self.fault = Some(failure::words(context.words, error));
        context.ring();
        // Somebody else may have reversed it; the lines then say so.
        self.ask(context);
    }
}

/// Reads a reason. A label that was scanned into the field is not one, even though it ends with Enter: words contain
/// three consecutive letters, which codes of locations and goods hardly ever do.
pub(in crate::tui::screens) fn reason(text: &str, words: Words) -> Result<Note, String> {
    let mut run = 0;
    let longest = text.chars().fold(0, |longest, character| {
        run = if character.is_alphabetic() { run + 1 } else { 0 };
        run.max(longest)
    });
    if longest < WORD_LETTERS_MIN {
        return Err(words.say(LedgerText::ReasonMissing).to_owned());
    }
    text.parse().map_err(|error: crate::domain::CodeError| match error {
        crate::domain::CodeError::TooLong { length, length_max, .. } => words
            .fill(LedgerText::ReasonTooLong, &[("max", &length_max.to_string()), ("n", &length.to_string())]),
        _ => words.say(LedgerText::ReasonMissing).to_owned(),
    })
}

/// The name of a product, or of a lot of it.
fn goods(sku: &str, lot: Option<&str>, words: Words) -> String {
    match lot {
        Some(lot) => format!("{sku} {} {lot}", words.say(LedgerText::Lot)),
        None => sku.to_owned(),
    }
}

/// The stock levels that the reversal touched, the first few.
fn levels(posted: &Posted, words: Words) -> String {
    let mut said: Vec<String> = posted
        .levels
        .iter()
        .take(LEVELS_SAID_MAX)
        .map(|level| {
            let item = goods(&level.sku, level.lot.as_deref(), words);
            let on_hand = words.language.number(level.on_hand);
            let places = [("item", &*item), ("place", &*level.location), ("on_hand", &*on_hand)];
            words.fill(LedgerText::LevelNow, &places)
        })
        .collect();
    let more = posted.levels.len().saturating_sub(LEVELS_SAID_MAX);
    if more > 0 {
        let more = u64::try_from(more).unwrap_or(u64::MAX);
        said.push(words.count(more, LedgerText::ReversesMoreOne, LedgerText::ReversesMore));
    }
    said.join(", ")
}

impl Bound for ReverseDialog {
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::Several(&[Command::NextField, Command::PreviousField], |view, _, _| {
            view.choosing = !view.choosing;
        }),
        Binding::One(Command::Confirm, |view, context| view.confirm(context)),
        Binding::One(Command::Close, |view, context| view.close(context)),
    ]];
}

impl View for ReverseDialog {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Dialog]
    }

    fn asks(&self) -> bool {
        // Once it was sent nothing can be changed; another screen can be shown at once.
        self.state == State::Editing
    }

    fn typing(&self) -> Typing {
        match (self.choosing, self.reason.is_empty()) {
            (true, _) => Typing::Nothing,
            (false, true) => Typing::Empty,
            (false, false) => Typing::Text,
        }
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Confirm, Command::NextField, Command::Close]
    }

    fn key(&mut self, key: Key, context: &mut Context<'_>) {
        if self.state != State::Editing {
            return;
        }
        match key.code {
            Code::Up | Code::Down if self.step_reason(key.code == Code::Down, context.words) => {}
            Code::Up | Code::Down => self.choosing = !self.choosing,
            Code::Left if self.choosing => self.choose(false),
            Code::Right | Code::Char(' ') if self.choosing => self.choose(true),
            // Typing means the reason.
            Code::Char(_) if self.choosing && key.typed().is_some() => {
                self.choosing = false;
                self.reason.key(key);
            }
            _ => {
                if self.reason.key(key) {
                    self.common = None;
                    self.fault = self.fault.take().filter(|_| self.obstacle().is_some());
                }
            }
        }
    }

    fn clicked(&mut self, hit: Hit, _context: &mut Context<'_>) {
        if let Hit::Field(field) = hit
            && self.state == State::Editing
        {
            if field == draw::EXTENT && self.choosing {
                self.choose(true);
            }
            self.choosing = field == draw::EXTENT;
        }
    }

    fn answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        if self.asked.take_if(|asked| *asked == ticket).is_none() {
            return false;
        }
        match answer {
            Ok(Answer::Posting(rows)) => self.took(rows, context.words),
            Ok(_) => {}
            Err(error) if self.rows.is_empty() => {
                self.fault = Some(failure::words(context.words, error));
            }
            // The previous answer is still sufficient.
            Err(_) => {}
        }
        true
    }

    fn write_ended(&mut self, id: PostingId, end: WriteEnd<'_>, context: &mut Context<'_>) -> bool {
        let Some(ended) = self.submission.ended(id, end) else { return false };
        self.post_ended(&ended, context);
        true
    }

    fn changed(&mut self, context: &mut Context<'_>) {
        if self.state == State::Editing {
            self.ask(context);
        }
    }

    fn seen(&mut self) {
        self.reviewing.seen();
    }

    fn draw(&mut self, area: ratatui::layout::Rect, canvas: &mut Canvas<'_, '_>) {
        self.draw_dialog(area, canvas);
    }
}
