//! Posts many postings at once: several INSERTs, one per posting, in one SERIALIZABLE transaction and one round trip.
//! If any of them fails, the whole group is rolled back, and they are posted one by one.

use std::time::Instant;

use futures_util::FutureExt as _;
use tracing::debug;

use super::pipeline::{Step, in_order};
use super::resolve::Resolved;
use super::{INSERT_ORDER_POSTING, INSERT_POSTING, insert_lines, stored};
use crate::domain::{Posting, PostingId, Refusal, Status};
use crate::store::connection::Connection;
use crate::store::error::{Class, classify};
use crate::store::serializable::{Attempt, Earlier, Failed, Locks, Work};
use crate::store::{Error, Store};

const BEGIN: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE";
/// The most postings in one transaction. Beyond a few dozen the cost of the round trip and of flushing the WAL is
/// hardly shared any further, and a group that fails has to be posted again one by one.
const GROUP_POSTINGS_MAX: usize = 64;
/// The most lines in one transaction; see [`crate::domain::LINES_MAX`] for why transactions must be short.
const GROUP_LINES_MAX: usize = 2_000;

impl Store {
    /// Posts several postings in the order given, each all or nothing, and returns the results in that order.
    pub async fn post_batch(&self, postings: &[Posting]) -> Vec<Result<Status, Error>> {
        let mut results = Vec::with_capacity(postings.len());
        let mut group: Vec<Resolved> = Vec::new();
        let mut lines = 0;
        for posting in postings {
            match self.resolve(posting).await {
                Ok(resolved) if resolved.refused_if_new.is_some() => {
                    results.extend(self.post_group(&group).await);
                    group.clear();
                    lines = 0;
                    results.push(self.post_resolved(&resolved).await.map(|(status, _)| status));
                }
                Ok(resolved) => {
                    if group.len() == GROUP_POSTINGS_MAX
                        || (lines + resolved.ids.len() > GROUP_LINES_MAX && !group.is_empty())
                    {
                        results.extend(self.post_group(&group).await);
                        group.clear();
                        lines = 0;
                    }
                    lines += resolved.ids.len();
                    group.push(resolved);
                }
                Err(error) => {
                    results.extend(self.post_group(&group).await);
                    group.clear();
                    lines = 0;
                    results.push(Err(error));
                }
            }
        }
        results.extend(self.post_group(&group).await);
        results
    }

    async fn post_group(&self, group: &[Resolved]) -> Vec<Result<Status, Error>> {
        if group.is_empty() {
            return Vec::new();
        }
        let began = Instant::now();
        let all: Vec<&Resolved> = group.iter().collect();
        let lost = match self.try_group(&all).await {
            Ended::Committed => return group.iter().map(|_| Ok(Status::Posted)).collect(),
            Ended::Unknown(error) => return unknown_for_all(&error, &all),
            Ended::InParts { lost } => lost,
        };
        // When a file is imported again, its postings exist already: leave those out and try the rest.
        let known = match self.find_postings(&all).await {
            Ok(known) => known,
            Err(error) => return one_error_for_all(error, group.len()),
        };
        let is_new = |earlier: &Earlier<()>| matches!(earlier, Earlier::Nothing);
        let rest: Vec<&Resolved> = (all.iter().zip(&known))
            .filter(|(_, earlier)| is_new(earlier))
            .map(|(posting, _)| *posting)
            .collect();
        let (rest_posted, rest_lost) = match rest.len() {
            0 => (true, false),
            count if count == group.len() => (false, false),
            _ => match self.try_group(&rest).await {
                Ended::Unknown(error) => return unknown_for_all(&error, &all),
                Ended::Committed => (true, false),
                Ended::InParts { lost } => (false, lost),
            },
        };
        let mut results = Vec::with_capacity(group.len());
        for (posting, earlier) in all.iter().zip(&known) {
            results.push(match earlier {
                Earlier::Same(()) if lost => Ok(self.posted_since(posting.id, began).await),
                Earlier::Same(()) => Ok(Status::AlreadyPosted),
                Earlier::Nothing if rest_posted => Ok(Status::Posted),
                _ => match self.post_resolved(posting).await {
                    // Perhaps by the rest of the group, if only its answer was lost.
                    Ok((Status::AlreadyPosted, _)) if rest_lost => {
                        Ok(self.posted_since(posting.id, began).await)
                    }
                    result => result.map(|(status, _)| status),
                },
            });
        }
        results
    }

    /// What is known of postings before they are sent: whether the ledger holds them, or why they would be refused
    /// whatever the stock is.
    pub async fn check_postings(&self, postings: &[Posting]) -> Vec<Result<Status, Error>> {
        let mut resolved = Vec::with_capacity(postings.len());
        for posting in postings {
            resolved.push(self.resolve(posting).await);
        }
        let sound: Vec<&Resolved> = resolved.iter().filter_map(|resolved| resolved.as_ref().ok()).collect();
        let mut known = match self.find_postings(&sound).await {
            Ok(known) => known.into_iter(),
            Err(error) => return one_error_for_all(error, postings.len()),
        };
        let mut check = |resolved: Result<Resolved, Error>| {
            let resolved = resolved?;
            match (known.next(), resolved.refused_if_new) {
                (Some(Earlier::Same(())), _) => Ok(Status::AlreadyPosted),
                (Some(Earlier::Other), _) => Err(Refusal::IdUsedForAnother(resolved.id).into()),
                (_, Some(refusal)) => Err(refusal.into()),
                _ => Ok(Status::Posted),
            }
        };
        resolved.into_iter().map(&mut check).collect()
    }

