//! Changing a draft: its head, and its lines, which are changed, added and removed, in one transaction that reads the draft
//! first. The database lets only the author do so, and only while nothing has been decided about the order.

use deadpool_postgres::Transaction;
use tokio_postgres::IsolationLevel;

use super::create::Lines;
use super::statements::{DELETE_LINES, UPDATE_LINES, UPDATE_ORDER};
use crate::domain::{
    LINES_MAX, LineChanges, LocationCode, NewOrder, NewOrderLine, OrderError, OrderLineId, OrderNumber,
    PostingId, Refusal, Sku, Status,
};
use crate::store::connection::Connection;
use crate::store::row::{FromRow as _, from_row};
use crate::store::serializable::{Earlier, Failed, Locks, Work};
use crate::store::{Error, Store};

const DRAFT: &str = include_str!("draft.sql");
const DRAFT_LINES: &str = include_str!("draft_lines.sql");

/// A changed draft with its keys.
struct Editing<'a> {
    number: &'a OrderNumber,
    wanted: &'a NewOrder,
    /// The draft as it was shown to whoever changes it; it must still be that.
    shown: Option<&'a NewOrder>,
    partner: Option<i64>,
    ship_to: Option<i64>,
    to: Option<i64>,
    /// The products of the wanted lines.
    products: Vec<i64>,
}

/// A line of a draft as it is stored.
#[derive(Debug, Clone, PartialEq)]
struct StoredLine {
    order_line_id: OrderLineId,
    line_no: i32,
}

from_row!(StoredLine { order_line_id, line_no });
from_row!(NewOrderLine { sku, quantity, unit_price, over_percent });

/// The draft that is stored.
struct StoredDraft {
    content: NewOrder,
    /// Its lines in the order of the content.
    lines: Vec<StoredLine>,
}

impl Work for Editing<'_> {
    type Output = Status;

    const NAME: &'static str = "change of a draft";

    /// The same change sent again changes nothing, so it needs no look-up.
    fn id(&self) -> Option<PostingId> {
        None
    }

    fn statements(&self) -> &'static [&'static str] {
        &[DRAFT, DRAFT_LINES, UPDATE_ORDER, DELETE_LINES, UPDATE_LINES]
    }

    async fn run(&self, connection: &mut Connection, _locks: &Locks) -> Result<Status, Failed> {
        let transaction =
            connection.build_transaction().isolation_level(IsolationLevel::Serializable).start().await?;
        let stored = self.stored(&transaction).await?;
        let known = &stored.content;
        let changes = LineChanges::of(&known.lines, &self.wanted.lines);
        let head = head(known) != head(self.wanted);
        if !head && changes.is_empty() {
            transaction.rollback().await?;
            return Ok(Status::AlreadyPosted);
        }
        if self.shown.is_some_and(|shown| shown != known) {
            transaction.rollback().await?;
            return Err(Failed::Refused(Refusal::DraftChanged(self.number.clone())));
        }
        if head {
            self.change_head(&transaction).await?;
        }
        self.change_lines(&transaction, &stored.lines, &changes).await?;
        transaction.commit().await?;
        Ok(Status::Posted)
    }

    /// It has no id to be looked up by.
    async fn look_up(&self, _connection: &Connection) -> Result<Earlier<Status>, Error> {
        Ok(Earlier::Nothing)
    }
}

/// What an order says besides its lines.
fn head(order: &NewOrder) -> impl PartialEq + '_ {
    let NewOrder { id: _, kind: _, partner, partner_reference, due_on, ship_to, to, note, lines: _ } = order;
    (partner, partner_reference, due_on, ship_to, to, note)
}

/// The numbers of new lines: those after the highest, and then those that are free. The number of a line that is removed
/// in the same transaction is not free, because the number makes the id.
fn free_numbers(stored: &[StoredLine]) -> impl Iterator<Item = i32> + '_ {
    let all = i32::try_from(LINES_MAX).unwrap_or(i32::MAX);
    let last = stored.iter().map(|line| line.line_no).max().unwrap_or(0);
    let gaps = (1..last).filter(|number| stored.iter().all(|line| line.line_no != *number));
    (last.saturating_add(1)..=all).chain(gaps)
}

