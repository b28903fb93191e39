//! Reservations: one INSERT into the second ledger, as a posting is one INSERT into the first. The CHECKs on the levels
//! and sums decide; nothing is read within the transaction.

use std::collections::{BTreeSet, HashMap};

use rust_decimal::Decimal;
use tokio_postgres::types::ToSql;
use tokio_postgres::{GenericClient, Statement};
use uuid::Uuid;

use super::statements::INSERT_RESERVATIONS;
use crate::domain::{
    LocationCode, LotCode, Note, PostingId, Refusal, ReservationChange, Reservations, Sku, Status,
};
use crate::store::connection::{Connection, Purpose};
use crate::store::row::{FromRow as _, from_row};
use crate::store::serializable::{Earlier, Failed, LevelKey, Locks, Work};
use crate::store::{Error, Store};

const RESERVED_UNDER: &str = "SELECT id, order_line_id, product_id, location_id, lot_id, change, reason \
     FROM stock.reservations WHERE id BETWEEN $1 AND $2 AND posting_id = $1 ORDER BY id";

/// Reservations in the terms of the database, one list per column.
#[derive(Debug, Clone)]
pub(in crate::store) struct ResolvedReservations {
    pub id: PostingId,
    pub ids: Vec<Uuid>,
    pub order_lines: Vec<Uuid>,
    pub levels: Vec<LevelKey>,
    pub lot_codes: Vec<Option<LotCode>>,
    pub changes: Vec<Decimal>,
    pub reason: Option<String>,
}

/// A row as it was posted, for comparison.
#[derive(Debug, PartialEq)]
struct Stored {
    id: Uuid,
    order_line_id: Uuid,
    product_id: i64,
    location_id: i64,
    lot_id: Option<i64>,
    change: Decimal,
    reason: Option<String>,
}

from_row!(Stored { id, order_line_id, product_id, location_id, lot_id, change, reason });

impl ResolvedReservations {
    /// The levels that they touch, each once.
    pub fn touched(&self) -> Vec<LevelKey> {
        self.levels.iter().copied().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Sends the one INSERT.
    pub async fn insert(
        &self,
        connection: &impl GenericClient,
        statement: &Statement,
    ) -> Result<u64, tokio_postgres::Error> {
        let products: Vec<i64> = self.levels.iter().map(|level| level.product).collect();
        let locations: Vec<i64> = self.levels.iter().map(|level| level.location).collect();
        let lots: Vec<Option<i64>> = self.levels.iter().map(|level| level.lot).collect();
        let id = self.id.uuid();
        let parameters: [&(dyn ToSql + Sync); 8] =
            [&id, &self.reason, &self.ids, &self.order_lines, &products, &locations, &lots, &self.changes];
        connection.execute(statement, &parameters).await
    }

    /// What the database holds under the id.
    pub async fn find(&self, connection: &Connection) -> Result<Earlier<()>, Error> {
        let statement = connection.prepare_cached(RESERVED_UNDER).await?;
        let rows = connection.query(&statement, &[&self.id.uuid(), &self.id.last_line().uuid()]).await?;
        if rows.is_empty() {
            return Ok(Earlier::Nothing);
        }
        let stored = rows.iter().map(Stored::from_row).collect::<Result<Vec<_>, _>>()?;
        let mut wanted: Vec<Stored> = (0..self.ids.len())
            .map(|line| Stored {
                id: self.ids[line],
                order_line_id: self.order_lines[line],
                product_id: self.levels[line].product,
                location_id: self.levels[line].location,
                lot_id: self.levels[line].lot,
                change: self.changes[line],
                reason: self.reason.clone(),
            })
            .collect();
        wanted.sort_by_key(|row| row.id);
        Ok(if wanted == stored { Earlier::Same(()) } else { Earlier::Other })
    }
}

/// Reservations as work for the runner: one statement that is a transaction of its own.
struct Reserving<'a> {
    store: &'a Store,
    resolved: &'a ResolvedReservations,
    levels: Vec<LevelKey>,
}

