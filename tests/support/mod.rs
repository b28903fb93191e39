//! What the groups of integration tests share. Each group is a crate of its own (`tests/audit/main.rs` and so on) and
//! includes this directory by its path: a library could not run the program, whose place cargo tells only to the
//! integration tests of its own package.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests: not every group uses all, and a failure here is a failed test"
)]

pub mod audit;
pub mod clock;
pub mod commands;
pub mod database;
pub mod disk;
pub mod keys;
pub mod program;
pub mod proxy;
pub mod raw;
pub mod savepoints;
pub mod screen;
pub mod search;
pub mod server;
pub mod session;
pub mod transcript;
pub mod wait;
