//! The work of the last hours, drawn at random but from a seed: receipts, issues, transfers, counts and a
//! reversal, spread over the hours like a working day.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use rust_decimal::Decimal;

use super::goods::{self, GOODS};
use super::sample::SAMPLE_PLACE;
use super::shelves::{Shelf, Shelves};
use super::site::{line, number_of};
use super::work::{Act, Login};
use super::{CliError, code};
use crate::domain::{
    Line, LocationCode, MovementKind, PartnerCode, PartnerKind, Posting, PostingId, Refusal, Sku, Tracking,
};
use crate::service::Service;

/// How many acts begin in each hour of the day, in the time zone of whoever looks; 172 a day.
const ACTS_BY_HOUR: [u32; 24] =
    [2, 2, 2, 2, 2, 2, 5, 9, 14, 16, 16, 14, 7, 13, 15, 14, 11, 7, 5, 4, 3, 3, 2, 2];
/// How long before the end the last act is, so that the present hour is never empty.
const LAST_ACT_BEFORE_END: SignedDuration = SignedDuration::from_secs(90);
/// Every so many acts one is a count, and the first of them is this one.
const COUNT_EVERY: usize = 45;
const COUNT_FIRST: usize = 20;
/// What counts find more or less than the books hold, in turn; the first agrees.
const COUNT_DIFFERENCES: [i64; 4] = [0, -1, 2, -2];
/// Every so many acts one is a reversal, and the first of them is this one.
const REVERSAL_EVERY: usize = 120;
const REVERSAL_FIRST: usize = 70;
/// How often a shelf is drawn before the act is given up.
const DRAWS_MAX: u32 = 60;
/// How many products of the sample go best.
const FAVOURITES: usize = 18;
/// How long food keeps that arrives today, in days.
const FOOD_KEEPS_DAYS: i64 = 180;

/// Whom the demo deals with.
#[derive(Debug, Clone, Default)]
pub(super) struct Partners {
    suppliers: Vec<PartnerCode>,
    customers: Vec<PartnerCode>,
}

impl Partners {
    /// The demo's own suppliers, and the customers of the sample.
    pub async fn read(service: &Service) -> Result<Self, CliError> {
        let mut read = Self::default();
        for row in service.store().partners().await? {
            if row.kind == PartnerKind::Customer.as_str() {
                read.customers.push(code(&row.code)?);
            } else if goods::SUPPLIERS.iter().any(|(known, _)| *known == row.code) {
                read.suppliers.push(code(&row.code)?);
            }
        }
        Ok(read)
    }
}

/// Plans what happens between two moments. Every posting is tried on the shelves before the next is drawn.
pub(super) fn plan(
    since: Timestamp,
    until: Timestamp,
    zone: &TimeZone,
    shelves: Shelves,
    partners: Partners,
) -> Result<Vec<Act>, Refusal> {
    let mut random = StdRng::seed_from_u64(until.as_millisecond().unsigned_abs());
    let moments = moments(since, until, zone, &mut random);
    let favourites = favourites(&shelves);
    let low = shelves.low();
    let mut planner = Planner {
        random,
        favourites,
        low,
        skus: shelves.products.keys().cloned().collect(),
        shelves,
        partners,
        today: until.to_zoned(TimeZone::UTC).date(),
        // References go on from start to start, because an hour never comes back.
        document: u32::try_from(since.as_second().rem_euclid(100_000_000) / 60).unwrap_or(0),
        issued: None,
        acts: Vec::with_capacity(moments.len()),
    };
    for (position, moment) in moments.into_iter().enumerate() {
        planner.act(position, moment)?;
    }
    Ok(planner.acts)
}

fn moments(since: Timestamp, until: Timestamp, zone: &TimeZone, random: &mut StdRng) -> Vec<Timestamp> {
    let mut moments = Vec::new();
    let mut hour = since.as_second().div_euclid(3_600) * 3_600;
    while let Ok(begin) = Timestamp::from_second(hour)
        && begin < until
    {
        let local = usize::try_from(begin.to_zoned(zone.clone()).hour()).unwrap_or(0);
        for _ in 0..ACTS_BY_HOUR[local] {
            moments.push(begin + random.random_range(0..3_600_000_i64).milliseconds());
        }
        hour += 3_600;
    }
    moments.push(until.saturating_sub(LAST_ACT_BEFORE_END).unwrap_or(until));
    moments.retain(|moment| *moment > since && *moment < until);
    moments.sort_unstable();
    moments
}

