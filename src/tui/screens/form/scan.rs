//! Scans: every text with Enter is a line at once, is looked up, and counts in the order in which it was
//! scanned, however late or mixed up the answers come.
//!
//! What a text means depends on the texts before it and never on how fast the database answers: it is
//! a product or a place if one has that code; only what nothing has as its code can be the lot, day or
//! serial number that the product scanned before it asks for.

use rust_decimal::Decimal;

use super::asked::{Asked, What};
use super::line::{Entry, Goods, Line, LineKey, Step};
use super::place::{End, State};
use super::{Focus, FormScreen};
use crate::domain::entry::{DecimalMark, quantity};
use crate::domain::{LINES_MAX, MovementKind, Quantity, Tracking};
use crate::tui::app::{Context, Weight};
use crate::tui::text::form::FormText;
use crate::worker::message::{Answer, Failure, Question, Scanned, StockRow, Strand, Ticket};

/// Where the answer goes.
#[derive(Debug, Clone)]
enum Aim {
    /// A line, with what it was before it was looked up, if it was there.
    Line(LineKey, Option<Box<Line>>),
    Place(End),
}

#[derive(Debug)]
enum Slot {
    Asked(Ticket),
    Answered(Result<Scanned, Failure>),
}

impl Slot {
    fn ask(text: &str, context: &mut Context<'_>) -> Self {
        Self::Asked(context.ask(Strand::Scan, Question::Scan(text.to_owned())))
    }

    fn is(&self, ticket: Ticket) -> bool {
        matches!(self, Self::Asked(asked) if *asked == ticket)
    }

    fn is_answered(&self) -> bool {
        matches!(self, Self::Answered(_))
    }
}

/// A text that is being looked up.
#[derive(Debug)]
pub(super) struct Pending {
    aim: Aim,
    text: String,
    /// The whole text.
    whole: Slot,
    /// What stands behind a number, as in `12*CODE`; it counts if the whole text means nothing.
    times: Option<(Decimal, Slot)>,
}

impl Pending {
    fn ask(aim: Aim, text: &str, context: &mut Context<'_>) -> Self {
        let mark = context.words.language.decimal_mark();
        let whole = Slot::ask(text, context);
        // Both are asked at once, so that the second question costs no second wait.
        let times = multiplied(text, mark).map(|(number, code)| (number, Slot::ask(code, context)));
        Self { aim, text: text.to_owned(), whole, times }
    }

    fn is_answered(&self) -> bool {
        self.whole.is_answered() && self.times.as_ref().is_none_or(|(_, slot)| slot.is_answered())
    }

    /// What the text is, and how often it counts.
    fn meaning(self) -> (Aim, String, Result<Scanned, Failure>, Decimal) {
        let (mut number, mut found) = (Decimal::ONE, answer(self.whole));
        if let (Ok(Scanned::Nothing), Some((times, slot))) = (&found, self.times) {
            match answer(slot) {
                Ok(product @ Scanned::Product { .. }) => (number, found) = (times, Ok(product)),
                Err(failure) => found = Err(failure),
                Ok(_) => {}
            }
        }
        (self.aim, self.text, found, number)
    }
}

/// The answer of a slot that has one; a question without an answer is one that failed.
fn answer(slot: Slot) -> Result<Scanned, Failure> {
    match slot {
        Slot::Answered(answer) => answer,
        Slot::Asked(_) => Err(Failure::Other(String::new())),
    }
}

/// A number, `*` or `x`, and a code.
fn multiplied(text: &str, mark: DecimalMark) -> Option<(Decimal, &str)> {
    let (number, code) = text.split_once(['*', 'x', 'X', '×'])?;
    let (number, code) = (number.trim(), code.trim());
    let plain = number.chars().all(|character| character.is_ascii_digit() || matches!(character, '.' | ','));
    if !plain || code.is_empty() {
        return None;
    }
    let number = quantity(number, mark).ok()?;
    (number > Decimal::ZERO).then_some((number, code))
}

impl FormScreen {
    /// Takes a text into the item field's list, whatever it is.
    pub(super) fn scanned(&mut self, text: &str, context: &mut Context<'_>) {
        self.outcome = None;
        if self.lines.all().len() >= LINES_MAX {
            context.ring();
            let most = context.words.language.number(Decimal::from(LINES_MAX));
            let text = context.words.fill(FormText::Full, &[("n", &most), ("text", text)]);
            context.tell(Weight::Bad, text);
            return;
        }
        let key = self.lines.add(text, Entry::Looking, None);
        self.lines.select_key(key);
        self.queue.push_back(Pending::ask(Aim::Line(key, None), text, context));
    }

