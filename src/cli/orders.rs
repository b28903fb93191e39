//! The commands for orders.

use std::path::Path;

use jiff::Timestamp;
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::args::order::{GoodsArgs, LineArgs, OrderAction, OrderArgs};
use super::context::Context;
use super::exit::{CliError, Exit};
use super::free_text::{self, warn_if_personal};
use super::movements::{posted_words, read_line};
use super::output::{or_empty, print_json, print_line};
use super::streams::open_input;
use crate::domain::{
    LocationCode, NewOrder, NewOrderLine, Note, Order, OrderDone, OrderFilter, OrderId, OrderKind,
    OrderNumber, OrderState, PartnerCode, Posted, Reference, Refusal, ShortLived,
};
use crate::import::run::Extent;
use crate::service::{
    Decision, LineQuantity, PickOrder, ReceiveOrder, ReceivedLine, Release, Reserve, Reserved, ReturnGoods,
    Service, ShipOrder, ToShip, new_id,
};

/// The text of an action that is kept for ever. Those of new orders are in their file.
fn free_text_of(action: &OrderAction) -> Option<free_text::Named<'_>> {
    Some(match action {
        OrderAction::Confirm { order, .. }
        | OrderAction::Close { order, .. }
        | OrderAction::AddLine { order, .. }
        | OrderAction::ChangeLine { order, .. }
        | OrderAction::Cancel(order)
        | OrderAction::Reopen(order) => free_text::reason(order.reason.as_ref()),
        OrderAction::Release { reason, .. } => free_text::reason(Some(reason)),
        OrderAction::Receive { goods, .. } | OrderAction::Return { goods, .. } => {
            free_text::reference(goods.reference.as_ref())
        }
        OrderAction::Ship { reference, .. } => free_text::reference(reference.as_ref()),
        _ => return None,
    })
}

pub(super) async fn run(context: &Context, action: OrderAction) -> Result<Exit, CliError> {
    if let Some(text) = free_text_of(&action).filter(|(_, text)| text.is_some()) {
        warn_if_personal(context, &context.service().await?, [text]).await;
    }
    act(context, action).await
}

