//! The orders of `bench reserve` and `bench pick`: confirmed, one line per item; for `pick` with goods reserved and
//! some of them already at the dock, so that every level and allocation exists on both sides.

use rand::RngExt as _;
use rust_decimal::Decimal;
use stockroom::domain::{
    LINES_MAX, Line, LocationCode, LocationKind, MovementKind, NewLocation, NewOrder, NewOrderLine,
    NewPartner, OrderKind, OrderLineId, PartnerKind, Posting, Quantity, Refusal, ReservationChange,
    Reservations, Sku,
};
use stockroom::service::{Decision, Service, new_id};

use super::load::Items;
use crate::Error;

const DOCK: &str = "DOCK";
const CUSTOMER: &str = "CUSTOMER";
/// The quantities ordered of each item and, for `pick`, reserved: more than any round uses.
const ORDERED: &str = "1000000";
const RESERVED: u32 = 100_000;

/// Order lines, one per item.
#[derive(Debug)]
pub(super) struct OrderBook {
    lines: Vec<(Sku, OrderLineId)>,
    dock: LocationCode,
}

impl OrderBook {
    /// Creates and confirms the orders. With `reserved`, reserves for all lines and picks one unit of each.
    pub async fn make(admin: &Service, items: &Items, reserved: bool) -> Result<Self, Error> {
        let dock: LocationCode = DOCK.parse().map_err(Refusal::from)?;
        let place = NewLocation { code: dock.clone(), name: None, parent: None, kind: LocationKind::Dock };
        admin.add_location(place).await?;
        let code = CUSTOMER.parse().map_err(Refusal::from)?;
        admin.store().add_partners(&[NewPartner { code, name: None, kind: PartnerKind::Customer }]).await?;
        let mut book = Self { lines: Vec::with_capacity(items.skus.len()), dock };
        for skus in items.skus.chunks(LINES_MAX) {
            book.order(admin, skus).await?;
        }
        if reserved {
            for lines in book.lines.chunks(LINES_MAX) {
                let changes = lines.iter().map(|line| book.change(line, items, RESERVED.into())).collect();
                admin.store().reserve(&Reservations { id: new_id(), reason: None, changes }).await?;
                let picked = lines.iter().map(|line| book.picked(line, items)).collect();
                admin.store().post(&book.posting(picked)).await?;
            }
        }
        Ok(book)
    }

    async fn order(&mut self, admin: &Service, skus: &[Sku]) -> Result<(), Error> {
        let quantity: Quantity = ORDERED.parse().map_err(Refusal::from)?;
        let line = |sku: &Sku| NewOrderLine {
            sku: sku.clone(),
            quantity,
            unit_price: None,
            over_percent: Decimal::ZERO,
        };
        let order = NewOrder {
            id: new_id().into(),
            kind: OrderKind::Sales,
            partner: Some(CUSTOMER.parse().map_err(Refusal::from)?),
            partner_reference: None,
            due_on: None,
            ship_to: None,
            to: None,
            note: None,
            lines: skus.iter().map(line).collect(),
        };
        let created = admin.create_order(&order).await?.order;
        admin.decide(&created.row.number, &Decision::Confirm, None, None).await?;
        self.lines.extend(created.lines.into_iter().map(|line| (line.sku, line.order_line_id)));
        Ok(())
    }

    fn change(
        &self,
        (sku, order_line): &(Sku, OrderLineId),
        items: &Items,
        change: Decimal,
    ) -> ReservationChange {
        let location = items.location.clone();
        ReservationChange { order_line: *order_line, sku: sku.clone(), location, lot: None, change }
    }

    fn picked(&self, (sku, order_line): &(Sku, OrderLineId), items: &Items) -> Line {
        Line {
            sku: sku.clone(),
            quantity: items.quantity,
            from: Some(items.location.clone()),
            to: Some(self.dock.clone()),
            lot: None,
            expires: None,
            unit_price: None,
            reverses: None,
            order_line: Some(*order_line),
        }
    }

    fn posting(&self, lines: Vec<Line>) -> Posting {
        let (kind, reference) = (MovementKind::Transfer, "BENCH".parse().ok());
        Posting { id: new_id(), kind, reference, reason: None, partner: None, lines }
    }

    fn any_line(&self) -> &(Sku, OrderLineId) {
        &self.lines[rand::rng().random_range(0..self.lines.len())]
    }

    /// The reservation of one unit for any line.
    pub fn reservation(&self, items: &Items) -> Reservations {
        let changes = vec![self.change(self.any_line(), items, Decimal::ONE)];
        Reservations { id: new_id(), reason: None, changes }
    }

    /// The pick of one unit for any line.
    pub fn pick(&self, items: &Items) -> Posting {
        self.posting(vec![self.picked(self.any_line(), items)])
    }
}