impl Work for Reserving<'_> {
    type Output = ();

    const NAME: &'static str = "reservation";

    fn purpose(&self) -> Purpose {
        Purpose::Posting
    }

    fn id(&self) -> Option<PostingId> {
        Some(self.resolved.id)
    }

    fn levels(&self) -> &[LevelKey] {
        &self.levels
    }

    fn statements(&self) -> &'static [&'static str] {
        &[INSERT_RESERVATIONS]
    }

    async fn run(&self, connection: &mut Connection, locks: &Locks) -> Result<(), Failed> {
        let connection: &Connection = connection;
        let insert = connection.prepare_cached(INSERT_RESERVATIONS).await?;
        let client: &tokio_postgres::Client = connection;
        locks.around_statement(connection, self.resolved.insert(client, &insert)).await?;
        Ok(())
    }

    async fn look_up(&self, connection: &Connection) -> Result<Earlier<()>, Error> {
        self.resolved.find(connection).await
    }

    fn explain(&self, error: tokio_postgres::Error) -> Error {
        self.store.explain_reservation(error, self.resolved)
    }
}

impl Store {
    /// Posts reservations and releases: all or none.
    ///
    /// # Errors
    /// [`Refusal::ReservedStock`] or [`Refusal::InsufficientStock`] when less is available, [`Refusal::NotReserved`]
    /// when less is reserved than is released, [`Refusal::BeyondOrder`]; and as [`Store::post`].
    pub async fn reserve(&self, reservations: &Reservations) -> Result<Status, Error> {
        reservations.validate().map_err(Refusal::from)?;
        let resolved = self
            .resolve_reservations(reservations.id, &reservations.changes, reservations.reason.as_ref())
            .await?;
        let work = Reserving { store: self, resolved: &resolved, levels: resolved.touched() };
        match self.run(&work).await {
            Ok(done) => Ok(done.status),
            Err(error) => Err(self.name_orders(error).await),
        }
    }

    /// Looks up every code.
    pub(in crate::store) async fn resolve_reservations(
        &self,
        id: PostingId,
        changes: &[ReservationChange],
        reason: Option<&Note>,
    ) -> Result<ResolvedReservations, Error> {
        let skus: Vec<&Sku> = changes.iter().map(|change| &change.sku).collect();
        let locations: Vec<&LocationCode> = changes.iter().map(|change| &change.location).collect();
        self.learn(&skus, &locations, None).await?;
        let mut lot_products = Vec::new();
        let mut lot_codes = Vec::new();
        for change in changes {
            if let Some(lot) = &change.lot {
                lot_products.push(self.keys.product(&change.sku)?);
                lot_codes.push(lot.as_str());
            }
        }
        let lots = match lot_codes.is_empty() {
            true => HashMap::new(),
            false => self.find_lots(&lot_products, &lot_codes).await?,
        };
        let mut levels = Vec::with_capacity(changes.len());
        for change in changes {
            let product = self.keys.product(&change.sku)?;
            let lot = change.lot.as_ref().map(|code| {
                let known = lots.get(&(product, code.clone())).map(|lot| lot.id);
                known.ok_or_else(|| Refusal::UnknownLot { sku: change.sku.clone(), lot: code.clone() })
            });
            levels.push(LevelKey {
                product,
                location: self.keys.location(&change.location)?,
                lot: lot.transpose()?,
            });
        }
        Ok(ResolvedReservations {
            id,
            ids: (0..changes.len()).map(|position| id.line(position).uuid()).collect(),
            order_lines: changes.iter().map(|change| change.order_line.uuid()).collect(),
            levels,
            lot_codes: changes.iter().map(|change| change.lot.clone()).collect(),
            changes: changes.iter().map(|change| change.change.normalize()).collect(),
            reason: reason.map(ToString::to_string),
        })
    }
}
