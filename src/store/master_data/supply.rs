//! The terms of suppliers.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::statements::{REMOVE_SUPPLY, SET_SUPPLIES};
use crate::domain::{PartnerCode, Refusal, Sku, SupplierCode, SupplyTerms};
use crate::store::row::{self, from_row, plain};
use crate::store::{Error, Store};

from_row!(SupplyTerms { sku, supplier, their_code, price, pack, minimum: plain, lead_days });

impl Store {
    /// Writes the terms of suppliers in one statement, all or none; those that exist for a product and supplier are
    /// replaced.
    ///
    /// # Errors
    /// [`Refusal::UnknownProduct`], [`Refusal::UnknownPartner`]; and as any write.
    pub async fn set_supplies(&self, terms: &[SupplyTerms]) -> Result<(), Error> {
        let skus: Vec<&Sku> = terms.iter().map(|terms| &terms.sku).collect();
        self.learn(&skus, &[], None).await?;
        for supplier in terms.iter().map(|terms| &terms.supplier).collect::<BTreeSet<_>>() {
            self.learn(&[], &[], Some(supplier)).await?;
        }
        let products: Vec<i64> =
            terms.iter().map(|terms| self.keys.product(&terms.sku)).collect::<Result<_, Refusal>>()?;
        let suppliers: Vec<i64> =
            terms.iter().map(|terms| self.keys.partner(&terms.supplier)).collect::<Result<_, Refusal>>()?;
        let codes: Vec<Option<&str>> =
            terms.iter().map(|terms| terms.their_code.as_ref().map(SupplierCode::as_str)).collect();
        let prices: Vec<Option<Decimal>> =
            terms.iter().map(|terms| terms.price.map(|price| price.value())).collect();
        let packs: Vec<Decimal> = terms.iter().map(|terms| terms.pack.value()).collect();
        let minimums: Vec<Decimal> = terms.iter().map(|terms| terms.minimum).collect();
        let days: Vec<Option<i32>> = terms.iter().map(|terms| terms.lead_days).collect();
        let connection = self.connection().await?;
        connection
            .execute(SET_SUPPLIES, &[&products, &suppliers, &codes, &prices, &packs, &minimums, &days])
            .await?;
        Ok(())
    }

    /// Removes the terms of a supplier for a product, and says whether there were any.
    ///
    /// # Errors
    /// [`Refusal::UnknownProduct`], [`Refusal::UnknownPartner`]; and as any write.
    pub async fn remove_supply(&self, sku: &Sku, supplier: &PartnerCode) -> Result<bool, Error> {
        self.learn(&[sku], &[], Some(supplier)).await?;
        let (product, partner) = (self.keys.product(sku)?, self.keys.partner(supplier)?);
        let connection = self.connection().await?;
        Ok(connection.execute(REMOVE_SUPPLY, &[&product, &partner]).await? > 0)
    }

    /// The terms of the suppliers of a product, the cheapest first.
    ///
    /// # Errors
    /// As any read.
    pub async fn supplies(&self, sku: &Sku) -> Result<Vec<SupplyTerms>, Error> {
        let connection = self.connection().await?;
        let statement = connection.prepare_cached(include_str!("supplies.sql")).await?;
        row::all(&connection.query(&statement, &[&sku.as_str()]).await?)
    }
}