#[expect(clippy::too_many_lines, reason = "a table: a few lines for each command")]
async fn act(context: &Context, action: OrderAction) -> Result<Exit, CliError> {
    match action {
        OrderAction::Add { file } => return add(context, &file).await,
        OrderAction::Edit { number, file } => {
            let orders = read_orders(&file)?;
            let [wanted] = orders.as_slice() else {
                return Err(CliError::Usage(format!("one order is needed, not {}", orders.len())));
            };
            let service = context.service().await?;
            warn_if_personal(context, &service, texts_of(wanted)).await;
            let done = service.edit_order(&number, None, wanted).await?;
            return show_done(context, &service, &done);
        }
        OrderAction::List { state, kind, partner, late, limit } => {
            let filter =
                OrderFilter { kind, state, partner, late, limit: Some(limit), ..OrderFilter::default() };
            list(context, &filter).await?;
        }
        OrderAction::Show { number } => {
            let order = context.service().await?.order(&number).await?;
            context.output.result(&order, || order_words(&order))?;
        }
        OrderAction::Confirm { order, reserve } => {
            let number = order.number.clone();
            let service = context.service().await?;
            let done =
                service.decide(&number, &Decision::Confirm, order.reason.as_ref(), order.id.id).await?;
            // The policy may have reserved already what is available.
            let is_reserved = done.order.lines.iter().all(|line| line.reserved >= line.open);
            if !reserve || is_reserved || !done.order.row.kind.reserves() {
                return show_done(context, &service, &done);
            }
            let reserved = service.reserve_order(&Reserve { number, lines: Vec::new(), id: None }).await?;
            return show_reserved(context, &service, &reserved);
        }
        OrderAction::Reserve { number, due_within, lines, id } => {
            let service = context.service().await?;
            let Some(number) = number else {
                return reserve_due(context, &service, due_within.unwrap_or_default()).await;
            };
            let reserve = Reserve { number, lines: quantities(&lines)?, id: id.id };
            let reserved = service.reserve_order(&reserve).await?;
            return show_reserved(context, &service, &reserved);
        }
        OrderAction::Release { number, lines, reason, id } => {
            let service = context.service().await?;
            let release = Release { number, lines: quantities(&lines)?, reason, id: id.id };
            let reserved = service.release_order(&release).await?;
            return show_reserved(context, &service, &reserved);
        }
        OrderAction::Receive { number, to, lines, goods, id } => {
            let service = context.service().await?;
            let (lines, reference) = (received(&lines, &goods)?, goods.reference);
            let receive = ReceiveOrder { number: number.clone(), to, lines, reference, id: id.id };
            let posted = service.receive_order(&receive).await?;
            return show_carried_out(context, &service, &number, posted).await;
        }
        OrderAction::Pick { number, to, lines, id } => {
            let service = context.service().await?;
            let pick = PickOrder { number: number.clone(), to, lines: quantities(&lines)?, id: id.id };
            let posted = service.pick_order(&pick).await?;
            return show_carried_out(context, &service, &number, posted).await;
        }
        OrderAction::Ship { number, lines, reference, id } => {
            let service = context.service().await?;
            let goods = ToShip::of(quantities(&lines)?);
            let ship = ShipOrder { number: number.clone(), goods, reference, id: id.id };
            let posted = service.ship_order(&ship).await?;
            return show_carried_out(context, &service, &number, posted).await;
        }
        OrderAction::Return { number, to, lines, goods, id } => {
            let service = context.service().await?;
            let (lines, reference) = (received(&lines, &goods)?, goods.reference);
            if lines.is_empty() {
                return Err(CliError::Usage("use --line N QTY to say what was returned".to_owned()));
            }
            let returned = ReturnGoods { number: number.clone(), to, lines, reference, id: id.id };
            let posted = service.return_goods(&returned).await?;
            return show_carried_out(context, &service, &number, posted).await;
        }
        OrderAction::Close { order, line } => {
            let decision = line.map_or(Decision::Close, |line_no| Decision::CloseLine { line_no });
            return decide(context, order, decision).await;
        }
        OrderAction::Cancel(order) => return decide(context, order, Decision::Cancel).await,
        OrderAction::Reopen(order) => return decide(context, order, Decision::Reopen).await,
        OrderAction::AddLine { order, sku, quantity, unit_price, over_percent } => {
            let line = NewOrderLine { sku, quantity, unit_price, over_percent };
            return decide(context, order, Decision::AddLine(line)).await;
        }
        OrderAction::ChangeLine { order, line, quantity } => {
            return decide(context, order, Decision::ChangeLine { line_no: line, quantity }).await;
        }
        OrderAction::PickList { numbers } => pick_list(context, &numbers).await?,
        OrderAction::Reorder => reorder(context).await?,
        OrderAction::Import { file, rejects, dry_run, all_or_nothing } => {
            let extent = Extent::of(all_or_nothing);
            return super::files::import_orders(context, &file, rejects, dry_run, extent).await;
        }
        OrderAction::Export { file, raw } => return super::files::export_orders(context, file, raw).await,
        OrderAction::Policy(policy) => return super::order_policy::run(context, policy).await,
    }
    Ok(Exit::Done)
}

async fn decide(context: &Context, order: OrderArgs, decision: Decision) -> Result<Exit, CliError> {
    let service = context.service().await?;
    let done = service.decide(&order.number, &decision, order.reason.as_ref(), order.id.id).await?;
    show_done(context, &service, &done)
}

/// The quantities given for lines.
fn quantities(lines: &LineArgs) -> Result<Vec<LineQuantity>, CliError> {
    let pair = |pair: &[String]| {
        let [number, quantity] = pair else {
            return Err(CliError::Usage("--line takes the number of a line and a quantity".to_owned()));
        };
        let line_no = number
            .parse()
            .map_err(|_| CliError::Usage(format!("\"{number}\" is not the number of a line")))?;
        let quantity = quantity.parse().map_err(Refusal::from)?;
        Ok(LineQuantity { line_no, quantity })
    };
    lines.line.chunks(2).map(pair).collect()
}

/// The lines of goods that arrive.
fn received(lines: &LineArgs, goods: &GoodsArgs) -> Result<Vec<ReceivedLine>, CliError> {
    let lines = quantities(lines)?;
    if goods.lot.is_some() && lines.len() != 1 {
        return Err(CliError::Usage("--lot requires exactly one --line".to_owned()));
    }
    let line = |line: LineQuantity| ReceivedLine {
        line_no: line.line_no,
        quantity: line.quantity,
        lot: goods.lot.clone(),
        expires: goods.expires,
        unit_price: None,
    };
    Ok(lines.into_iter().map(line).collect())
}

