//! The walk: what is to be picked where, in walking order, what has been picked, and what a scan means for it.
//!
//! Boundary: plain data; asks nothing and says nothing. A scan that does not fit changes nothing.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::domain::{Allocation, LocationCode, LotCode, Name, OrderLineId, PickedGoods, Sku};

/// How many counts can be undone; nobody remembers more.
const COUNTS_KEPT_MAX: usize = 500;

/// Tells a stop from all others: an order line at a place, by lot.
pub(super) type StopKey = (OrderLineId, LocationCode, Option<LotCode>);

/// Goods for an order line at one place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stop {
    pub(super) allocation: Allocation,
    /// How many have been picked and not posted.
    pub(super) picked: Decimal,
    /// Its lot or serial number has been scanned.
    pub(super) lot_seen: bool,
    /// How many decimal places its quantities may have, once its item was scanned.
    pub(super) decimals: Option<u32>,
}

impl Stop {
    fn new(allocation: Allocation) -> Self {
        Self { allocation, picked: Decimal::ZERO, lot_seen: false, decimals: None }
    }

    pub(super) fn key(&self) -> StopKey {
        let at = &self.allocation;
        (at.order_line_id, at.location.clone(), at.lot.clone())
    }

    /// How many are still to be picked.
    pub(super) fn left(&self) -> Decimal {
        (self.allocation.open - self.picked).max(Decimal::ZERO)
    }

    pub(super) fn is_done(&self) -> bool {
        self.left().is_zero()
    }

    /// How many were picked that are no longer reserved.
    pub(super) fn excess(&self) -> Decimal {
        (self.picked - self.allocation.open).max(Decimal::ZERO)
    }

    fn is_of(&self, place: &LocationCode, sku: &Sku) -> bool {
        self.allocation.location == *place && self.allocation.sku == *sku
    }
}