    /// Inserts postings in the transaction that is open on this connection. An error says at which of them.
    pub(in crate::store) async fn insert_postings(
        &self,
        connection: &Connection,
        postings: &[Posting],
    ) -> Result<(), (usize, Failed)> {
        let mut before = 0;
        for group in postings.chunks(GROUP_POSTINGS_MAX) {
            let mut resolved = Vec::with_capacity(group.len());
            for (position, posting) in group.iter().enumerate() {
                let failed = |failed| (before + position, failed);
                let one = self.resolve(posting).await.map_err(|error| failed(Failed::Stopped(error)))?;
                if let Some(refusal) = &one.refused_if_new {
                    return Err(failed(Failed::Refused(refusal.clone())));
                }
                resolved.push(one);
            }
            let sent = send(connection, &resolved).await.map_err(|error| (before, error.into()))?;
            for (position, (result, posting)) in sent.into_iter().zip(&resolved).enumerate() {
                let Err(error) = result else { continue };
                let failed = match classify(&error) {
                    Class::Other => Failed::Stopped(self.explain_posting(error, posting, &posting.levels())),
                    _ => Failed::Database(error),
                };
                return Err((before + position, failed));
            }
            before += group.len();
        }
        Ok(())
    }

    async fn find_postings(&self, postings: &[&Resolved]) -> Result<Vec<Earlier<()>>, Error> {
        stored::find(&*self.connection().await?, postings).await
    }

    /// Runs one transaction for the group, once.
    async fn try_group(&self, postings: &[&Resolved]) -> Ended {
        let Some(first) = postings.first() else { return Ended::Committed };
        let group = Group { id: first.id, postings };
        match self.attempt(&group).await {
            Attempt::Committed(()) => Ended::Committed,
            Attempt::Lost { id, backend, message } => {
                // The old session is ended before anything is posted again, so that nothing of it is still in progress.
                match self.end_and_look_up(&group, id, backend, &message).await {
                    Ok(_) => Ended::InParts { lost: true },
                    Err(error) => Ended::Unknown(error),
                }
            }
            failed => {
                debug!(postings = postings.len(), ?failed, "A group of postings is posted in parts");
                Ended::InParts { lost: false }
            }
        }
    }
}

/// Sends one INSERT for each posting, all at once.
async fn send(
    connection: &Connection,
    postings: &[Resolved],
) -> Result<Vec<Result<(), tokio_postgres::Error>>, tokio_postgres::Error> {
    let plain = &connection.prepare_cached(INSERT_POSTING).await?;
    let of_order = &connection.prepare_cached(INSERT_ORDER_POSTING).await?;
    let step = |posting| {
        let insert = if Resolved::carries_out_order(posting) { of_order } else { plain };
        async move { insert_lines(connection, insert, posting).await.map(|_| ()) }.boxed()
    };
    Ok(in_order(postings.iter().map(step).collect()).await)
}

/// How the transaction of a group ended.
enum Ended {
    Committed,
    /// None of it was posted, or after a lost connection all of it: the caller looks each posting up.
    InParts {
        lost: bool,
    },
    /// The database cannot be queried.
    Unknown(Error),
}

/// Several postings as work for the runner: one transaction, sent in one round trip.
struct Group<'a> {
    id: PostingId,
    postings: &'a [&'a Resolved],
}

impl Work for Group<'_> {
    type Output = ();

    const NAME: &'static str = "group of postings";

    fn id(&self) -> Option<PostingId> {
        Some(self.id)
    }

    fn statements(&self) -> &'static [&'static str] {
        &[INSERT_POSTING, INSERT_ORDER_POSTING]
    }

    async fn run(&self, connection: &mut Connection, _locks: &Locks) -> Result<(), Failed> {
        let connection: &Connection = connection;
        let plain = &connection.prepare_cached(INSERT_POSTING).await?;
        let of_order = &connection.prepare_cached(INSERT_ORDER_POSTING).await?;
        let mut steps: Vec<Step<'_, Result<(), tokio_postgres::Error>>> =
            Vec::with_capacity(self.postings.len() + 2);
        steps.push(connection.batch_execute(BEGIN).boxed());
        for posting in self.postings {
            let insert = if posting.carries_out_order() { of_order } else { plain };
            let step = async move { insert_lines(connection, insert, posting).await.map(|_| ()) };
            steps.push(step.boxed());
        }
        steps.push(connection.batch_execute("COMMIT").boxed());
        in_order(steps).await.into_iter().collect::<Result<(), _>>()?;
        Ok(())
    }

    /// The caller looks the postings up, one by one.
    async fn look_up(&self, _connection: &Connection) -> Result<Earlier<()>, Error> {
        Ok(Earlier::Nothing)
    }
}

/// The connection was lost while the group was being committed, so that the outcome of each posting is unknown.
fn unknown_for_all(error: &Error, group: &[&Resolved]) -> Vec<Result<Status, Error>> {
    let message = error.to_string();
    group
        .iter()
        .map(|posting| Err(Error::OutcomeUnknown { posting: posting.id, message: message.clone() }))
        .collect()
}

/// `Error` cannot be cloned; the error goes to the first posting, and its text to the others.
fn one_error_for_all(error: Error, count: usize) -> Vec<Result<Status, Error>> {
    let message = error.to_string();
    let mut results = vec![Err(error)];
    results.extend((1..count).map(|_| Err(Error::Unavailable { message: message.clone() })));
    results
}
