//! Tools for the development of Stockroom: benchmarks with a baseline, and the pages that are generated from the
//! database catalog. None of it is part of the shipped program.
//!
//! Boundary: everything runs on private servers that are created for the purpose and deleted afterwards. The baselines
//! switch pgaudit off for their logins, and the large catalogue bypasses the ledger, so none of this may ever run on a
//! database in use.

pub mod bench;
mod database;
pub mod dictionary;
mod error;
mod large_catalogue;
mod private_server;

pub use database::connect;
pub use error::Error;
pub use private_server::DevServer;