/// The shelves that goods are taken from most.
fn favourites(shelves: &Shelves) -> Vec<usize> {
    let mut skus: Vec<&Sku> = shelves.products.keys().collect();
    skus.sort_by_key(|sku| number_of(sku.as_str()));
    skus.truncate(FAVOURITES);
    let is_favourite = |shelf: &Shelf| {
        goods::sells_from(shelf.place.as_str())
            && (skus.contains(&&shelf.sku) || GOODS.iter().any(|goods| goods.sku == shelf.sku.as_str()))
    };
    let known = shelves.shelves.iter().enumerate();
    known.filter(|(_, shelf)| is_favourite(shelf)).map(|(position, _)| position).collect()
}

struct Planner {
    random: StdRng,
    shelves: Shelves,
    partners: Partners,
    skus: Vec<Sku>,
    favourites: Vec<usize>,
    low: Vec<Sku>,
    today: Date,
    document: u32,
    /// The last issue, which a reversal may undo.
    issued: Option<Posting>,
    acts: Vec<Act>,
}

impl Planner {
    fn act(&mut self, position: usize, moment: Timestamp) -> Result<(), Refusal> {
        if position % REVERSAL_EVERY == REVERSAL_FIRST
            && let Some(issued) = self.issued.take()
        {
            return self.reverse(moment, issued);
        }
        if position % COUNT_EVERY == COUNT_FIRST {
            return self.count(moment, COUNT_DIFFERENCES[position / COUNT_EVERY % COUNT_DIFFERENCES.len()]);
        }
        match self.random.random_range(0..100) {
            0..54 => self.issue(moment),
            54..80 => self.transfer(moment),
            _ => self.receive(moment),
        }
    }

    fn id(&mut self, moment: Timestamp) -> PostingId {
        PostingId::at(moment, self.random.random())
    }

    /// One in four acts is the admin's.
    fn login(&mut self) -> Login {
        if self.random.random_range(0..4) == 0 { Login::Admin } else { Login::Clerk }
    }

    fn post(&mut self, posting: Posting) {
        self.shelves.apply(&posting);
        let login = self.login();
        self.acts.push(Act::Post { login, posting });
    }

    fn reference<T: std::str::FromStr<Err = crate::domain::CodeError>>(
        &mut self,
        prefix: &str,
    ) -> Result<Option<T>, Refusal> {
        self.document += 1;
        Ok(Some(code(&format!("{prefix}-{:06}", self.document % 1_000_000))?))
    }

    fn one_of<T: Clone>(&mut self, choices: &[T]) -> Option<T> {
        match choices.len() {
            0 => None,
            count => choices.get(self.random.random_range(0..count)).cloned(),
        }
    }

    /// Draws a shelf that will do, more often one of the favourites.
    fn draw(&mut self, will_do: impl Fn(&Shelf, &Self) -> bool) -> Option<usize> {
        for _ in 0..DRAWS_MAX {
            let any = self.random.random_range(0..self.shelves.shelves.len().max(1));
            let favourite = self.random.random_range(0..100) < 45;
            let position = if favourite { self.one_of(&self.favourites.clone())? } else { any };
            if self.shelves.shelves.get(position).is_some_and(|shelf| will_do(shelf, self)) {
                return Some(position);
            }
        }
        None
    }

    fn can_be_sold(&self, shelf: &Shelf) -> bool {
        goods::sells_from(shelf.place.as_str())
            && shelf.on_hand >= Decimal::ONE
            && shelf.expires.is_none_or(|day| day > self.today)
    }

