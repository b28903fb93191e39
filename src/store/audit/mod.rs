//! The SQL of the audit: reads the server's log, stores its lines, seals rows, and reads what a verification needs.
//!
//! Boundary: knows tables and bytes, not what a line means; `audit` interprets them.

mod columns;
mod counts;
mod events;
mod facts;
mod ledger;
mod levels;
mod lines;
mod login;
mod logins;
mod names;
mod retention;
mod rows;
mod seal;
mod session;
mod trees;
mod verify;
mod writer;

pub use columns::{ColumnsDigest, LineColumns};
pub use counts::{CountRow, UnreadableCount};
pub use events::{EVENTS_DEFAULT, EVENTS_PER_PAGE, EventRow};
pub use facts::{CountFacts, MovementFacts, SealedMovement};
pub use ledger::{LedgerEntry, LedgerScope, UnreadableRow};
pub use levels::{LevelKey, LevelReading, LevelRow, MovedLater, WrongOrderSum, WrongReversal};
pub use lines::{FileProgress, LineBatch, NewLine, TreeState};
pub use logins::Login;
pub use names::{Keys, Names};
pub use retention::{Month, Retired};
pub use rows::{
    ForbiddenChange, MasterChange, MasterDifference, RowEntry, RowSource, SealedRow, WrongDataKeys,
};
pub use seal::SealScope;
pub use session::{COLLECTOR_LOGIN, CollectorSession, LogFile};
pub use trees::SealedLeaf;
pub use verify::{BEFORE_BARRIER, BEHIND_BARRIER, KeptLine, Moment, TransactionOutcome};
pub use writer::Writer;
