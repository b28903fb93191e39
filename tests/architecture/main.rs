//! Compares the source with the rules of `docs/architecture.md`: which module may import which, where the libraries of
//! the database and the terminal may be used, how long a file may be, one version of each dependency, a comment on
//! every public item, and no SQL that turns auditing off. The program is not run.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure in a helper is a failed test")]

mod auditing;
mod comments;
mod dependencies;
mod evidence;
mod file_length;
mod import_order;
mod modules;
mod source;
