//! Carries out a change of one record of master data, as a form makes it.

use super::master_data::admins_only;
use super::{Error, Service};
use crate::domain::RecordChange;
use crate::privacy::Keyring;

impl Service {
    /// Carries out a change to the master data.
    ///
    /// # Errors
    /// The refusals of the change: a code that exists or does not exist, a rule, or that the caller is not an admin;
    /// [`Error::Privacy`] if it sets a personal field and the keyring is missing or is another one.
    pub async fn change_record(&self, change: &RecordChange, keyring: Option<&Keyring>) -> Result<(), Error> {
        match change {
            RecordChange::AddProduct(product) => self.add_product((**product).clone()).await,
            RecordChange::ChangeProduct { change, add, remove } => {
                self.store.change_product_and_barcodes(change, add, remove).await.map_err(admins_only)
            }
            RecordChange::AddLocation(location) => self.add_location(location.clone()).await,
            RecordChange::ChangeLocation(change) => self.change_location(change).await,
            RecordChange::ChangeLot { sku, lot, expires } => {
                self.change_lot(sku, lot, *expires).await.map(drop)
            }
            RecordChange::AddPartner { partner, min_life_days, fields } => {
                self.add_partner_with(partner, *min_life_days, fields, keyring).await
            }
            RecordChange::ChangePartner(change) => self.change_partner(change, keyring).await,
            RecordChange::AddPerson { login, group, password } => {
                Ok(self.store.add_person(login, *group, password).await?)
            }
            RecordChange::ChangePerson { login, group, password } => {
                if let Some(group) = group {
                    self.store.set_group(login, *group).await?;
                }
                if let Some(password) = password {
                    self.store.set_password(login, password).await?;
                }
                Ok(())
            }
            RecordChange::ArchiveProduct { sku, archived } => {
                self.set_product_archived(sku, *archived).await.map(drop)
            }
            RecordChange::ArchiveLocation { code, archived } => {
                self.set_location_archived(code, *archived).await.map(drop)
            }
            RecordChange::DisablePerson { login, disabled } => {
                Ok(self.store.allow_login(login, !disabled).await?)
            }
        }
    }
}
