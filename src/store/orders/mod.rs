//! Orders: creating them, deciding about them, reserving stock for their lines, and reading them.
//!
//! Movements that carry out an order are postings like any other (`posting`); what follows from them for the order is
//! the work of the ledger's trigger.

mod act;
mod create;
mod edit;
mod explain;
mod export;
mod overview;
mod policy;
mod read;
mod reserve;
pub mod statements;

pub(super) use reserve::ResolvedReservations;
