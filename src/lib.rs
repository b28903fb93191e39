//! Stockroom: a stock manager on PostgreSQL with an audited ledger.

pub mod server;
