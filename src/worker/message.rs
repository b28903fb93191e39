//! The messages between the terminal and the worker: orders and reports. Questions are in [`super::query`].
//!
//! Boundary: plain data. The terminal knows nothing of tasks, pools and SQL.

use std::path::PathBuf;

use rust_decimal::Decimal;
use secrecy::SecretString;

use super::orders::OrderChange;
use super::query::{Answer, Question, Ticket};
use crate::audit::AuditError;
use crate::audit::collect::CollectError;
use crate::audit::findings::Report as Verification;
use crate::audit::reconcile::{Step, VerifyError};
use crate::audit::seal::SealError;
use crate::domain::{
    Allocation, Basket, CountSheet, ListedTable, LocationCode, LockHolder, LotCode, NewOrder, Note,
    OrderNumber, PartnerCode, PeopleNames, PickedGoods, Posted, PostingId, PostingOutcome, RecordChange,
    Recovered, Refusal, Reversal, SessionFacts, SheetCounted,
};
use crate::service;

/// A command that changes the stock.
#[derive(Debug, Clone)]
pub enum Write {
    /// Goods received, issued or transferred together.
    Basket(Basket),
    Sheet(CountSheet),
    /// The reversal of a movement or posting.
    Reversal(Reversal),
    Order {
        number: OrderNumber,
        step: OrderStep,
        /// What is shipped, for the step that ships.
        goods: Vec<PickedGoods>,
        id: PostingId,
    },
    /// A new order, saved as a draft, or saved and confirmed.
    NewOrder {
        order: Box<NewOrder>,
        confirm: bool,
    },
    /// New orders, saved as drafts.
    NewOrders(Vec<NewOrder>),
    /// A draft, as it was shown, changed into this.
    EditOrder {
        number: OrderNumber,
        shown: Box<NewOrder>,
        order: Box<NewOrder>,
    },
    OrderChange {
        number: OrderNumber,
        change: OrderChange,
        id: PostingId,
    },
    /// Reserved goods of one or more orders, moved to a dock.
    Pick {
        goods: Vec<PickedGoods>,
        to: LocationCode,
        id: PostingId,
    },
    /// Reserved goods that a picker did not find.
    ShortPick(ShortPick),
}

/// Goods that a picker did not find where they are reserved.
#[derive(Debug, Clone, PartialEq)]
pub struct ShortPick {
    /// Where they are reserved.
    pub allocation: Allocation,
    /// How many are missing there.
    pub missing: Decimal,
    pub reason: Note,
    pub id: PostingId,
}

/// A step of an order, for everything that it still needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderStep {
    Confirm,
    /// Reserves what is available of what the order still needs.
    Reserve,
    /// Moves what is reserved to the dock.
    Pick,
    /// Ships what was shown: what is at docks, or if nothing is, directly from where it is reserved.
    Ship,
}

/// The result of a write.
#[derive(Debug, Clone, PartialEq)]
pub enum Written {
    Posted(Posted),
    Counted(SheetCounted),
    /// An order was saved under this number.
    OrderSaved {
        number: OrderNumber,
    },
    /// Orders were saved; those of these suppliers were not.
    OrdersSaved {
        numbers: Vec<OrderNumber>,
        refused: Vec<(PartnerCode, Refusal)>,
    },
    Order {
        moved: bool,
        /// The lines for which less could be reserved than they need.
        short: usize,
    },
    /// Missing goods were released.
    ShortPicked {
        /// Where as many were reserved instead.
        instead: Vec<(LocationCode, Option<LotCode>, Decimal)>,
        /// Units that are available nowhere.
        missing: Decimal,
    },
}

/// Why something failed, for display and for deciding what to do next.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Failure {
    /// A rule refused; nothing was changed.
    #[error(transparent)]
    Refused(Refusal),
    /// Every attempt conflicted with others; nothing was changed.
    #[error("all {attempts} attempts failed because of conflicts")]
    Conflict {
        /// How many attempts were made.
        attempts: u32,
    },
    /// Another session holds locks on the stock; nothing was changed.
    #[error("another session holds stock that this would change")]
    Blocked { holders: Vec<LockHolder> },
    /// The database cannot be reached; nothing was changed.
    #[error("{0}")]
    Unavailable(String),
    /// The schema of the database is older than this program needs.
    #[error("{}", crate::store::Error::OtherVersion { database: *database, program: *program })]
    OtherVersion {
        /// The version of the database, if it can be read.
        database: Option<i64>,
        program: i64,
    },
    /// It is not known whether the posting was committed.
    #[error("{message}")]
    OutcomeUnknown { posting: PostingId, message: String },
    /// The collector did not keep up with the log, so that nothing could be verified.
    #[error("the collector did not catch up with the log within {seconds} s; is it running?")]
    NotCollected { seconds: u64 },
    /// The login is not an auditor's, and only auditors may verify.
    #[error("{}", VerifyError::NotAuditor)]
    NotAuditor,
    #[error("{0}")]
    Other(String),
}

