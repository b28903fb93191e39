//! Posting: the review, the write, and its outcome.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::edit::LineField;
use super::line::LineKey;
use super::place::End;
use super::{Focus, FormScreen};
use crate::domain::{Basket, Details, Level, LocationCode, Posted, Refusal, Sku};
use crate::tui::text::form::{FormText, of_kind};
use crate::tui::text::receive_order::ReceiveOrderText;
use crate::tui::text::{Words, failure};
use crate::tui::view::{Context, Ended, Severity};
use crate::tui::widgets::Scroll;
use crate::worker::message::{Failure, Write, Written};

/// For how many products the new figures are queried if the posting did not return them.
const FIGURES_ASKED_MAX: usize = 20;

/// The phase of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Editing,
    /// The whole effect is shown; Enter posts it.
    Review,
    /// Sent; the outcome is not known yet.
    Posting,
    /// Refused, and the person may not have seen it yet: what a scanner sends is deferred.
    Refused,
    /// The form asks whether to discard its lines.
    Discarding,
}

/// What prevents the form from being posted, and where.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) at: Option<Focus>,
    pub(super) line: Option<LineKey>,
    pub(super) text: String,
}

impl Trouble {
    pub(super) fn new(at: Option<Focus>, text: String) -> Self {
        Self { at, line: None, text }
    }

    pub(super) fn of_line(line: LineKey, field: Option<LineField>, text: String) -> Self {
        Self { at: field.map(Focus::Line), line: Some(line), text }
    }

    pub(super) fn is_about(&self, key: LineKey) -> bool {
        self.line == Some(key)
    }
}

/// What was posted last, shown until the next scan.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) title: String,
    pub(super) lines: Vec<String>,
    names: HashMap<Sku, (String, String)>,
    awaited: Vec<(Sku, LocationCode)>,
}

impl Outcome {
    fn line(&self, level: &Level, words: Words) -> String {
        let (name, unit) = self.names.get(&level.sku).cloned().unwrap_or_default();
        let number = words.language.number(level.on_hand);
        let places = [
            ("sku", &*level.sku),
            ("name", &*name),
            ("unit", &*unit),
            ("place", &*level.location),
            ("n", &*number),
            ("lot", level.lot.as_deref().unwrap_or_default()),
        ];
        words.fill(if level.lot.is_some() { FormText::NowOfLot } else { FormText::Now }, &places)
    }

    /// Takes a new figure that the posting did not return.
    pub(super) fn learn(&mut self, sku: &Sku, place: &LocationCode, levels: &[Level], words: Words) {
        let key = (sku.clone(), place.clone());
        let Some(at) = self.awaited.iter().position(|awaited| *awaited == key) else { return };
        self.awaited.remove(at);
        let on_hand = levels.iter().map(|level| level.on_hand).sum::<Decimal>().normalize();
        let available = levels.iter().map(|level| level.available).sum::<Decimal>().normalize();
        let level = Level {
            sku: sku.clone(),
            location: place.clone(),
            lot: None,
            expires_on: None,
            on_hand,
            reserved: levels.iter().map(|level| level.reserved).sum::<Decimal>().normalize(),
            available,
            blocked_by: None,
        };
        let line = self.line(&level, words);
        self.lines.push(line);
    }
}

impl FormScreen {
    /// Shows the whole effect, if the form can be posted.
    pub(super) fn review(&mut self, context: &mut Context<'_>) {
        if !self.commit(context) {
            return;
        }
        self.focus_on(Focus::Scan);
        match self.check(context) {
            Ok(basket) => {
                let Details { reference, reason, .. } = &basket.details;
                let texts = reference.iter().map(|text| text.as_str());
                context.warn_if_personal(texts.chain(reason.iter().map(|text| text.as_str())));
                self.show_review(basket);
            }
            Err(trouble) => self.in_trouble(trouble, context),
        }
    }

    fn show_review(&mut self, basket: Basket) {
        self.trouble = None;
        self.outcome = None;
        self.review = Scroll::default();
        self.reviewing.open(basket);
        self.phase = Phase::Review;
    }

    fn in_trouble(&mut self, trouble: Trouble, context: &mut Context<'_>) {
        context.ring();
        if let Some(key) = trouble.line {
            self.lines.select_key(key);
        }
        match trouble.at {
            Some(focus) => self.go_to(focus, context),
            None => self.focus_on(Focus::Scan),
        }
        self.trouble = Some(trouble);
    }

    /// Sends the reviewed basket, if the review has been on the screen.
    pub(super) fn post(&mut self, context: &mut Context<'_>) {
        let basket = match self.check(context) {
            Ok(basket) => basket,
            Err(trouble) => {
                self.phase = Phase::Editing;
                return self.in_trouble(trouble, context);
            }
        };
        let Some(confirmed) = self.reviewing.confirm(&basket) else {
            return self.not_confirmed(basket, context);
        };
        self.adopt_resumed(&basket);
        let write = |id, basket: &Basket| {
            let mut basket = basket.clone();
            basket.details.id = Some(id);
            Write::Basket(basket)
        };
        if self.submission.send(basket, confirmed, context, write) {
            self.trouble = None;
            self.outcome = None;
            self.phase = Phase::Posting;
        }
    }

    /// The review was not on the screen when the key was typed: it stays open, and the following keys are kept.
    fn not_confirmed(&mut self, basket: Basket, context: &mut Context<'_>) {
        if self.phase != Phase::Review {
            self.show_review(basket);
        }
        self.waiting.defer();
        context.ring();
    }

