//! A whole file in one SERIALIZABLE transaction: all of its postings, orders or products, or none of them. They are read
//! while the transaction runs, so that their number does not matter to the memory; for another attempt they are read
//! again from the beginning.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use uuid::Uuid;

use super::connection::Connection;
use super::error::{Class, classify};
use super::master_data::insert_products;
use super::orders::statements::{INSERT_LINES, INSERT_ORDER};
use super::posting::INSERT_POSTING;
use super::serializable::{Earlier, Failed, Locks, RetryPolicy, Work};
use super::{Error, Store};
use crate::domain::{NewOrder, Posting, PostingId, Product, Refusal};

/// How long the transaction may take. Others wait for the levels that it has changed, and the collector ends a session
/// for which others have waited while its transaction is two minutes old (`stock.end_stale_sessions`).
const TIME_MAX: Duration = Duration::from_secs(100);
/// The time for the last portion and the commit, after which the connection counts as lost.
const REST_MAX: Duration = Duration::from_secs(60);

/// A part of a file as it is read.
#[derive(Debug)]
pub enum Portion {
    Postings(Vec<Posting>),
    Orders(Vec<NewOrder>),
    Products(Vec<Product>),
    /// The end of the file. If the sender is closed before, the file could not be read, and nothing is committed.
    End,
}

/// A file to be posted as a whole.
pub struct Whole<'a> {
    /// The id of the first posting or order that is new, by which an unknown outcome is determined.
    pub first: Option<PostingId>,
    /// The ids of the postings and orders that exist already. They are left out.
    pub known: &'a HashSet<Uuid>,
    /// Reads the file from the beginning.
    pub read: &'a (dyn Fn() -> mpsc::Receiver<Portion> + Send + Sync),
}

/// How the transaction of a whole file ended.
#[derive(Debug)]
pub enum WholeEnded {
    /// Everything is in the database; of products, so many are new.
    Committed { products_added: u64 },
    /// The file could not be read to its end, and nothing was committed.
    Incomplete,
    /// It took longer than this, and nothing was committed.
    TooLong { limit: Duration },
    /// A rule refused the item with this number, counted from zero, or the portion of products that begins with it;
    /// nothing was committed.
    Refused { at: u64, refusal: Refusal },
}

/// The transaction as work for the runner.
struct InOne<'a> {
    store: &'a Store,
    whole: &'a Whole<'a>,
    /// The number of the item at which the last attempt was refused.
    at: AtomicU64,
}

impl InOne<'_> {
    /// Sends everything within the open transaction.
    async fn insert(&self, connection: &Connection) -> Result<WholeEnded, Failed> {
        let began = Instant::now();
        let mut portions = (self.whole.read)();
        let (mut before, mut products_added) = (0_u64, 0);
        while let Some(portion) = portions.recv().await {
            if began.elapsed() > TIME_MAX {
                return Ok(WholeEnded::TooLong { limit: TIME_MAX });
            }
            let items = match portion {
                Portion::Postings(postings) => {
                    let (numbers, new) = self.missing(before, &postings, |posting| posting.id.uuid());
                    let sent = self.store.insert_postings(connection, &new).await;
                    self.note(sent, |position| (numbers.get(position), new.get(position).map(|new| new.id)))?;
                    postings.len()
                }
                Portion::Orders(orders) => {
                    let (numbers, new) = self.missing(before, &orders, |order| order.id.uuid());
                    let sent = self.store.insert_orders(connection, &new).await;
                    self.note(sent, |position| {
                        (numbers.get(position), new.get(position).map(|new| new.id.act()))
                    })?;
                    orders.len()
                }
                Portion::Products(products) => {
                    self.at.store(before, Ordering::Relaxed);
                    let client: &tokio_postgres::Client = connection;
                    products_added += insert_products(client, &products).await?;
                    products.len()
                }
                Portion::End => return Ok(WholeEnded::Committed { products_added }),
            };
            before += items as u64;
        }
        Ok(WholeEnded::Incomplete)
    }

    /// The items that do not exist yet, and the number of each.
    fn missing<T: Clone>(&self, before: u64, items: &[T], id: impl Fn(&T) -> Uuid) -> (Vec<u64>, Vec<T>) {
        let known = |item: &T| self.whole.known.contains(&id(item));
        (before..).zip(items).filter(|(_, item)| !known(item)).map(|(at, item)| (at, item.clone())).unzip()
    }

    /// Notes which item was refused. One whose id exists by now was posted by somebody else since the file was checked;
    /// that says nothing about the rest of the file, so it is no success.
    fn note<'n>(
        &self,
        sent: Result<(), (usize, Failed)>,
        item: impl Fn(usize) -> (Option<&'n u64>, Option<PostingId>),
    ) -> Result<(), Failed> {
        let Err((position, failed)) = sent else { return Ok(()) };
        let (number, id) = item(position);
        self.at.store(number.copied().unwrap_or_default(), Ordering::Relaxed);
        Err(match (failed, id) {
            (Failed::Database(error), Some(id)) if classify(&error) == Class::IdExists => {
                Failed::Refused(Refusal::IdUsedForAnother(id))
            }
            (failed, _) => failed,
        })
    }
}

impl Work for InOne<'_> {
    type Output = WholeEnded;

    const NAME: &'static str = "whole file";

    fn id(&self) -> Option<PostingId> {
        self.whole.first
    }

    fn retry(&self) -> RetryPolicy {
        RetryPolicy::WHOLE_FILE
    }

    fn time_max(&self) -> Option<Duration> {
        Some(TIME_MAX + REST_MAX)
    }

    fn statements(&self) -> &'static [&'static str] {
        &[INSERT_POSTING, INSERT_ORDER, INSERT_LINES]
    }

    async fn run(&self, connection: &mut Connection, _locks: &Locks) -> Result<WholeEnded, Failed> {
        let connection: &Connection = connection;
        connection.batch_execute("BEGIN ISOLATION LEVEL SERIALIZABLE").await?;
        let ended = self.insert(connection).await;
        let committed = matches!(ended, Ok(WholeEnded::Committed { .. }));
        let over = connection.batch_execute(if committed { "COMMIT" } else { "ROLLBACK" }).await;
        let ended = ended?;
        over?;
        Ok(ended)
    }

    async fn look_up(&self, connection: &Connection) -> Result<Earlier<WholeEnded>, Error> {
        let Some(first) = self.whole.first else { return Ok(Earlier::Nothing) };
        let row = connection
            .query_one(
                "SELECT EXISTS (SELECT FROM stock.transactions WHERE id = $1) OR EXISTS (SELECT FROM stock.orders WHERE order_id = $1)",
                &[&first.uuid()],
            )
            .await?;
        Ok(match row.try_get(0)? {
            true => Earlier::Same(WholeEnded::Committed { products_added: 0 }),
            false => Earlier::Nothing,
        })
    }
}

impl Store {
    /// Posts a whole file in one transaction, or nothing of it.
    ///
    /// # Errors
    /// As [`Store::post`]; a refusal that one item caused is not an error but [`WholeEnded::Refused`].
    pub async fn post_whole(&self, whole: &Whole<'_>) -> Result<WholeEnded, Error> {
        let work = InOne { store: self, whole, at: AtomicU64::new(0) };
        match self.run(&work).await {
            Ok(done) => Ok(done.output),
            Err(error) => match self.name_orders(error).await {
                Error::Refused(refusal) => {
                    Ok(WholeEnded::Refused { at: work.at.load(Ordering::Relaxed), refusal })
                }
                error => Err(error),
            },
        }
    }
}
