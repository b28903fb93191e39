//! The count sheet: a location is chosen, its recorded stock is counted line by line or by scanning, and the result is
//! posted as one count.
//!
//! Two fields accept input. The column of counts takes quantities for the selected line; a text that can only be a
//! code, or is a known one, counts as a scan even there, because whoever scans does not look where the cursor is. The
//! field for codes takes only codes.

mod commands;
mod count;
pub mod draft;
mod draw;
mod entry;
mod kept;
mod lots;
mod place;
mod post;
mod review;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use rust_decimal::Decimal;

use self::count::Aim;
use self::draft::Draft;
use self::kept::Kept;
use self::lots::LotQuestion;
use self::place::PlaceEntry;
use self::post::Outcome;
use crate::domain::{LocationCode, PostingId, SheetFigure, SheetLine, Sku, StockRow, UnitPrice};
use crate::tui::command::{Command, Scope};
use crate::tui::key::{Code, Key};
use crate::tui::keymap::Typing;
use crate::tui::text::failure;
use crate::tui::text::sheet::SheetText;
use crate::tui::typed_ahead::{TypedAhead, WaitingFor};
use crate::tui::view::{Canvas, Context, Hit, Hold, Review, Severity, Submission, View, WriteEnd};
use crate::tui::widgets::{Field, ScanQueue, Scroll};
use crate::worker::message::Failure;
use crate::worker::query::{self, Answer, Ticket};

/// From this number of counted lines on, discarding must be confirmed.
const DISCARD_ASKS_FROM: usize = 4;

/// The phase of the sheet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Phase {
    #[default]
    Place,
    Loading(LocationCode),
    Counting,
    /// The sheet asks whether to discard its counts.
    Discarding,
    /// The counts to be posted are shown.
    Review,
    /// Sent; the outcome is not known yet.
    Posting,
}

/// What is posted: the location of the sheet, and the counts.
type Figures = (LocationCode, Vec<SheetFigure>);

/// Which field has the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Focus {
    #[default]
    Figure,
    Code,
}

/// The count sheet screen: the choice of a location, the lines to count, the review and the outcome.
#[derive(Debug, Default)]
pub struct SheetScreen {
    phase: Phase,
    place: PlaceEntry,
    draft: Option<Draft>,
    /// The saved counts, to be applied when the lines have been fetched.
    resuming: Option<Kept>,
    /// The running query for the lines.
    asked: Option<Ticket>,
    /// Whether goods moved while it was running.
    stale: bool,
    focus: Focus,
    figure: Field,
    code: Field,
    lot: Field,
    /// A lot that must be named before something can be counted.
    lot_question: Option<LotQuestion>,
    /// The code that is being looked up; keys wait until it is known, because they may refer to its line.
    scans: ScanQueue<Aim>,
    /// The scanned location that may belong to the sheet, because the one that contains it does.
    asked_within: Option<(Ticket, LocationCode)>,
    /// Codes that were looked up before, with what one scan of each counts.
    known: HashMap<String, (StockRow, Decimal)>,
    /// The location that was scanned last; scanned goods are counted there.
    here: Option<LocationCode>,
    /// Locations within the sheet's location without recorded stock.
    within: HashSet<LocationCode>,
    unknown: Vec<String>,
    note: Option<(Severity, String)>,
    blind: bool,
    keys: TypedAhead,
    /// The counts that the review shows, and whether they have been seen.
    reviewing: Review<Figures>,
    submission: Submission<Figures>,
    /// Whether the posting was refused because goods moved; the cursor goes to the first such line.
    find_moved: bool,
    /// The unit costs of products, as far as they were queried.
    costs: HashMap<Sku, Option<Decimal>>,
    costing: HashSet<Ticket>,
    outcome: Option<Outcome>,
    /// How many rows there was room for when the sheet was last drawn.
    room: usize,
    /// How far the review is scrolled.
    scroll: Scroll,
}

impl SheetScreen {
    /// Opens the sheet of a location.
    fn open(&mut self, place: LocationCode, context: &mut Context<'_>) {
        self.draft = None;
        self.outcome = None;
        self.note = None;
        self.asked = Some(context.ask(query::Sheet { location: place.clone() }));
        self.phase = Phase::Loading(place);
    }

    /// Returns to the choice of a location, and discards everything of the sheet.
    fn reset(&mut self) {
        let keys = std::mem::take(&mut self.keys);
        *self = Self { keys, blind: self.blind, focus: self.focus, room: self.room, ..Self::default() };
    }

    fn refresh(&mut self, context: &mut Context<'_>) {
        let Some(draft) = &self.draft else { return };
        if self.asked.is_some() {
            self.stale = true;
            return;
        }
        self.stale = false;
        self.asked = Some(context.ask(query::Sheet { location: draft.location.clone() }));
    }