    /// The lot in the same place that expires first.
    fn first_to_expire(&self, position: usize) -> usize {
        let Some(drawn) = self.shelves.shelves.get(position) else { return position };
        let same = |shelf: &Shelf| {
            shelf.sku == drawn.sku
                && shelf.place == drawn.place
                && shelf.expires.is_some()
                && self.can_be_sold(shelf)
        };
        let lots = self.shelves.shelves.iter().enumerate().filter(|(_, shelf)| same(shelf));
        lots.min_by_key(|(_, shelf)| shelf.expires).map_or(position, |(position, _)| position)
    }

    /// So many of what stands on a shelf, as goods of this kind are sold.
    fn quantity(&mut self, shelf: &Shelf, most: i64) -> Decimal {
        match self.shelves.products.get(&shelf.sku).map_or(0, |facts| facts.decimals) {
            0 => Decimal::from(self.random.random_range(1..=most)).min(shelf.on_hand.floor()),
            _ => Decimal::new(self.random.random_range(150..3_500), 3).min(shelf.on_hand),
        }
    }

    /// A line out of a shelf, and to another place if one is given.
    fn line_from(
        &self,
        shelf: &Shelf,
        quantity: Decimal,
        to: Option<&LocationCode>,
    ) -> Result<Line, Refusal> {
        let mut line = line(shelf.sku.clone(), quantity, Some(&shelf.place), to)?;
        line.lot.clone_from(&shelf.lot);
        Ok(line)
    }

    fn issue(&mut self, moment: Timestamp) -> Result<(), Refusal> {
        let wanted = [1, 1, 1, 1, 1, 1, 2, 3][self.random.random_range(0..8)];
        let mut lines: Vec<Line> = Vec::new();
        for _ in 0..wanted {
            let Some(drawn) = self.draw(|shelf, planner| planner.can_be_sold(shelf)) else { break };
            let Some(shelf) = self.shelves.shelves.get(self.first_to_expire(drawn)).cloned() else { break };
            if lines.iter().any(|line| line.sku == shelf.sku) {
                continue;
            }
            let quantity = self.quantity(&shelf, 12);
            let mut line = self.line_from(&shelf, quantity, None)?;
            let tracking = self.shelves.products.get(&shelf.sku).map(|facts| facts.tracking.as_str());
            if tracking == Some(Tracking::Serial.as_str()) {
                line.quantity = "1".parse()?;
            }
            line.unit_price = self.shelves.products.get(&shelf.sku).and_then(|facts| facts.unit_price);
            lines.push(line);
        }
        if lines.is_empty() {
            return self.receive(moment);
        }
        let reason = match self.random.random_range(0..100) {
            0..4 => Some(code("collected by the customer")?),
            4..7 => Some(code("replaces goods broken on the way")?),
            _ => None,
        };
        let posting = Posting {
            id: self.id(moment),
            kind: MovementKind::Issue,
            reference: self.reference("SO")?,
            reason,
            partner: self.one_of(&self.partners.customers.clone()),
            lines,
        };
        self.issued = Some(posting.clone());
        self.post(posting);
        Ok(())
    }

    fn transfer(&mut self, moment: Timestamp) -> Result<(), Refusal> {
        let choice = self.random.random_range(0..100);
        let aside = if choice < 10 { self.set_aside()? } else { Vec::new() };
        let reason = if aside.is_empty() { None } else { Some(code("box crushed")?) };
        let mut lines = aside;
        if lines.is_empty() && choice < 75 {
            lines = self.put_away()?;
        }
        if lines.is_empty() {
            lines = self.fill_up()?;
        }
        if lines.is_empty() {
            return self.receive(moment);
        }
        let posting = Posting {
            id: self.id(moment),
            kind: MovementKind::Transfer,
            reference: if reason.is_none() { self.reference("PUT")? } else { None },
            reason,
            partner: None,
            lines,
        };
        self.post(posting);
        Ok(())
    }

