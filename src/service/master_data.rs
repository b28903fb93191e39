//! Changes, archives and restores master data.

use jiff::civil::Date;

use super::{Error, Service};
use crate::domain::{
    Archiving, Barcode, Change, LocationChange, LocationCode, LotChanged, LotCode, PackBarcode, PartnerCode,
    ProductChange, Refusal, Sku, SupplyTerms,
};
use crate::store;

/// Adds to a refusal by the server who is allowed to do it.
pub(super) fn admins_only(error: store::Error) -> Error {
    match error {
        store::Error::Refused(Refusal::NotAllowed { message }) => Refusal::NotAllowed {
            message: format!("only admins can change products, locations, partners and lots ({message})"),
        }
        .into(),
        other => other.into(),
    }
}

impl Service {
    /// Changes one product.
    ///
    /// # Errors
    /// [`Refusal::UnknownProduct`]; a refusal if the caller is not an admin.
    pub async fn change_product(&self, change: &ProductChange) -> Result<(), Error> {
        match self.change_products(std::slice::from_ref(change)).await? {
            0 => Err(Refusal::UnknownProduct(change.sku.to_string()).into()),
            _ => Ok(()),
        }
    }

    /// Changes many products, all or none, and returns how many exist; the others are ignored.
    ///
    /// # Errors
    /// A refusal if the caller is not an admin.
    pub async fn change_products(&self, changes: &[ProductChange]) -> Result<u64, Error> {
        self.store.change_products(changes).await.map_err(admins_only)
    }

    /// Archives a product, so that it can no longer be received, or restores it. Stock on hand can still be issued.
    ///
    /// # Errors
    /// [`Refusal::UnknownProduct`]; a refusal if the caller is not an admin.
    pub async fn set_product_archived(&self, sku: &Sku, archived: bool) -> Result<Archiving, Error> {
        self.store.set_product_archived(sku, archived).await.map_err(admins_only)
    }

    /// Archives a location, which must be empty, or restores it.
    ///
    /// # Errors
    /// [`Refusal::UnknownLocation`]; the rule `location_not_empty`, with how many products are still there; a refusal
    /// if the caller is not an admin.
    pub async fn set_location_archived(
        &self,
        code: &LocationCode,
        archived: bool,
    ) -> Result<Archiving, Error> {
        self.store.set_location_archived(code, archived).await.map_err(admins_only)
    }

    /// Changes the name, the kind or the parent of a location.
    ///
    /// # Errors
    /// [`Refusal::UnknownLocation`] for it or its parent; the rule `locations_form_a_tree` if it would become part of
    /// itself; a refusal if the caller is not an admin.
    pub async fn change_location(&self, change: &LocationChange) -> Result<(), Error> {
        self.store.change_location(change).await.map_err(admins_only)
    }

    /// Sets or removes the expiry date of a lot, and returns the former one.
    ///
    /// # Errors
    /// [`Refusal::UnknownProduct`], [`Refusal::UnknownLot`]; a refusal if the caller is not an admin.
    pub async fn change_lot(
        &self,
        sku: &Sku,
        lot: &LotCode,
        expires: Change<Date>,
    ) -> Result<LotChanged, Error> {
        self.store.change_lot(sku, lot, expires).await.map_err(admins_only)
    }

    /// Adds a barcode to a product.
    ///
    /// # Errors
    /// [`Refusal::BarcodeExists`] if it belongs to a product already; a refusal if the caller is not an admin.
    pub async fn add_barcode(&self, sku: &Sku, pack: &PackBarcode) -> Result<(), Error> {
        self.store.add_barcode(sku, pack).await.map_err(admins_only)
    }

    /// Removes a barcode from a product.
    ///
    /// # Errors
    /// [`Refusal::UnknownBarcode`] if the product has no such barcode; a refusal if the caller is not an admin.
    pub async fn remove_barcode(&self, sku: &Sku, barcode: &Barcode) -> Result<(), Error> {
        self.store.remove_barcode(sku, barcode).await.map_err(admins_only)
    }

    /// Writes the terms of suppliers, all or none; those that exist for a product and supplier are replaced.
    ///
    /// # Errors
    /// [`Refusal::UnknownProduct`], [`Refusal::UnknownPartner`]; a refusal when the caller is no admin.
    pub async fn set_supplies(&self, terms: &[SupplyTerms]) -> Result<(), Error> {
        self.store.set_supplies(terms).await.map_err(admins_only)
    }

    /// Removes the terms of a supplier for a product, and says whether there were any.
    ///
    /// # Errors
    /// [`Refusal::UnknownProduct`], [`Refusal::UnknownPartner`]; a refusal when the caller is no admin.
    pub async fn remove_supply(&self, sku: &Sku, supplier: &PartnerCode) -> Result<bool, Error> {
        self.store.remove_supply(sku, supplier).await.map_err(admins_only)
    }
}
