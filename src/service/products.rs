//! Adds master data: products, locations and partners.

use jiff::civil::Date;

use super::master_data::admins_only;
use super::{Error, Service};
use crate::domain::{Added, NewLocation, NewPartner, Product, Refusal};

impl Service {
    /// Adds one product.
    ///
    /// # Errors
    /// [`Refusal::ProductExists`] if its SKU exists.
    pub async fn add_product(&self, product: Product) -> Result<(), Error> {
        let sku = product.sku.clone();
        match self.add_products(std::slice::from_ref(&product)).await?.added {
            0 => Err(Refusal::ProductExists(sku).into()),
            _ => Ok(()),
        }
    }

    /// Adds one location.
    ///
    /// # Errors
    /// [`Refusal::LocationExists`] if its code exists, [`Refusal::UnknownLocation`] for its parent.
    pub async fn add_location(&self, location: NewLocation) -> Result<(), Error> {
        let code = location.code.clone();
        match self.add_locations(std::slice::from_ref(&location)).await?.added {
            0 => Err(Refusal::LocationExists(code).into()),
            _ => Ok(()),
        }
    }

    /// Adds one supplier or customer.
    ///
    /// # Errors
    /// [`Refusal::PartnerExists`] if its code exists.
    pub async fn add_partner(&self, partner: NewPartner) -> Result<(), Error> {
        let code = partner.code.clone();
        match self.add_partners(std::slice::from_ref(&partner)).await?.added {
            0 => Err(Refusal::PartnerExists(code).into()),
            _ => Ok(()),
        }
    }

    /// Adds many products; those that exist are not changed.
    ///
    /// # Errors
    /// As any write.
    pub async fn add_products(&self, products: &[Product]) -> Result<Added, Error> {
        self.store.add_products(products).await.map_err(admins_only)
    }

    /// Adds many locations, parents first; those that exist are not changed.
    ///
    /// # Errors
    /// As any write.
    pub async fn add_locations(&self, locations: &[NewLocation]) -> Result<Added, Error> {
        self.store.add_locations(locations).await.map_err(admins_only)
    }

    /// Adds many suppliers and customers; those that exist are not changed.
    ///
    /// # Errors
    /// As any write.
    pub async fn add_partners(&self, partners: &[NewPartner]) -> Result<Added, Error> {
        self.store.add_partners(partners).await.map_err(admins_only)
    }

    /// Creates the partitions for movements between two days.
    ///
    /// # Errors
    /// A refusal for days outside 2000-01-01 to two years ahead.
    pub async fn ensure_months(&self, first: Date, last: Date) -> Result<(), Error> {
        self.store.ensure_months(first, last).await?;
        Ok(())
    }
}
