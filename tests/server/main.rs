//! The private server, preparing a server, and encrypted connections.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure in a test is a failed test")]

#[path = "../support/mod.rs"]
mod support;

mod instance;
mod prepare;
mod serve;
mod serve_import;
mod serve_import_attacks;
mod serve_orders;
mod tls;
mod upgrade;
mod upgrade_programs;