    fn took_lines(&mut self, lines: &[SheetLine], context: &mut Context<'_>) {
        if let Phase::Loading(place) = &self.phase {
            self.draft = Some(Draft::new(place.clone(), lines.to_vec()));
            self.phase = Phase::Counting;
            self.restore();
            return;
        }
        if let Some(draft) = &mut self.draft {
            draft.refresh(lines.to_vec());
            if std::mem::take(&mut self.find_moved)
                && let Some(position) = draft.first_moved()
            {
                draft.lines.select(position);
            }
        }
        if std::mem::take(&mut self.stale) {
            self.refresh(context);
        }
    }

    fn no_lines(&mut self, error: &Failure, context: &mut Context<'_>) {
        let Phase::Loading(place) = &self.phase else { return };
        let place = place.to_string();
        self.phase = Phase::Place;
        self.place.refuse(&place, failure::words(context.words, error));
        // Keys typed ahead were meant for the lines of this location; elsewhere they would do harm.
        let dropped = self.keys.forget(WaitingFor::Answer);
        if dropped > 0 {
            let text = context.words.fill(SheetText::KeysDropped, &[("n", &dropped.to_string())]);
            context.tell(Severity::Warning, text);
        }
        context.ring();
    }

    /// Stops waiting for a look-up; the keys that waited for it referred to something that is not known now.
    fn stop_waiting(&mut self, context: &mut Context<'_>) {
        let code = match (&self.phase, self.looking_up()) {
            (Phase::Loading(place), _) => {
                let code = place.to_string();
                self.asked = None;
                self.phase = Phase::Place;
                code
            }
            (_, Some(code)) => code.to_owned(),
            (_, None) => return,
        };
        self.scans.clear();
        self.asked_within = None;
        let dropped = self.keys.forget(WaitingFor::Answer);
        context.tell(Severity::Warning, context.words.fill(SheetText::LookupStopped, &[("code", &code)]));
        if dropped > 0 {
            let text = context.words.fill(SheetText::KeysDropped, &[("n", &dropped.to_string())]);
            context.tell(Severity::Warning, text);
        }
    }

    /// The code that is being looked up.
    fn looking_up(&self) -> Option<&str> {
        let within = self.asked_within.as_ref().map(|(_, code)| code.as_str());
        within.or_else(|| self.scans.first_text())
    }

    fn counted(&self) -> usize {
        self.draft.as_ref().map_or(0, |draft| draft.counted().count())
    }

    fn discard(&mut self, context: &mut Context<'_>) {
        if self.counted() >= DISCARD_ASKS_FROM && self.phase != Phase::Discarding {
            self.phase = Phase::Discarding;
            return;
        }
        if let Some(draft) = &self.draft {
            let places = [("place", draft.location.as_str())];
            context.tell(Severity::Note, context.words.fill(SheetText::Discarded, &places));
        }
        self.keys = TypedAhead::default();
        self.reset();
    }

    /// Goes back one step: clears the typed text, then the message, then the scanned location.
    fn back(&mut self, context: &mut Context<'_>) {
        if self.lot_question.take().is_some() {
            self.lot.take();
        } else if !self.typed().is_empty() {
            self.typed_mut().take();
        } else if !self.unknown.is_empty() {
            self.unknown.clear();
            self.note = None;
        } else if self.note.take().is_none() && self.here.take().is_none() {
            context.dismiss_messages();
        }
    }

    /// The field that has the focus.
    fn typed(&self) -> &Field {
        match (&self.lot_question, self.focus) {
            (Some(_), _) => &self.lot,
            (None, Focus::Figure) => &self.figure,
            (None, Focus::Code) => &self.code,
        }
    }

    fn typed_mut(&mut self) -> &mut Field {
        match (&self.lot_question, self.focus) {
            (Some(_), _) => &mut self.lot,
            (None, Focus::Figure) => &mut self.figure,
            (None, Focus::Code) => &mut self.code,
        }
    }

    fn switch(&mut self, focus: Focus) {
        if self.lot_question.is_none() {
            // The typed text moves along, so that a quantity begun in the wrong field is not lost.
            let text = self.typed_mut().take();
            self.focus = focus;
            self.typed_mut().set(&text);
        }
    }

    fn other_focus(&self) -> Focus {
        if self.focus == Focus::Figure { Focus::Code } else { Focus::Figure }
    }

    fn step(&mut self, rows: isize) {
        if let Some(draft) = &mut self.draft {
            draft.lines.step(rows);
        }
    }
}

