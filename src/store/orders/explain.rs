//! Refusals about reserved stock and order lines, with their figures. The server tells the row that a CHECK refused, as it
//! would have become; less the change, that is what there is.

use rust_decimal::Decimal;
use tokio_postgres::error::DbError;

use super::ResolvedReservations;
use crate::domain::{LineOfOrder, LotCode, OrderLineId, Refusal, ReservedFigures};
use crate::store::posting::{FailingLevel, RESERVED_CHECK};
use crate::store::serializable::LevelKey;
use crate::store::{Error, Store};

const OPEN_CHECK: &str = "allocations_open_not_negative";
const WITHIN_ORDER_CHECK: &str = "order_progress_within_order";
/// The most orders that are named as holders of reserved stock.
const HOLDERS_MAX: i64 = 5;

/// An allocation that a CHECK refused, as it would have become.
struct FailingAllocation {
    order_line: OrderLineId,
    key: LevelKey,
    open: Decimal,
}

/// The values of "Failing row contains (…)".
fn values(detail: &str) -> Option<Vec<&str>> {
    Some(detail.split_once('(')?.1.split_once(')')?.0.split(", ").collect())
}

impl FailingAllocation {
    fn read(detail: &str) -> Option<Self> {
        let [line, product, location, lot, open] = values(detail)?[..] else { return None };
        let lot = if lot == "null" { None } else { Some(lot.parse().ok()?) };
        let key = LevelKey { product: product.parse().ok()?, location: location.parse().ok()?, lot };
        Some(Self { order_line: line.parse().ok()?, key, open: open.parse().ok()? })
    }
}

impl Store {
    /// The refusal of a change that goes beyond an order line.
    pub(in crate::store) fn beyond_order(&self, db: &DbError) -> Option<Refusal> {
        if db.constraint() != Some(WITHIN_ORDER_CHECK) {
            return None;
        }
        let [line, ordered, over_percent, reserved, moved, _returned] = values(db.detail()?)?[..] else {
            return None;
        };
        let figure = |text: &str| text.parse::<Decimal>().ok().map(|figure| figure.normalize());
        Some(Refusal::BeyondOrder {
            line: LineOfOrder::of(line.parse().ok()?),
            ordered: figure(ordered)?,
            over_percent: figure(over_percent)?,
            moved: figure(moved)?,
            reserved: figure(reserved)?,
        })
    }

    /// The refusal of a movement or release for which too little is reserved for the line, by what the act takes from
    /// an allocation.
    pub(in crate::store) fn not_reserved(
        &self,
        db: &DbError,
        change: impl Fn(OrderLineId, LevelKey) -> Decimal,
        lot_code: impl Fn(LevelKey) -> Option<LotCode>,
    ) -> Option<Refusal> {
        if db.constraint() != Some(OPEN_CHECK) {
            return None;
        }
        let FailingAllocation { order_line, key, open } = FailingAllocation::read(db.detail()?)?;
        let change = change(order_line, key);
        let (sku, location) = self.keys.names(key.product, key.location)?;
        let (reserved, need) = ((open - change).normalize(), (-change).normalize());
        {
            let (lot, line) = (lot_code(key), LineOfOrder::of(order_line));
            Some(Refusal::NotReserved { sku, location, lot, line, reserved, need })
        }
    }

    pub(super) fn explain_reservation(
        &self,
        error: tokio_postgres::Error,
        resolved: &ResolvedReservations,
    ) -> Error {
        let Some(db) = error.as_db_error() else { return error.into() };
        let lot_code = |key: LevelKey| {
            let line = resolved.levels.iter().position(|level| *level == key)?;
            resolved.lot_codes.get(line).cloned().flatten()
        };
        let of_line = |order_line: OrderLineId, key: LevelKey| {
            (resolved.levels.iter().zip(&resolved.order_lines).zip(&resolved.changes))
                .filter(|((level, line), _)| **level == key && **line == order_line.uuid())
                .map(|(_, change)| *change)
                .sum()
        };
        let refusal = self
            .short_level(db, resolved, &lot_code)
            .or_else(|| self.not_reserved(db, of_line, lot_code))
            .or_else(|| self.beyond_order(db));
        refusal.map_or_else(|| error.into(), Error::from)
    }

    /// The refusal of a reservation for want of available stock.
    fn short_level(
        &self,
        db: &DbError,
        resolved: &ResolvedReservations,
        lot_code: &impl Fn(LevelKey) -> Option<LotCode>,
    ) -> Option<Refusal> {
        if db.constraint() != Some(RESERVED_CHECK) {
            return None;
        }
        let FailingLevel { key, on_hand, reserved } = FailingLevel::read(db.detail()?)?;
        let change: Decimal = (resolved.levels.iter().zip(&resolved.changes))
            .filter(|(level, _)| **level == key)
            .map(|(_, change)| *change)
            .sum();
        let (sku, location) = self.keys.names(key.product, key.location)?;
        let reserved = (reserved - change).normalize();
        let (have, need, lot) = (on_hand.normalize(), change.normalize(), lot_code(key));
        if change < Decimal::ZERO {
            let line = resolved.levels.iter().position(|level| *level == key)?;
            let order_line = OrderLineId::try_from(resolved.order_lines[line]).ok()?;
            let line = LineOfOrder::of(order_line);
            return Some(Refusal::NotReserved { sku, location, lot, line, reserved, need: -need });
        }
        if reserved.is_zero() {
            let expired = Decimal::ZERO;
            return Some(Refusal::InsufficientStock { sku, location, lot, have, need, expired });
        }
        {
            let figures = Box::new(ReservedFigures { have, reserved, need });
            Some(Refusal::ReservedStock { sku, location, lot, figures, holders: Vec::new() })
        }
    }

    /// Adds the numbers of the orders to a refusal that is about them. Where they cannot be read, the refusal stands
    /// without.
    pub(in crate::store) async fn name_orders(&self, error: Error) -> Error {
        let Error::Refused(mut refusal) = error else { return error };
        if let Err(error) = self.fill_orders(&mut refusal).await {
            tracing::warn!(%error, "Could not read which orders a refusal is about");
        }
        refusal.into()
    }

    async fn fill_orders(&self, refusal: &mut Refusal) -> Result<(), Error> {
        match refusal {
            Refusal::ReservedStock { sku, location, lot, holders, .. } => {
                let connection = self.connection().await?;
                let statement = connection.prepare_cached(include_str!("holders.sql")).await?;
                let lot = lot.as_ref().map(|code| code.as_str());
                let rows = connection
                    .query(&statement, &[&sku.as_str(), &location.as_str(), &lot, &HOLDERS_MAX])
                    .await?;
                *holders = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
            }
            Refusal::NotReserved { line, .. } | Refusal::BeyondOrder { line, .. } => {
                let connection = self.connection().await?;
                let select = "SELECT o.number, l.line_no FROM stock.order_lines l JOIN stock.orders o ON o.order_id = l.order_id WHERE l.order_line_id = $1";
                let row = connection.query_opt(select, &[&line.id.uuid()]).await?;
                if let Some(row) = row {
                    line.order = Some((row.try_get(0)?, row.try_get(1)?));
                }
            }
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_failing_allocation() {
        let line = "01930000-0000-7000-8000-000000000001";
        let found =
            FailingAllocation::read(&format!("Failing row contains ({line}, 5, 7, null, -3).")).unwrap();
        assert_eq!((found.order_line.to_string().as_str(), found.open), (line, Decimal::from(-3)));
        assert_eq!(found.key, LevelKey { product: 5, location: 7, lot: None });
        assert!(FailingAllocation::read("something else").is_none());
    }
}
