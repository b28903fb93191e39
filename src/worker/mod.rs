//! The worker: takes the terminal's questions and writes, runs them, and sends back what came of them.
//!
//! Boundary: knows the service layer and tasks, but nothing of keys and screens. One actor owns the
//! state; everything that takes time runs in tasks whose ends come back to it. Questions of a query key
//! supersede each other; writes are carried out one after the other and are never called off. While
//! the database cannot be reached questions wait, and are asked again when it answers.

mod actor;
pub mod message;
pub mod query;
mod queues;
mod reconnect;
mod run;

use std::path::Path;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::privacy::KeyringSource;
use crate::store::{self, ConnectionSettings};
use message::{Login, Order, Report};

/// How many orders may wait for the worker, and reports for the terminal. Either side takes them as
/// they come; the room is for bursts, such as a stack of scans.
const QUEUE_MAX: usize = 1_024;

/// Turns what the login form says into settings; it knows where else a password may be found.
pub type Settings = Arc<dyn Fn(&Login) -> Result<ConnectionSettings, store::Error> + Send + Sync>;

/// The terminal's end of the worker.
#[derive(Debug)]
pub struct Worker {
    pub orders: mpsc::Sender<Order>,
    pub reports: mpsc::Receiver<Report>,
    task: JoinHandle<()>,
}

impl Worker {
    /// Starts the worker. In the state directory are the journal and the auditor's evidence; the keyring opens the names
    /// of people.
    #[must_use]
    pub fn start(settings: Settings, state_dir: &Path, keyring: Option<KeyringSource>) -> Self {
        let (orders, orders_in) = mpsc::channel(QUEUE_MAX);
        let (reports_out, reports) = mpsc::channel(QUEUE_MAX);
        let actor = actor::Actor::new(settings, state_dir, keyring, reports_out);
        Self { orders, reports, task: tokio::spawn(actor.run(orders_in)) }
    }

    /// Ends the worker with everything that is under way. What was being written is in the journal.
    pub fn stop(self) {
        self.task.abort();
    }
}
