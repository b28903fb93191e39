//! Master data: products and barcodes, locations, lots, partners, and the logins of people.
//!
//! Boundary: the database decides who may change them; only admins may.

mod location;
mod lot;
mod partner;
mod people;
mod privacy;
mod product;
pub mod statements;
mod supply;

use super::connection::{Connection, Purpose};
use super::row::{FromRow as _, from_row, plain};
use super::serializable::{Earlier, Failed, Locks, Work};
use super::{Error, Store};
use crate::domain::{Archiving, PostingId};

pub(super) use location::LOCATION_ROW;
pub(super) use product::{insert_products, product_row};

/// The most rows of one list.
pub(super) const ROWS_MAX: u32 = 100_000;

from_row!(Archiving { changed, on_hand: plain });

/// Archiving or restoring, as work for the runner: one statement that is a transaction of its own. Only a SERIALIZABLE
/// transaction detects a posting in progress: each of the two reads what the other writes, and the server lets one of
/// them commit.
struct Archive<'a> {
    /// The statement, in a list of one. Its parameters are a code, and whether to archive or to restore.
    statement: &'static [&'static str; 1],
    code: &'a str,
    archived: bool,
}

impl Work for Archive<'_> {
    /// The result; none if there is nothing with this code.
    type Output = Option<Archiving>;

    const NAME: &'static str = "change of the master data";

    fn purpose(&self) -> Purpose {
        Purpose::Posting
    }

    fn id(&self) -> Option<PostingId> {
        None
    }

    fn statements(&self) -> &'static [&'static str] {
        self.statement
    }

    async fn run(&self, connection: &mut Connection, _locks: &Locks) -> Result<Self::Output, Failed> {
        let statement = connection.prepare_cached(self.statement[0]).await?;
        let row = connection.query_opt(&statement, &[&self.code, &self.archived]).await?;
        Ok(row.as_ref().map(Archiving::from_row).transpose()?)
    }

    /// There is no id to look it up by.
    async fn look_up(&self, _connection: &Connection) -> Result<Earlier<Self::Output>, Error> {
        Ok(Earlier::Nothing)
    }
}

impl Store {
    async fn archive(
        &self,
        statement: &'static [&'static str; 1],
        code: &str,
        archived: bool,
    ) -> Result<Option<Archiving>, Error> {
        Ok(self.run(&Archive { statement, code, archived }).await?.output)
    }
}
