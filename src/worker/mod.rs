//! The worker: runs the terminal's questions and writes, and returns the results.
//!
//! Boundary: knows the service layer and tasks, but nothing of keys and screens. One actor owns the state; everything
//! that takes time runs in tasks, which report their end to it. Questions with the same query key supersede each other;
//! writes are carried out one after another and are never cancelled. While the database cannot be reached, questions
//! wait, and are asked again when it answers.

mod actor;
mod export;
pub mod message;
pub mod orders;
pub mod query;
mod queues;
mod reconnect;
mod run;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::privacy::KeyringSource;
use crate::store::{self, ConnectionSettings};
use message::{Login, Order, Report};

/// How many orders may wait for the worker, and reports for the terminal. Both are handled as they arrive; the capacity
/// is for bursts, such as a stack of scans.
const QUEUE_MAX: usize = 1_024;

/// Converts the login form into connection settings; it knows where else a password may be found.
pub type Settings = Arc<dyn Fn(&Login) -> Result<ConnectionSettings, store::Error> + Send + Sync>;

/// The terminal's side of the worker: sends orders and receives reports.
#[derive(Debug)]
pub struct Worker {
    pub orders: mpsc::Sender<Order>,
    pub reports: mpsc::Receiver<Report>,
    task: JoinHandle<()>,
}

/// Keeps the password of a login on this machine, and returns in which file, if it is one, or a message why not.
pub type Keep = Arc<dyn Fn(&Login) -> Result<Option<PathBuf>, String> + Send + Sync>;

impl Worker {
    /// Starts the worker. The state directory contains the journal and the auditor's evidence; the keyring decrypts the
    /// names of people.
    #[must_use]
    pub fn start(settings: Settings, keep: Keep, state_dir: &Path, keyring: Option<KeyringSource>) -> Self {
        let (orders, orders_in) = mpsc::channel(QUEUE_MAX);
        let (reports_out, reports) = mpsc::channel(QUEUE_MAX);
        let actor = actor::Actor::new(settings, keep, state_dir, keyring, reports_out);
        Self { orders, reports, task: tokio::spawn(actor.run(orders_in)) }
    }

    /// Stops the worker and all its tasks. A write in progress is in the journal.
    pub fn stop(self) {
        self.task.abort();
    }
}
