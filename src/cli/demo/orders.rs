//! The orders of the demo, from `data/orders.csv`, and what has been done for each of them, from `data/order_steps.csv`:
//! some wait for stock, some are late, some stand at the dock, some are done. They come once, with the opening stock, and
//! name goods that the daily work leaves alone, so that neither takes what the other needs.

use jiff::{Timestamp, ToSpan as _};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::script::{Script, new_id};
use super::work::{Act, Login};
use super::{CliError, table};
use crate::domain::{
    LocationCode, NewOrder, NewOrderLine, Note, OrderId, OrderKind, OrderNumber, PartnerCode, PostingId,
    Quantity, Reference, Refusal, Sku,
};
use crate::service::{
    self, Decision, LineQuantity, PickOrder, ReceiveOrder, ReceivedLine, Reserve, ReturnGoods, Service,
    ShipOrder, ToShip,
};

const ORDERS: &str = include_str!("data/orders.csv");
const STEPS: &str = include_str!("data/order_steps.csv");

/// An order of the table.
#[derive(Debug, Deserialize)]
struct Row {
    /// What the steps call it by; its number is the server's business.
    order: String,
    login: Login,
    minutes_ago: i64,
    kind: OrderKind,
    partner: Option<PartnerCode>,
    reference: Option<Reference>,
    to: Option<LocationCode>,
    due_in_days: Option<i64>,
    over_percent: Option<Decimal>,
    note: Option<Note>,
    /// `SKU*QUANTITY`, with a space between two.
    goods: String,
}

/// What is done for an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Step {
    Confirm,
    Reserve,
    Receive,
    Pick,
    Ship,
    Return,
    CloseLine,
    Close,
    Cancel,
}

/// A step of the table.
#[derive(Debug, Deserialize)]
struct StepRow {
    order: String,
    login: Login,
    minutes_ago: i64,
    step: Step,
    /// `LINE*QUANTITY` with a space between two, or nothing for all lines.
    lines: String,
    to: Option<LocationCode>,
    reason: Option<Note>,
}

/// A step as it is planned.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct StepAct {
    step: Step,
    order: OrderId,
    lines: Vec<(u32, Quantity)>,
    to: Option<LocationCode>,
    reason: Option<Note>,
}

/// Everything that is ordered, and everything that is done for it, oldest first.
pub(super) fn acts(script: &Script, now: Timestamp) -> Result<Vec<Act>, CliError> {
    let ago = |minutes: i64| now - minutes.minutes();
    let mut acts = Vec::new();
    let mut known: Vec<(String, OrderId)> = Vec::new();
    for row in table::<Row>(ORDERS)? {
        let (login, id) = (row.login, new_id(ago(row.minutes_ago)));
        known.push((row.order.clone(), id.into()));
        acts.push((row.minutes_ago, Act::Order { login, order: row.order(id, script)? }));
    }
    for row in table::<StepRow>(STEPS)? {
        let Some((_, order)) = known.iter().find(|(name, _)| *name == row.order) else {
            return Err(CliError::Usage(format!("the demo has no order {}", row.order)));
        };
        let (login, id, minutes) = (row.login, new_id(ago(row.minutes_ago)), row.minutes_ago);
        acts.push((minutes, Act::Step { login, id, act: row.act(*order)? }));
    }
    acts.sort_by_key(|(minutes, _)| std::cmp::Reverse(*minutes));
    Ok(acts.into_iter().map(|(_, act)| act).collect())
}

impl Row {
    fn order(self, id: PostingId, script: &Script) -> Result<NewOrder, Refusal> {
        let line = |goods: &str| {
            let (sku, quantity) = goods.split_once('*').unwrap_or((goods, "1"));
            let sku: Sku = sku.parse()?;
            Ok(NewOrderLine {
                quantity: quantity.parse()?,
                unit_price: script.order_price(&sku, self.kind)?,
                over_percent: self.over_percent.unwrap_or_default(),
                sku,
            })
        };
        Ok(NewOrder {
            id: id.into(),
            kind: self.kind,
            due_on: self.due_in_days.map(|days| script.today().saturating_add(days.days())),
            lines: self.goods.split_whitespace().map(line).collect::<Result<_, Refusal>>()?,
            partner: self.partner,
            partner_reference: self.reference,
            ship_to: None,
            to: self.to,
            note: self.note,
        })
    }
}

