//! What a whole file of movements names and needs, found in the first of two passes.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use crate::domain::{
    Line, LocationCode, LocationKind, LotCode, MovementKind, Name, NewLocation, NewPartner, PartnerCode,
    Posting, Product, Quantity, Sku, UnitPrice,
};

use super::ImportError;
use super::ids::Ids;
use super::layout::collapse_spaces;
use super::planner::Document;
use super::profile::MovementProfile;

/// How many products one posting of opening stock has, which the database handles at once.
pub(super) const OPENING_LINES_MAX: usize = 1_000;
/// How long before the first row the opening stock is posted.
const OPENING_BEFORE: SignedDuration = SignedDuration::from_millis(1);

/// Counts values to find the most frequent one; of equally frequent ones the first.
#[derive(Debug, Clone)]
struct Tally<T>(Vec<(T, u64)>);

impl<T> Default for Tally<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: PartialEq> Tally<T> {
    fn add<Q: ?Sized + PartialEq>(&mut self, value: &Q, own: impl FnOnce() -> T)
    where
        T: std::borrow::Borrow<Q>,
    {
        match self.0.iter_mut().find(|(known, _)| known.borrow() == value) {
            Some((_, count)) => *count += 1,
            None => self.0.push((own(), 1)),
        }
    }

    fn commonest(&self) -> Option<&T> {
        let most = self.0.iter().map(|(_, count)| *count).max()?;
        self.0.iter().find(|(_, count)| *count == most).map(|(value, _)| value)
    }
}

/// The running balance of a product at one location.
#[derive(Debug, Clone)]
struct Balance {
    location: LocationCode,
    lot: Option<LotCode>,
    running: Decimal,
    lowest: Decimal,
}

#[derive(Debug, Clone, Default)]
struct ProductFacts {
    balances: Vec<Balance>,
    names: Tally<String>,
    prices: Tally<UnitPrice>,
    decimals: u32,
}

/// What a file of movements names and needs: products, partners, locations, months and opening stock.
#[derive(Debug, Default)]
pub(super) struct Summary {
    products: HashMap<Sku, ProductFacts>,
    partners: BTreeSet<PartnerCode>,
    locations: BTreeSet<LocationCode>,
    first: Option<Timestamp>,
    months: BTreeSet<Date>,
    pub(super) rows: u64,
    pub(super) value: Decimal,
    name: String,
}

/// The first day of a time's month, in the time zone by which the ledger is partitioned.
pub(super) fn month_of(time: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(time).date().first_of_month()
}

impl Summary {
    /// Adds the postings and rows of a document.
    pub(super) fn add(&mut self, document: &Document) {
        for rejected in &document.rejected {
            self.rows += 1;
            self.value += rejected.value.unwrap_or_default();
        }
        for (posting, rows) in document.postings.iter().zip(&document.rows) {
            let time = posting.id.occurred_at();
            self.first = Some(self.first.map_or(time, |first| first.min(time)));
            self.months.insert(month_of(time));
            if let Some(partner) = &posting.partner
                && !self.partners.contains(partner)
            {
                self.partners.insert(partner.clone());
            }
            for (line, row) in posting.lines.iter().zip(rows) {
                self.rows += 1;
                self.value += row.value.unwrap_or_default();
                let name = row.name.clone().and_then(|range| document.texts.get(range));
                self.add_line(line, name);
            }
        }
    }

    fn add_line(&mut self, line: &Line, name: Option<&str>) {
        for place in [&line.from, &line.to].into_iter().flatten() {
            if !self.locations.contains(place) {
                self.locations.insert(place.clone());
            }
        }
        if !self.products.contains_key(&line.sku) {
            self.products.insert(line.sku.clone(), ProductFacts::default());
        }
        let Some(facts) = self.products.get_mut(&line.sku) else { return };
        let quantity = line.quantity.value();
        facts.decimals = facts.decimals.max(quantity.scale());
        for (place, change) in [(&line.from, -quantity), (&line.to, quantity)] {
            if let Some(place) = place {
                facts.move_stock(place, line.lot.as_ref(), change);
            }
        }
        let Some(name) = name else { return };
        collapse_spaces(name, &mut self.name);
        if !self.name.is_empty() {
            facts.names.add(self.name.as_str(), || self.name.clone());
        }
        if let Some(price) = line.unit_price.filter(|price| !price.value().is_zero()) {
            facts.prices.add(&price, || price);
        }
    }

