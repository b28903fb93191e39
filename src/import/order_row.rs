//! One row of a file of orders: an order line, with the columns of the order repeated in each of its rows.

use std::collections::BTreeMap;
use std::str::FromStr;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::domain::{
    LocationCode, NewOrder, NewOrderLine, Note, OrderId, OrderKind, PartnerCode, Quantity, Reference,
    UnitPrice,
};

use super::ImportError;
use super::ids::order_id;
use super::layout::{self, Layout};
use super::profile::fields;
use super::records::Record;
use super::rejects::Reject;
use OrderField as F;

fields! {
    /// What a column of a file of orders can hold.
    OrderField {
        /// What identifies the order in the file: its id, or any text.
        Order = "order",
        Kind = "kind",
        Partner = "partner",
        PartnerReference = "partner_reference",
        DueOn = "due_on",
        ShipTo = "ship_to",
        To = "to",
        Note = "note",
        Sku = "sku",
        Quantity = "quantity",
        UnitPrice = "unit_price",
        OverPercent = "over_percent",
    }
}

/// The mandatory columns.
const NEEDED: [F; 4] = [F::Order, F::Kind, F::Sku, F::Quantity];
/// The columns that are about the order and not about one line of it.
const OF_ORDER: [F; 8] =
    [F::Order, F::Kind, F::Partner, F::PartnerReference, F::DueOn, F::ShipTo, F::To, F::Note];

const FORM: &str = "a field is malformed";
const DIFFERS: &str = "the rows of an order differ";

/// Reads rows of one file.
pub(super) struct OrderRows {
    layout: Layout,
}

/// The columns of a row that describe its order, as texts, which must be the same in all rows of the order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Head([String; OF_ORDER.len()]);

fn slot(field: F) -> usize {
    field as usize
}

impl Head {
    /// What identifies the order in the file.
    pub(super) fn key(&self) -> &str {
        &self.0[0]
    }
}

impl OrderRows {
    pub(super) fn new(header: &Record<'_>) -> Result<Self, ImportError> {
        let columns: BTreeMap<F, String> =
            F::ALL.iter().map(|field| (*field, field.column().to_owned())).collect();
        let optional: Vec<F> = F::ALL.iter().copied().filter(|field| !NEEDED.contains(field)).collect();
        Ok(Self { layout: Layout::find(header, &columns, &optional, slot)? })
    }

    fn text<'r>(&self, record: &Record<'r>, field: F) -> &'r str {
        self.layout.text(record, slot(field))
    }

    pub(super) fn reject(&self, line: u64, field: F, group: &'static str, reason: String) -> Reject {
        Reject { line, field: self.layout.name(slot(field)).to_owned(), group: group.into(), reason }
    }

    /// The columns that describe the order; `None` if the row cannot be split into fields.
    pub(super) fn head(&self, record: &Record<'_>) -> Option<Head> {
        record.fault.is_none().then(|| Head(OF_ORDER.map(|field| self.text(record, field).to_owned())))
    }

    /// Quantity times price, where a missing price counts as zero; `None` if one of them is malformed.
    pub(super) fn value(&self, record: &Record<'_>) -> Option<Decimal> {
        let price = match self.text(record, F::UnitPrice) {
            "" => Decimal::ZERO,
            text => layout::decimal(text, false)?,
        };
        layout::decimal(self.text(record, F::Quantity), false)?.checked_mul(price)
    }

    /// The order line of a row. `head` is that of the first row of the order.
    pub(super) fn line(&self, record: &Record<'_>, head: &Head) -> Result<NewOrderLine, Reject> {
        if let Some(fault) = &record.fault {
            return Err(self.layout.reject_form(record.line, fault));
        }
        let line = record.line;
        let other = OF_ORDER.iter().zip(&head.0).find(|(field, text)| self.text(record, **field) != **text);
        if let Some((field, text)) = other {
            return Err(self.reject(
                line,
                *field,
                DIFFERS,
                format!("another row of the order says \"{text}\""),
            ));
        }
        let decimal = |field| match self.text(record, field) {
            "" => Ok(None),
            text => match layout::decimal(text, false) {
                Some(value) => Ok(Some(value)),
                None => Err(self.reject(line, field, FORM, format!("\"{text}\" is not a number"))),
            },
        };
        let quantity = decimal(F::Quantity)?.unwrap_or_default();
        let price = decimal(F::UnitPrice)?.map(UnitPrice::new).transpose();
        Ok(NewOrderLine {
            sku: self.parsed(line, F::Sku, self.text(record, F::Sku))?,
            quantity: Quantity::new(quantity)
                .map_err(|error| self.reject(line, F::Quantity, FORM, error.to_string()))?,
            unit_price: price.map_err(|error| self.reject(line, F::UnitPrice, FORM, error.to_string()))?,
            over_percent: decimal(F::OverPercent)?.unwrap_or_default(),
        })
    }

    fn parsed<T: FromStr<Err: std::fmt::Display>>(
        &self,
        line: u64,
        field: F,
        text: &str,
    ) -> Result<T, Reject> {
        text.parse().map_err(|error: T::Err| self.reject(line, field, FORM, error.to_string()))
    }

    fn parsed_if_any<T: FromStr<Err: std::fmt::Display>>(
        &self,
        line: u64,
        field: F,
        text: &str,
    ) -> Result<Option<T>, Reject> {
        if text.is_empty() { Ok(None) } else { self.parsed(line, field, text).map(Some) }
    }

    /// The order with this head and these lines. `line` is the number of its first row.
    pub(super) fn order(&self, line: u64, head: &Head, lines: Vec<NewOrderLine>) -> Result<NewOrder, Reject> {
        let [key, kind, partner, partner_reference, due_on, ship_to, to, note] = &head.0;
        if key.is_empty() {
            let reason = "the column order is empty; rows with the same text in it are one order".to_owned();
            return Err(self.reject(line, F::Order, FORM, reason));
        }
        let kind: OrderKind = self.parsed(line, F::Kind, kind)?;
        let partner_code: Option<PartnerCode> = self.parsed_if_any(line, F::Partner, partner)?;
        let order = NewOrder {
            id: key.parse::<OrderId>().unwrap_or_else(|_| order_id(kind, partner, key)),
            kind,
            partner: partner_code,
            partner_reference: self.parsed_if_any::<Reference>(
                line,
                F::PartnerReference,
                partner_reference,
            )?,
            due_on: self.parsed_if_any::<Date>(line, F::DueOn, due_on)?,
            ship_to: self.parsed_if_any::<PartnerCode>(line, F::ShipTo, ship_to)?,
            to: self.parsed_if_any::<LocationCode>(line, F::To, to)?,
            note: self.parsed_if_any::<Note>(line, F::Note, note)?,
            lines,
        };
        order.validate().map_err(|error| Reject {
            line,
            field: String::new(),
            group: "the order is malformed".into(),
            reason: error.to_string(),
        })?;
        Ok(order)
    }
}
