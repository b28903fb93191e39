//! Many postings at one go: several INSERTs, one per posting, in one SERIALIZABLE transaction and one
//! round trip. When any of them fails, none of the group stands, and they are posted one by one.

use futures_util::FutureExt as _;
use tracing::debug;

use super::error::{Class, classify};
use super::pipeline::{Step, in_order};
use super::posting::{BEGIN, INSERT_POSTING, Status, insert_lines};
use super::resolve::Resolved;
use super::{Error, Store};
use crate::domain::Posting;

/// The most postings in one transaction. Past a few dozen the round trip and the flush of the log are
/// spread thin enough, and a failed group costs as much again as it held.
const GROUP_POSTINGS_MAX: usize = 64;
/// The most lines in one transaction; see [`crate::domain::LINES_MAX`] for why transactions stay short.
const GROUP_LINES_MAX: usize = 2_000;

impl Store {
    /// Posts several postings in the order given, each all or nothing, and answers in that order.
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
        let all: Vec<&Resolved> = group.iter().collect();
        let lost = match self.try_group(&all).await {
            Ok(()) => return group.iter().map(|_| Ok(Status::Posted)).collect(),
            Err(Failed::Unknown(error)) => return unknown_for_all(&error, &all),
            Err(Failed::Class(class)) => {
                debug!(postings = group.len(), ?class, "A group of postings is posted in parts");
                class == Class::Lost
            }
        };
        // A file that is imported again runs into its own postings: leave those out and try the rest.
        let known = match self.find_postings(&all).await {
            Ok(known) => known,
            Err(error) => return one_error_for_all(error, group.len()),
        };
        let rest: Vec<&Resolved> = all
            .iter()
            .zip(&known)
            .filter(|(_, found)| found.is_none())
            .map(|(posting, _)| *posting)
            .collect();
        let rest_posted = match rest.len() {
            0 => true,
            count if count == group.len() => false,
            _ => match self.try_group(&rest).await {
                Err(Failed::Unknown(error)) => return unknown_for_all(&error, &all),
                outcome => outcome.is_ok(),
            },
        };
        // What is found after the connection broke was most likely posted by the group itself.
        let found_status = if lost { Status::Posted } else { Status::AlreadyPosted };
        let mut results = Vec::with_capacity(group.len());
        for (posting, found) in all.iter().zip(&known) {
            results.push(match found {
                Some(true) => Ok(found_status),
                None if rest_posted => Ok(Status::Posted),
                _ => self.post_resolved(posting).await.map(|(status, _)| status),
            });
        }
        results
    }

    /// One transaction for the group.
    async fn try_group(&self, group: &[&Resolved]) -> Result<(), Failed> {
        // Up to here nothing has been sent, so whatever is wrong leaves no doubt.
        let Ok(connection) = self.connection().await else { return Err(Failed::Class(Class::Other)) };
        let insert =
            connection.prepare_cached(INSERT_POSTING).await.map_err(|_| Failed::Class(Class::Other))?;
        let connection_ref = &connection;
        let mut steps: Vec<Step<'_, Result<(), tokio_postgres::Error>>> = Vec::with_capacity(group.len() + 2);
        steps.push(connection_ref.batch_execute(BEGIN).boxed());
        for posting in group {
            let insert = &insert;
            steps
                .push(async move { insert_lines(connection_ref, insert, posting).await.map(|_| ()) }.boxed());
        }
        steps.push(connection_ref.batch_execute("COMMIT").boxed());
        let outcome = tokio::time::timeout(self.reply_timeout, in_order(steps)).await;
        let failed = match outcome {
            Ok(results) => results.into_iter().find_map(Result::err).map(|error| classify(&error)),
            Err(_) => Some(Class::Lost),
        };
        match failed {
            None => Ok(()),
            Some(Class::Lost) => {
                // End the old session before anything is posted again, so that nothing of it is under way.
                let backend = connection.backend;
                drop(deadpool::managed::Object::take(connection));
                if let Some(first) = group.first() {
                    self.wait_for_end(first.id, backend, "the connection broke during a group of postings")
                        .await
                        .map_err(Failed::Unknown)?;
                }
                Err(Failed::Class(Class::Lost))
            }
            Some(class) => Err(Failed::Class(class)),
        }
    }
}

/// Why a group was not posted as one.
enum Failed {
    /// None of it was posted, or all of it: the ledger tells, and the old session is at its end.
    Class(Class),
    /// The database cannot be asked.
    Unknown(Error),
}

/// The connection broke while the group was being committed: that holds for each of its postings.
fn unknown_for_all(error: &Error, group: &[&Resolved]) -> Vec<Result<Status, Error>> {
    let message = error.to_string();
    group
        .iter()
        .map(|posting| Err(Error::OutcomeUnknown { posting: posting.id, message: message.clone() }))
        .collect()
}

/// `Error` cannot be cloned; what reached the first posting is told of the others in its words.
fn one_error_for_all(error: Error, count: usize) -> Vec<Result<Status, Error>> {
    let message = error.to_string();
    let mut results = vec![Err(error)];
    results.extend((1..count).map(|_| Err(Error::Unavailable { message: message.clone() })));
    results
}
