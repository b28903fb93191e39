//! Suggestions while a partner or a product is typed by name, and for the location of a product.
//!
//! A scanner types faster than a person and ends with Enter, so nothing is queried until there is a pause.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::place::{End, State};
use super::post::Phase;
use super::{Focus, FormScreen};
use crate::domain::{Item, LocationCode, Sku, Suggested, Suggestion};
use crate::tui::view::Context;
use crate::worker::message::Failure;
use crate::worker::query::{self, Answer, Ticket};

/// The pause in typing before suggestions are queried.
const PAUSE: SignedDuration = SignedDuration::from_millis(250);
/// The fewest characters for which suggestions are queried.
const CHARACTERS_MIN: usize = 2;

impl FormScreen {
    /// Queries suggestions after a pause, if the text can be a name: digits alone are a code.
    pub(super) fn suggest_later(&mut self, context: &Context<'_>) {
        self.offers.close();
        let text = self.typed().trim();
        let is_name = text.chars().count() >= CHARACTERS_MIN && text.chars().any(char::is_alphabetic);
        self.suggest_at = is_name.then(|| context.now.saturating_add(PAUSE).unwrap_or(context.now));
    }

    pub(super) fn suggest_if_due(&mut self, context: &mut Context<'_>) {
        if self.phase != Phase::Editing || self.suggest_at.take_if(|at| *at <= context.now).is_none() {
            return;
        }
        let what = match self.focus {
            Focus::Partner => Suggested::Partner,
            Focus::Scan if self.asked.is_none() => Suggested::Product,
            _ => return,
        };
        let text = self.typed().to_owned();
        self.offers.ask(what, &text, context);
    }

    /// When suggestions are to be queried, if a pause in typing is awaited.
    pub(super) fn suggest_at(&self) -> Option<Timestamp> {
        self.suggest_at
    }

    /// The chosen suggestion; the list is then closed.
    pub(super) fn take_suggestion(&mut self) -> Option<String> {
        let chosen = self.offers.picked().map(|chosen| chosen.code.clone());
        self.stop_suggesting();
        chosen
    }

    pub(super) fn stop_suggesting(&mut self) {
        self.offers.close();
        self.suggest_at = None;
    }

    /// Queries the locations of a product, if the form does not name the one to take it from.
    pub(super) fn ask_where(&mut self, sku: &Sku, context: &mut Context<'_>) {
        if End::of(self.kind).contains(&End::From) && self.from.is_missing() {
            self.asked_where = Some(context.ask(query::Item { sku: sku.clone() }));
        }
    }

    /// Fills in the only location that has the product, or suggests those that have it.
    pub(super) fn where_answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        if self.asked_where.take_if(|asked| *asked == ticket).is_none() {
            return false;
        }
        let untouched = self.from.state == State::Open && self.from.picker.text().is_empty();
        if let (Ok(Answer::Item(item)), true) = (answer, untouched) {
            match locations(item).as_slice() {
                [] => {}
                [(only, _)] => self.pick_place(End::From, only.clone(), None, context),
                several => {
                    let unit = &item.row.product.unit;
                    let number = |sum: Decimal| context.words.language.number(sum);
                    let offer = |(code, sum): &(LocationCode, Decimal)| Suggestion {
                        code: code.to_string(),
                        note: format!("{} {unit}", number(*sum)),
                    };
                    let offers = several.iter().map(offer).collect();
                    self.focus_on(Focus::Place(End::From));
                    self.from.picker.completion.offer(offers);
                }
            }
        }
        true
    }
}

/// The locations of a product with their quantities, in the order of the levels.
fn locations(item: &Item) -> Vec<(LocationCode, Decimal)> {
    let mut sums: Vec<(LocationCode, Decimal)> = Vec::new();
    for level in item.levels.iter().filter(|level| level.on_hand > Decimal::ZERO) {
        match sums.iter_mut().find(|(code, _)| *code == level.location) {
            Some((_, sum)) => *sum += level.on_hand,
            None => sums.push((level.location.clone(), level.on_hand)),
        }
    }
    sums
}
