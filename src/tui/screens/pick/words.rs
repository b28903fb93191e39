//! What the walk says: what to do next, and why a scan does not count.

use super::PickScreen;
use super::walk::{Asks, Stop, Wrong};
use crate::domain::display::safe_line;
use crate::domain::{Allocation, OrderNumber};
use crate::tui::command::Command;
use crate::tui::keymap::Keymap;
use crate::tui::text::Words;
use crate::tui::text::pick::PickText;

impl Wrong {
    /// Why, and what would have been right.
    pub(super) fn words(&self, words: Words) -> String {
        let number = |figure: &rust_decimal::Decimal| words.language.number(*figure);
        match self {
            Self::Place { scanned, right } => {
                words.fill(PickText::WrongPlace, &[("scanned", scanned.as_str()), ("right", right.as_str())])
            }
            Self::PlaceFirst { scanned, right } => {
                words.fill(PickText::PlaceFirst, &[("scanned", scanned.as_str()), ("right", right.as_str())])
            }
            Self::Item { scanned, name, right, right_name } => words.fill(
                PickText::WrongItem,
                &[
                    ("scanned", scanned.as_str()),
                    ("name", &safe_line(name)),
                    ("right", right.as_str()),
                    ("rightname", &safe_line(right_name)),
                ],
            ),
            Self::ItemPicked { sku, picked } => {
                words.fill(PickText::ItemPicked, &[("sku", sku.as_str()), ("picked", &number(picked))])
            }
            Self::Lot { scanned, right, expires: None } => words.fill(
                PickText::WrongLot,
                &[("scanned", &safe_line(scanned)), ("right", &safe_line(right.as_str()))],
            ),
            Self::Lot { scanned, right, expires: Some(day) } => words.fill(
                PickText::WrongLotDay,
                &[
                    ("scanned", &safe_line(scanned)),
                    ("right", &safe_line(right.as_str())),
                    ("day", &words.language.day(*day)),
                ],
            ),
            Self::TooMany { sku, units, left } => words.fill(
                PickText::TooMany,
                &[("sku", sku.as_str()), ("units", &number(units)), ("left", &number(left))],
            ),
            Self::TooPrecise { sku, most } => {
                words.fill(PickText::TooPrecise, &[("sku", sku.as_str()), ("most", &most.to_string())])
            }
            Self::ScanFirst => words.say(PickText::ScanFirst).to_owned(),
            Self::NothingLeft => words.say(PickText::NothingLeft).to_owned(),
        }
    }
}

/// Goods at a place, with a phrase for those that have a lot and one for the others.
pub(super) fn goods_words(
    goods: &Allocation,
    n: rust_decimal::Decimal,
    (plain, of_lot): (PickText, PickText),
    words: Words,
) -> String {
    let n = words.language.number(n);
    let lot = goods.lot.as_ref().map(|lot| safe_line(lot.as_str()).into_owned());
    let places = [
        ("n", &*n),
        ("left", &*n),
        ("unit", &*safe_line(&goods.unit)),
        ("sku", goods.sku.as_str()),
        ("name", &*safe_line(&goods.name)),
        ("place", goods.location.as_str()),
        ("order", goods.number.as_str()),
        ("lot", lot.as_deref().unwrap_or_default()),
    ];
    words.fill(if lot.is_some() { of_lot } else { plain }, &places)
}

impl PickScreen {
    /// What to do next, in a sentence.
    pub(super) fn next_words(&self, keymap: &Keymap, words: Words) -> String {
        let post = keymap.keys(Command::Post).first().map(ToString::to_string).unwrap_or_default();
        match self.walk.asks() {
            Asks::Place(stop) => words.fill(PickText::GoTo, &[("place", stop.allocation.location.as_str())]),
            Asks::Item(stop) if stop.is_done() => line_done(stop, words),
            Asks::Item(stop) => {
                goods_words(&stop.allocation, stop.left(), (PickText::Take, PickText::TakeLot), words)
            }
            Asks::Lot(stop) => {
                let lot = stop.allocation.lot.as_ref().map(|lot| safe_line(lot.as_str()).into_owned());
                words.fill(PickText::ScanLot, &[("lot", lot.as_deref().unwrap_or_default())])
            }
            Asks::Nothing if self.walk.picked().next().is_some() => {
                words.fill(PickText::AllPicked, &[("post", &post)])
            }
            Asks::Nothing => {
                let orders = self.orders_at_docks();
                let orders: Vec<&str> = orders.iter().map(OrderNumber::as_str).collect();
                words.fill(PickText::ShipNext, &[("orders", &orders.join(", ")), ("post", &post)])
            }
        }
    }
}

fn line_done(stop: &Stop, words: Words) -> String {
    let number = |figure| words.language.number(figure);
    let places = [
        ("sku", stop.allocation.sku.as_str()),
        ("place", stop.allocation.location.as_str()),
        ("picked", &*number(stop.picked)),
        ("open", &*number(stop.allocation.open)),
    ];
    words.fill(PickText::LineDone, &places)
}
