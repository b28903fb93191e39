//! The SQL of the audit: reading the server's log, keeping its lines, sealing, and what a verification
//! reads.
//!
//! Boundary: knows tables and bytes, not what a line means; `audit` judges.

mod events;
mod facts;
mod levels;
mod lines;
mod login;
mod names;
mod retention;
mod seal;
mod session;
mod trees;
mod verify;

pub use events::{AuditHealth, DaySum, EVENTS_DEFAULT, EVENTS_PER_PAGE, EventFilter, EventRow};
pub use facts::{CountFacts, MovementFacts, SealedMovement};
pub use levels::{LevelKey, LevelReading, WrongReversal};
pub use lines::{FileProgress, LineBatch, NewLine, TreeState};
pub use names::{Keys, Names};
pub use retention::Month;
pub use seal::SealScope;
pub use session::{COLLECTOR_LOGIN, CollectorSession, LogFile};
pub use trees::SealedLeaf;
pub use verify::{
    BEFORE_BARRIER, BEHIND_BARRIER, CountRow, Fate, KeptLine, LedgerEntry, LedgerScope, Moment,
};