    /// One piece that may not be sold any more goes to quarantine.
    fn set_aside(&mut self) -> Result<Vec<Line>, Refusal> {
        let quarantine: LocationCode = code(goods::QUARANTINE)?;
        let damaged = |shelf: &Shelf, planner: &Self| shelf.lot.is_none() && planner.can_be_sold(shelf);
        let Some(drawn) = self.draw(damaged).filter(|_| self.shelves.places.contains(&quarantine)) else {
            return Ok(Vec::new());
        };
        let shelf = self.shelves.shelves.get(drawn).cloned();
        shelf.iter().map(|shelf| self.line_from(shelf, Decimal::ONE, Some(&quarantine))).collect()
    }

    /// What waits on the dock goes to its halls, one to three kinds of goods at a time.
    fn put_away(&mut self) -> Result<Vec<Line>, Refusal> {
        let waits = |shelf: &&Shelf| shelf.place.as_str() == goods::DOCK && shelf.on_hand > Decimal::ZERO;
        let waiting: Vec<Shelf> = self.shelves.shelves.iter().filter(waits).cloned().collect();
        let kinds = self.random.random_range(1..=3);
        let mut lines = Vec::new();
        for shelf in waiting.iter().take(kinds) {
            if let Some(bin) = self.bin_for(&shelf.sku)? {
                lines.push(self.line_from(shelf, shelf.on_hand, Some(&bin))?);
            }
        }
        Ok(lines)
    }

    /// Goods of the main store go into a bin.
    fn fill_up(&mut self) -> Result<Vec<Line>, Refusal> {
        let plenty = |shelf: &Shelf, planner: &Self| {
            shelf.place.as_str() == SAMPLE_PLACE
                && shelf.lot.is_none()
                && shelf.on_hand >= Decimal::from(12)
                && planner.can_be_sold(shelf)
        };
        let Some(shelf) = self.draw(plenty).and_then(|drawn| self.shelves.shelves.get(drawn).cloned()) else {
            return Ok(Vec::new());
        };
        let Some(bin) = self.bin_for(&shelf.sku)? else { return Ok(Vec::new()) };
        let quantity = self.quantity(&shelf, 12);
        Ok(vec![self.line_from(&shelf, quantity, Some(&bin))?])
    }

    /// A bin of the hall that the goods belong to, of those in use.
    fn bin_for(&mut self, sku: &Sku) -> Result<Option<LocationCode>, Refusal> {
        let Some(hall) = self.shelves.products.get(sku).map(|facts| facts.hall) else { return Ok(None) };
        let bins = goods::bins(hall).iter().map(|bin| code(bin)).collect::<Result<Vec<LocationCode>, _>>()?;
        let in_use: Vec<LocationCode> =
            bins.into_iter().filter(|bin| self.shelves.places.contains(bin)).collect();
        Ok(self.one_of(&in_use))
    }

    fn receive(&mut self, moment: Timestamp) -> Result<(), Refusal> {
        let dock: LocationCode = code(goods::DOCK)?;
        let to = if self.shelves.places.contains(&dock) { dock } else { code(SAMPLE_PLACE)? };
        if !self.shelves.places.contains(&to) {
            return Ok(());
        }
        let food = self.random.random_range(0..100) < 14;
        let wanted = if food { 1 } else { [1, 1, 1, 2, 2, 3][self.random.random_range(0..6)] };
        let mut lines: Vec<Line> = Vec::new();
        for _ in 0..wanted {
            let Some(sku) = (if food { self.food() } else { self.product_to_order() }) else { break };
            if lines.iter().any(|line| line.sku == sku) {
                continue;
            }
            let dozens = self.random.random_range(1..=5);
            let mut line = line(sku.clone(), Decimal::from(12 * dozens), None, Some(&to))?;
            line.unit_price = self.shelves.products.get(&sku).and_then(|facts| facts.unit_cost);
            if food {
                // The day is in the code, so a lot never comes with two last days.
                line.lot = Some(code(&format!("R{}", self.today.strftime("%y%m%d")))?);
                line.expires = Some(self.today.saturating_add(FOOD_KEEPS_DAYS.days()));
            }
            lines.push(line);
        }
        if lines.is_empty() {
            return Ok(());
        }
        let food_supplier: PartnerCode = code(goods::FOOD_SUPPLIER)?;
        let suppliers: Vec<PartnerCode> = self
            .partners
            .suppliers
            .iter()
            .filter(|known| (**known == food_supplier) == food)
            .cloned()
            .collect();
        let posting = Posting {
            id: self.id(moment),
            kind: MovementKind::Receipt,
            reference: self.reference("PO")?,
            reason: None,
            partner: self.one_of(&suppliers),
            lines,
        };
        self.post(posting);
        Ok(())
    }

