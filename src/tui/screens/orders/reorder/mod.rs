//! What should be ordered: products at or below their reorder point, with what is available, on order and was issued in the
//! last weeks, and a quantity per supplier in packs. Quantities and suppliers can be changed; after a review the rest becomes
//! drafts of purchase orders, one for each supplier.

mod dialog;
mod draw;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::Date;
use ratatui::layout::Rect;
use rust_decimal::Decimal;

use self::dialog::{ProposalDialog, ProposalEdit};
use crate::domain::{
    LINES_MAX, ListedTable, NewOrder, NewOrderLine, OrderKind, PartnerCode, PostingId, Quantity,
    ReorderProposal,
};
use crate::tui::command::{Command, Scope};
use crate::tui::screens::export::ExportDialog;
use crate::tui::screens::item::ItemView;
use crate::tui::text::failure;
use crate::tui::text::orders::OrdersText;
use crate::tui::view::{
    Action, Binding, Bindings, Bound, Canvas, Context, Ended, Hit, Picked, Review, Severity, Submission,
    View, WriteEnd,
};
use crate::tui::widgets::{Fetched, List};
use crate::worker::message::{ExportWhat, Failure, Write, Written};
use crate::worker::query::{self, Answer, Ticket};

/// A product that should be ordered, and what is to be ordered of it.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    proposal: ReorderProposal,
    supplier: Option<PartnerCode>,
    /// Units to order; nothing of a product that is left out.
    quantity: Decimal,
    /// Changed by hand, so that a fresh proposal does not take its place.
    edited: bool,
}

impl Row {
    fn of(proposal: ReorderProposal) -> Self {
        Self { supplier: proposal.supplier.clone(), quantity: proposal.quantity, edited: false, proposal }
    }

    /// Whether it becomes a line of an order.
    fn is_ordered(&self) -> bool {
        self.supplier.is_some() && self.quantity > Decimal::ZERO
    }
}

/// The proposal, over a screen.
#[derive(Debug, Default)]
pub struct ReorderView {
    rows: Fetched<List<Row>>,
    /// The orders that the review shows, while it is shown.
    review: Option<Vec<NewOrder>>,
    reviewing: Review<Vec<NewOrder>>,
    submission: Submission<Vec<NewOrder>>,
    fault: Option<String>,
}

/// The orders that rows become: one for each supplier, in the order of their codes, due when the slowest line can come.
fn orders(rows: &[Row], today: Date) -> Vec<NewOrder> {
    let mut by_supplier: BTreeMap<&PartnerCode, Vec<&Row>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.is_ordered()) {
        if let Some(supplier) = &row.supplier {
            by_supplier.entry(supplier).or_default().push(row);
        }
    }
    let order = |(supplier, rows): (&PartnerCode, Vec<&Row>)| {
        let days = rows.iter().filter_map(|row| row.proposal.lead_days).max();
        let line = |row: &&Row| {
            // Prices and lead times are those of the supplier that was proposed.
            let same = row.proposal.supplier.as_ref() == Some(supplier);
            let unit_price = row.proposal.price.filter(|_| same || row.proposal.supplier.is_none());
            let quantity = Quantity::new(row.quantity).ok()?;
            let sku = row.proposal.sku.clone();
            Some(NewOrderLine { sku, quantity, unit_price, over_percent: Decimal::ZERO })
        };
        NewOrder {
            id: PostingId::at(jiff::Timestamp::UNIX_EPOCH, [0; 10]).into(),
            kind: OrderKind::Purchase,
            partner: Some(supplier.clone()),
            partner_reference: None,
            due_on: days.map(|days| today.saturating_add(i64::from(days).days())),
            ship_to: None,
            to: None,
            note: None,
            lines: rows.iter().filter_map(line).take(LINES_MAX).collect(),
        }
    };
    by_supplier.into_iter().map(order).collect()
}

