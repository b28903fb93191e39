//! Changing a draft: its head, the quantities and prices of its lines, and more lines, in one transaction. The database
//! lets only the author do so, and only while nothing has been decided about the order.

use tokio_postgres::IsolationLevel;

use super::create::Lines;
use super::statements::{UPDATE_LINES, UPDATE_ORDER};
use crate::domain::{
    LocationCode, NewOrder, NewOrderLine, Order, OrderError, PostingId, Refusal, Sku, Status,
};
use crate::store::connection::Connection;
use crate::store::serializable::{Earlier, Failed, Locks, Work};
use crate::store::{Error, Store};

/// A changed draft with its keys.
struct Editing<'a> {
    order: &'a NewOrder,
    partner: Option<i64>,
    ship_to: Option<i64>,
    to: Option<i64>,
    /// Whether the head becomes another.
    head: bool,
    changed: Lines,
    added: Lines,
}

impl Work for Editing<'_> {
    type Output = ();

    const NAME: &'static str = "change of a draft";

    /// The same change sent again changes nothing, so it needs no look-up.
    fn id(&self) -> Option<PostingId> {
        None
    }

    fn statements(&self) -> &'static [&'static str] {
        &[UPDATE_ORDER, UPDATE_LINES]
    }

    async fn run(&self, connection: &mut Connection, _locks: &Locks) -> Result<(), Failed> {
        let transaction =
            connection.build_transaction().isolation_level(IsolationLevel::Serializable).start().await?;
        let (order, id) = (self.order, self.order.id.uuid());
        if self.head {
            let reference = order.partner_reference.as_ref().map(|reference| reference.as_str());
            let note = order.note.as_ref().map(|note| note.as_str());
            let statement = transaction.prepare_cached(UPDATE_ORDER).await?;
            transaction
                .execute(
                    &statement,
                    &[&id, &self.partner, &reference, &order.due_on, &self.ship_to, &self.to, &note],
                )
                .await?;
        }
        if !self.changed.ids.is_empty() {
            let statement = transaction.prepare_cached(UPDATE_LINES).await?;
            let lines = &self.changed;
            transaction
                .execute(&statement, &[&lines.ids, &lines.quantities, &lines.prices, &lines.over_percents])
                .await?;
        }
        if !self.added.ids.is_empty() {
            self.added.insert(&transaction).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// It has no id to be looked up by.
    async fn look_up(&self, _connection: &Connection) -> Result<Earlier<()>, Error> {
        Ok(Earlier::Nothing)
    }
}

/// Lines with their numbers.
type Numbered<'a> = Vec<(u32, &'a NewOrderLine)>;

/// The lines that become others, and those that are new. Lines keep their numbers and products, because what refers to
/// a line must find it for ever.
fn differences<'a>(before: &Order, wanted: &'a NewOrder) -> Result<(Numbered<'a>, Numbered<'a>), Refusal> {
    let (mut changed, mut added) = (Vec::new(), Vec::new());
    for (line_no, line) in (1..).zip(&wanted.lines) {
        match before.line(line_no) {
            Some(known) if known.sku != line.sku => {
                return Err(
                    OrderError::LineReplaced { line: line_no as usize, sku: known.sku.clone() }.into()
                );
            }
            Some(known) => {
                let same = known.quantity == line.quantity.value()
                    && known.price == line.unit_price
                    && known.over_percent == line.over_percent.normalize();
                if !same {
                    changed.push((line_no, line));
                }
            }
            None => added.push((line_no, line)),
        }
    }
    match before.lines.get(wanted.lines.len()) {
        Some(left_out) => {
            Err(OrderError::LineReplaced { line: wanted.lines.len() + 1, sku: left_out.sku.clone() }.into())
        }
        None => Ok((changed, added)),
    }
}

impl Store {
    /// Changes a draft into what is wanted; `before` is the draft as it was read.
    ///
    /// # Errors
    /// The rule `draft_changed_by_author` for whoever is not the author, or when it is no draft any more;
    /// [`OrderError::LineReplaced`]; and as [`Store::create_order`].
    pub async fn edit_order(&self, before: &Order, wanted: &NewOrder) -> Result<Status, Error> {
        wanted.validate().map_err(Refusal::from)?;
        let (changed, added) = differences(before, wanted)?;
        let skus: Vec<&Sku> = wanted.lines.iter().map(|line| &line.sku).collect();
        let places: Vec<&LocationCode> = wanted.to.iter().collect();
        self.learn(&skus, &places, wanted.partner.as_ref()).await?;
        self.learn(&[], &[], wanted.ship_to.as_ref()).await?;
        let row = &before.row;
        let head = row.partner != wanted.partner
            || row.partner_reference != wanted.partner_reference
            || row.due_on != wanted.due_on
            || row.ship_to != wanted.ship_to
            || row.to != wanted.to
            || row.note != wanted.note;
        let work = Editing {
            order: wanted,
            partner: wanted.partner.as_ref().map(|code| self.keys.partner(code)).transpose()?,
            ship_to: wanted.ship_to.as_ref().map(|code| self.keys.partner(code)).transpose()?,
            to: wanted.to.as_ref().map(|code| self.keys.location(code)).transpose()?,
            head,
            changed: self.resolve_lines(wanted.id, &changed)?,
            added: self.resolve_lines(wanted.id, &added)?,
        };
        if !head && changed.is_empty() && added.is_empty() {
            return Ok(Status::AlreadyPosted);
        }
        Ok(self.run(&work).await?.status)
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;
    use crate::domain::samples::{order, parsed};

    fn wanted(lines: &[(&str, &str)]) -> NewOrder {
        let before = order();
        let line = |(sku, quantity): &(&str, &str)| NewOrderLine {
            sku: parsed(sku),
            quantity: parsed(quantity),
            unit_price: None,
            over_percent: Decimal::ZERO,
        };
        NewOrder {
            id: before.row.order_id,
            kind: before.row.kind,
            partner: before.row.partner,
            partner_reference: before.row.partner_reference,
            due_on: before.row.due_on,
            ship_to: before.row.ship_to,
            to: before.row.to,
            note: before.row.note,
            lines: lines.iter().map(line).collect(),
        }
    }

    #[test]
    fn lines_are_changed_and_added_but_neither_replaced_nor_left_out() {
        let numbers =
            |lines: &[(u32, &NewOrderLine)]| lines.iter().map(|(number, _)| *number).collect::<Vec<_>>();
        let order = order();
        let same = wanted(&[("71053", "10"), ("84406B", "5")]);
        let (changed, added) = differences(&order, &same).unwrap();
        assert!(changed.is_empty() && added.is_empty());
        let more = wanted(&[("71053", "10"), ("84406B", "6"), ("22752", "1")]);
        let (changed, added) = differences(&order, &more).unwrap();
        assert_eq!((numbers(&changed), numbers(&added)), (vec![2], vec![3]));
        for wrong in [&[("71053", "10"), ("22752", "5")][..], &[("71053", "10")]] {
            let refused = differences(&order, &wanted(wrong)).unwrap_err();
            assert!(
                matches!(&refused, Refusal::Order(OrderError::LineReplaced { line: 2, sku }) if *sku == "84406B"),
                "{refused:?}"
            );
        }
    }
}