impl From<service::Error> for Failure {
    fn from(error: service::Error) -> Self {
        match error {
            service::Error::Store(error) => error.into(),
            service::Error::Journal(error) => Self::Other(error.to_string()),
            service::Error::Privacy(error) => Self::Other(error.to_string()),
        }
    }
}

impl From<AuditError> for Failure {
    fn from(error: AuditError) -> Self {
        match error {
            AuditError::Store(error)
            | AuditError::Collect(CollectError::Store(error))
            | AuditError::Seal(SealError::Store(error))
            | AuditError::Verify(VerifyError::Store(error)) => error.into(),
            AuditError::Verify(VerifyError::NotCollected { seconds }) => Self::NotCollected { seconds },
            AuditError::Verify(VerifyError::NotAuditor) => Self::NotAuditor,
            error => Self::Other(error.to_string()),
        }
    }
}

impl From<crate::store::Error> for Failure {
    fn from(error: crate::store::Error) -> Self {
        use crate::store::Error;
        match error {
            Error::Refused(refusal) => Self::Refused(refusal),
            Error::Conflict { attempts } => Self::Conflict { attempts },
            Error::Blocked { holders } => Self::Blocked { holders },
            Error::Unavailable { message } => Self::Unavailable(message),
            // A login form shows it, and a lost connection is tried again with what is known.
            error @ Error::WrongPassword { .. } => Self::Unavailable(error.to_string()),
            Error::OtherVersion { database, program } => Self::OtherVersion { database, program },
            Error::OutcomeUnknown { posting, message } => Self::OutcomeUnknown { posting, message },
            other => Self::Other(other.to_string()),
        }
    }
}

/// The database and the credentials entered in the login form.
#[derive(Debug, Clone)]
pub struct Login {
    /// The database URL, without a password.
    pub url: String,
    /// The login, if it is not that of the URL.
    pub user: Option<String>,
    /// The password, if one was entered.
    pub password: Option<SecretString>,
    /// Whether the password is to be kept on this machine once it has proved right.
    pub keep: bool,
}

/// A decision of an auditor about findings of the last verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decide {
    /// The identities of the findings.
    pub ids: Vec<String>,
    /// Whether it is accepted, or its acceptance revoked.
    pub accept: bool,
    pub reason: String,
}

/// A list to be written to a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Export {
    pub path: PathBuf,
    pub what: ExportWhat,
}

/// What is exported.
#[derive(Debug, Clone, PartialEq)]
pub enum ExportWhat {
    /// All rows of the list of which this asks for some.
    Pages(Box<Question>),
    /// These rows.
    Table(ListedTable),
}

/// A written file, for the message to the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    pub path: PathBuf,
    pub rows: u64,
}

/// What the terminal asks of the worker.
#[derive(Debug)]
pub enum Order {
    /// Connect, and report who is logged in.
    Connect(Login),
    Ask(Ticket, Question),
    /// Change the stock. Writes are carried out one after another, in this order.
    Write(PostingId, Box<Write>),
    /// Verify ledger, levels, records and checkpoints. Only one verification runs at a time.
    Verify {
        /// Read everything, including what an earlier verification has covered.
        full: bool,
    },
    /// Stop the running verification.
    StopVerifying,
    /// Record a decision about a finding.
    Decide(Decide),
    /// Change the master data; the number identifies the change in the report.
    ChangeRecord(u64, Box<RecordChange>),
    /// Write a list to a file.
    Export(Box<Export>),
}

/// What the worker reports to the terminal.
#[derive(Debug)]
pub enum Report {
    Connected(Result<SessionFacts, Failure>),
    /// The password was kept in this file, or without one in the keyring of the desktop; or a message why not.
    Kept(Result<Option<PathBuf>, String>),
    /// The names of people that this login and keyring may see.
    Named(Result<PeopleNames, Failure>),
    /// The commands that an earlier run of the program left in the journal, with their outcomes.
    Recovered(Vec<Recovered>),
    Answered(Ticket, Result<Answer, Failure>),
    /// A write has ended.
    Written(PostingId, Result<Written, Failure>),
    /// The outcome of a write that was unknown before.
    Resolved(PostingId, PostingOutcome),
    /// The connection is lost; the next attempt follows after some seconds.
    Lost {
        message: String,
        attempts: u32,
        retry_seconds: u64,
    },
    Restored,
    /// Somebody may have changed what the screens show.
    Changed,
    Audit(AuditReport),
    /// A change to the master data has ended.
    RecordChanged(u64, Result<(), Failure>),
    /// The end of an export.
    Exported(Result<Exported, Failure>),
}

/// Reports about verifications and decisions.
#[derive(Debug, Clone)]
pub enum AuditReport {
    /// The progress of the verification: what is being read, how much of it has been read, and how much there is (0 if
    /// unknown).
    Verifying(Step, u64, u64),
    /// A decision was recorded, or failed.
    Decided(Result<(), Failure>),
    /// The verification has ended; `None` if it was stopped.
    Verified(Option<Result<Box<Verification>, Failure>>),
}
