//! Keeping the master data: changing products, locations and lots, archiving and restoring them.
//!
//! Boundary: what is added and listed is in `catalogue`. The database decides who may do this; it lets
//! admins alone.

use jiff::civil::Date;
use rust_decimal::Decimal;
use tokio_postgres::Row;
use tracing::info;

use super::error::{Class, classify};
use super::retry::RetryPolicy;
use super::{Error, Store};
use crate::domain::{
    Barcode, Change, LocationChange, LocationCode, LotCode, Name, PackBarcode, ProductChange, Refusal, Sku,
};

/// What an archiving or restoring did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Archiving {
    /// Whether something changed; otherwise it was so before.
    pub changed: bool,
    /// What is still on hand in all places, for a product; zero for a place, which must be empty.
    pub on_hand: Decimal,
}

/// What a change of a lot's last day of use did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LotChanged {
    /// The last day of use before.
    pub before: Option<Date>,
}

impl Store {
    /// Changes products in one statement, all or none, and says how many of them there are.
    ///
    /// # Errors
    /// As any write.
    pub async fn change_products(&self, changes: &[ProductChange]) -> Result<u64, Error> {
        let text = |value: fn(&ProductChange) -> Option<&Name>| {
            changes.iter().map(|change| value(change).map(Name::as_str)).collect::<Vec<_>>()
        };
        let wanted = |value: fn(&ProductChange) -> bool| changes.iter().map(value).collect::<Vec<_>>();
        let figure = |value: fn(&ProductChange) -> Option<Decimal>| {
            changes.iter().map(value).collect::<Vec<Option<Decimal>>>()
        };
        let skus: Vec<&str> = changes.iter().map(|change| change.sku.as_str()).collect();
        let connection = self.connection().await?;
        let found = connection
            .execute(
                "UPDATE stock.products AS p SET
                     name = coalesce(c.name, p.name),
                     unit = coalesce(c.unit, p.unit),
                     category = CASE WHEN c.sets_category THEN c.category ELSE p.category END,
                     reorder_point = CASE WHEN c.sets_reorder_point THEN c.reorder_point ELSE p.reorder_point END,
                     unit_cost = CASE WHEN c.sets_cost THEN c.unit_cost ELSE p.unit_cost END,
                     unit_price = CASE WHEN c.sets_price THEN c.unit_price ELSE p.unit_price END
                 FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::text[], $6::boolean[], $7::numeric[],
                             $8::boolean[], $9::numeric[], $10::boolean[], $11::numeric[])
                     AS c (sku, name, unit, sets_category, category, sets_reorder_point, reorder_point,
                           sets_cost, unit_cost, sets_price, unit_price)
                 WHERE p.sku = c.sku",
                &[
                    &skus,
                    &text(|change| change.name.as_ref()),
                    &text(|change| change.unit.as_ref()),
                    &wanted(|change| change.category.is_wanted()),
                    &text(|change| change.category.value()),
                    &wanted(|change| change.reorder_point.is_wanted()),
                    &figure(|change| change.reorder_point.value().copied()),
                    &wanted(|change| change.unit_cost.is_wanted()),
                    &figure(|change| change.unit_cost.value().map(|price| price.value())),
                    &wanted(|change| change.unit_price.is_wanted()),
                    &figure(|change| change.unit_price.value().map(|price| price.value())),
                ],
            )
            .await?;
        Ok(found)
    }

    /// Archives a product, so that nothing more of it can be received, or brings it back.
    ///
    /// # Errors
    /// [`Refusal::UnknownProduct`]; and as any write.
    pub async fn set_product_archived(&self, sku: &Sku, archived: bool) -> Result<Archiving, Error> {
        let row = self
            .run_archiving(
                "WITH wanted AS (
                     SELECT product_id, (archived_at IS NULL) = $2 AS differs FROM stock.products WHERE sku = $1
                 ), changed AS (
                     UPDATE stock.products AS p SET archived_at = CASE WHEN $2 THEN now() END
                     FROM wanted w WHERE p.product_id = w.product_id AND w.differs
                 )
                 SELECT w.differs, coalesce((SELECT sum(l.on_hand) FROM stock.stock_levels l WHERE l.product_id = w.product_id), 0)
                 FROM wanted w",
                sku.as_str(),
                archived,
            )
            .await?
            .ok_or_else(|| Refusal::UnknownProduct(sku.to_string()))?;
        Ok(Archiving { changed: row.try_get(0)?, on_hand: row.try_get::<_, Decimal>(1)?.normalize() })
    }

    /// Puts a place out of use, so that nothing can be put there any more, or brings it back into use.
    ///
    /// # Errors
    /// [`Refusal::UnknownLocation`]; the rule `location_not_empty` while goods stand there; and as any
    /// write.
    pub async fn set_location_archived(
        &self,
        code: &LocationCode,
        archived: bool,
    ) -> Result<Archiving, Error> {
        let row = self
            .run_archiving(
                "WITH wanted AS (
                     SELECT location_id, (archived_at IS NULL) = $2 AS differs FROM stock.locations WHERE code = $1
                 ), changed AS (
                     UPDATE stock.locations AS l SET archived_at = CASE WHEN $2 THEN now() END
                     FROM wanted w WHERE l.location_id = w.location_id AND w.differs
                 )
                 SELECT w.differs FROM wanted w",
                code.as_str(),
                archived,
            )
            .await?
            .ok_or_else(|| Refusal::UnknownLocation(code.clone()))?;
        Ok(Archiving { changed: row.try_get(0)?, on_hand: Decimal::ZERO })
    }

    /// Runs one statement as a SERIALIZABLE transaction of its own, again as long as postings get in its
    /// way. Only so does archiving see a posting that is under way: each of the two reads what the other
    /// writes, and the server lets one of them through.
    async fn run_archiving(&self, statement: &str, code: &str, archived: bool) -> Result<Option<Row>, Error> {
        let policy = RetryPolicy::POSTING;
        for attempt in 1..=policy.attempts_max {
            let connection = self.posting_connection().await?;
            match connection.query_opt(statement, &[&code, &archived]).await {
                Ok(row) => return Ok(row),
                Err(error) if classify(&error) == Class::Retry => {
                    info!(attempt, "A change of the master data collided with a posting and is run again");
                    tokio::time::sleep(policy.pause(attempt)).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Conflict { attempts: policy.attempts_max })
    }

    /// Changes the name, the kind or the parent of a location.
    ///
    /// # Errors
    /// [`Refusal::UnknownLocation`] for it or its parent; the rule `locations_form_a_tree` when it would
    /// become part of itself; and as any write.
    pub async fn change_location(&self, change: &LocationChange) -> Result<(), Error> {
        if change.parent.value() == Some(&change.code) {
            // The words of the rule that finds the longer rings; the CHECK that finds this one has none.
            return Err(Refusal::Rule {
                rule: "locations_form_a_tree".to_owned(),
                message: format!("Location {} cannot be part of a place that is part of it.", change.code),
            }
            .into());
        }
        let codes: Vec<&LocationCode> =
            [Some(&change.code), change.parent.value()].into_iter().flatten().collect();
        self.learn(&[], &codes, None).await?;
        let location = self.catalogue.location(&change.code)?;
        let parent = change.parent.value().map(|code| self.catalogue.location(code)).transpose()?;
        let connection = self.connection().await?;
        connection
            .execute(
                "UPDATE stock.locations SET
                     name = CASE WHEN $2 THEN $3 ELSE name END,
                     parent_id = CASE WHEN $4 THEN $5 ELSE parent_id END,
                     kind = coalesce($6, kind)
                 WHERE location_id = $1",
                &[
                    &location,
                    &change.name.is_wanted(),
                    &change.name.value().map(Name::as_str),
                    &change.parent.is_wanted(),
                    &parent,
                    &change.kind.map(|kind| kind.as_str()),
                ],
            )
            .await?;
        Ok(())
    }

    /// Changes the last day of use of a lot, or takes it away, and says what it was.
    ///
    /// # Errors
    /// [`Refusal::UnknownProduct`], [`Refusal::UnknownLot`]; and as any write.
    pub async fn change_lot(
        &self,
        sku: &Sku,
        lot: &LotCode,
        expires: Change<Date>,
    ) -> Result<LotChanged, Error> {
        self.learn(&[sku], &[], None).await?;
        let product = self.catalogue.product(sku)?;
        let connection = self.connection().await?;
        let row = connection
            .query_opt(
                "UPDATE stock.lots AS lot SET expires_on = CASE WHEN $3 THEN $4 ELSE before.expires_on END
                 FROM (SELECT lot_id, expires_on FROM stock.lots WHERE product_id = $1 AND code = $2 FOR NO KEY UPDATE) AS before
                 WHERE lot.lot_id = before.lot_id
                 RETURNING before.expires_on",
                &[&product.id, &lot.as_str(), &expires.is_wanted(), &expires.value()],
            )
            .await?
            .ok_or_else(|| Refusal::UnknownLot { sku: sku.clone(), lot: lot.clone() })?;
        Ok(LotChanged { before: row.try_get(0)? })
    }

    /// Adds a barcode to a product that exists.
    ///
    /// # Errors
    /// [`Refusal::BarcodeExists`] when it belongs to a product already.
    pub async fn add_barcode(&self, sku: &Sku, pack: &PackBarcode) -> Result<(), Error> {
        self.learn(&[sku], &[], None).await?;
        let product = self.catalogue.product(sku)?;
        let connection = self.connection().await?;
        let added = connection
            .execute(
                "INSERT INTO stock.barcodes (barcode, product_id, pack_quantity) VALUES ($1, $2, $3) ON CONFLICT (barcode) DO NOTHING",
                &[&pack.barcode.as_str(), &product.id, &pack.pack_quantity.value()],
            )
            .await?;
        if added == 0 { Err(Refusal::BarcodeExists(pack.barcode.clone()).into()) } else { Ok(()) }
    }

    /// Takes a barcode off a product.
    ///
    /// # Errors
    /// [`Refusal::UnknownBarcode`] when the product has no such barcode.
    pub async fn remove_barcode(&self, sku: &Sku, barcode: &Barcode) -> Result<(), Error> {
        self.learn(&[sku], &[], None).await?;
        let product = self.catalogue.product(sku)?;
        let connection = self.connection().await?;
        let removed = connection
            .execute(
                "DELETE FROM stock.barcodes WHERE barcode = $1 AND product_id = $2",
                &[&barcode.as_str(), &product.id],
            )
            .await?;
        if removed == 0 {
            return Err(Refusal::UnknownBarcode { sku: sku.clone(), barcode: barcode.clone() }.into());
        }
        Ok(())
    }
}
