//! The effect of a form, as text and figures: the stock at its locations before and after.

use std::collections::{BTreeMap, HashMap, HashSet};

use rust_decimal::Decimal;

use super::FormScreen;
use super::asked::Asked;
use super::line::{Goods, LineKey};
use super::place::End;
use crate::domain::{BlockedBy, Level, LocationCode, LotCode, LotStock, Sku, TakenLot, Tracking};
use crate::tui::text::Words;
use crate::tui::text::form::{FormText, of_kind};
use crate::tui::view::Context;
use crate::worker::query::{self, Ticket};

/// The known stock levels, by product and location.
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

    /// Takes an answer, and returns what it is for.
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

    /// Removes the figures, because a posting has changed them; pending answers may be older.
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
    pub(super) fn of(&self, sku: &Sku) -> Decimal {
        self.products.get(sku).copied().unwrap_or_default()
    }
}

/// The figures if there is less on hand than a line takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shortage {
    pub(super) have: Decimal,
    pub(super) need: Decimal,
    /// The quantity in expired lots, which is not counted.
    pub(super) expired: Decimal,
}

impl FormScreen {
    /// Queries the stock of a product at the locations of the form, unless it is known.
    pub(super) fn ask_on_hand(&mut self, sku: &Sku, context: &mut Context<'_>) {
        let places: Vec<LocationCode> = self.known_places().map(|(_, code)| code.clone()).collect();
        for place in places {
            let key = (sku.clone(), place);
            if !self.levels.known.contains_key(&key) && !self.levels.is_asked(&key) {
                self.levels.ask(key, context);
            }
        }
    }

    /// Queries again for the lines in view.
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

    /// The totals of what the form moves.
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

    /// The stock at one location, before and after.
    pub(super) fn change(&self, goods: &Goods, end: End, sums: &Sums) -> Option<(Decimal, Decimal)> {
        let before = self.levels.total(&goods.sku, self.place(end).code()?)?;
        let moved = sums.of(&goods.sku);
        Some((before, if end == End::From { before - moved } else { before + moved }))
    }

    /// Whether a line takes more than is available, with the figures.
    pub(super) fn shortage(&self, goods: &Goods, sums: &Sums) -> Option<Shortage> {
        if !End::of(self.kind).contains(&End::From) {
            return None;
        }
        let levels = self.levels.at(&goods.sku, self.from.code()?)?;
        let sum = |count: &dyn Fn(&Level) -> bool| -> Decimal {
            levels.iter().filter(|level| count(level)).map(|level| level.on_hand).sum()
        };
        let is_expired = |level: &Level| level.blocked_by == Some(BlockedBy::Expired);
        let usable = |level: &Level| !is_expired(level);
        let mut expired = Decimal::ZERO;
        let of_lot =
            |lot: &LotCode| sums.lots.get(&(goods.sku.clone(), lot.clone())).copied().unwrap_or_default();
        let (have, need) = match (goods.tracking, &goods.lot) {
            (Tracking::Serial, _) => {
                let serials: HashSet<&str> = goods.serials.iter().map(LotCode::as_str).collect();
                let named = |level: &Level| level.lot.as_deref().is_some_and(|lot| serials.contains(lot));
                (sum(&named), goods.units())
            }
            (_, Some(lot)) => (sum(&|level| level.lot.as_deref() == Some(lot.as_str())), of_lot(lot)),
            (Tracking::Lot, None) => {
                expired = sum(&is_expired);
                (sum(&usable), sums.of(&goods.sku))
            }
            (Tracking::None, None) => (sum(&|_| true), sums.of(&goods.sku)),
        };
        (have < need).then_some(Shortage { have, need, expired })
    }

    /// Which lots each line without a named lot takes, as far as the levels are known and sufficient. What one line
    /// takes, and lots that other lines name, are not available to the next, as in posting.
    pub(super) fn lots_taken(&self) -> HashMap<LineKey, Vec<TakenLot>> {
        let mut taken = HashMap::new();
        let Some(from) = self.from.code().filter(|_| self.kind.rules().lots.first_to_expire()) else {
            return taken;
        };
        let mut stock: HashMap<&Sku, LotStock> = HashMap::new();
        for (key, goods) in self.lines.goods() {
            if goods.tracking != Tracking::Lot || goods.lot.is_some() {
                continue;
            }
            let Some(levels) = self.levels.at(&goods.sku, from) else { continue };
            let lots = stock.entry(&goods.sku).or_insert_with(|| {
                let mut lots = LotStock::of(levels);
                for (_, named) in self.lines.goods().filter(|(_, named)| named.sku == goods.sku) {
                    if let Some(lot) = &named.lot {
                        lots.set_aside(lot, named.units());
                    }
                }
                lots
            });
            if let Ok(parts) = lots.take(goods.units()) {
                taken.insert(key, parts);
            }
        }
        taken
    }

    /// The location from which goods are issued, if it is a quarantine location.
    pub(super) fn issues_from_quarantine(&self) -> Option<&LocationCode> {
        let from = self.from.code().filter(|_| End::of(self.kind) == [End::From])?;
        let is_quarantined = |goods: &Goods| {
            let levels = self.levels.at(&goods.sku, from).unwrap_or_default();
            levels.iter().any(|level| level.blocked_by == Some(BlockedBy::Quarantine))
        };
        self.lines.goods().any(|(_, goods)| is_quarantined(goods)).then_some(from)
    }

    /// Whether the lots of a line at the source location are still unknown.
    pub(super) fn awaits_lots(&self, key: LineKey) -> bool {
        let (Some(goods), Some(from)) = (self.lines.goods_of(key), self.from.code()) else { return false };
        let place = (goods.sku.clone(), from.clone());
        !self.levels.known.contains_key(&place) && self.levels.is_asked(&place)
    }

    /// The lot with this code, if it is at the source location.
    pub(super) fn lot_on_hand(&self, asked: Asked, text: &str) -> Option<LotCode> {
        let goods = self.lines.goods_of(asked.key)?;
        let levels = self.levels.at(&goods.sku, self.from.code()?)?;
        let there = |level: &&Level| {
            level.on_hand > Decimal::ZERO
                && level.lot.as_deref().is_some_and(|lot| lot.eq_ignore_ascii_case(text))
        };
        levels.iter().find(there).and_then(|level| level.lot.clone())
    }

    /// The effect of one line, as text.
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
        if !goods.serials.is_empty() {
            let serials = goods.serials.iter().map(LotCode::as_str).collect::<Vec<_>>().join(", ");
            text.push_str(&words.fill(FormText::OfSerials, &[("serials", &serials)]));
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

    /// How many lines the form has, and how much of what: pieces together, other units separately.
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