impl StepRow {
    fn act(self, order: OrderId) -> Result<StepAct, CliError> {
        let line = |line: &str| {
            let (number, quantity) = line.split_once('*').unwrap_or((line, "1"));
            let number = number
                .parse()
                .map_err(|_| CliError::Usage(format!("{number} is not the number of a line")))?;
            Ok((number, quantity.parse().map_err(Refusal::from)?))
        };
        let lines = self.lines.split_whitespace().map(line).collect::<Result<_, CliError>>()?;
        Ok(StepAct { step: self.step, order, lines, to: self.to, reason: self.reason })
    }
}

impl StepAct {
    /// Takes the step under an id, which makes it nothing new when it was taken before.
    pub async fn take(&self, service: &Service, id: PostingId) -> Result<(), service::Error> {
        // An order that was refused has no steps.
        let Some(order) = service.store().order_by_id(self.order).await? else { return Ok(()) };
        let (number, id) = (order.row.number, Some(id));
        match self.step {
            Step::Confirm => self.decide(service, &number, &Decision::Confirm, id).await,
            Step::Close => self.decide(service, &number, &Decision::Close, id).await,
            Step::Cancel => self.decide(service, &number, &Decision::Cancel, id).await,
            Step::CloseLine => {
                let line_no = self.lines.first().map_or(1, |(line_no, _)| *line_no);
                self.decide(service, &number, &Decision::CloseLine { line_no }, id).await
            }
            Step::Reserve => {
                service.reserve_order(&Reserve { number, lines: self.quantities(), id }).await.map(drop)
            }
            Step::Pick => {
                let pick = PickOrder { number, to: self.to.clone(), lines: self.quantities(), id };
                service.pick_order(&pick).await.map(drop)
            }
            Step::Ship => {
                let goods = ToShip::Ready;
                service.ship_order(&ShipOrder { number, goods, reference: None, id }).await.map(drop)
            }
            Step::Receive => {
                let Some(to) = self.to.clone() else { return Ok(()) };
                let receive = ReceiveOrder { number, to, lines: self.goods(), reference: None, id };
                service.receive_order(&receive).await.map(drop)
            }
            Step::Return => {
                let (to, lines) = (self.to.clone(), self.goods());
                let returned = ReturnGoods { number, to, lines, reference: None, id };
                service.return_goods(&returned).await.map(drop)
            }
        }
    }

    async fn decide(
        &self,
        service: &Service,
        number: &OrderNumber,
        decision: &Decision,
        id: Option<PostingId>,
    ) -> Result<(), service::Error> {
        service.decide(number, decision, self.reason.as_ref(), id).await.map(drop)
    }

    fn quantities(&self) -> Vec<LineQuantity> {
        self.lines
            .iter()
            .map(|(line_no, quantity)| LineQuantity { line_no: *line_no, quantity: *quantity })
            .collect()
    }

    fn goods(&self) -> Vec<ReceivedLine> {
        let line = |(line_no, quantity): &(u32, Quantity)| ReceivedLine {
            line_no: *line_no,
            quantity: *quantity,
            lot: None,
            expires: None,
            unit_price: None,
        };
        self.lines.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_step_is_of_an_order_and_comes_after_it() {
        let orders: Vec<Row> = table(ORDERS).unwrap();
        let mut last: Option<(String, i64)> = None;
        for step in table::<StepRow>(STEPS).unwrap() {
            let order = orders.iter().find(|order| order.order == step.order).expect(&step.order);
            let before =
                last.filter(|(order, _)| *order == step.order).map_or(order.minutes_ago, |(_, at)| at);
            assert!(step.minutes_ago < before, "{} {:?}", step.order, step.step);
            last = Some((step.order, step.minutes_ago));
        }
        let kinds: BTreeSet<&str> = orders.iter().map(|order| order.kind.as_str()).collect();
        assert_eq!(kinds.len(), OrderKind::ALL.len());
    }

    #[test]
    fn an_order_names_goods_that_the_daily_work_leaves_alone() {
        let worked = include_str!("data/work.csv");
        let reserved = |row: &Row| row.kind != OrderKind::Purchase;
        for row in table::<Row>(ORDERS).unwrap().into_iter().filter(reserved) {
            for goods in row.goods.split_whitespace() {
                let sku = goods.split('*').next().unwrap();
                // Of the honey there is more than the work of a day takes.
                let free = |place: char| !worked.contains(&format!("{place}{sku}*"));
                assert!(sku == "HONEY-A500" || (free(',') && free(' ')), "{sku}");
            }
        }
    }
}