    /// Takes a known product, as if it had been scanned.
    pub(super) fn scanned_product(&mut self, row: &StockRow, context: &mut Context<'_>) {
        self.outcome = None;
        let key = self.lines.add(&row.sku, Entry::Looking, None);
        self.lines.select_key(key);
        let found = Scanned::Product { row: row.clone(), pack_quantity: Decimal::ONE };
        let whole = Slot::Answered(Ok(found));
        let aim = Aim::Line(key, None);
        self.queue.push_back(Pending { aim, text: row.sku.clone(), whole, times: None });
        self.settle(context);
    }

    /// Looks a place up that was typed or scanned where one is asked for.
    pub(super) fn scanned_place(&mut self, end: End, context: &mut Context<'_>) {
        self.outcome = None;
        let place = self.place_mut(end);
        place.state = State::Asked;
        let text = place.field.text().trim().to_owned();
        self.queue.push_back(Pending::ask(Aim::Place(end), &text, context));
    }

    /// Looks a line up again, perhaps with another text.
    pub(super) fn look_up(&mut self, key: LineKey, text: &str, context: &mut Context<'_>) {
        let Some(line) = self.lines.get(key) else { return };
        let before = matches!(line.entry, Entry::Wrong { .. }).then(|| Box::new(line.clone()));
        self.lines.set_text(key, text);
        self.lines.set(key, Entry::Looking);
        self.queue.push_back(Pending::ask(Aim::Line(key, before), text, context));
    }

    /// Asks again what could not be answered.
    pub(super) fn ask_again(&mut self, context: &mut Context<'_>) {
        for end in End::of(self.kind) {
            if self.place(*end).state == State::Failed {
                self.scanned_place(*end, context);
            }
        }
        let failed: Vec<(LineKey, String)> = (self.lines.all().iter())
            .filter(|line| line.entry == Entry::Failed)
            .map(|line| (line.key, line.text.clone()))
            .collect();
        for (key, text) in failed {
            self.look_up(key, &text, context);
        }
    }

