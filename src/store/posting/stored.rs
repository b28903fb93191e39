//! Determines whether the rows that the ledger holds under the id of a posting are that posting.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::resolve::{Resolved, at};
use crate::store::Error;
use crate::store::connection::Connection;
use crate::store::row::{FromRow as _, from_row};
use crate::store::serializable::Earlier;

/// A row of the ledger as it was posted, for comparison.
#[derive(Debug, PartialEq)]
struct Stored {
    id: Uuid,
    posting: Uuid,
    kind: String,
    product: i64,
    lot: Option<i64>,
    from: Option<i64>,
    to: Option<i64>,
    partner: Option<i64>,
    quantity: Decimal,
    unit_price: Option<Decimal>,
    reference: Option<String>,
    reason: Option<String>,
    reverses: Option<Uuid>,
    order_line: Option<Uuid>,
}

from_row!(Stored {
    id,
    posting,
    kind,
    product,
    lot,
    from,
    to,
    partner,
    quantity,
    unit_price,
    reference,
    reason,
    reverses,
    order_line,
});

/// Compares postings with what the ledger holds under their ids, with one query.
pub(super) async fn find(connection: &Connection, postings: &[&Resolved]) -> Result<Vec<Earlier<()>>, Error> {
    let first: Vec<Uuid> = postings.iter().map(|posting| posting.id.uuid()).collect();
    let last: Vec<Uuid> = postings.iter().map(|posting| posting.id.last_line().uuid()).collect();
    let times: Vec<jiff::Timestamp> = postings.iter().map(|posting| posting.occurred_at).collect();
    let statement = connection.prepare_cached(include_str!("stored.sql")).await?;
    let rows = connection.query(&statement, &[&first, &last, &times]).await?;
    let mut stored: Vec<Vec<Stored>> = postings.iter().map(|_| Vec::new()).collect();
    for row in &rows {
        let number: i64 = row.try_get("number")?;
        let Some(list) = usize::try_from(number - 1).ok().and_then(|position| stored.get_mut(position))
        else {
            continue;
        };
        list.push(Stored::from_row(row)?);
    }
    let earlier = |(posting, rows): (&&Resolved, Vec<Stored>)| match rows.is_empty() {
        true => Earlier::Nothing,
        false if same(posting, rows) => Earlier::Same(()),
        false => Earlier::Other,
    };
    Ok(postings.iter().zip(stored).map(earlier).collect())
}

fn same(posting: &Resolved, mut rows: Vec<Stored>) -> bool {
    let kind = posting.kind.as_str();
    let mut wanted: Vec<Stored> = (0..posting.ids.len())
        .map(|line| Stored {
            id: posting.ids[line],
            posting: posting.id.uuid(),
            kind: kind.to_owned(),
            product: posting.products[line],
            lot: at(&posting.lots, line),
            from: at(&posting.from, line),
            to: at(&posting.to, line),
            partner: posting.partner,
            quantity: posting.quantities[line],
            unit_price: at(&posting.prices, line),
            reference: posting.reference.clone(),
            reason: posting.reason.clone(),
            reverses: at(&posting.reverses, line),
            order_line: at(&posting.order_lines, line),
        })
        .collect();
    wanted.sort_by_key(|row| row.id);
    rows.sort_by_key(|row| row.id);
    wanted == rows
}
