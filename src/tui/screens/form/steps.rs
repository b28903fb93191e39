//! What keys do while a form is being filled in.

use super::asked::What;
use super::edit::LineField;
use super::line::{LineKey, Step};
use super::place::{End, State};
use super::post::Phase;
use super::{Focus, FormScreen};
use crate::domain::{Level, Note, PartnerCode, Reference, Suggestion};
use crate::tui::key::Key;
use crate::tui::text::form::FormText;
use crate::tui::view::{Context, Severity};
use crate::tui::widgets::Completion;

/// From this number of lines on, discarding them must be confirmed; fewer are quickly scanned again.
const DISCARD_ASKS_MIN: usize = 4;

impl FormScreen {
    /// The fields that Tab visits before the item field, and that one.
    pub(super) fn fields(&self) -> Vec<Focus> {
        let places = End::of(self.kind).iter().copied().map(Focus::Place);
        // The partner of an order is that of the order.
        let (order, partner) = match self.against {
            Some(_) => (Some(Focus::Order), None),
            None => (None, Some(Focus::Partner)),
        };
        let mut fields: Vec<Focus> = order.into_iter().chain(places).chain(partner).collect();
        fields.extend([Focus::Reference, Focus::Reason, Focus::Scan]);
        fields.extend(self.line_fields().into_iter().map(Focus::Line));
        fields
    }

    pub(super) fn type_key(&mut self, key: Key, context: &mut Context<'_>) {
        let changed = match self.focus {
            Focus::Place(end) => self.place_mut(end).picker.key(key, context),
            _ => {
                let before = self.typed().to_owned();
                self.field_mut().key(key) && self.typed() != before
            }
        };
        if !changed {
            return;
        }
        self.fault = None;
        match self.focus {
            Focus::Order => self.order_typed(context.words),
            Focus::Place(end) => self.place_mut(end).state = State::Open,
            Focus::Partner => {
                self.trouble = None;
                self.suggest_later(context);
            }
            Focus::Reference | Focus::Reason => self.trouble = None,
            Focus::Scan => {
                self.suggest_later(context);
                self.offer_lots(context.words);
            }
            Focus::Line(_) => {
                self.offers.close();
                self.offer_lots(context.words);
            }
        }
    }

    /// Enter: takes the typed text, and goes on to what is required next.
    pub(super) fn accept(&mut self, context: &mut Context<'_>) {
        match self.focus {
            Focus::Order => self.accept_order(context),
            Focus::Place(end) => self.accept_place(end, context),
            Focus::Partner => {
                if let Some(chosen) = self.take_suggestion() {
                    self.partner.set(&chosen);
                }
                self.accept_detail(Focus::Reference, context);
            }
            Focus::Reference => self.accept_detail(Focus::Reason, context),
            Focus::Reason => self.accept_detail(Focus::Scan, context),
            Focus::Scan => {
                let chosen = self.take_suggestion();
                let text = chosen.unwrap_or_else(|| self.scan.text().trim().to_owned());
                if !text.is_empty() {
                    self.scan.take();
                    if !self.is_order(&text, context) {
                        self.scanned(&text, context);
                    }
                } else if self.asked.is_some_and(|asked| asked.what == What::Expiry) {
                    self.asked = None;
                } else {
                    self.review(context);
                }
            }
            Focus::Line(field) => {
                if !self.take_offered_lot(field, context.words) && self.commit(context) {
                    let next = (field == LineField::Lot && self.line_fields().contains(&LineField::Expiry))
                        .then_some(Focus::Line(LineField::Expiry));
                    self.asked = self.asked.filter(|asked| self.still_asked(asked.key, asked.what));
                    self.go_to(next.unwrap_or(Focus::Scan), context);
                }
            }
        }
    }

    /// Whether a detail that a line required has not been entered in its fields meanwhile.
    fn still_asked(&self, key: LineKey, what: What) -> bool {
        self.lines.goods_of(key).is_some_and(|goods| match what {
            What::Lot => goods.lot.is_none(),
            What::Expiry => goods.expires.is_none(),
            What::Serials => true,
        })
    }

    /// Moves the cursor to any field, including those of the selected line.
    pub(super) fn go_to(&mut self, focus: Focus, context: &Context<'_>) {
        self.focus_on(focus);
        if let Focus::Line(field) = focus {
            self.open_field(field, context.words);
        }
        self.offer_lots(context.words);
    }

    fn accept_place(&mut self, end: End, context: &mut Context<'_>) {
        let chosen = self.place(end).picker.chosen().cloned();
        if let Some(Suggestion { code, note }) = chosen
            && let Ok(code) = code.parse()
        {
            self.pick_place(end, code, note.parse().ok(), context);
            return;
        }
        let place = self.place(end);
        match (&place.state, place.picker.text().is_empty()) {
            (State::Open | State::Wrong(_), true) => context.ring(),
            (State::Known(..) | State::Asked, _) => self.focus_on(self.next_asked()),
            (_, _) => {
                self.scanned_place(end, context);
                self.focus_on(self.next_asked());
            }
        }
    }

    fn accept_detail(&mut self, next: Focus, context: &mut Context<'_>) {
        if let Some(why) = self.wrong_detail(self.focus, context) {
            self.fault = Some(why);
            context.ring();
        } else {
            self.focus_on(next);
        }
    }

    /// What is wrong with the partner, reference or reason, if anything.
    pub(super) fn wrong_detail(&self, focus: Focus, context: &Context<'_>) -> Option<String> {
        let field = match focus {
            Focus::Partner => &self.partner,
            Focus::Reference => &self.reference,
            Focus::Reason => &self.reason,
            _ => return None,
        };
        let text = field.text().trim();
        let wrong = match focus {
            Focus::Partner => text.parse::<PartnerCode>().is_err(),
            Focus::Reference => text.parse::<Reference>().is_err(),
            _ => text.parse::<Note>().is_err(),
        };
        let phrase = if focus == Focus::Partner { FormText::NoPartnerCode } else { FormText::DetailTooLong };
        (!text.is_empty() && wrong).then(|| context.words.fill(phrase, &[("text", text)]))
    }

