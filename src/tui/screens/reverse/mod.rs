//! Undoing: what is undone in words, why, and what came of it.

mod draw;
#[cfg(test)]
mod tests;

use uuid::Uuid;

use crate::domain::{MovementId, Note, PostingId};
use crate::tui::app::{Canvas, Context, Hit, View, Weight, Wish};
use crate::tui::command::{Command, Scope};
use crate::tui::key::{Code, Key};
use crate::tui::keymap::Typing;
use crate::tui::text::Words;
use crate::tui::text::failure;
use crate::tui::text::ledger::LedgerText;
use crate::tui::widgets::Field;
use crate::worker::message::{
    Answer, Failure, LedgerRow, Posted, Question, Reversal, Strand, Ticket, Write, Written,
};

/// How many letters in a row a reason must have somewhere.
const WORD_LETTERS_MIN: usize = 3;
/// How many levels the message about a reversal names.
const LEVELS_SAID_MAX: usize = 3;

/// What is to be undone of the posting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// Every line.
    Whole,
    /// One movement.
    One(Uuid),
}

/// How far the reversal has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The reason is typed.
    Editing,
    /// It was sent.
    Posting(PostingId),
    /// It was sent, and whether it stands is not known.
    Unknown(PostingId),
    /// It stands.
    Done,
}

/// What an id was made for: an id must never mean two things.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Draft {
    extent: Extent,
    reason: Note,
}

/// The dialog.
#[derive(Debug)]
pub struct ReverseDialog {
    posting: MovementId,
    extent: Extent,
    rows: Vec<LedgerRow>,
    asked: Option<Ticket>,
    reason: Field,
    /// The extent has the focus, not the reason.
    choosing: bool,
    state: State,
    /// The id of the latest try. It is kept while the draft stays as it is, so that a try whose end was
    /// not understood rightly can never post a second time.
    tried: Option<(PostingId, Draft)>,
    fault: Option<String>,
}

impl ReverseDialog {
    /// Undoes a whole posting.
    #[must_use]
    pub fn of_posting(posting: PostingId, context: &mut Context<'_>) -> Self {
        Self::new(posting.line(0), Extent::Whole, context)
    }

    /// Opens the dialog for the movement under the cursor, or says why it cannot be undone.
    pub fn offer(row: Option<&LedgerRow>, context: &mut Context<'_>) {
        let Some(row) = row else {
            context.ring();
            return;
        };
        if let Some(reason) = Self::impossible(row, context) {
            context.tell(Weight::Warning, reason);
            context.ring();
        } else if let Some(dialog) = Self::of_movement(row, context) {
            context.wish(Wish::Open(Box::new(dialog)));
        }
    }

    /// Undoes the posting of a movement, or the movement alone. Nothing for a row that is none.
    fn of_movement(row: &LedgerRow, context: &mut Context<'_>) -> Option<Self> {
        let posting = MovementId::try_from(row.posting_id).ok()?;
        let mut dialog = Self::new(posting, Extent::Whole, context);
        dialog.extent = Extent::One(row.id);
        Some(dialog)
    }

    fn new(posting: MovementId, extent: Extent, context: &mut Context<'_>) -> Self {
        let mut dialog = Self {
            posting,
            extent,
            rows: Vec::new(),
            asked: None,
            reason: Field::default(),
            choosing: false,
            state: State::Editing,
            tried: None,
            fault: None,
        };
        dialog.ask(context);
        dialog
    }

    /// Why a movement cannot be undone, if it cannot.
    fn impossible(row: &LedgerRow, context: &Context<'_>) -> Option<String> {
        if row.reverses.is_some() {
            return Some(context.words.say(LedgerText::IsReversal).to_owned());
        }
        let by = MovementId::try_from(row.reversed_by?).ok()?;
        let when = context.words.language.moment_short(by.occurred_at(), context.now, context.zone);
        Some(context.words.fill(LedgerText::IsReversed, &[("when", &when)]))
    }

    fn ask(&mut self, context: &mut Context<'_>) {
        self.asked = Some(context.ask(Strand::Posting, Question::Posting(self.posting)));
    }

    /// The lines that can still be undone.
    fn open(&self) -> impl Iterator<Item = &LedgerRow> {
        self.rows.iter().filter(|row| row.reversed_by.is_none() && row.reverses.is_none())
    }