    /// Empties the form, including locations and deferred keys.
    pub(super) fn discard(&mut self, context: &mut Context<'_>) {
        let lines = u64::try_from(self.lines.all().len()).unwrap_or(u64::MAX);
        if lines > 0 {
            let text = context.words.count(lines, FormText::DiscardedOne, FormText::DiscardedMany);
            context.tell(Severity::Note, text);
        }
        self.clear();
        self.waiting.forget();
        for end in [End::From, End::To] {
            *self.place_mut(end) = super::Place::default();
        }
        self.forget_order();
        self.focus_on(self.next_asked());
    }

    /// Prepares the form for the next posting. The locations stay, because the next posting usually has the same.
    fn clear(&mut self) {
        self.lines.clear();
        self.queue.clear();
        for field in [&mut self.scan, &mut self.reference, &mut self.reason] {
            field.take();
        }
        // The next posting may be for the rest of the same order.
        if self.against.is_none() {
            self.partner.take();
        }
        self.focus_on(Focus::Scan);
        self.asked = None;
        self.offered = None;
        self.submission.forget();
        self.trouble = None;
        self.outcome = None;
        self.levels.forget();
        self.phase = Phase::Editing;
        self.top = 0;
    }

    /// Handles the outcome of the posting.
    pub(super) fn post_ended(&mut self, ended: &Ended<'_>, context: &mut Context<'_>) {
        match ended {
            Ended::Posted(Some(Written::Posted(posted))) => self.succeeded(Some(posted), context),
            Ended::Posted(_) => self.succeeded(None, context),
            Ended::Unknown(failure) => {
                context.fail(failure);
                context.ring();
            }
            Ended::Refused(failure) => {
                let trouble = self.trouble_of(failure, context.words);
                self.refused(trouble, context);
            }
            Ended::NotPosted => {
                let text = context.words.say(FormText::WasNotPosted).to_owned();
                self.refused(Trouble::new(None, text), context);
            }
        }
    }

    fn refused(&mut self, trouble: Trouble, context: &mut Context<'_>) {
        context.tell(Severity::Bad, trouble.text.clone());
        self.ask_orders(context);
        self.in_trouble(trouble, context);
        self.waiting.defer();
        self.phase = Phase::Refused;
    }

    /// What a failure says, and which part of the form it concerns.
    fn trouble_of(&self, failure: &Failure, words: Words) -> Trouble {
        let text = failure::words(words, failure);
        let Failure::Refused(refusal) = failure else { return Trouble::new(None, text) };
        let line = match refusal {
            Refusal::InsufficientStock { sku, lot, location, have, need, expired } => {
                let key = self.line_of(sku.as_str(), lot.as_ref().map(|lot| lot.as_str()));
                let (have, need) = (words.language.number(*have), words.language.number(*need));
                let product = match lot {
                    Some(lot) => format!("{sku} {lot}"),
                    None => sku.to_string(),
                };
                let places =
                    [("sku", &*product), ("place", location.as_str()), ("have", &*have), ("need", &*need)];
                let mut text = words.fill(FormText::TooLittle, &places);
                if !expired.is_zero() {
                    text.push_str(
                        &words.fill(FormText::MoreExpired, &[("n", &words.language.number(*expired))]),
                    );
                }
                return Trouble { at: None, line: key, text };
            }
            Refusal::UnknownLot { sku, lot }
            | Refusal::LotExpired { sku, lot, .. }
            | Refusal::LotExpiryDiffers { sku, lot, .. } => self.line_of(sku.as_str(), Some(lot.as_str())),
            Refusal::UnknownProduct(code) => self.line_of(code, None),
            Refusal::UnknownPartner(_) => return Trouble::new(Some(Focus::Partner), text),
            Refusal::UnknownLocation(code) => {
                let end = self.known_places().find(|(_, known)| *known == code).map(|(end, _)| end);
                return Trouble::new(end.map(Focus::Place), text);
            }
            _ => None,
        };
        Trouble { at: None, line, text }
    }

    fn succeeded(&mut self, posted: Option<&Posted>, context: &mut Context<'_>) {
        let words = context.words;
        let mut title = self.done_title(words);
        let names = self
            .lines
            .goods()
            .map(|(_, goods)| (goods.sku.clone(), (goods.name.clone(), goods.unit.clone())));
        let mut outcome =
            Outcome { title: String::new(), lines: Vec::new(), names: names.collect(), awaited: Vec::new() };
        let levels = posted.map(|posted| posted.levels.as_slice()).unwrap_or_default();
        outcome.lines = self.stays_open(words).into_iter().collect();
        let now: Vec<String> = levels.iter().map(|level| outcome.line(level, words)).collect();
        outcome.lines.extend(now);
        let mut touched: Vec<(Sku, LocationCode)> = Vec::new();
        if levels.is_empty() {
            for (_, goods) in self.lines.goods() {
                for (_, place) in self.known_places() {
                    let key = (goods.sku.clone(), place.clone());
                    if touched.len() < FIGURES_ASKED_MAX && !touched.contains(&key) {
                        touched.push(key);
                    }
                }
            }
        }
        context.tell(Severity::Good, title.clone());
        self.clear();
        self.waiting.resume();
        for key in touched {
            self.levels.ask(key.clone(), context);
            outcome.awaited.push(key);
        }
        title.push_str(". ");
        title.push_str(words.say(FormText::PlacesStay));
        outcome.title = title;
        self.outcome = Some(outcome);
        self.ask_orders(context);
    }

    /// A one-line summary of what has been posted.
    fn done_title(&self, words: Words) -> String {
        if let Some(text) = self.for_order(ReceiveOrderText::Done, words) {
            return text;
        }
        let name = |end: End| self.place(end).code().map(ToString::to_string).unwrap_or_default();
        let (from, to, total) = (name(End::From), name(End::To), self.total(words));
        words.fill(of_kind(self.kind).done, &[("total", &total), ("from", &from), ("to", &to)])
    }
}