    /// The numbers of products and of partners.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.products.len() as u64, self.partners.len() as u64)
    }

    /// The months in which something occurred, by their first days.
    pub(super) fn months(&self) -> BTreeSet<Date> {
        self.months.clone()
    }

    /// The months that need a partition, as ranges without gaps.
    pub(super) fn month_stretches(&self) -> Vec<(Date, Date)> {
        let opening = self.opening_time().map(month_of);
        stretches(&self.months.iter().copied().chain(opening).collect())
    }

    fn opening_time(&self) -> Option<Timestamp> {
        let first = self.first?;
        Some(first.checked_sub(OPENING_BEFORE).unwrap_or(first))
    }

    /// The locations that the file names.
    pub(super) fn new_locations(&self) -> Vec<NewLocation> {
        let new = |code: &LocationCode| NewLocation {
            code: code.clone(),
            name: None,
            parent: None,
            kind: LocationKind::Site,
        };
        self.locations.iter().map(new).collect()
    }

    /// The partners that the file names.
    pub(super) fn new_partners(&self, profile: &MovementProfile) -> Vec<NewPartner> {
        let new =
            |code: &PartnerCode| NewPartner { code: code.clone(), name: None, kind: profile.partner_kind };
        self.partners.iter().map(new).collect()
    }

    /// The products that the file names, in the order of their codes.
    pub(super) fn new_products(&self, profile: &MovementProfile) -> Result<Vec<Product>, ImportError> {
        let mut products = Vec::with_capacity(self.products.len());
        for (sku, facts) in &self.products {
            let told = facts.names.commonest().and_then(|name| name.parse::<Name>().ok());
            let name = match told {
                Some(name) => name,
                None => format!("{sku} (no description)").parse().map_err(ImportError::Name)?,
            };
            let mut product = Product::plain(sku.clone(), name).map_err(ImportError::Name)?;
            product.unit = profile.unit.clone();
            product.decimals = u8::try_from(facts.decimals).unwrap_or(0);
            product.unit_price = facts.prices.commonest().copied();
            products.push(product);
        }
        products.sort_by(|one, other| one.sku.cmp(&other.sku));
        Ok(products)
    }

    /// The stock that must have existed before the first row so that no balance becomes negative.
    pub(super) fn opening(
        &self,
        profile_name: &str,
        profile: &MovementProfile,
    ) -> Result<Vec<Posting>, ImportError> {
        let Some(time) = self.opening_time() else { return Ok(Vec::new()) };
        let mut lines = Vec::new();
        for (sku, facts) in &self.products {
            for balance in facts.balances.iter().filter(|balance| balance.lowest < Decimal::ZERO) {
                let quantity = Quantity::new(-balance.lowest)
                    .map_err(|source| ImportError::Opening { sku: sku.clone(), source })?;
                lines.push(Line {
                    sku: sku.clone(),
                    quantity,
                    from: None,
                    to: Some(balance.location.clone()),
                    lot: balance.lot.clone(),
                    expires: None,
                    unit_price: None,
                    reverses: None,
                    order_line: None,
                });
            }
        }
        lines.sort_by(|one, other| (&one.sku, &one.to, &one.lot).cmp(&(&other.sku, &other.to, &other.lot)));
        let mut ids = Ids::new(profile_name);
        let portions = lines.chunks(OPENING_LINES_MAX).map(|lines| {
            let mut posting = Posting {
                id: crate::domain::PostingId::at(time, [0; 10]),
                kind: MovementKind::Receipt,
                reference: Some(profile.opening_reference.clone()),
                reason: None,
                partner: None,
                lines: lines.to_vec(),
            };
            posting.id = ids.make(time, &posting);
            posting
        });
        Ok(portions.collect())
    }

    /// The value of the opening stock at the most frequent selling price of each product.
    pub(super) fn worth(&self, lines: &[Line]) -> Decimal {
        let price = |line: &Line| self.products.get(&line.sku).and_then(|facts| facts.prices.commonest());
        let value = |line: &Line| line.quantity.value().checked_mul(price(line)?.value());
        lines.iter().filter_map(value).sum()
    }
}

impl ProductFacts {
    fn move_stock(&mut self, place: &LocationCode, lot: Option<&LotCode>, change: Decimal) {
        let known = self.balances.iter().position(|b| b.location == *place && b.lot.as_ref() == lot);
        let position = known.unwrap_or_else(|| {
            let (running, lowest) = (Decimal::ZERO, Decimal::ZERO);
            self.balances.push(Balance { location: place.clone(), lot: lot.cloned(), running, lowest });
            self.balances.len() - 1
        });
        let balance = &mut self.balances[position];
        balance.running += change;
        balance.lowest = balance.lowest.min(balance.running);
    }
}

/// Combines months, given by their first days, into ranges without gaps.
pub(super) fn stretches(months: &BTreeSet<Date>) -> Vec<(Date, Date)> {
    let mut stretches: Vec<(Date, Date)> = Vec::new();
    for month in months {
        match stretches.last_mut() {
            Some((_, last)) if last.last_of_month().tomorrow().is_ok_and(|next| next == *month) => {
                *last = *month
            }
            _ => stretches.push((*month, *month)),
        }
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_commonest_wins_and_the_first_of_equals() {
        let mut tally = Tally::<String>::default();
        for name in ["b", "a", "c", "a", "c"] {
            tally.add(name, || name.to_owned());
        }
        assert_eq!(tally.commonest().unwrap(), "a");
        assert!(Tally::<String>::default().commonest().is_none());
    }

    #[test]
    fn months_join_over_the_turn_of_the_year() {
        let months = [date(2010, 12, 1), date(2011, 1, 1), date(2011, 3, 1)].into_iter().collect();
        let known = [(date(2010, 12, 1), date(2011, 1, 1)), (date(2011, 3, 1), date(2011, 3, 1))];
        assert_eq!(stretches(&months), known);
    }
}