/// An order as `order add` reads it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OrderText {
    id: Option<OrderId>,
    kind: OrderKind,
    partner: Option<PartnerCode>,
    partner_reference: Option<Reference>,
    due_on: Option<Date>,
    ship_to: Option<PartnerCode>,
    to: Option<LocationCode>,
    note: Option<Note>,
    lines: Vec<NewOrderLine>,
}

fn parse(number: usize, text: &str) -> Result<NewOrder, CliError> {
    let wrong = |error: &dyn std::fmt::Display| CliError::Usage(format!("line {number}: {error}"));
    let order: OrderText = serde_json::from_str(text).map_err(|error| wrong(&error))?;
    let order = NewOrder {
        id: order.id.unwrap_or_else(|| new_id().into()),
        kind: order.kind,
        partner: order.partner,
        partner_reference: order.partner_reference,
        due_on: order.due_on,
        ship_to: order.ship_to,
        to: order.to,
        note: order.note,
        lines: order.lines,
    };
    order.validate().map_err(|error| wrong(&error))?;
    Ok(order)
}

/// Reads the orders of a file. All lines are parsed before anything is stored.
fn read_orders(file: &Path) -> Result<Vec<NewOrder>, CliError> {
    let mut reader = open_input(file)?;
    let mut orders = Vec::new();
    for number in 1.. {
        let Some(text) = read_line(&mut reader, number)? else { break };
        if !text.is_empty() {
            orders.push(parse(number, &text)?);
        }
    }
    Ok(orders)
}

/// The free texts of an order.
fn texts_of(order: &NewOrder) -> [free_text::Named<'_>; 2] {
    [
        ("partner's reference", order.partner_reference.as_ref().map(Reference::as_str)),
        ("note", order.note.as_ref().map(Note::as_str)),
    ]
}

async fn add(context: &Context, file: &Path) -> Result<Exit, CliError> {
    let orders = read_orders(file)?;
    let service = context.service().await?;
    warn_if_personal(context, &service, orders.iter().flat_map(texts_of)).await;
    let mut exit = Exit::Done;
    for order in &orders {
        match service.create_order(order).await {
            Ok(done) => {
                show_done(context, &service, &done)?;
            }
            Err(error) => {
                let Some(refusal) = error.refusal() else { return Err(error.into()) };
                let document = serde_json::json!({
                    "status": "refused", "order_id": order.id, "rule": refusal.rule(), "message": refusal.to_string()
                });
                match context.output.is_json() {
                    true => print_json(&document.to_string())?,
                    false => print_line(&format!("Refused {}: {refusal}", order.id))?,
                }
                exit = Exit::Refused;
            }
        }
    }
    Ok(exit)
}

async fn list(context: &Context, filter: &OrderFilter) -> Result<(), CliError> {
    let orders = context.service().await?.orders(filter).await?;
    let headers = ["number", "state", "partner", "due", "late", "lines", "ordered", "reserved", "moved"];
    context.output.list(&orders, &headers, |order| {
        vec![
            order.number.to_string(),
            order.state.to_string(),
            or_empty(order.partner.as_ref()),
            or_empty(order.due_on.as_ref()),
            if order.late { "late".to_owned() } else { String::new() },
            order.line_count.to_string(),
            order.ordered.to_string(),
            order.reserved.to_string(),
            order.moved.to_string(),
        ]
    })
}

async fn pick_list(context: &Context, numbers: &[OrderNumber]) -> Result<(), CliError> {
    let mut picks = context.store()?.allocations(numbers).await?;
    picks.retain(|pick| !pick.picked);
    let headers = ["location", "sku", "lot", "quantity", "unit", "order", "line", "name"];
    context.output.list(&picks, &headers, |pick| {
        vec![
            pick.location.to_string(),
            pick.sku.to_string(),
            or_empty(pick.lot.as_ref()),
            pick.open.to_string(),
            pick.unit.to_string(),
            pick.number.to_string(),
            pick.line_no.to_string(),
            pick.name.to_string(),
        ]
    })
}