impl Editing<'_> {
    async fn stored(&self, transaction: &Transaction<'_>) -> Result<StoredDraft, Failed> {
        let id = self.wanted.id.uuid();
        let statement = transaction.prepare_cached(DRAFT).await?;
        let row = transaction.query_one(&statement, &[&id]).await?;
        let statement = transaction.prepare_cached(DRAFT_LINES).await?;
        let rows = transaction.query(&statement, &[&id]).await?;
        let content = NewOrder {
            id: self.wanted.id,
            kind: self.wanted.kind,
            partner: row.try_get("partner")?,
            partner_reference: row.try_get("partner_reference")?,
            due_on: row.try_get("due_on")?,
            ship_to: row.try_get("ship_to")?,
            to: row.try_get("to")?,
            note: row.try_get("note")?,
            lines: rows.iter().map(NewOrderLine::from_row).collect::<Result<_, _>>()?,
        };
        let lines = rows.iter().map(StoredLine::from_row).collect::<Result<_, _>>()?;
        Ok(StoredDraft { content, lines })
    }

    async fn change_head(&self, transaction: &Transaction<'_>) -> Result<(), Failed> {
        let wanted = self.wanted;
        let reference = wanted.partner_reference.as_ref().map(|reference| reference.as_str());
        let note = wanted.note.as_ref().map(|note| note.as_str());
        let statement = transaction.prepare_cached(UPDATE_ORDER).await?;
        let id = wanted.id.uuid();
        transaction
            .execute(
                &statement,
                &[&id, &self.partner, &reference, &wanted.due_on, &self.ship_to, &self.to, &note],
            )
            .await?;
        Ok(())
    }

    async fn change_lines(
        &self,
        transaction: &Transaction<'_>,
        stored: &[StoredLine],
        changes: &LineChanges,
    ) -> Result<(), Failed> {
        let (mut changed, mut added) = (Lines::of(self.wanted.id), Lines::of(self.wanted.id));
        for (known, position) in &changes.changed {
            let StoredLine { order_line_id, line_no } = stored[*known];
            let line = &self.wanted.lines[*position];
            changed.push((order_line_id, line_no), self.products[*position], line);
        }
        for (position, number) in changes.added.iter().zip(free_numbers(stored)) {
            let id = self.wanted.id.line(number.unsigned_abs() as usize);
            added.push((id, number), self.products[*position], &self.wanted.lines[*position]);
        }
        if added.ids.len() < changes.added.len() {
            let lines = stored.len() + changes.added.len();
            return Err(Failed::Refused(OrderError::TooManyLines { lines }.into()));
        }
        if !changes.removed.is_empty() {
            let statement = transaction.prepare_cached(DELETE_LINES).await?;
            let ids: Vec<_> =
                changes.removed.iter().map(|known| stored[*known].order_line_id.uuid()).collect();
            let removed = transaction.execute(&statement, &[&ids]).await?;
            if removed != ids.len() as u64 {
                return Err(Failed::Refused(Refusal::DraftChanged(self.number.clone())));
            }
        }
        if !changed.ids.is_empty() {
            let statement = transaction.prepare_cached(UPDATE_LINES).await?;
            transaction
                .execute(
                    &statement,
                    &[&changed.ids, &changed.quantities, &changed.prices, &changed.over_percents],
                )
                .await?;
        }
        if !added.ids.is_empty() {
            added.insert(transaction).await?;
        }
        Ok(())
    }
}

impl Store {
    /// Changes a draft into what is wanted: its lines are changed, added and removed. `shown` is the draft that somebody was
    /// shown and changed; without it, whatever the draft is becomes what is wanted.
    ///
    /// # Errors
    /// The rule `draft_changed_by_author` for whoever is not the author, or when it is no draft any more;
    /// [`Refusal::DraftChanged`] when it is not what was shown; and as [`Store::create_order`].
    pub async fn edit_order(
        &self,
        number: &OrderNumber,
        shown: Option<&NewOrder>,
        wanted: &NewOrder,
    ) -> Result<Status, Error> {
        wanted.validate().map_err(Refusal::from)?;
        let skus: Vec<&Sku> = wanted.lines.iter().map(|line| &line.sku).collect();
        let places: Vec<&LocationCode> = wanted.to.iter().collect();
        self.learn(&skus, &places, wanted.partner.as_ref()).await?;
        self.learn(&[], &[], wanted.ship_to.as_ref()).await?;
        let work = Editing {
            number,
            wanted,
            shown,
            partner: wanted.partner.as_ref().map(|code| self.keys.partner(code)).transpose()?,
            ship_to: wanted.ship_to.as_ref().map(|code| self.keys.partner(code)).transpose()?,
            to: wanted.to.as_ref().map(|code| self.keys.location(code)).transpose()?,
            products: skus.iter().map(|sku| self.keys.product(sku)).collect::<Result<_, _>>()?,
        };
        Ok(self.run(&work).await?.output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples::parsed;

    #[test]
    fn new_lines_get_the_numbers_after_the_last_and_then_the_gaps() {
        let line =
            |line_no| StoredLine { order_line_id: parsed("01930000-0000-7000-8000-000000000001"), line_no };
        assert_eq!(free_numbers(&[]).take(2).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(free_numbers(&[line(2), line(4)]).take(2).collect::<Vec<_>>(), [5, 6]);
        let numbers: Vec<i32> = free_numbers(&[line(2), line(4_999)]).collect();
        assert_eq!((numbers[0], numbers[1], numbers[2]), (5_000, 1, 3));
    }
}
