//! What the terminal and the worker say to each other: orders and reports. The questions are in
//! [`super::query`].
//!
//! Boundary: plain data. The terminal's side knows nothing of tasks, pools and SQL.

use secrecy::SecretString;

use super::query::{Answer, Question, Ticket};
use crate::audit::AuditError;
use crate::audit::collect::CollectError;
use crate::audit::findings::Report as Verification;
use crate::audit::reconcile::{Step, VerifyError};
use crate::audit::seal::SealError;
use crate::domain::{
    Basket, CountSheet, LockHolder, OrderNumber, PeopleNames, Posted, PostingId, PostingOutcome,
    RecordChange, Recovered, Refusal, Reversal, SessionFacts, SheetCounted,
};
use crate::service;

/// Something that changes the stock.
#[derive(Debug, Clone)]
pub enum Write {
    /// Goods received, issued or transferred together.
    Basket(Basket),
    Sheet(CountSheet),
    /// A movement or posting undone.
    Reversal(Reversal),
    Order {
        number: OrderNumber,
        step: OrderStep,
        id: PostingId,
    },
}

/// A step of an order, for everything that it still needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderStep {
    Confirm,
    /// Reserves what is available.
    Reserve,
    /// Moves what is reserved to the dock.
    Pick,
    /// Ships what is at docks, or where nothing is, straight from where it is reserved.
    Ship,
}

/// What came of a write.
#[derive(Debug, Clone, PartialEq)]
pub enum Written {
    Posted(Posted),
    Counted(SheetCounted),
    Order {
        /// Whether goods moved.
        moved: bool,
        /// The lines for which less could be reserved than they need.
        short: usize,
    },
}

/// Why something did not succeed, for people and for deciding what to do next.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Failure {
    /// A rule refused; nothing was changed.
    #[error(transparent)]
    Refused(Refusal),
    /// Others kept getting in the way; nothing was changed.
    #[error("all {attempts} attempts failed because of conflicts")]
    Conflict {
        /// How many attempts were made.
        attempts: u32,
    },
    /// Another session holds the stock; nothing was changed.
    #[error("another session holds stock that this would change")]
    Blocked { holders: Vec<LockHolder> },
    /// The database cannot be reached; nothing was changed.
    #[error("{0}")]
    Unavailable(String),
    /// The database has another schema than this program was made for.
    #[error("{}", crate::store::Error::OtherVersion { database: *database, program: *program })]
    OtherVersion {
        /// Its version, where that can be read.
        database: Option<i64>,
        program: i64,
    },
    /// It is not known whether the posting stands.
    #[error("{message}")]
    OutcomeUnknown { posting: PostingId, message: String },
    /// The collector of the log did not keep up, so that nothing could be verified.
    #[error("the collector did not catch up with the log within {seconds} s; is it running?")]
    NotCollected { seconds: u64 },
    /// Only auditors verify.
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
            Error::OtherVersion { database, program } => Self::OtherVersion { database, program },
            Error::OutcomeUnknown { posting, message } => Self::OutcomeUnknown { posting, message },
            other => Self::Other(other.to_string()),
        }
    }
}

/// Who logs in where.
#[derive(Debug, Clone)]
pub struct Login {
    /// The database URL, without a password.
    pub url: String,
    /// The login, when it is not the one of the URL.
    pub user: Option<String>,
    /// The password, when there is one.
    pub password: Option<SecretString>,
}

/// What an auditor decides about a finding of the last verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decide {
    /// The identity of the finding.
    pub id: String,
    /// Whether it is accepted, or that is taken back.
    pub accept: bool,
    pub reason: String,
}

/// What the terminal asks of the worker.
#[derive(Debug)]
pub enum Order {
    /// Connect, and say who is logged in.
    Connect(Login),
    Ask(Ticket, Question),
    /// Change the stock. Writes are carried out one after the other, in this order.
    Write(PostingId, Box<Write>),
    /// Verify ledger, levels, records and checkpoints against each other. One verification runs at a time.
    Verify {
        /// Read everything, also what an earlier verification has found to be right.
        full: bool,
    },
    /// Stop the verification that is under way.
    StopVerifying,
    /// Write down what was decided about a finding.
    Decide(Decide),
    /// Change the master data; the number names the change in the report.
    ChangeRecord(u64, Box<RecordChange>),
}

/// What the worker tells the terminal.
#[derive(Debug)]
pub enum Report {
    Connected(Result<SessionFacts, Failure>),
    /// The names of people that this login and keyring may see.
    Named(Result<PeopleNames, Failure>),
    /// What an earlier run of the program left in the journal, and what became of it.
    Recovered(Vec<Recovered>),
    Answered(Ticket, Result<Answer, Failure>),
    /// The end of a write.
    Written(PostingId, Result<Written, Failure>),
    /// What became of a write whose outcome was not known.
    Resolved(PostingId, PostingOutcome),
    /// The connection is gone; the next try comes after so many seconds.
    Lost {
        message: String,
        attempts: u32,
        retry_seconds: u64,
    },
    Restored,
    /// Somebody may have changed what the screens show.
    Changed,
    Audit(AuditReport),
    /// The end of a change to the master data.
    RecordChanged(u64, Result<(), Failure>),
}

/// What the worker tells about verifications and decisions.
#[derive(Debug, Clone)]
pub enum AuditReport {
    /// How far the verification is: what is being read, how much of it has been, and how much there is (0: not
    /// known).
    Verifying(Step, u64, u64),
    /// A decision was written down, or not.
    Decided(Result<(), Failure>),
    /// The verification is over; `None` when it was stopped.
    Verified(Option<Result<Box<Verification>, Failure>>),
}