async fn reorder(context: &Context) -> Result<(), CliError> {
    let proposals = context.service().await?.reorder_proposals().await?;
    let headers = ["supplier", "sku", "quantity", "available", "on order", "reorder point", "demand", "name"];
    context.output.list(&proposals, &headers, |proposal| {
        vec![
            or_empty(proposal.supplier.as_ref()),
            proposal.sku.to_string(),
            proposal.quantity.to_string(),
            proposal.available.to_string(),
            proposal.on_order.to_string(),
            proposal.reorder_point.to_string(),
            proposal.demand.to_string(),
            proposal.name.to_string(),
        ]
    })
}

/// Reserves for every open order that is due soon, the most urgent first. An order for which nothing is available does
/// not stop the others.
async fn reserve_due(context: &Context, service: &Service, days: u16) -> Result<Exit, CliError> {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let until = today
        .checked_add(i32::from(days).days())
        .map_err(|_| CliError::Usage("the number of days is out of range".to_owned()))?;
    let filter = OrderFilter { due_until: Some(until), unfinished: true, ..OrderFilter::default() };
    let waits = |state| !matches!(state, OrderState::Draft | OrderState::Reserved);
    for order in service.orders(&filter).await? {
        if !order.kind.reserves() || !waits(order.state) || order.reserved + order.moved >= order.ordered {
            continue;
        }
        let reserve = Reserve { number: order.number.clone(), lines: Vec::new(), id: None };
        match service.reserve_order(&reserve).await {
            Ok(reserved) => {
                show_reserved(context, service, &reserved)?;
            }
            Err(error) => match error.refusal() {
                Some(refusal) => context.output.notice(&format!("{}: {refusal}", order.number)),
                None => return Err(error.into()),
            },
        }
    }
    Ok(Exit::Done)
}

fn show_done(context: &Context, service: &Service, done: &OrderDone) -> Result<Exit, CliError> {
    context.output.result(done, || order_words(&done.order))?;
    service.told();
    Ok(Exit::Done)
}

fn show_reserved(context: &Context, service: &Service, reserved: &Reserved) -> Result<Exit, CliError> {
    context.output.result(reserved, || {
        let mut lines = vec![order_words(&reserved.order)];
        for line in &reserved.reservations {
            let lot = line.lot.as_ref().map(|lot| format!(" lot {lot}")).unwrap_or_default();
            lines.push(format!(
                "  line {}: {:+} {}{lot} at {}",
                line.line_no, line.change, line.sku, line.location
            ));
        }
        for short in &reserved.short {
            let short_lived = short.short_lived.as_ref().map_or_else(String::new, |found| {
                let ShortLived { quantity, partner, first_expiry } = found;
                format!("; {quantity} more expire before {first_expiry}, too early for {partner}")
            });
            lines.push(format!(
                "  line {}: {} of {} not available{short_lived}",
                short.line_no, short.missing, short.sku
            ));
        }
        lines.join("\n")
    })?;
    service.told();
    Ok(Exit::Done)
}

/// What moved for an order, and the order afterwards.
#[derive(Serialize)]
struct CarriedOut {
    #[serde(flatten)]
    posted: Posted,
    order: Order,
}

async fn show_carried_out(
    context: &Context,
    service: &Service,
    number: &OrderNumber,
    posted: Posted,
) -> Result<Exit, CliError> {
    let order = service.order(number).await?;
    let done = CarriedOut { posted, order };
    context
        .output
        .result(&done, || format!("{}\n{}", posted_words(&done.posted), order_words(&done.order)))?;
    service.told();
    Ok(Exit::Done)
}

fn order_words(order: &Order) -> String {
    let row = &order.row;
    let partner = row.partner.as_ref().map(|code| format!(", {code}")).unwrap_or_default();
    let due = row.due_on.map(|day| format!(", due {day}")).unwrap_or_default();
    let late = if row.late { " (late)" } else { "" };
    let mut lines = vec![format!("{} {}{partner}{due}{late}: {}", row.kind, row.number, row.state)];
    lines.extend(order.lines.iter().map(|line| {
        format!(
            "  {} {}: ordered {}, reserved {}, moved {}, open {}",
            line.line_no, line.sku, line.quantity, line.reserved, line.moved, line.open
        )
    }));
    lines.extend(order.events.iter().map(|event| {
        let reason = event.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        format!("  {} by {} at {}{reason}", event.kind, event.by, event.at.strftime("%Y-%m-%d %H:%M UTC"))
    }));
    lines.join("\n")
}
