//! The audit, on real servers: collecting the log, sealing it, verifying it, and every way of tampering.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure in a test is a failed test")]

#[path = "../support/mod.rs"]
mod support;

mod accept;
mod canary;
mod clock;
mod collect;
mod definitions;
mod disk_space;
mod floods;
mod full_disk;
mod grammar;
mod hostile;
mod line_status;
mod records;
mod retention;
mod savepoints;
mod secrets;
mod storm;
mod tamper;
mod upgrade;
mod verify;
mod weaknesses;