    /// Takes an answer, if the question was one of this form.
    pub(super) fn scan_answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        let slot = self.queue.iter_mut().find_map(|pending| {
            let times = pending.times.as_mut().map(|(_, slot)| slot);
            [Some(&mut pending.whole), times].into_iter().flatten().find(|slot| slot.is(ticket))
        });
        let Some(slot) = slot else { return false };
        *slot = Slot::Answered(match answer {
            Ok(Answer::Scan(scanned)) => Ok(scanned.as_ref().clone()),
            Ok(_) => Err(Failure::Other(String::new())),
            Err(failure) => Err(failure.clone()),
        });
        self.settle(context);
        true
    }

    /// Counts what has been answered, in the order of the scans.
    pub(super) fn settle(&mut self, context: &mut Context<'_>) {
        while self.queue.front().is_some_and(|pending| pending.is_answered() && !self.awaits_on_hand(pending))
        {
            let Some(pending) = self.queue.pop_front() else { return };
            let (aim, text, found, number) = pending.meaning();
            match aim {
                Aim::Line(key, before) => self.line_found(key, before, &text, found, number, context),
                Aim::Place(end) => self.place_found(end, &text, found, number, context),
            }
        }
    }

    /// Whether a place is being looked up.
    pub(super) fn awaits_place(&self) -> bool {
        self.queue.iter().any(|pending| matches!(pending.aim, Aim::Place(_)))
    }

    /// Whether a text may be a lot, and the lots that stand there are not known yet.
    fn awaits_on_hand(&self, pending: &Pending) -> bool {
        let unknown = matches!(pending.whole, Slot::Answered(Ok(Scanned::Nothing)));
        let lot = self.asked.filter(|asked| asked.what == What::Lot && self.kind != MovementKind::Receipt);
        unknown && lot.is_some_and(|asked| self.awaits_lots(asked.key))
    }

    pub(super) fn line_found(
        &mut self,
        key: LineKey,
        before: Option<Box<Line>>,
        text: &str,
        found: Result<Scanned, Failure>,
        number: Decimal,
        context: &mut Context<'_>,
    ) {
        if self.lines.get(key).is_none() {
            return;
        }
        match found {
            Ok(Scanned::Product { row, pack_quantity }) => {
                self.offered = None;
                self.count(key, before, &row, number.saturating_mul(pack_quantity).normalize(), context);
            }
            Ok(Scanned::Location { code, name, archived }) => {
                self.lines.remove(key);
                if let Some(line) = before {
                    let why = context.words.fill(FormText::IsAPlace, &[("code", code.as_str())]);
                    let back = self.lines.add(&line.text, Entry::Wrong { why }, None);
                    self.lines.select_key(back);
                    context.ring();
                } else {
                    self.lines.select_latest();
                    self.located(code, name, archived, context);
                }
            }
            Ok(Scanned::Nothing) => {
                self.offered = None;
                self.unknown(key, before, text, context);
            }
            Err(_) => self.lines.set(key, Entry::Failed),
        }
    }

    /// Counts goods: one more of a product that is there already, or a line of their own.
    fn count(
        &mut self,
        key: LineKey,
        before: Option<Box<Line>>,
        row: &StockRow,
        units: Decimal,
        context: &mut Context<'_>,
    ) {
        let goods = match Goods::new(row, units) {
            Ok(goods) => goods,
            Err(error) => return self.wrong(key, before, error.to_string(), context),
        };
        if let Some(why) = super::edit::not_countable(context.words, &goods, units) {
            return self.wrong(key, before, why, context);
        }
        let (sku, tracking) = (goods.sku.clone(), goods.tracking);
        let same = self.lines.latest(&sku, |_| true).filter(|same| *same != key);
        let mut step = Step { asked: self.asked, ..Step::default() };
        let counted =
            match same.and_then(|same| self.lines.goods_of(same).cloned().map(|goods| (same, goods))) {
                Some((same, mut there)) => {
                    let sum = there.quantity.saturating_add(units);
                    if Quantity::new(sum).is_err() {
                        let why = context.words.say(FormText::TooMuch).to_owned();
                        return self.wrong(key, before, why, context);
                    }
                    step.lines.push(self.lines.image(same));
                    step.lines.push(self.lines.image_before(key, before));
                    there.quantity = sum;
                    self.lines.set(same, Entry::Goods(there));
                    self.lines.remove(key);
                    same
                }
                None => {
                    step.lines.push(self.lines.image_before(key, before));
                    self.lines.set(key, Entry::Goods(goods));
                    key
                }
            };
        self.lines.select_key(counted);
        self.lines.remember(step);
        self.changed_line(counted);
        let what = match tracking {
            Tracking::None => None,
            Tracking::Lot => Some(What::Lot),
            Tracking::Serial => Some(What::Serials),
        };
        self.asked = what.map(|what| Asked { key: counted, what, units });
        self.ask_on_hand(&sku, context);
    }

    /// Keeps a text in sight that cannot be posted.
    pub(super) fn wrong(
        &mut self,
        key: LineKey,
        before: Option<Box<Line>>,
        why: String,
        context: &mut Context<'_>,
    ) {
        let lines = vec![self.lines.image_before(key, before)];
        self.lines.set(key, Entry::Wrong { why });
        self.lines.select_key(key);
        self.lines.remember(Step::of(lines, self.asked));
        context.ring();
    }

    /// Takes the latest scan or change back.
    pub(super) fn undo(&mut self, context: &mut Context<'_>) {
        self.trouble = None;
        self.offered = None;
        match self.queue.pop_back().map(|pending| pending.aim) {
            Some(Aim::Line(key, Some(line))) => {
                self.lines.set_text(key, &line.text);
                self.lines.set(key, line.entry);
            }
            Some(Aim::Line(key, None)) => self.lines.remove(key),
            Some(Aim::Place(end)) => {
                self.place_mut(end).state = State::Open;
                self.focus_on(Focus::Place(end));
            }
            None => self.undo_answered(context),
        }
        match self.queue.back().map(|pending| &pending.aim) {
            Some(Aim::Line(key, _)) => self.lines.select_key(*key),
            _ => self.lines.select_latest(),
        }
    }

    fn undo_answered(&mut self, context: &mut Context<'_>) {
        let failed = self.lines.all().last().filter(|line| line.entry == Entry::Failed).map(|line| line.key);
        if let Some(key) = failed {
            self.lines.remove(key);
        } else if let Some(step) = self.lines.take_back() {
            self.asked = step.asked.filter(|asked| self.lines.goods_of(asked.key).is_some());
            if let Some(filled) = step.place {
                *self.place_mut(filled.end) = filled.before;
                if filled.in_its_field {
                    self.focus_on(Focus::Place(filled.end));
                }
            }
        } else {
            context.ring();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_before_a_code_multiplies_it() {
        let read = |text| multiplied(text, DecimalMark::Point).map(|(n, code)| (n.to_string(), code));
        assert_eq!(read("12*71053"), Some(("12".to_owned(), "71053")));
        assert_eq!(read("3x 85123A"), Some(("3".to_owned(), "85123A")));
        assert_eq!(read("2.5 × W1"), Some(("2.5".to_owned(), "W1")));
        for text in ["71053", "*71053", "12*", "0*A", "A*B", "1,2*A", "x12", "1+1*A", ""] {
            assert_eq!(read(text), None, "{text}");
        }
        let french = multiplied("2,5*W1", DecimalMark::Comma);
        assert_eq!(french, Some((Decimal::new(25, 1), "W1")));
    }
}