/// What is asked for next.
#[derive(Debug, PartialEq)]
pub(super) enum Asks<'a> {
    Place(&'a Stop),
    Item(&'a Stop),
    /// The lot or serial number of the item that was scanned.
    Lot(&'a Stop),
    /// Nothing is left to pick.
    Nothing,
}

/// Why a scan does not count, and what would.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Wrong {
    Place { scanned: LocationCode, right: LocationCode },
    PlaceFirst { scanned: Sku, right: LocationCode },
    Item { scanned: Sku, name: Name, right: Sku, right_name: Name },
    ItemPicked { sku: Sku, picked: Decimal },
    Lot { scanned: String, right: LotCode, expires: Option<Date> },
    TooMany { sku: Sku, units: Decimal, left: Decimal },
    TooPrecise { sku: Sku, most: u32 },
    ScanFirst,
    NothingLeft,
}

/// The walk.
#[derive(Debug, Default)]
pub(super) struct Walk {
    stops: Vec<Stop>,
    cursor: usize,
    /// The place that was scanned last.
    here: Option<LocationCode>,
    /// The item that was scanned and whose lot is asked for, with its units.
    asked_lot: Option<(StopKey, Decimal)>,
    /// The picked quantities before each count.
    counts: Vec<Vec<(StopKey, Decimal)>>,
    /// How often something was changed.
    changes: u64,
}

impl Walk {
    pub(super) fn stops(&self) -> &[Stop] {
        &self.stops
    }

    pub(super) fn cursor(&self) -> usize {
        self.cursor
    }

    /// How often what is kept of it was changed.
    pub(super) fn changes(&self) -> u64 {
        self.changes
    }

    pub(super) fn current(&self) -> Option<&Stop> {
        self.stops.get(self.cursor)
    }

    /// The stops at which something was picked.
    pub(super) fn picked(&self) -> impl Iterator<Item = &Stop> {
        self.stops.iter().filter(|stop| stop.picked > Decimal::ZERO)
    }

    /// The stops at which something is still to be picked.
    pub(super) fn open(&self) -> impl Iterator<Item = &Stop> {
        self.stops.iter().filter(|stop| !stop.is_done())
    }

    /// What was picked, for the posting.
    pub(super) fn goods(&self) -> Vec<PickedGoods> {
        // What was picked is more than nothing, so it is a quantity.
        self.picked().filter_map(|stop| PickedGoods::of(&stop.allocation, stop.picked).ok()).collect()
    }

    pub(super) fn asks(&self) -> Asks<'_> {
        let Some(current) = self.current().filter(|_| self.open().next().is_some()) else {
            return Asks::Nothing;
        };
        if let Some(stop) = self.asked_lot.as_ref().and_then(|(key, _)| self.stop(key)) {
            return Asks::Lot(stop);
        }
        match self.here.as_ref() == Some(&current.allocation.location) {
            true => Asks::Item(current),
            false => Asks::Place(current),
        }
    }

    fn stop(&self, key: &StopKey) -> Option<&Stop> {
        self.stops.iter().find(|stop| stop.key() == *key)
    }

    /// Puts a fresh pick list in the place of the old one. What was picked stays, also of what is no longer on the
    /// list, so that somebody puts it back.
    pub(super) fn merge(&mut self, list: impl IntoIterator<Item = Allocation>) {
        let cursor = self.current().map(Stop::key);
        let old = std::mem::take(&mut self.stops);
        self.stops = list.into_iter().map(Stop::new).collect();
        for before in old.into_iter().filter(|stop| stop.picked > Decimal::ZERO || stop.decimals.is_some()) {
            let key = before.key();
            match self.stops.iter_mut().find(|stop| stop.key() == key) {
                Some(stop) => {
                    (stop.picked, stop.lot_seen, stop.decimals) =
                        (before.picked, before.lot_seen, before.decimals);
                }
                None if before.picked > Decimal::ZERO => {
                    let allocation = Allocation { open: Decimal::ZERO, ..before.allocation.clone() };
                    self.stops.push(Stop { allocation, ..before });
                }
                None => {}
            }
        }
        let same = cursor.and_then(|key| self.stops.iter().position(|stop| stop.key() == key));
        self.cursor = same.unwrap_or(0);
        self.asked_lot.take_if(|(key, _)| !self.stops.iter().any(|stop| stop.key() == *key));
        if self.current().is_none_or(Stop::is_done) && self.asked_lot.is_none() {
            self.go_on();
        }
    }

    /// Puts back what was picked at a stop before the program ended.
    pub(super) fn restore(&mut self, picked: Stop) {
        self.changes += 1;
        let key = picked.key();
        match self.stops.iter_mut().find(|stop| stop.key() == key) {
            Some(stop) => {
                (stop.picked, stop.lot_seen, stop.decimals) =
                    (picked.picked, picked.lot_seen, picked.decimals);
            }
            None => {
                let allocation = Allocation { open: Decimal::ZERO, ..picked.allocation.clone() };
                self.stops.push(Stop { allocation, ..picked });
            }
        }
        self.go_on();
    }

    /// A place was scanned.
    pub(super) fn arrive(&mut self, scanned: &LocationCode) -> Result<(), Wrong> {
        if self.open().next().is_none() {
            return Err(Wrong::NothingLeft);
        }
        let right = self.current().map(|stop| stop.allocation.location.clone());
        match right {
            Some(right) if right == *scanned => {
                self.here = Some(right);
                self.asked_lot = None;
                self.changes += 1;
                Ok(())
            }
            Some(right) => Err(Wrong::Place { scanned: scanned.clone(), right }),
            None => Err(Wrong::NothingLeft),
        }
    }

    /// An item was scanned, so many units of it.
    pub(super) fn take(
        &mut self,
        sku: &Sku,
        name: &Name,
        units: Decimal,
        decimals: u32,
    ) -> Result<(), Wrong> {
        let Some(current) = self.current().filter(|_| self.open().next().is_some()) else {
            return Err(Wrong::NothingLeft);
        };
        let right = current.allocation.location.clone();
        if self.here.as_ref() != Some(&right) {
            return Err(Wrong::PlaceFirst { scanned: sku.clone(), right });
        }
        if units.normalize().scale() > decimals {
            return Err(Wrong::TooPrecise { sku: sku.clone(), most: decimals });
        }
        let Some(first) = self.first_at(&right, |stop| stop.is_of(&right, sku)) else {
            return Err(self.no_such_item(&right, sku, name));
        };
        self.cursor = first;
        self.asked_lot = None;
        let stop = &mut self.stops[first];
        stop.decimals = Some(decimals);
        if stop.allocation.lot.is_some() && !stop.lot_seen {
            self.asked_lot = Some((stop.key(), units));
            return Ok(());
        }
        self.count(first, units)
    }

    /// A lot or serial number was scanned without its item before it: it counts one of the item.
    pub(super) fn take_lot(&mut self, sku: &Sku, name: &Name, lot: &str, decimals: u32) -> Result<(), Wrong> {
        // The lot is looked at anew, whatever was scanned of the item before.
        let here = self.here.clone();
        let of_item = |stop: &&mut Stop| here.as_ref().is_some_and(|here| stop.is_of(here, sku));
        self.stops.iter_mut().filter(of_item).for_each(|stop| stop.lot_seen = false);
        self.take(sku, name, Decimal::ONE, decimals)?;
        self.name_lot(lot).unwrap_or(Ok(()))
    }

    /// Whether a text is the lot or serial number that is asked for, or another one of the same item here.
    pub(super) fn is_lot(&self, text: &str) -> bool {
        self.lot_at(text).is_some()
    }

    fn lot_at(&self, text: &str) -> Option<usize> {
        let (key, _) = self.asked_lot.as_ref()?;
        let asked = self.stop(key)?.allocation.clone();
        self.first_at(&asked.location, |stop| {
            let lot = stop.allocation.lot.as_deref();
            stop.is_of(&asked.location, &asked.sku) && lot.is_some_and(|lot| lot.eq_ignore_ascii_case(text))
        })
    }

    /// A lot or serial number was scanned. Returns nothing where none is asked for.
    pub(super) fn name_lot(&mut self, text: &str) -> Option<Result<(), Wrong>> {
        let (key, units) = self.asked_lot.clone()?;
        let asked = self.stop(&key)?.allocation.clone();
        let Some(found) = self.lot_at(text) else {
            let (scanned, right) = (text.to_owned(), asked.lot?);
            return Some(Err(Wrong::Lot { scanned, right, expires: asked.expires_on }));
        };
        self.cursor = found;
        let decimals = self.stop(&key)?.decimals;
        self.stops[found].decimals = decimals;
        let counted = self.count(found, units);
        if counted.is_ok() {
            self.asked_lot = None;
        }
        Some(counted)
    }

    /// The first stop at a place that a condition holds for and that is not done: the current one if it is one.
    fn first_at(&self, place: &LocationCode, holds: impl Fn(&Stop) -> bool) -> Option<usize> {
        let fits = |at: &usize| {
            let stop = &self.stops[*at];
            stop.allocation.location == *place && !stop.is_done() && holds(stop)
        };
        let all = std::iter::once(self.cursor).chain(0..self.stops.len());
        all.filter(|at| *at < self.stops.len()).find(fits)
    }

    fn no_such_item(&self, here: &LocationCode, sku: &Sku, name: &Name) -> Wrong {
        let picked: Decimal =
            self.stops.iter().filter(|stop| stop.is_of(here, sku)).map(|stop| stop.picked).sum();
        if picked > Decimal::ZERO {
            return Wrong::ItemPicked { sku: sku.clone(), picked };
        }
        match self.first_at(here, |_| true).and_then(|at| self.stops.get(at)) {
            Some(right) => Wrong::Item {
                scanned: sku.clone(),
                name: name.clone(),
                right: right.allocation.sku.clone(),
                right_name: right.allocation.name.clone(),
            },
            None => Wrong::NothingLeft,
        }
    }

    /// Counts units at a stop, and what is more than it needs at those of other orders for the same goods here.
    fn count(&mut self, first: usize, units: Decimal) -> Result<(), Wrong> {
        let of = self.stops[first].allocation.clone();
        let same = |stop: &Stop| stop.is_of(&of.location, &of.sku) && stop.allocation.lot == of.lot;
        let others = (0..self.stops.len()).filter(|at| *at != first && same(&self.stops[*at]));
        let order: Vec<usize> = std::iter::once(first).chain(others).collect();
        let left: Decimal = order.iter().map(|at| self.stops[*at].left()).sum();
        if units > left {
            return Err(Wrong::TooMany { sku: of.sku, units, left });
        }
        let (mut missing, mut before) = (units, Vec::new());
        let decimals = self.stops[first].decimals;
        for at in order {
            let stop = &mut self.stops[at];
            let part = missing.min(stop.left());
            // A stop of another order that got nothing is as it was.
            if part > Decimal::ZERO || at == first {
                before.push((stop.key(), stop.picked));
                (stop.picked, stop.lot_seen, stop.decimals) = (stop.picked + part, true, decimals);
                missing -= part;
            }
        }
        self.remember(before);
        if self.stops[first].is_done() {
            self.go_on();
        }
        Ok(())
    }

    fn remember(&mut self, before: Vec<(StopKey, Decimal)>) {
        if self.counts.len() == COUNTS_KEPT_MAX {
            self.counts.remove(0);
        }
        self.counts.push(before);
        self.changes += 1;
    }

    /// Says how many were picked at the current stop in all.
    pub(super) fn set(&mut self, picked: Decimal) -> Result<(), Wrong> {
        let Some(stop) = self.stops.get_mut(self.cursor) else { return Err(Wrong::NothingLeft) };
        let (sku, open) = (stop.allocation.sku.clone(), stop.allocation.open);
        if stop.picked.is_zero() {
            return Err(Wrong::ScanFirst);
        }
        if picked > open {
            return Err(Wrong::TooMany { sku, units: picked, left: open });
        }
        if let Some(most) = stop.decimals.filter(|most| picked.normalize().scale() > *most) {
            return Err(Wrong::TooPrecise { sku, most });
        }
        let before = vec![(stop.key(), stop.picked)];
        stop.picked = picked;
        stop.lot_seen &= picked > Decimal::ZERO;
        let gone = picked.is_zero() && open.is_zero();
        self.remember(before);
        if gone {
            self.stops.remove(self.cursor);
        }
        if self.current().is_none_or(Stop::is_done) {
            self.go_on();
        }
        Ok(())
    }

    /// Takes the latest count back. Returns false when there is none.
    pub(super) fn undo(&mut self) -> bool {
        if self.asked_lot.take().is_some() {
            return true;
        }
        let Some(before) = self.counts.pop() else { return false };
        for (key, picked) in before {
            if let Some(at) = self.stops.iter().position(|stop| stop.key() == key) {
                let stop = &mut self.stops[at];
                (stop.picked, stop.lot_seen) = (picked, stop.lot_seen && picked > Decimal::ZERO);
                self.cursor = at;
            }
        }
        self.changes += 1;
        true
    }

    /// Goes to another line.
    pub(super) fn step(&mut self, rows: isize) {
        self.go_to(self.cursor.saturating_add_signed(rows));
    }

    pub(super) fn go_to(&mut self, position: usize) {
        self.asked_lot = None;
        self.cursor = position.min(self.stops.len().saturating_sub(1));
    }

    /// Goes to the next stop that is not done, first those behind this one.
    fn go_on(&mut self) {
        let behind = (self.cursor..self.stops.len()).chain(0..self.cursor.min(self.stops.len()));
        let next = behind.into_iter().find(|at| !self.stops[*at].is_done());
        self.cursor = next.unwrap_or(self.cursor).min(self.stops.len().saturating_sub(1));
    }

    /// What was picked has been posted: it is no longer to be picked, and the walk has ended at the dock.
    pub(super) fn posted(&mut self) {
        for stop in &mut self.stops {
            stop.allocation.open -= stop.picked;
            (stop.picked, stop.lot_seen) = (Decimal::ZERO, false);
        }
        self.stops.retain(|stop| stop.allocation.open > Decimal::ZERO);
        (self.here, self.asked_lot) = (None, None);
        self.counts.clear();
        self.changes += 1;
        self.cursor = 0;
    }

    /// What was missing at a stop has been released.
    pub(super) fn released(&mut self, key: &StopKey, missing: Decimal) {
        if let Some(stop) = self.stops.iter_mut().find(|stop| stop.key() == *key) {
            stop.allocation.open -= missing;
        }
        self.stops.retain(|stop| stop.allocation.open > Decimal::ZERO || stop.picked > Decimal::ZERO);
        self.asked_lot = None;
        self.go_on();
    }

    /// Forgets what was picked.
    pub(super) fn forget(&mut self) {
        *self = Self { changes: self.changes + 1, ..Self::default() };
    }
}