impl View for SheetScreen {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Sheet, Scope::List]
    }

    fn typing(&self) -> Typing {
        let empty = match self.phase {
            Phase::Place => self.place.picker.field.is_empty(),
            Phase::Counting if self.looking_up().is_none() => self.typed().is_empty(),
            // Characters are never commands here: they wait, or continue counting.
            _ => false,
        };
        if empty { Typing::Empty } else { Typing::Text }
    }

    fn hints(&self) -> &'static [Command] {
        match (&self.phase, self.focus) {
            (Phase::Place, _) => &[Command::Accept, Command::NextField, Command::BlindCount],
            (Phase::Counting, Focus::Figure) => &[
                Command::Accept,
                Command::CountMatches,
                Command::NextField,
                Command::Post,
                Command::UndoScan,
                Command::ClearCount,
                Command::BlindCount,
                Command::Discard,
            ],
            (Phase::Counting, Focus::Code) => {
                &[Command::Accept, Command::NextField, Command::UndoScan, Command::Post, Command::Discard]
            }
            (Phase::Review, _) => &[Command::Post, Command::Close, Command::Discard],
            (Phase::Discarding, _) => &[Command::Accept, Command::Close],
            (Phase::Loading(_), _) => &[Command::Close],
            (Phase::Posting, _) => &[],
        }
    }

    fn shown(&mut self, context: &mut Context<'_>) {
        self.changed(context);
    }

    fn key(&mut self, key: Key, context: &mut Context<'_>) {
        match self.phase {
            Phase::Place => self.place.key(key, context),
            Phase::Counting if self.looking_up().is_none() => {
                if self.typed_mut().key(key) && self.note.as_ref().is_some_and(|(w, _)| *w == Severity::Bad) {
                    self.note = None;
                }
            }
            Phase::Review if key.typed().is_some() => {
                self.phase = Phase::Counting;
                self.typed_mut().key(key);
            }
            // The command has no effect here.
            _ => context.ring(),
        }
    }

    fn clicked(&mut self, hit: Hit, context: &mut Context<'_>) {
        match (&self.phase, hit) {
            (Phase::Place, Hit::Row(position)) => {
                self.place.picker.completion.pick(position);
                self.accept_place(context);
            }
            (Phase::Counting, Hit::Row(position)) if self.looking_up().is_none() => {
                if let Some(draft) = &mut self.draft {
                    draft.lines.select(position);
                }
            }
            (Phase::Counting, Hit::Field(draw::FIGURE)) if self.looking_up().is_none() => {
                self.switch(Focus::Figure)
            }
            (Phase::Counting, Hit::Field(draw::CODE)) if self.looking_up().is_none() => {
                self.switch(Focus::Code)
            }
            _ => {}
        }
    }

    fn answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        if self.place.picker.completion.answered(ticket, answer) {
            return true;
        }
        if self.asked.take_if(|asked| *asked == ticket).is_some() {
            match answer {
                Ok(Answer::Sheet(lines)) => self.took_lines(lines, context),
                Ok(_) => {}
                Err(error) => self.no_lines(error, context),
            }
            return true;
        }
        if self.scans.answered(ticket, answer) {
            self.settle(context);
            return true;
        }
        if let Some((_, code)) = self.asked_within.take_if(|(asked, _)| *asked == ticket) {
            self.within_answered(&code, answer, context);
            return true;
        }
        if self.costing.remove(&ticket) {
            if let Ok(Answer::Cost(item)) = answer {
                let product = &item.row.product;
                self.costs.insert(product.sku.clone(), product.unit_cost.map(UnitPrice::value));
            }
            return true;
        }
        false
    }

    fn write_ended(&mut self, id: PostingId, end: WriteEnd<'_>, context: &mut Context<'_>) -> bool {
        let Some(ended) = self.submission.ended(id, end) else { return false };
        self.post_ended(&ended, context);
        true
    }

    fn posted(&mut self, id: PostingId) {
        if !self.submission.awaits(id) {
            self.outcome = None;
        }
    }

    fn changed(&mut self, context: &mut Context<'_>) {
        if matches!(self.phase, Phase::Counting | Phase::Discarding | Phase::Review) {
            self.refresh(context);
        }
    }

    fn hold(&mut self, key: Key) -> Hold {
        let waiting_for = match self.phase {
            Phase::Posting => WaitingFor::Posting,
            // Esc stops the waiting, so that a look-up that is never answered cannot block the sheet.
            Phase::Loading(_) if key.code != Code::Escape => WaitingFor::Answer,
            Phase::Counting if self.looking_up().is_some() && key.code != Code::Escape => WaitingFor::Answer,
            _ => return Hold::No,
        };
        if self.keys.defer(waiting_for, key) { Hold::Kept } else { Hold::Full }
    }

    fn release(&mut self) -> Option<Key> {
        match self.phase {
            Phase::Place | Phase::Counting | Phase::Review | Phase::Discarding
                if self.looking_up().is_none() =>
            {
                self.keys.next(WaitingFor::Answer)
            }
            _ => None,
        }
    }

    fn unfinished(&self) -> usize {
        // What was sent is in the journal and will not be lost.
        if self.phase == Phase::Posting { 0 } else { self.counted() }
    }

    fn draft_mark(&self) -> u64 {
        self.kept_mark()
    }

    fn draft(&self) -> Option<crate::tui::view::Draft> {
        self.kept()
    }

    fn resume(&mut self, content: &str, context: &mut Context<'_>) -> bool {
        self.resume_kept(content, context)
    }

    fn seen(&mut self) {
        if self.phase == Phase::Review {
            self.reviewing.seen();
        }
    }

    fn draw(&mut self, area: ratatui::layout::Rect, canvas: &mut Canvas<'_, '_>) {
        self.draw_screen(area, canvas);
    }
}