    pub(super) fn next_field(&mut self, context: &mut Context<'_>) {
        let in_line = matches!(self.focus, Focus::Line(_));
        if !self.commit(context) || (in_line && self.focus == Focus::Scan) {
            return;
        }
        match self.focus {
            Focus::Scan if !self.awaits_scan() => return self.accept(context),
            Focus::Place(end) => {
                let chosen = self.place_mut(end).picker.complete().is_some();
                let typed = !self.place(end).picker.text().is_empty();
                let open = matches!(self.place(end).state, State::Open | State::Wrong(_));
                if typed && (open || chosen) {
                    return self.accept_place(end, context);
                }
            }
            _ => {}
        }
        let fields = self.fields();
        let at = fields.iter().position(|field| *field == self.focus).unwrap_or(0);
        // The last field of a line is followed by the next item, not by the locations.
        let last = matches!(self.focus, Focus::Line(_)) && at + 1 == fields.len();
        let next = if last { Focus::Scan } else { fields[(at + 1) % fields.len()] };
        self.go_to(next, context);
    }

    pub(super) fn previous_field(&mut self, context: &mut Context<'_>) {
        if !self.commit(context) {
            return;
        }
        let fields = self.fields();
        let at = fields.iter().position(|field| *field == self.focus).unwrap_or(0);
        let previous = at.checked_sub(1).map_or(Focus::Scan, |at| fields[at]);
        self.go_to(previous, context);
    }

    /// Moves among the suggested locations, or among the lines.
    pub(super) fn step(&mut self, rows: isize, context: &mut Context<'_>) {
        match self.focus {
            Focus::Order => {
                if let Some(against) = &mut self.against {
                    against.offers.step(rows > 0);
                }
            }
            Focus::Place(end) => self.place_mut(end).picker.completion.step(rows > 0),
            Focus::Partner | Focus::Scan | Focus::Line(LineField::Lot | LineField::Serials)
                if !self.offers.offered().is_empty() =>
            {
                self.offers.step(rows > 0);
            }
            Focus::Partner | Focus::Reference | Focus::Reason => {}
            Focus::Scan => self.lines.select(self.lines.selected_at().saturating_add_signed(rows)),
            Focus::Line(field) => {
                if self.commit(context) {
                    self.lines.select(self.lines.selected_at().saturating_add_signed(rows));
                    let fields = self.line_fields();
                    let same = fields.iter().find(|other| **other == field).or(fields.first());
                    self.go_to(same.copied().map_or(Focus::Scan, Focus::Line), context);
                }
            }
        }
    }

    pub(super) fn edit_quantity(&mut self, context: &mut Context<'_>) {
        if !self.commit(context) {
            return;
        }
        match self.line_fields().first().copied() {
            Some(field) => self.go_to(Focus::Line(field), context),
            None => context.ring(),
        }
    }

    pub(super) fn remove_line(&mut self, context: &mut Context<'_>) {
        let key = self.lines.selected().map(|line| line.key).filter(|_| self.focus == Focus::Scan);
        let Some(key) = key else { return context.ring() };
        let step = Step::of(vec![self.lines.image(key)], self.asked);
        self.lines.remove(key);
        self.lines.remember(step);
        self.changed_line(key);
        self.asked.take_if(|asked| asked.key == key);
    }

    pub(super) fn undo_scan(&mut self, context: &mut Context<'_>) {
        // In a field of a line it is only one Backspace too many.
        match self.focus {
            Focus::Scan | Focus::Place(_) => self.undo(context),
            _ => context.ring(),
        }
    }

    pub(super) fn ask_to_discard(&mut self, context: &mut Context<'_>) {
        if self.lines.all().len() >= DISCARD_ASKS_MIN || self.waiting.for_posting() > 0 {
            self.phase = Phase::Discarding;
        } else {
            self.discard(context);
        }
    }

    /// The suggestions for the field with the cursor, if there are any.
    fn offers_mut(&mut self) -> Option<&mut Completion> {
        let offers = match self.focus {
            Focus::Order => &mut self.against.as_mut()?.offers,
            Focus::Place(end) => &mut self.place_mut(end).picker.completion,
            Focus::Partner | Focus::Scan | Focus::Line(_) => &mut self.offers,
            Focus::Reference | Focus::Reason => return None,
        };
        Some(offers).filter(|offers| !offers.offered().is_empty())
    }

    /// Goes back one step: stops waiting for answers, closes suggestions, leaves the field, clears the typed text, stops
    /// asking for a detail, or removes a message, whichever applies first.
    pub(super) fn back(&mut self, context: &mut Context<'_>) {
        if self.waiting.for_answers() > 0 {
            self.waiting.forget_answers();
            context.say(Severity::Note, FormText::KeysForgotten);
        } else if let Some(offers) = self.offers_mut() {
            offers.close();
        } else if self.focus != Focus::Scan {
            self.focus_on(Focus::Scan);
        } else if !self.scan.is_empty() {
            self.scan.take();
        } else if self.asked.is_some() {
            self.asked = None;
        } else if self.outcome.take().is_none() && self.trouble.take().is_none() {
            context.dismiss_messages();
        }
    }

    /// The lots of the selected line at its source location, those that expire first at the front.
    pub(super) fn lots_there(&self) -> Option<&[Level]> {
        let goods = self.lines.selected()?.goods()?;
        self.levels.at(&goods.sku, self.from.code()?)
    }
}
