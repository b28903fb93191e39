//! Parses what the server writes into its log: lines of jsonlog, and the messages of pgaudit in them.
//!
//! Boundary: bytes in, values out; no input or output of its own. Nothing here panics, whatever the bytes are, and
//! nothing is dropped: what cannot be read is reported as unreadable, and the caller keeps it.

pub mod array;
pub mod columns;
pub mod line;
pub mod master;
pub mod message;
pub mod posting;
pub mod split;

pub use line::LogLine;
pub use message::{AuditRecord, MalformedRecord, Parameters, RecordKind};
pub use posting::{NotAPosting, counts_in, movements_in};
pub use split::{RECORD_BYTES_MAX, Split, segments};

use std::borrow::Cow;

/// The beginning of every message of pgaudit.
pub const AUDIT_PREFIX: &str = "AUDIT: ";

/// The text of a line. Names of users may contain bytes that are not UTF-8 even in jsonlog; each becomes a replacement
/// character here, while the raw line is stored unchanged.
#[must_use]
pub fn text(raw: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(raw)
}
