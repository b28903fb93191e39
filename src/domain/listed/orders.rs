//! [`Listed`](super::Listed) for orders, their lines and decisions, what is to be picked, and what should be ordered.

use super::{Listed, some};
use crate::domain::{Allocation, OrderEvent, OrderLine, OrderRow, ReorderProposal};

impl Listed for OrderRow {
    const COLUMNS: &'static [&'static str] = &[
        "order",
        "kind",
        "state",
        "partner",
        "partner_reference",
        "due_on",
        "late",
        "ship_to",
        "to",
        "note",
        "lines",
        "ordered",
        "reserved",
        "moved",
        "created_by",
        "created_at",
    ];

    fn fields(&self) -> Vec<String> {
        vec![
            self.number.to_string(),
            self.kind.to_string(),
            self.state.to_string(),
            some(self.partner.as_ref()),
            some(self.partner_reference.as_ref()),
            some(self.due_on.as_ref()),
            if self.late { "yes" } else { "no" }.to_owned(),
            some(self.ship_to.as_ref()),
            some(self.to.as_ref()),
            some(self.note.as_ref()),
            self.line_count.to_string(),
            self.ordered.to_string(),
            self.reserved.to_string(),
            self.moved.to_string(),
            self.created_by.clone(),
            self.created_at.to_string(),
        ]
    }
}

impl Listed for OrderLine {
    const COLUMNS: &'static [&'static str] = &[
        "line",
        "sku",
        "name",
        "unit",
        "quantity",
        "reserved",
        "picked",
        "moved",
        "returned",
        "open",
        "unit_price",
        "over_percent",
    ];

    fn fields(&self) -> Vec<String> {
        vec![
            self.line_no.to_string(),
            self.sku.to_string(),
            self.name.to_string(),
            self.unit.to_string(),
            self.quantity.to_string(),
            self.reserved.to_string(),
            self.picked.to_string(),
            self.moved.to_string(),
            self.returned.to_string(),
            self.open.to_string(),
            some(self.price.as_ref()),
            self.over_percent.to_string(),
        ]
    }
}

impl Listed for OrderEvent {
    const COLUMNS: &'static [&'static str] = &["at", "by", "decision", "line", "change", "reason"];

    fn fields(&self) -> Vec<String> {
        vec![
            self.at.to_string(),
            self.by.clone(),
            self.kind.to_string(),
            some(self.line_no.as_ref()),
            some(self.change.as_ref()),
            some(self.reason.as_ref()),
        ]
    }
}

impl Listed for Allocation {
    const COLUMNS: &'static [&'static str] =
        &["location", "sku", "name", "unit", "lot", "expires_on", "reserved", "order", "line", "due_on"];

    fn fields(&self) -> Vec<String> {
        vec![
            self.location.to_string(),
            self.sku.to_string(),
            self.name.to_string(),
            self.unit.to_string(),
            some(self.lot.as_ref()),
            some(self.expires_on.as_ref()),
            self.open.to_string(),
            self.number.to_string(),
            self.line_no.to_string(),
            some(self.due_on.as_ref()),
        ]
    }
}

impl Listed for ReorderProposal {
    const COLUMNS: &'static [&'static str] = &[
        "supplier",
        "sku",
        "name",
        "their_code",
        "available",
        "on_order",
        "reorder_point",
        "demand",
        "pack",
        "quantity",
        "unit_price",
        "lead_days",
    ];

    fn fields(&self) -> Vec<String> {
        vec![
            some(self.supplier.as_ref()),
            self.sku.to_string(),
            self.name.to_string(),
            self.their_code.clone().unwrap_or_default(),
            self.available.to_string(),
            self.on_order.to_string(),
            self.reorder_point.to_string(),
            self.demand.to_string(),
            self.pack.to_string(),
            self.quantity.to_string(),
            some(self.price.as_ref()),
            some(self.lead_days.as_ref()),
        ]
    }
}
