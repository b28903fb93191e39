//! Acts on an order: releases, events and new lines, in one transaction.

use rust_decimal::Decimal;
use tokio_postgres::IsolationLevel;
use uuid::Uuid;

use super::ResolvedReservations;
use super::create::Lines;
use super::statements::{INSERT_ORDER_EVENT, INSERT_RESERVATIONS};
use crate::domain::{OrderAct, PostingError, PostingId, Refusal, Status};
use crate::store::connection::Connection;
use crate::store::serializable::{Earlier, Failed, LevelKey, Locks, Work};
use crate::store::{Error, Store};

const EVENTS_UNDER: &str = "SELECT e.id, e.order_id, e.order_line_id, e.kind, e.change, e.reason FROM stock.order_events e WHERE e.id BETWEEN $1 AND $2 ORDER BY e.id";

/// An event with its keys.
#[derive(Debug, Clone, PartialEq)]
struct Event {
    id: Uuid,
    order: Uuid,
    line: Option<Uuid>,
    kind: &'static str,
    change: Option<Decimal>,
    reason: Option<String>,
}

/// An act as work for the runner.
struct Acting<'a> {
    store: &'a Store,
    id: PostingId,
    releases: Option<ResolvedReservations>,
    levels: Vec<LevelKey>,
    events: Vec<Event>,
    added: Option<Lines>,
}

impl Work for Acting<'_> {
    type Output = ();

    const NAME: &'static str = "act on an order";

    fn id(&self) -> Option<PostingId> {
        Some(self.id)
    }

    fn levels(&self) -> &[LevelKey] {
        &self.levels
    }

    fn statements(&self) -> &'static [&'static str] {
        &[INSERT_RESERVATIONS, INSERT_ORDER_EVENT]
    }

    async fn run(&self, connection: &mut Connection, locks: &Locks) -> Result<(), Failed> {
        locks.take(connection).await?;
        let outcome = self.transact(connection).await;
        locks.release(connection).await;
        outcome
    }

    async fn look_up(&self, connection: &Connection) -> Result<Earlier<()>, Error> {
        let released = match &self.releases {
            Some(releases) => releases.find(connection).await?,
            None => Earlier::Same(()),
        };
        let rows = connection.query(EVENTS_UNDER, &[&self.id.uuid(), &self.id.last_line().uuid()]).await?;
        let mut same = rows.len() == self.events.len();
        for (row, event) in rows.iter().zip(&self.events) {
            same &= row.try_get::<_, Uuid>(0)? == event.id
                && row.try_get::<_, Uuid>(1)? == event.order
                && row.try_get::<_, Option<Uuid>>(2)? == event.line
                && row.try_get::<_, &str>(3)? == event.kind
                && row.try_get::<_, Option<Decimal>>(4)? == event.change
                && row.try_get::<_, Option<String>>(5)? == event.reason;
        }
        // Both were written in one transaction, so either tells of the other.
        Ok(match (released, rows.is_empty()) {
            (_, true) => Earlier::Nothing,
            (Earlier::Same(()), false) if same => Earlier::Same(()),
            _ => Earlier::Other,
        })
    }

    fn explain(&self, error: tokio_postgres::Error) -> Error {
        match &self.releases {
            Some(releases) => self.store.explain_reservation(error, releases),
            None => match error.as_db_error().and_then(|db| self.store.beyond_order(db)) {
                Some(refusal) => refusal.into(),
                None => error.into(),
            },
        }
    }
}

impl Acting<'_> {
    async fn transact(&self, connection: &mut Connection) -> Result<(), Failed> {
        let transaction =
            connection.build_transaction().isolation_level(IsolationLevel::Serializable).start().await?;
        if let Some(releases) = &self.releases {
            let statement = transaction.prepare_cached(INSERT_RESERVATIONS).await?;
            let client: &tokio_postgres::Transaction<'_> = &transaction;
            releases.insert(client, &statement).await?;
        }
        let statement = transaction.prepare_cached(INSERT_ORDER_EVENT).await?;
        for event in &self.events {
            transaction
                .execute(
                    &statement,
                    &[&event.id, &event.order, &event.line, &event.kind, &event.change, &event.reason],
                )
                .await?;
        }
        if let Some(added) = &self.added {
            added.insert(&transaction).await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}

impl Store {
    /// Releases, events and a new line of one order, together or not at all.
    ///
    /// # Errors
    /// A refusal when the act does not fit the state of the order; and as [`Store::post`].
    pub async fn act_on_order(&self, act: &OrderAct) -> Result<Status, Error> {
        if act.events.is_empty() {
            return Err(Refusal::from(PostingError::NoLines).into());
        }
        if !act.releases.is_empty() && act.reason.is_none() {
            return Err(Refusal::from(PostingError::ReleaseReasonMissing).into());
        }
        let releases = match act.releases.is_empty() {
            true => None,
            false => Some(self.resolve_reservations(act.id, &act.releases, act.reason.as_ref()).await?),
        };
        let added = match &act.added_line {
            Some((line_no, line)) => {
                line.validate(*line_no as usize).map_err(Refusal::from)?;
                self.learn(&[&line.sku], &[], None).await?;
                Some(self.resolve_lines(act.order, &[(*line_no, line)])?)
            }
            None => None,
        };
        let reason = act.reason.as_ref().map(ToString::to_string);
        let event = |(position, event): (usize, &crate::domain::NewOrderEvent)| Event {
            id: act.id.line(position).uuid(),
            order: act.order.uuid(),
            line: event.order_line.map(|line| line.uuid()),
            kind: event.kind.as_str(),
            change: event.change.map(|change| change.normalize()),
            reason: reason.clone(),
        };
        let work = Acting {
            store: self,
            id: act.id,
            levels: releases.as_ref().map(ResolvedReservations::touched).unwrap_or_default(),
            releases,
            events: act.events.iter().enumerate().map(event).collect(),
            added,
        };
        match self.run(&work).await {
            Ok(done) => Ok(done.status),
            Err(error) => Err(self.name_orders(error).await),
        }
    }
}
