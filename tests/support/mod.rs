//! What the integration tests share. Each test file uses a part of it.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests: not every test file uses all, and a failure here is a failed test"
)]

pub mod audit;
pub mod commands;
pub mod database;
pub mod disk;
pub mod keys;
pub mod program;
pub mod proxy;
pub mod raw;
pub mod savepoints;
pub mod screen;
pub mod server;
pub mod session;
