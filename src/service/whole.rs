//! A whole file of postings, orders or products: everything in one transaction, or nothing.

use super::{Error, Service};
use crate::domain::{NewOrder, Posting, Product, Status};
use crate::store::{Whole, WholeEnded};

impl Service {
    /// What is known of postings before they are sent: whether the ledger holds them, or why they would be refused
    /// whatever the stock is.
    pub async fn check_postings(&self, postings: &[Posting]) -> Vec<Result<Status, Error>> {
        let checked = self.store.check_postings(postings).await;
        checked.into_iter().map(|result| result.map_err(Error::from)).collect()
    }

    /// What is known of an order before it is sent: whether it exists, or why it would be refused.
    ///
    /// # Errors
    /// A refusal for what does not exist, and for an id that another order has.
    pub async fn check_order(&self, order: &NewOrder) -> Result<Status, Error> {
        Ok(self.store.check_order(order).await?)
    }

    /// Refuses products that cannot be added, and adds none of them.
    ///
    /// # Errors
    /// As any write.
    pub async fn check_products(&self, products: &[Product]) -> Result<(), Error> {
        self.store.check_products(products).await.map_err(super::master_data::admins_only)
    }

    /// Posts a whole file, or nothing of it. Not journalled: a file can be imported again.
    ///
    /// # Errors
    /// As [`Service::post`]; a refusal that one item caused is not an error but [`WholeEnded::Refused`].
    pub async fn post_whole(&self, whole: &Whole<'_>) -> Result<WholeEnded, Error> {
        Ok(self.store.post_whole(whole).await?)
    }
}
