//! What the database and the use cases do, on a real server: postings, reads, rules, roles, races, lost connections.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure in a test is a failed test")]

#[path = "../support/mod.rs"]
mod support;

mod anomalies;
mod forms;
mod master_data;
mod orders;
mod outcome;
mod personal;
mod postings;
mod properties;
mod races;
mod reads;
mod reports;
mod roles;
mod rules;
mod sessions;
