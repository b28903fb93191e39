//! Holds the source to the rules of `docs/architecture.md`: what may import what, where the database and the
//! terminal may be named, how long a file may be, one version of each dependency, a comment on everything public, and
//! no SQL that turns auditing off. Nothing here runs the program.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure in a helper is a failed test")]

mod auditing;
mod comments;
mod dependencies;
mod evidence;
mod file_length;
mod import_order;
mod modules;
mod source;