    /// What can be chosen: the whole posting while none of its lines is undone, and each line that is
    /// not.
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
    }

    /// The lines that would be undone.
    fn chosen(&self) -> impl Iterator<Item = &LedgerRow> {
        self.open().filter(|row| match self.extent {
            Extent::Whole => true,
            Extent::One(id) => row.id == id,
        })
    }

    fn took(&mut self, rows: &[LedgerRow], words: Words) {
        let fresh = self.rows.is_empty();
        if fresh {
            // Until now only that the lines were missing can have been at fault.
            self.fault = None;
        }
        self.rows = rows.to_vec();
        let extents = self.extents();
        if let Some(first) = extents.first() {
            // The whole posting unless that is no longer possible, or one line was chosen by hand.
            let keep = extents.contains(&self.extent) && (!fresh || !extents.contains(&Extent::Whole));
            if !keep {
                self.extent = *first;
            }
        }
        if let Some(obstacle) = self.obstacle() {
            self.fault = Some(words.say(obstacle).to_owned());
        }
    }

    /// Why nothing of the posting can be undone.
    fn obstacle(&self) -> Option<LedgerText> {
        if self.rows.is_empty() || self.open().next().is_some() {
            None
        } else if self.rows.iter().all(|row| row.reverses.is_some()) {
            Some(LedgerText::IsReversal)
        } else {
            Some(LedgerText::AllReversed)
        }
    }

    fn confirm(&mut self, context: &mut Context<'_>) {
        match self.state {
            State::Editing => {}
            State::Posting(_) | State::Unknown(_) => return,
            State::Done => {
                context.wish(Wish::Close);
                return;
            }
        }
        // What nobody has seen must not be undone by an Enter that was typed ahead.
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
            Ok(reason) => self.post(Draft { extent: self.extent, reason }, context),
            Err(fault) => {
                self.choosing = false;
                self.refuse(fault, context);
            }
        }
    }

    fn refuse(&mut self, fault: String, context: &mut Context<'_>) {
        self.fault = Some(fault);
        context.ring();
    }

    fn post(&mut self, draft: Draft, context: &mut Context<'_>) {
        let id = match &self.tried {
            Some((id, tried)) if *tried == draft => *id,
            _ => context.new_id(),
        };
        let (target, movement_only) = match draft.extent {
            Extent::Whole => (self.posting, false),
            Extent::One(movement) => match MovementId::try_from(movement) {
                Ok(movement) => (movement, true),
                Err(error) => {
                    self.refuse(error.to_string(), context);
                    return;
                }
            },
        };
        let reason = draft.reason.clone();
        self.tried = Some((id, draft));
        self.state = State::Posting(id);
        self.fault = None;
        context.write(id, Write::Reversal(Reversal { target, movement_only, reason, id: Some(id) }));
    }

    fn succeeded(&mut self, posted: Option<&Posted>, context: &mut Context<'_>) {
        self.state = State::Done;
        let levels = posted.map(|posted| levels(posted, context.words)).unwrap_or_default();
        let text = if levels.is_empty() {
            context.words.say(LedgerText::ReversedNowBare).to_owned()
        } else {
            context.words.fill(LedgerText::ReversedNow, &[("levels", &levels)])
        };
        context.tell(Weight::Good, text);
        context.wish(Wish::Close);
        context.wish(Wish::Run(Command::Refresh));
    }

    fn failed(&mut self, error: &Failure, context: &mut Context<'_>) {
        self.state = State::Editing;
        self.fault = Some(failure::words(context.words, error));
        context.ring();
        // Somebody else may have undone it; the lines then say so.
        self.ask(context);
    }
}

/// Reads a reason. A label that was scanned into the field is none, though it ends with Enter: words
/// have three letters in a row somewhere, which codes of places and goods hardly ever have.
fn reason(text: &str, words: Words) -> Result<Note, String> {
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

/// A product, or a lot of it.
fn goods(sku: &str, lot: Option<&str>, words: Words) -> String {
    match lot {
        Some(lot) => format!("{sku} {} {lot}", words.say(LedgerText::Lot)),
        None => sku.to_owned(),
    }
}

/// What is on hand now where the reversal touched the stock, the first few.
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
        said.push(words.count(more, LedgerText::UndoMoreOne, LedgerText::UndoMore));
    }
    said.join(", ")
}

impl View for ReverseDialog {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Dialog]
    }

    fn asks(&self) -> bool {
        // Once it was sent there is nothing left to say; another screen can be shown at once.
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

    fn key(&mut self, key: Key, _context: &mut Context<'_>) {
        if self.state != State::Editing {
            return;
        }
        match key.code {
            Code::Up | Code::Down => self.choosing = !self.choosing,
            Code::Left if self.choosing => self.choose(false),
            Code::Right | Code::Char(' ') if self.choosing => self.choose(true),
            // Whoever begins to type means the reason.
            Code::Char(_) if self.choosing && key.typed().is_some() => {
                self.choosing = false;
                self.reason.key(key);
            }
            _ => {
                if self.reason.key(key) && self.obstacle().is_none() {
                    self.fault = None;
                }
            }
        }
    }

    fn command(&mut self, command: Command, context: &mut Context<'_>) -> bool {
        match command {
            Command::NextField | Command::PreviousField => self.choosing = !self.choosing,
            Command::Confirm => self.confirm(context),
            Command::Close => {
                if matches!(self.state, State::Posting(_) | State::Unknown(_)) {
                    context.say(Weight::Note, LedgerText::GoesOn);
                }
                context.wish(Wish::Close);
            }
            _ => return false,
        }
        true
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
            // What was shown before still says enough.
            Err(_) => {}
        }
        true
    }

    fn written(
        &mut self,
        id: PostingId,
        outcome: &Result<Written, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        if self.state != State::Posting(id) {
            return false;
        }
        match outcome {
            Ok(Written::Posted(posted)) => self.succeeded(Some(posted), context),
            Ok(Written::Counted(_)) => self.succeeded(None, context),
            Err(Failure::OutcomeUnknown { .. }) => self.state = State::Unknown(id),
            Err(error) => self.failed(error, context),
        }
        true
    }

    fn resolved(&mut self, id: PostingId, posted: bool, context: &mut Context<'_>) -> bool {
        if self.state != State::Unknown(id) && self.state != State::Posting(id) {
            return false;
        }
        if posted {
            self.succeeded(None, context);
        } else {
            self.state = State::Editing;
            self.fault = Some(context.words.say(LedgerText::WasNotPosted).to_owned());
        }
        true
    }

    fn changed(&mut self, context: &mut Context<'_>) {
        if self.state == State::Editing {
            self.ask(context);
        }
    }

    fn draw(&mut self, area: ratatui::layout::Rect, canvas: &mut Canvas<'_, '_>) {
        self.draw_dialog(area, canvas);
    }
}