    /// Food with lots.
    fn food(&mut self) -> Option<Sku> {
        let by_lot = |sku: &&Sku| {
            let facts = self.shelves.products.get(*sku);
            facts.is_some_and(|facts| {
                facts.hall == goods::FOOD_ZONE && facts.tracking == Tracking::Lot.as_str()
            })
        };
        let food: Vec<Sku> = self.skus.iter().filter(by_lot).cloned().collect();
        self.one_of(&food)
    }

    /// Goods without lots, now and then those that are low.
    fn product_to_order(&mut self) -> Option<Sku> {
        let low = self.random.random_range(0..100) < 15;
        let candidates = if low && !self.low.is_empty() { self.low.clone() } else { self.skus.clone() };
        (0..DRAWS_MAX).find_map(|_| {
            let sku = self.one_of(&candidates)?;
            let facts = self.shelves.products.get(&sku)?;
            (facts.tracking == Tracking::None.as_str() && facts.decimals == 0).then_some(sku)
        })
    }

    fn count(&mut self, moment: Timestamp, difference: i64) -> Result<(), Refusal> {
        let countable = |shelf: &Shelf, planner: &Self| {
            let pieces = planner.shelves.products.get(&shelf.sku).is_some_and(|facts| facts.decimals == 0);
            pieces && shelf.lot.is_none() && planner.can_be_sold(shelf) && shelf.on_hand >= Decimal::from(3)
        };
        let Some(drawn) = self.draw(countable) else { return self.receive(moment) };
        let Some(shelf) = self.shelves.shelves.get(drawn).cloned() else { return Ok(()) };
        let counted = shelf.on_hand + Decimal::from(difference);
        self.shelves.set(drawn, counted);
        let (id, login) = (self.id(moment), self.login());
        let reason = code("cycle count")?;
        self.acts.push(Act::Count { login, id, sku: shelf.sku, at: shelf.place, counted, reason });
        Ok(())
    }

    fn reverse(&mut self, moment: Timestamp, issued: Posting) -> Result<(), Refusal> {
        let target = issued.id;
        let mut back = issued;
        for line in &mut back.lines {
            std::mem::swap(&mut line.from, &mut line.to);
        }
        self.shelves.apply(&back);
        let id = self.id(moment);
        self.acts.push(Act::Reverse {
            login: Login::Admin,
            id,
            target,
            reason: code("picked for the wrong order")?,
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hours_are_those_of_a_working_day() {
        let until: Timestamp = "2026-03-11T15:20:00Z".parse().unwrap();
        let since = until - 24.hours();
        let mut random = StdRng::seed_from_u64(1);
        let moments = moments(since, until, &TimeZone::UTC, &mut random);
        assert!((150..=250).contains(&moments.len()), "{}", moments.len());
        assert!(moments.is_sorted());
        assert!(moments.iter().all(|moment| *moment > since && *moment < until));
        let in_hour = |hour: &str| {
            let begin: Timestamp = hour.parse().unwrap();
            moments.iter().filter(|moment| **moment >= begin && **moment < begin + 1.hours()).count()
        };
        assert_eq!((in_hour("2026-03-11T09:00:00Z"), in_hour("2026-03-11T03:00:00Z")), (16, 2));
        let last = moments.last().unwrap();
        assert!(until.duration_since(*last) <= LAST_ACT_BEFORE_END);
    }

    #[test]
    fn a_short_pause_gets_few_acts() {
        let until: Timestamp = "2026-03-11T15:20:00Z".parse().unwrap();
        let mut random = StdRng::seed_from_u64(1);
        let moments = moments(until - 90.minutes(), until, &TimeZone::UTC, &mut random);
        assert!((10..=40).contains(&moments.len()), "{}", moments.len());
    }
}
