//! The stock as the demo's plan sees it: a copy that every planned posting is tried on first, so that
//! what is planned is never refused.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{CliError, goods};
use crate::domain::{Line, LocationCode, LotCode, Posting, Refusal, Sku, UnitPrice};
use crate::service::{Service, StockFilter};
use crate::store::ProductFilter;

/// What the plan knows of a product.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub tracking: String,
    pub decimals: i16,
    /// The hall that it belongs to.
    pub hall: &'static str,
    pub reorder_point: Option<Decimal>,
    pub unit_cost: Option<UnitPrice>,
    pub unit_price: Option<UnitPrice>,
}

/// What stands in one place of one product and lot.
#[derive(Debug, Clone)]
pub(super) struct Shelf {
    pub sku: Sku,
    pub place: LocationCode,
    pub lot: Option<LotCode>,
    pub expires: Option<Date>,
    pub on_hand: Decimal,
}

/// The goods and the places that the demo's people work with. What a visitor adds is left alone: goods
/// under a heading that is not the demo's, and places outside its tree.
#[derive(Debug, Clone, Default)]
pub(super) struct Shelves {
    pub shelves: Vec<Shelf>,
    pub products: BTreeMap<Sku, Facts>,
    pub places: BTreeSet<LocationCode>,
    index: HashMap<(Sku, LocationCode, Option<LotCode>), usize>,
}

impl Shelves {
    /// Reads the stock.
    pub async fn read(service: &Service) -> Result<Self, CliError> {
        let mut read = Self::default();
        let codes: BTreeSet<String> = goods::places()
            .into_iter()
            .map(|place| place.code)
            .chain([super::sample::SAMPLE_PLACE.to_owned()])
            .collect();
        for row in service.store().locations().await? {
            if row.archived_at.is_none() && codes.contains(&row.code) {
                read.places.insert(super::code(&row.code)?);
            }
        }
        for row in service.store().products(&ProductFilter::default()).await? {
            if row.sku == goods::TOUR_PRODUCT {
                continue;
            }
            let Some(hall) = row.category.as_deref().and_then(goods::hall) else { continue };
            let price = |value: Option<Decimal>| value.map(UnitPrice::new).transpose().map_err(Refusal::from);
            let facts = Facts {
                tracking: row.tracking,
                decimals: row.decimals,
                hall,
                reorder_point: row.reorder_point,
                unit_cost: price(row.unit_cost)?,
                unit_price: price(row.unit_price)?,
            };
            read.products.insert(super::code(&row.sku)?, facts);
        }
        for level in service.store().stock(&StockFilter::default()).await? {
            let (sku, place) =
                (super::code::<Sku>(&level.sku)?, super::code::<LocationCode>(&level.location)?);
            if read.products.contains_key(&sku) && read.places.contains(&place) {
                let lot = level.lot.as_deref().map(super::code).transpose()?;
                read.change(&sku, &place, lot.as_ref(), level.expires_on, level.on_hand);
            }
        }
        Ok(read)
    }

    fn change(
        &mut self,
        sku: &Sku,
        place: &LocationCode,
        lot: Option<&LotCode>,
        expires: Option<Date>,
        change: Decimal,
    ) {
        let key = (sku.clone(), place.clone(), lot.cloned());
        match self.index.get(&key).and_then(|position| self.shelves.get_mut(*position)) {
            Some(shelf) => shelf.on_hand += change,
            None => {
                self.index.insert(key, self.shelves.len());
                self.shelves.push(Shelf {
                    sku: sku.clone(),
                    place: place.clone(),
                    lot: lot.cloned(),
                    expires,
                    on_hand: change,
                });
            }
        }
    }

    /// Tries a posting on the copy.
    pub fn apply(&mut self, posting: &Posting) {
        for line in &posting.lines {
            let Line { sku, lot, .. } = line;
            let known = lot.as_ref().and_then(|_| self.expiry(sku, lot.as_ref()));
            if let Some(from) = &line.from {
                self.change(sku, from, lot.as_ref(), known, -line.quantity.value());
            }
            if let Some(to) = &line.to {
                self.change(sku, to, lot.as_ref(), line.expires.or(known), line.quantity.value());
            }
        }
    }

    /// Sets a level to what was counted.
    pub fn set(&mut self, position: usize, counted: Decimal) {
        if let Some(shelf) = self.shelves.get_mut(position) {
            shelf.on_hand = counted;
        }
    }

    fn expiry(&self, sku: &Sku, lot: Option<&LotCode>) -> Option<Date> {
        self.shelves
            .iter()
            .find(|shelf| shelf.sku == *sku && shelf.lot.as_ref() == lot)
            .and_then(|shelf| shelf.expires)
    }

    /// The products that are at or below their reorder point.
    pub fn low(&self) -> Vec<Sku> {
        let mut on_hand: HashMap<&Sku, Decimal> = HashMap::new();
        for shelf in &self.shelves {
            *on_hand.entry(&shelf.sku).or_default() += shelf.on_hand;
        }
        self.products
            .iter()
            .filter(|(sku, facts)| {
                let on_hand = on_hand.get(sku).copied().unwrap_or_default();
                facts.reorder_point.is_some_and(|point| on_hand <= point)
            })
            .map(|(sku, _)| sku.clone())
            .collect()
    }
}
