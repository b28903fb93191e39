//! Commands of the service with everything left out that a test does not care about.

use rust_decimal::Decimal;
use stockroom::domain::{
    CountSheet, Details, NewOrder, NewOrderLine, OrderKind, OrderNumber, PostingId, Reversal, SheetFigure,
};
use stockroom::service::{Count, Decision, Error, Issue, Receipt, Service, Transfer, new_id};

/// Details with a given id.
pub fn with_id(id: PostingId) -> Details {
    Details { id: Some(id), ..Details::default() }
}

/// A receipt.
pub fn receipt(code: &str, number: &str, to: &str) -> Receipt {
    Receipt {
        code: code.to_owned(),
        number: number.parse().unwrap(),
        to: to.parse().unwrap(),
        lot: None,
        expires: None,
        unit_price: None,
        details: Details::default(),
    }
}

/// A receipt of a lot; an empty day stands for none.
pub fn lot_receipt(code: &str, number: &str, to: &str, lot: &str, expires: &str) -> Receipt {
    let expires = (!expires.is_empty()).then(|| expires.parse().unwrap());
    Receipt { lot: Some(lot.parse().unwrap()), expires, ..receipt(code, number, to) }
}

/// An issue.
pub fn issue(code: &str, number: &str, from: &str) -> Issue {
    Issue {
        code: code.to_owned(),
        number: number.parse().unwrap(),
        from: from.parse().unwrap(),
        lot: None,
        unit_price: None,
        details: Details::default(),
    }
}

/// A transfer.
pub fn transfer(code: &str, number: &str, from: &str, to: &str) -> Transfer {
    Transfer {
        code: code.to_owned(),
        number: number.parse().unwrap(),
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        lot: None,
        details: Details::default(),
    }
}

/// A count.
pub fn count(code: &str, number: &str, at: &str) -> Count {
    Count {
        code: code.to_owned(),
        number: number.parse().unwrap(),
        at: at.parse().unwrap(),
        lot: None,
        details: Details::default(),
    }
}

/// A count sheet of products that are not tracked, and of one lot where a fourth word names one.
pub fn sheet(lines: &[(&str, &str, &str, Option<&str>)]) -> CountSheet {
    let figure = |(sku, number, at, lot): &(&str, &str, &str, Option<&str>)| SheetFigure {
        sku: sku.parse().unwrap(),
        location: at.parse().unwrap(),
        lot: lot.map(|code| code.parse().unwrap()),
        counted: number.parse().unwrap(),
        seen: None,
    };
    CountSheet {
        location: lines[0].2.parse().unwrap(),
        lines: lines.iter().map(figure).collect(),
        details: Details::default(),
    }
}

/// A reversal of a posting.
pub fn reversal(of: PostingId) -> Reversal {
    Reversal { target: of.line(0), movement_only: false, reason: "a slip".parse().unwrap(), id: None }
}

/// A sales order of one line for the customer C.
pub fn sales_order(sku: &str, quantity: &str) -> NewOrder {
    let line = NewOrderLine {
        sku: sku.parse().unwrap(),
        quantity: quantity.parse().unwrap(),
        unit_price: None,
        over_percent: Decimal::ZERO,
    };
    NewOrder {
        id: new_id().into(),
        kind: OrderKind::Sales,
        partner: Some("C".parse().unwrap()),
        partner_reference: None,
        due_on: None,
        ship_to: None,
        to: None,
        note: None,
        lines: vec![line],
    }
}

/// Enters and confirms an order.
pub async fn confirmed(admin: &Service, order: &NewOrder) -> OrderNumber {
    let number = admin.create_order(order).await.unwrap().order.row.number;
    admin.decide(&number, &Decision::Confirm, None, None).await.unwrap();
    number
}

/// The name of the rule that refused; fails for any other outcome.
pub fn rule<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    let error = outcome.unwrap_err();
    error.refusal().unwrap_or_else(|| panic!("{error:?} is no refusal")).rule().to_owned()
}