/// The orders under ids of their own, each with room for those of its lines.
fn with_ids(id: PostingId, orders: &[NewOrder]) -> Vec<NewOrder> {
    let with_id = |(position, order): (usize, &NewOrder)| {
        let id = PostingId::from(id.line(position * (LINES_MAX + 1)));
        NewOrder { id: id.into(), ..order.clone() }
    };
    orders.iter().enumerate().map(with_id).collect()
}

impl ReorderView {
    fn ask(&mut self, context: &mut Context<'_>) {
        self.rows.ask(query::Reorder {}, context);
    }

    /// Takes a fresh proposal; what was changed by hand stays.
    fn took(list: &mut List<Row>, proposals: &[ReorderProposal]) {
        let fresh = |proposal: &ReorderProposal| {
            let known = list.rows().iter().find(|row| row.edited && row.proposal.sku == proposal.sku);
            match known {
                Some(row) => Row { proposal: proposal.clone(), ..row.clone() },
                None => Row::of(proposal.clone()),
            }
        };
        let rows = proposals.iter().map(fresh).collect();
        list.replace(rows, |old: &Row, new| old.proposal.sku == new.proposal.sku);
    }

    fn is_busy(&self) -> bool {
        self.review.is_some() || self.submission.is_under_way()
    }

    fn edit(&mut self, context: &mut Context<'_>) {
        match self.rows.value.selected().filter(|_| !self.is_busy()) {
            Some(row) => {
                let dialog = ProposalDialog::new(&row.proposal, row.quantity, row.supplier.as_ref());
                context.request(Action::Open(Box::new(dialog)));
            }
            None => context.ring(),
        }
    }

    /// Leaves the selected product out, or takes it in again as proposed.
    fn leave_out(&mut self, context: &mut Context<'_>) {
        let at = self.rows.value.cursor();
        if self.is_busy() {
            return context.ring();
        }
        match self.rows.value.rows_mut().get_mut(at) {
            Some(row) => {
                row.quantity = if row.quantity.is_zero() { row.proposal.quantity } else { Decimal::ZERO };
                row.edited = true;
                self.rows.value.command(Command::Down);
            }
            None => context.ring(),
        }
    }

    /// Shows what will be ordered from whom; in the review, makes the drafts.
    fn post(&mut self, context: &mut Context<'_>) {
        if self.submission.is_under_way() {
            return context.ring();
        }
        if self.review.is_some() {
            return self.save(context);
        }
        let orders = orders(self.rows.value.rows(), context.today());
        if orders.is_empty() {
            context.say(Severity::Warning, OrdersText::NothingToOrder);
            return context.ring();
        }
        self.fault = None;
        self.reviewing.open(orders.clone());
        self.review = Some(orders);
    }

    fn save(&mut self, context: &mut Context<'_>) {
        let Some(orders) = self.review.clone() else { return };
        let Some(confirmed) = self.reviewing.confirm(&orders) else { return context.ring() };
        let write = |id, orders: &Vec<NewOrder>| Write::NewOrders(with_ids(id, orders));
        if self.submission.send(orders, confirmed, context, write) {
            self.fault = None;
        }
    }

    fn ended(&mut self, ended: &Ended<'_>, context: &mut Context<'_>) {
        let words = context.words;
        match ended {
            Ended::Posted(written) => {
                self.review = None;
                if let Some(Written::OrdersSaved { numbers, refused }) = written {
                    if !numbers.is_empty() {
                        let numbers: Vec<&str> = numbers.iter().map(|number| number.as_str()).collect();
                        let text = words.fill(OrdersText::DraftsMade, &[("numbers", &numbers.join(", "))]);
                        context.tell(Severity::Good, text);
                    }
                    for (supplier, refusal) in refused {
                        let why = failure::words(words, &Failure::Refused(refusal.clone()));
                        let places = [("supplier", supplier.as_str()), ("why", &why)];
                        context.tell(Severity::Bad, words.fill(OrdersText::DraftRefused, &places));
                    }
                } else {
                    context.say(Severity::Good, OrdersText::SavedSomehow);
                }
                // What is on order now has to be confirmed before the proposal counts it.
                self.rows.value = List::default();
                self.ask(context);
            }
            // The line below the list says so.
            Ended::Unknown(_) => {}
            Ended::Refused(error) => {
                self.fault = Some(failure::words(words, error));
                context.ring();
            }
            Ended::NotPosted => self.fault = Some(words.say(OrdersText::WasNotPosted).to_owned()),
        }
    }

