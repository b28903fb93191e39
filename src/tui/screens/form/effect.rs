//! What a form would do, in words and figures: what is on hand where, and what would be there after.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::FormScreen;
use super::asked::Asked;
use super::line::{Goods, LineKey};
use super::place::End;
use crate::domain::{Level, LocationCode, LotCode, Sku, Tracking};
use crate::tui::text::Words;
use crate::tui::text::form::{FormText, of_kind};
use crate::tui::view::Context;
use crate::worker::query::{self, Ticket};

/// What is known to be on hand, by product and place.
#[derive(Debug, Default)]
pub(super) struct Levels {
    known: HashMap<(Sku, LocationCode), Vec<Level>>,
    asked: HashMap<Ticket, (Sku, LocationCode)>,
}

impl Levels {
    fn is_asked(&self, key: &(Sku, LocationCode)) -> bool {
        self.asked.values().any(|asked| asked == key)
    }

    pub(super) fn ask(&mut self, key: (Sku, LocationCode), context: &mut Context<'_>) {
        let ticket = context.ask(query::OnHand { sku: key.0.clone(), location: key.1.clone() });
        self.asked.insert(ticket, key);
    }

    /// Takes an answer, and says for what.
    pub(super) fn answered(
        &mut self,
        ticket: Ticket,
        found: Option<&[Level]>,
    ) -> Option<(Sku, LocationCode)> {
        let key = self.asked.remove(&ticket)?;
        if let Some(found) = found {
            self.known.insert(key.clone(), found.to_vec());
        }
        Some(key)
    }

    /// Forgets the figures, because a posting has changed them; answers under way may be older.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    pub(super) fn at(&self, sku: &Sku, place: &LocationCode) -> Option<&[Level]> {
        self.known.get(&(sku.clone(), place.clone())).map(Vec::as_slice)
    }

    fn total(&self, sku: &Sku, place: &LocationCode) -> Option<Decimal> {
        self.at(sku, place).map(|levels| levels.iter().map(|level| level.on_hand).sum())
    }
}

/// What a form moves, by product and by lot.
#[derive(Debug, Default)]
pub(super) struct Sums {
    products: HashMap<Sku, Decimal>,
    lots: HashMap<(Sku, LotCode), Decimal>,
}

impl Sums {
    fn of(&self, sku: &Sku) -> Decimal {
        self.products.get(sku).copied().unwrap_or_default()
    }
}

/// Less on hand than a line takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shortage {
    pub(super) have: Decimal,
    pub(super) need: Decimal,
}

impl FormScreen {
    /// Asks what is on hand of a product where the form takes or puts it, unless that is known.
    pub(super) fn ask_on_hand(&mut self, sku: &Sku, context: &mut Context<'_>) {
        let places: Vec<LocationCode> = self.known_places().map(|(_, code)| code.clone()).collect();
        for place in places {
            let key = (sku.clone(), place);
            if !self.levels.known.contains_key(&key) && !self.levels.is_asked(&key) {
                self.levels.ask(key, context);
            }
        }
    }

    /// Asks again for the lines in view.
    pub(super) fn refresh_on_hand(&mut self, context: &mut Context<'_>) {
        let places: Vec<LocationCode> = self.known_places().map(|(_, code)| code.clone()).collect();
        let seen = self.lines.all().iter().skip(self.top).take(self.rows.max(1));
        let mut keys: Vec<(Sku, LocationCode)> = Vec::new();
        for goods in seen.filter_map(|line| line.goods()) {
            for place in &places {
                let key = (goods.sku.clone(), place.clone());
                if !keys.contains(&key) && !self.levels.is_asked(&key) {
                    keys.push(key);
                }
            }
        }
        for key in keys {
            self.levels.ask(key, context);
        }
    }

    /// What the whole form moves.
    pub(super) fn sums(&self) -> Sums {
        let mut sums = Sums::default();
        for (_, goods) in self.lines.goods() {
            *sums.products.entry(goods.sku.clone()).or_default() += goods.units();
            if let Some(lot) = &goods.lot {
                *sums.lots.entry((goods.sku.clone(), lot.clone())).or_default() += goods.units();
            }
        }
        sums
    }

    /// What is on hand at one end, before and after.
    pub(super) fn change(&self, goods: &Goods, end: End, sums: &Sums) -> Option<(Decimal, Decimal)> {
        let before = self.levels.total(&goods.sku, self.place(end).code()?)?;
        let moved = sums.of(&goods.sku);
        Some((before, if end == End::From { before - moved } else { before + moved }))
    }

