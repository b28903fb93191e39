//! The load: sessions that post continuously, each waiting for the answer to one posting before the next.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use rand::RngExt as _;
use stockroom::domain::{Line, LocationCode, MovementKind, Posting, Quantity, Reservations, Sku, UnitPrice};
use stockroom::service::new_id;
use stockroom::store::{self, Store};
use tokio::task::JoinSet;

use super::baseline::Baseline;
use super::orders::OrderBook;
use crate::Error;

/// The longest response time that the histogram records, in microseconds.
const ANSWER_MICROSECONDS_MAX: u64 = 60_000_000;

/// The results of one round: how much was posted, and how long each posting took.
#[derive(Debug, Clone)]
pub(super) struct Round {
    /// How many postings were posted.
    pub posted: u64,
    /// How many lines these postings had.
    pub lines: u64,
    pub elapsed: Duration,
    /// The response time of each posting, in microseconds.
    pub answers: Histogram<u64>,
    /// How many transactions were retried.
    pub retries: u64,
    /// How many postings a rule refused.
    pub refused: u64,
    pub failed: u64,
}

impl Round {
    fn new() -> Result<Self, Error> {
        Ok(Self {
            posted: 0,
            lines: 0,
            elapsed: Duration::ZERO,
            answers: Histogram::new_with_bounds(1, ANSWER_MICROSECONDS_MAX, 3).map_err(Error::measure)?,
            retries: 0,
            refused: 0,
            failed: 0,
        })
    }

    fn add(&mut self, other: &Self) -> Result<(), Error> {
        self.posted += other.posted;
        self.lines += other.lines;
        self.retries += other.retries;
        self.refused += other.refused;
        self.failed += other.failed;
        self.answers.add(&other.answers).map_err(Error::measure)
    }
}

/// The items and the location to post with.
#[derive(Debug, Clone)]
pub(super) struct Items {
    pub skus: Arc<Vec<Sku>>,
    pub location: LocationCode,
    pub quantity: Quantity,
    pub unit_price: UnitPrice,
}

impl Items {
    /// A posting of `lines` different items from the part that belongs to this session. Half of the postings issue one
    /// unit and half receive one, so that stock neither runs out nor accumulates.
    fn posting(&self, session: usize, sessions: usize, lines: usize) -> Posting {
        let mut random = rand::rng();
        // For postings of many lines each session has its own part of the items: at READ COMMITTED they would wait for
        // one another and at SERIALIZABLE conflict, which this benchmark is not about.
        let (first, count) = if lines == 1 || sessions == 0 {
            (0, self.skus.len())
        } else {
            let part = self.skus.len() / sessions;
            (session * part, part)
        };
        let inward = random.random_bool(0.5);
        let place = Some(self.location.clone());
        let line = |position: usize| Line {
            sku: self.skus[first + position].clone(),
            quantity: self.quantity,
            from: place.clone().filter(|_| !inward),
            to: place.clone().filter(|_| inward),
            lot: None,
            expires: None,
            unit_price: Some(self.unit_price),
            reverses: None,
            order_line: None,
        };
        let chosen = rand::seq::index::sample(&mut random, count, lines);
        Posting {
            id: new_id(),
            kind: if inward { MovementKind::Receipt } else { MovementKind::Issue },
            reference: "BENCH".parse().ok(),
            reason: None,
            partner: None,
            lines: chosen.into_iter().map(line).collect(),
        }
    }
}

/// The work of the sessions of a benchmark.
#[derive(Debug, Clone)]
pub(super) enum Load {
    /// Postings with this number of lines.
    Postings { lines: usize },
    /// Reservations of one unit.
    Reservations(Arc<OrderBook>),
    /// Picks of one unit.
    Picks(Arc<OrderBook>),
}

/// One transaction of a session.
enum Act {
    Posting(Posting),
    Reservation(Reservations),
    Pick(Posting),
}

impl Load {
    fn lines(&self) -> usize {
        match self {
            Self::Postings { lines } => *lines,
            Self::Reservations(_) | Self::Picks(_) => 1,
        }
    }

    fn next(&self, items: &Items, session: usize, sessions: usize) -> Act {
        match self {
            Self::Postings { lines } => Act::Posting(items.posting(session, sessions, *lines)),
            Self::Reservations(book) => Act::Reservation(book.reservation(items)),
            Self::Picks(book) => Act::Pick(book.pick(items)),
        }
    }
}

/// How a side posts, and into which tables.
#[derive(Clone)]
pub(super) enum Target {
    Stockroom(Arc<Store>),
    /// The plain retry loop, into the same ledger.
    PlainRetry(Arc<Baseline>),
    /// Hand-written SQL, into the tables of the baseline.
    ByHand(Arc<Baseline>),
}

impl Target {
    /// Runs the transaction. Returns the number of retries that the store does not count itself.
    async fn run(&self, act: &Act) -> Result<u64, Error> {
        match (self, act) {
            (Self::Stockroom(store), Act::Reservation(reservations)) => {
                store.reserve(reservations).await?;
                Ok(0)
            }
            (Self::Stockroom(store), Act::Posting(posting) | Act::Pick(posting)) => {
                store.post_without_levels(posting).await?;
                Ok(0)
            }
            (Self::PlainRetry(baseline), Act::Posting(posting) | Act::Pick(posting)) => {
                baseline.post_by_plain_retry(posting).await
            }
            (Self::ByHand(baseline), Act::Posting(posting)) => {
                baseline.post_by_hand(posting).await.map(|()| 0)
            }
            (Self::ByHand(baseline), Act::Pick(posting)) => baseline.pick_by_hand(posting).await.map(|()| 0),
            (Self::ByHand(baseline) | Self::PlainRetry(baseline), Act::Reservation(reservations)) => {
                baseline.reserve_by_hand(reservations).await.map(|()| 0)
            }
        }
    }

    /// The number of retries counted by the store.
    fn retries(&self) -> u64 {
        match self {
            Self::Stockroom(store) => store.counts().retries,
            Self::PlainRetry(_) | Self::ByHand(_) => 0,
        }
    }
}

/// Lets the sessions post for the duration of a round.
pub(super) async fn drive(
    target: &Target,
    sessions: usize,
    length: Duration,
    items: &Items,
    load: &Load,
) -> Result<Round, Error> {
    let (begun, retries_before) = (Instant::now(), target.retries());
    let mut tasks = JoinSet::new();
    for session in 0..sessions {
        let (target, items, load) = (target.clone(), items.clone(), load.clone());
        tasks.spawn(async move {
            let mut round = Round::new()?;
            while begun.elapsed() < length {
                let act = load.next(&items, session, sessions);
                let asked = Instant::now();
                let outcome = target.run(&act).await;
                let answer = u64::try_from(asked.elapsed().as_micros()).unwrap_or(ANSWER_MICROSECONDS_MAX);
                match outcome {
                    Ok(retries) => {
                        round.posted += 1;
                        round.lines += load.lines() as u64;
                        round.retries += retries;
                        round.answers.saturating_record(answer);
                    }
                    Err(Error::Store(store::Error::Refused(_))) => round.refused += 1,
                    Err(error) => {
                        tracing::warn!(%error, "A posting of the benchmark failed");
                        round.failed += 1;
                    }
                }
            }
            Ok::<_, Error>(round)
        });
    }
    let mut total = Round::new()?;
    while let Some(finished) = tasks.join_next().await {
        total.add(&finished.map_err(Error::measure)??)?;
    }
    total.elapsed = begun.elapsed();
    total.retries += target.retries() - retries_before;
    Ok(total)
}
