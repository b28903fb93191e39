//! Stockroom: a stock manager on PostgreSQL whose ledger can be audited.
//!
//! `docs/architecture.md` lists the modules and what each may import; `tests/architecture` enforces it.

pub mod audit;
pub mod cli;
pub mod config;
pub mod domain;
pub mod export;
pub mod import;
pub mod metrics;
pub mod privacy;
pub mod serve;
pub mod server;
pub mod service;
pub mod store;
pub mod telemetry;
pub mod tui;
pub mod worker;