    /// Exports the proposal with the quantities and suppliers as they were changed.
    fn export(&self, context: &mut Context<'_>) {
        let changed = |row: &Row| ReorderProposal {
            supplier: row.supplier.clone(),
            quantity: row.quantity,
            ..row.proposal.clone()
        };
        let rows: Vec<ReorderProposal> = self.rows.value.rows().iter().map(changed).collect();
        ExportDialog::open("reorder", ExportWhat::Table(ListedTable::of(&rows)), context);
    }

    fn open(&mut self, context: &mut Context<'_>) {
        if self.review.is_some() { self.post(context) } else { self.edit(context) }
    }

    fn back(&mut self, context: &mut Context<'_>) {
        if self.submission.is_under_way() || self.review.take().is_none() {
            context.request(Action::Close);
        }
    }

    fn show_product(&self, context: &mut Context<'_>) {
        match self.rows.value.selected() {
            Some(row) => context.request(Action::Open(Box::new(ItemView::new(row.proposal.sku.clone())))),
            None => context.ring(),
        }
    }
}

impl Bound for ReorderView {
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::Several(&[Command::Open, Command::Confirm], |view, _, context| view.open(context)),
        Binding::One(Command::EditQuantity, |view, context| view.edit(context)),
        Binding::One(Command::RemoveLine, |view, context| view.leave_out(context)),
        Binding::One(Command::Post, |view, context| view.post(context)),
        Binding::One(Command::LedgerOfThis, |view, context| view.show_product(context)),
        Binding::One(Command::Copy, |view, context| {
            context.copy(view.rows.value.selected().map(|row| row.proposal.sku.to_string()));
        }),
        Binding::One(Command::Export, |view, context| view.export(context)),
        Binding::One(Command::Refresh, |view, context| view.ask(context)),
        Binding::One(Command::Close, |view, context| view.back(context)),
        Binding::Several(Command::LIST, |view, command, _| {
            view.rows.value.command(command);
        }),
    ]];
}

impl View for ReorderView {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Reorder, Scope::List, Scope::Dialog]
    }

    fn hints(&self) -> &'static [Command] {
        if self.review.is_some() {
            return &[Command::Confirm, Command::Close];
        }
        &[
            Command::Close,
            Command::Post,
            Command::EditQuantity,
            Command::RemoveLine,
            Command::LedgerOfThis,
            Command::Copy,
        ]
    }

    fn shown(&mut self, context: &mut Context<'_>) {
        self.ask(context);
    }

    fn changed(&mut self, context: &mut Context<'_>) {
        self.ask(context);
    }

    fn picked(&mut self, picked: Picked, _context: &mut Context<'_>) {
        let Ok(edit) = picked.downcast::<ProposalEdit>() else { return };
        let rows = self.rows.value.rows_mut();
        if let Some(row) = rows.iter_mut().find(|row| row.proposal.sku == edit.sku) {
            (row.quantity, row.supplier, row.edited) = (edit.quantity, edit.supplier, true);
        }
    }

    fn clicked(&mut self, hit: Hit, context: &mut Context<'_>) {
        if let Hit::Row(position) = hit
            && self.rows.value.click(position)
            && self.review.is_none()
        {
            self.edit(context);
        }
    }

    fn answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        let received =
            self.rows.answered::<query::Reorder>(ticket, answer, context.now, |list, proposals| {
                Self::took(list, proposals);
            });
        received.is_own()
    }

    fn write_ended(&mut self, id: PostingId, end: WriteEnd<'_>, context: &mut Context<'_>) -> bool {
        let Some(ended) = self.submission.ended(id, end) else { return false };
        self.ended(&ended, context);
        true
    }

    fn seen(&mut self) {
        self.reviewing.seen();
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        self.draw_view(area, canvas);
    }
}
