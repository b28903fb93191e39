//! The baseline for reserving and picking: hand-written SQL that locks the level, checks that enough is available, and
//! writes the changes, at READ COMMITTED and in one round trip.

use futures_util::join;
use stockroom::domain::{Posting, Reservations};
use tokio_postgres::types::ToSql;

use super::baseline::{Baseline, Rows};
use crate::Error;

const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";
const LOCK_LEVEL: &str = include_str!("sql/lock_level.sql");
const RESERVE_LEVEL: &str = include_str!("sql/reserve_level.sql");
const INSERT_RESERVATION: &str = include_str!("sql/insert_reservation.sql");
const RESERVE_LINE: &str = include_str!("sql/reserve_line.sql");
const ALLOCATE: &str = include_str!("sql/allocate.sql");
const INSERT_PICK: &str = include_str!("sql/insert_pick.sql");
const MOVE_LEVEL: &str = include_str!("sql/move_level.sql");

impl Baseline {
    /// Reserves for one order line.
    pub async fn reserve_by_hand(&self, reservations: &Reservations) -> Result<(), Error> {
        let [change] = reservations.changes.as_slice() else {
            return Err(Error::Measure("the baseline reserves one line at a time".to_owned()));
        };
        let (product, location) = (self.keys.product(&change.sku)?, self.keys.location(&change.location)?);
        let (id, line) = (reservations.id.uuid(), change.order_line.uuid());
        let connection = self.pool.get().await?;
        let lock = connection.prepare_cached(LOCK_LEVEL).await?;
        let reserve = connection.prepare_cached(RESERVE_LEVEL).await?;
        let insert = connection.prepare_cached(INSERT_RESERVATION).await?;
        let of_line = connection.prepare_cached(RESERVE_LINE).await?;
        let allocate = connection.prepare_cached(ALLOCATE).await?;
        let level: [&(dyn ToSql + Sync); 2] = [&product, &location];
        let level_change: [&(dyn ToSql + Sync); 3] = [&change.change, &product, &location];
        let row: [&(dyn ToSql + Sync); 5] = [&id, &line, &product, &location, &change.change];
        let line_change: [&(dyn ToSql + Sync); 2] = [&change.change, &line];
        let allocation: [&(dyn ToSql + Sync); 4] = [&line, &product, &location, &change.change];
        let (begun, locked, reserved, inserted, noted, allocated, committed) = join!(
            connection.batch_execute(BEGIN),
            connection.query_one(&lock, &level),
            connection.execute(&reserve, &level_change),
            connection.execute(&insert, &row),
            connection.execute(&of_line, &line_change),
            connection.execute(&allocate, &allocation),
            connection.batch_execute("COMMIT"),
        );
        begun?;
        locked?;
        reserved?;
        inserted?;
        noted?;
        allocated?;
        Ok(committed?)
    }

    /// Moves reserved goods of one order line.
    pub async fn pick_by_hand(&self, posting: &Posting) -> Result<(), Error> {
        let rows = Rows::new(posting, &self.keys)?;
        let line = posting.lines.first().and_then(|line| line.order_line);
        let line =
            line.ok_or_else(|| Error::Measure("the baseline picks for an order line".to_owned()))?.uuid();
        let (product, quantity) = (rows.products[0], rows.quantities[0]);
        let less = -quantity;
        let connection = self.pool.get().await?;
        let insert = connection.prepare_cached(INSERT_PICK).await?;
        let level = connection.prepare_cached(MOVE_LEVEL).await?;
        let allocate = connection.prepare_cached(ALLOCATE).await?;
        let row: [&(dyn ToSql + Sync); 8] = [
            &rows.ids[0],
            &rows.occurred_at,
            &product,
            &rows.from[0],
            &rows.to[0],
            &quantity,
            &rows.reference,
            &line,
        ];
        let level_from: [&(dyn ToSql + Sync); 3] = [&less, &product, &rows.from[0]];
        let level_to: [&(dyn ToSql + Sync); 3] = [&quantity, &product, &rows.to[0]];
        let open_from: [&(dyn ToSql + Sync); 4] = [&line, &product, &rows.from[0], &less];
        let open_to: [&(dyn ToSql + Sync); 4] = [&line, &product, &rows.to[0], &quantity];
        let (begun, inserted, left, arrived, left_open, arrived_open, committed) = join!(
            connection.batch_execute(BEGIN),
            connection.execute(&insert, &row),
            connection.execute(&level, &level_from),
            connection.execute(&level, &level_to),
            connection.execute(&allocate, &open_from),
            connection.execute(&allocate, &open_to),
            connection.batch_execute("COMMIT"),
        );
        begun?;
        inserted?;
        left?;
        arrived?;
        left_open?;
        arrived_open?;
        Ok(committed?)
    }
}