    /// Whether a line takes more than is there, with the figures.
    pub(super) fn shortage(&self, goods: &Goods, today: Date, sums: &Sums) -> Option<Shortage> {
        if !End::of(self.kind).contains(&End::From) {
            return None;
        }
        let levels = self.levels.at(&goods.sku, self.from.code()?)?;
        let sum = |count: &dyn Fn(&Level) -> bool| -> Decimal {
            levels.iter().filter(|level| count(level)).map(|level| level.on_hand).sum()
        };
        let usable = |level: &Level| level.expires_on.is_none_or(|day| day >= today);
        let of_lot =
            |lot: &LotCode| sums.lots.get(&(goods.sku.clone(), lot.clone())).copied().unwrap_or_default();
        let (have, need) = match (goods.tracking, &goods.lot) {
            (Tracking::Serial, _) => {
                let serials: HashSet<&str> = goods.serials.iter().map(LotCode::as_str).collect();
                let named = |level: &Level| level.lot.as_deref().is_some_and(|lot| serials.contains(lot));
                (sum(&named), goods.units())
            }
            (_, Some(lot)) => (sum(&|level| level.lot.as_deref() == Some(lot.as_str())), of_lot(lot)),
            (Tracking::Lot, None) => (sum(&usable), sums.of(&goods.sku)),
            (Tracking::None, None) => (sum(&|_| true), sums.of(&goods.sku)),
        };
        (have < need).then_some(Shortage { have, need })
    }

    /// Whether the lots of a line are still to be learnt where it takes goods.
    pub(super) fn awaits_lots(&self, key: LineKey) -> bool {
        let (Some(goods), Some(from)) = (self.lines.goods_of(key), self.from.code()) else { return false };
        let place = (goods.sku.clone(), from.clone());
        !self.levels.known.contains_key(&place) && self.levels.is_asked(&place)
    }

    /// The lot of this code, if it stands where the product is taken from.
    pub(super) fn lot_on_hand(&self, asked: Asked, text: &str) -> Option<LotCode> {
        let goods = self.lines.goods_of(asked.key)?;
        let levels = self.levels.at(&goods.sku, self.from.code()?)?;
        let there = |level: &&Level| {
            level.on_hand > Decimal::ZERO
                && level.lot.as_deref().is_some_and(|lot| lot.eq_ignore_ascii_case(text))
        };
        levels.iter().find(there).and_then(|level| level.lot.clone())
    }

    /// What one line does, in words.
    pub(super) fn sentence(&self, goods: &Goods, words: Words, sums: &Sums) -> String {
        let number = |value: Decimal| words.language.number(value);
        let name = |end: End| match self.place(end).code() {
            Some(code) => code.to_string(),
            None => "…".to_owned(),
        };
        let (from, to, quantity) = (name(End::From), name(End::To), number(goods.units()));
        let places = [
            ("quantity", quantity.as_str()),
            ("unit", &goods.unit),
            ("sku", goods.sku.as_str()),
            ("name", &goods.name),
            ("from", &from),
            ("to", &to),
        ];
        let mut text = words.fill(of_kind(self.kind).line, &places);
        if let Some(lot) = &goods.lot {
            text.push_str(&words.fill(FormText::OfLot, &[("lot", lot.as_str())]));
        }
        if let Some(day) = goods.expires {
            text.push_str(&words.fill(FormText::UntilDay, &[("day", &words.language.day(day))]));
        }
        let ends = End::of(self.kind);
        let phrase = if ends.len() > 1 { FormText::OnHandAt } else { FormText::OnHandThere };
        let changes: Vec<String> = ends
            .iter()
            .filter_map(|end| self.change(goods, *end, sums).map(|change| (*end, change)))
            .map(|(end, (before, after))| {
                let place = name(end);
                let places = [("place", &*place), ("before", &*number(before)), ("after", &*number(after))];
                words.fill(phrase, &places)
            })
            .collect();
        if !changes.is_empty() {
            text = words.fill(FormText::Effect, &[("line", &text), ("changes", &changes.join(", "))]);
        }
        text
    }

    /// How many lines the form has, and how much of what: pieces together, what is measured by its unit.
    pub(super) fn total(&self, words: Words) -> String {
        let lines = u64::try_from(self.lines.all().len()).unwrap_or(u64::MAX);
        let mut parts = vec![words.count(lines, FormText::LineOne, FormText::LineMany)];
        let (mut pieces, mut measured) = (Decimal::ZERO, BTreeMap::<&str, Decimal>::new());
        for (_, goods) in self.lines.goods() {
            if goods.decimals == 0 {
                pieces += goods.units();
            } else {
                *measured.entry(&goods.unit).or_default() += goods.units();
            }
        }
        if !pieces.is_zero() || measured.is_empty() {
            let phrase = if pieces == Decimal::ONE { FormText::UnitOne } else { FormText::UnitMany };
            parts.push(words.fill(phrase, &[("n", &words.language.number(pieces))]));
        }
        parts.extend(measured.iter().map(|(unit, sum)| format!("{} {unit}", words.language.number(*sum))));
        parts.join(", ")
    }
}
