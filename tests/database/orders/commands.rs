//! The commands of the model as they are sent to the database.

use rust_decimal::Decimal;
use stockroom::domain::{
    Line, MovementKind, NewOrder, OrderKind, OrderLineId, OrderNumber, PostingId, ReservationChange,
    Reservations, Reversal,
};
use stockroom::service::{Decision, Reserve, Service};

use super::model::{Act, DESTINATION, GOODS, Movement, ORDERED, ORDERS, OVER_PERCENT, PLACES};
use crate::support::commands::{count, sales_order};
use crate::support::database::{line, posting_with_id};

/// The orders that the commands are about.
pub struct Orders {
    pub numbers: Vec<OrderNumber>,
    pub lines: Vec<OrderLineId>,
}

/// An order of one line.
fn order(kind: OrderKind, sku: &str) -> NewOrder {
    let mut order = sales_order(sku, &ORDERED.to_string());
    if kind == OrderKind::Purchase {
        order.lines[0].over_percent = OVER_PERCENT.into();
    }
    let partner = match kind {
        OrderKind::Purchase => Some("S"),
        OrderKind::Sales => Some("C"),
        OrderKind::Transfer => None,
    };
    NewOrder {
        kind,
        partner: partner.map(|code| code.parse().unwrap()),
        to: (kind == OrderKind::Transfer).then(|| PLACES[DESTINATION].parse().unwrap()),
        ..order
    }
}

impl Orders {
    /// The orders of the model, confirmed one after the other.
    pub async fn confirmed(admin: &Service) -> Self {
        let (mut numbers, mut lines) = (Vec::new(), Vec::new());
        for (kind, sku) in ORDERS {
            let created = admin.create_order(&order(kind, sku)).await.unwrap().order;
            admin.decide(&created.row.number, &Decision::Confirm, None, None).await.unwrap();
            lines.push(created.lines[0].order_line_id);
            numbers.push(created.row.number);
        }
        Self { numbers, lines }
    }

    /// Sends a command; whether it was accepted.
    pub async fn send(&self, service: &Service, act: &Act, id: PostingId) -> Result<bool, String> {
        let outcome = match act {
            Act::Move(movement) => self.post(service, movement, id).await,
            Act::Undo(_, target) => {
                let reason = "reversed".parse().unwrap();
                let reversal = Reversal { target: *target, movement_only: true, reason, id: Some(id) };
                service.reverse(reversal).await.map(drop)
            }
            Act::Reserve(line, goods, place, changes) => {
                let change = |change: &i64| ReservationChange {
                    order_line: self.lines[*line],
                    sku: GOODS[*goods].sku.parse().unwrap(),
                    location: PLACES[*place].parse().unwrap(),
                    lot: GOODS[*goods].lot.map(|(code, _)| code.parse().unwrap()),
                    change: Decimal::from(*change),
                };
                let reason = Some("drawn at random".parse().unwrap());
                let act = Reservations { id, reason, changes: changes.iter().map(change).collect() };
                service.store().reserve(&act).await.map(drop).map_err(Into::into)
            }
            Act::ReserveAll(line) => {
                let number = self.numbers[*line].clone();
                let reserve = Reserve { number, lines: Vec::new(), id: Some(id) };
                service.reserve_order(&reserve).await.map(drop)
            }
            Act::Count(goods, place, counted) => {
                let mut counted = count(GOODS[*goods].sku, &counted.to_string(), PLACES[*place]);
                counted.lot = GOODS[*goods].lot.map(|(code, _)| code.parse().unwrap());
                counted.details.id = Some(id);
                service.count(counted).await.map(drop)
            }
            Act::Cancel(line) => self.decide(service, *line, &Decision::Cancel, id).await,
            Act::Close(line) => self.decide(service, *line, &Decision::Close, id).await,
            Act::Reopen(line) => self.decide(service, *line, &Decision::Reopen, id).await,
        };
        match outcome {
            Ok(()) => Ok(true),
            Err(error) if error.refusal().is_some() => Ok(false),
            Err(error) => Err(format!("{error:?}")),
        }
    }

    async fn decide(
        &self,
        service: &Service,
        line: usize,
        decision: &Decision,
        id: PostingId,
    ) -> Result<(), stockroom::service::Error> {
        let reason = "decided at random".parse().unwrap();
        service.decide(&self.numbers[line], decision, Some(&reason), Some(id)).await.map(drop)
    }

    async fn post(
        &self,
        service: &Service,
        movement: &Movement,
        id: PostingId,
    ) -> Result<(), stockroom::service::Error> {
        let kind = match (movement.from, movement.to) {
            (None, _) => MovementKind::Receipt,
            (_, None) => MovementKind::Issue,
            _ => MovementKind::Transfer,
        };
        let code = |place: Option<usize>| place.map_or("", |place| PLACES[place]);
        let goods = &GOODS[movement.goods];
        let day = goods.lot.filter(|_| kind == MovementKind::Receipt);
        let line = Line {
            order_line: movement.line.map(|line| self.lines[line]),
            lot: goods.lot.map(|(code, _)| code.parse().unwrap()),
            expires: day.map(|(_, day)| day.parse().unwrap()),
            ..line(goods.sku, &movement.quantity.to_string(), code(movement.from), code(movement.to))
        };
        service.post(&posting_with_id(id, kind, vec![line])).await.map(drop)
    }
}
