//! What the terminal and the worker say to each other: questions, writes, and what came of them.
//!
//! Boundary: plain data. The terminal's side knows nothing of tasks, pools and SQL.

use jiff::tz::TimeZone;
use secrecy::SecretString;

use crate::audit::AuditError;
use crate::audit::collect::CollectError;
pub use crate::audit::decisions::{Acceptance, By};
pub use crate::audit::events::Event;
pub use crate::audit::evidence::Standing;
use crate::audit::reconcile::VerifyError;
pub use crate::audit::reconcile::glance::{Glance, InspectedRow, Inspection, RowState, Seen, Stated};
pub use crate::audit::reconcile::{Finding, Mode, Outcome, Report as Verification, Step, Verdict, Weight};
use crate::audit::seal::SealError;
pub use crate::audit::seal::{Checkpoint, Tree};
use crate::domain::{LocationCode, MovementId, PostingId, Refusal, Sku};
use crate::service;
pub use crate::service::{
    Basket, BasketLine, CountSheet, Counted, CountedLine, Details, Fate, LedgerFilter, Level, Posted,
    Recovered, Reversal, SheetCounted, SheetFigure, Status,
};
pub use crate::store::audit::{AuditHealth, DaySum, EventFilter};
pub use crate::store::prepare::{Finding as CheckFinding, Weight as CheckWeight};
pub use crate::store::{
    Anchor, DatabaseActivity, DayLevel, ExpiringLot, Found, Group, HourCount, Item, LedgerRow, LocationRow,
    Matched, PackRow, Page, PersonActivity, PostedLine, ProductRow, Scanned, SessionFacts, SheetLine,
    SlowMover, StockKey, StockOnly, StockOrder, StockRow, StockSelection, StockValue, StoreCounts, TopItem,
};

/// A strand of questions of which only the latest matters: a newer one supersedes the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Strand {
    /// Pages of the stock.
    Stock,
    /// The search as it is typed.
    Search,
    /// About how many products there are.
    Estimate,
    /// The product under the cursor.
    Preview,
    /// The product that is shown in full.
    Item,
    /// Completion in a field.
    Completion,
    /// Pages of the ledger.
    Ledger,
    /// The posting that is shown in full.
    Posting,
    /// The lines of the count sheet.
    Sheet,
    /// One panel of the dashboard.
    Panel(Panel),
    /// Pages of the collected log.
    Events,
    /// Pages of the logins in it.
    Logins,
    /// The line of the log that is shown in full.
    Inspection,
    /// How the audit stands.
    Standing,
    /// What the last verification found.
    Report,
    /// What is wrong with the configuration of the server.
    Check,
    /// Who changed what, per person and day.
    Summary,
    /// Codes that were scanned. The exception: every one of them is answered, in order.
    Scan,
    /// What is on hand where a line of a form takes or puts goods; every one is answered.
    OnHand,
}

impl Strand {
    /// Whether each question of the strand is answered, in order.
    #[must_use]
    pub fn answers_all(self) -> bool {
        matches!(self, Self::Scan | Self::OnHand)
    }
}

/// A panel of the dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Panel {
    /// Movements per hour.
    Hours,
    /// What the stock is worth.
    Value,
    /// Products at or below their reorder point.
    Low,
    /// Lots that expire.
    Expiring,
    /// Products that lie.
    Slow,
    /// Products that move most.
    Top,
    /// Postings by person.
    People,
    /// Commits, rollbacks and conflicts.
    Activity,
}

/// How far back the dashboard looks for movements per hour.
pub const PANEL_HOURS: u16 = 24;
/// How far back it looks for the items that move most and the people who post, in days.
pub const PANEL_DAYS: u16 = 7;
/// How far ahead it looks for lots that expire, in days.
pub const PANEL_EXPIRING_DAYS: u16 = 30;
/// How many rows a panel of the dashboard lists at most; whoever needs more has the stock and the ledger.
pub const PANEL_ROWS_MAX: u16 = 200;

/// What identifies a question, so that an answer that is no longer wanted is known by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket {
    /// The strand.
    pub strand: Strand,
    /// Counts up over all questions.
    pub number: u64,
}

/// Something that the terminal wants to know.
#[derive(Debug, Clone, PartialEq)]
pub enum Question {
    /// A page of the stock.
    StockPage {
        /// Which products, in which order.
        selection: StockSelection,
        /// Which page.
        anchor: Anchor<StockKey>,
        /// The most rows.
        limit: u16,
    },
    /// The best matches of a text.
    Search {
        /// What was typed.
        text: String,
        /// Among which products.
        selection: StockSelection,
        /// The most rows.
        limit: u16,
    },
    /// About how many products there are.
    Estimate,
    /// One product in full.
    Item(Sku),
    /// What a scanned text is.
    Scan(String),
    /// What is on hand of a product in a place.
    OnHand(Sku, LocationCode),
    /// Places whose code or name begins so.
    Places {
        /// What was typed.
        text: String,
        /// The most rows.
        limit: u16,
    },
    /// The lines of a count sheet.
    Sheet(LocationCode),
    /// Movements.
    Ledger(Box<LedgerFilter>),
    /// The movements of one posting.
    Posting(MovementId),
    /// A panel of the dashboard.
    Panel(Panel),
    /// Lines of the collected log.
    Events(Box<EventFilter>),
    /// One line of it in full, beside the rows that it speaks of.
    Inspection(u64),
    /// How the audit stands.
    Standing,
    /// What the last verification found.
    Report,
    /// What is wrong with the configuration of the server.
    Check,
    /// Who changed what, per person and day, in so many days up to now.
    Summary {
        /// How many days.
        days: u16,
        /// Where a day begins.
        zone: TimeZone,
    },
}

/// What the worker found out.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// A page of the stock.
    StockPage(Page<StockRow>),
    /// Matches, best first.
    Search(Vec<Found>),
    /// About how many products there are.
    Estimate(u64),
    /// One product in full.
    Item(Box<Item>),
    /// What a scanned text is.
    Scan(Box<Scanned>),
    /// What is on hand of a product in a place, by lot.
    OnHand(Vec<Level>),
    /// Places.
    Places(Vec<LocationRow>),
    /// The lines of a count sheet.
    Sheet(Vec<SheetLine>),
    /// Movements, newest first.
    Ledger(Vec<LedgerRow>),
    /// The movements of one posting.
    Posting(Vec<LedgerRow>),
    /// Movements per hour.
    Hours(Vec<HourCount>),
    /// What the stock is worth.
    Value(StockValue),
    /// Low products, and how many there are in all.
    Low(Vec<StockRow>, u64),
    /// Lots that expire.
    Expiring(Vec<ExpiringLot>),
    /// Products that lie.
    Slow(Vec<SlowMover>),
    /// Products that move most.
    Top(Vec<TopItem>),
    /// Postings by person.
    People(Vec<PersonActivity>),
    /// Commits, rollbacks and conflicts: of the database, and of this terminal.
    Activity(DatabaseActivity, StoreCounts),
    /// Lines of the collected log, newest first, and what each shows.
    Events(Vec<Seen>),
    /// One line in full; nothing when it is no longer kept.
    Inspection(Option<Box<Inspection>>),
    /// How the audit stands.
    Standing(Box<Standing>),
    /// What the last verification found; nothing when none was made here.
    Report(Option<Box<Verification>>),
    /// What is wrong with the configuration.
    Check(Vec<CheckFinding>),
    /// Who changed what.
    Summary(Vec<DaySum>),
}

/// Something that changes the stock.
#[derive(Debug, Clone)]
pub enum Write {
    /// Goods received, issued or transferred together.
    Basket(Basket),
    /// A count sheet.
    Sheet(CountSheet),
    /// A movement or posting undone.
    Reversal(Reversal),
}

/// What came of a write.
#[derive(Debug, Clone, PartialEq)]
pub enum Written {
    /// A posting.
    Posted(Posted),
    /// A count sheet.
    Counted(SheetCounted),
}

/// Why something did not succeed, for people and for deciding what to do next.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Failure {
    /// A rule refused; nothing was changed.
    #[error(transparent)]
    Refused(Refusal),
    /// Others kept getting in the way; nothing was changed.
    #[error("{attempts} attempts did not get through")]
    Conflict {
        /// How many attempts were made.
        attempts: u32,
    },
    /// The database cannot be reached; nothing was changed.
    #[error("{0}")]
    Unavailable(String),
    /// It is not known whether the posting stands.
    #[error("{message}")]
    OutcomeUnknown {
        /// The posting.
        posting: PostingId,
        /// What broke.
        message: String,
    },
    /// The collector of the log did not keep up, so that nothing could be verified.
    #[error("the log has not been collected up to now within {seconds} s; is the collector at work?")]
    NotCollected {
        /// How long was waited.
        seconds: u64,
    },
    /// Anything else, in English.
    #[error("{0}")]
    Other(String),
}

impl From<service::Error> for Failure {
    fn from(error: service::Error) -> Self {
        match error {
            service::Error::Store(error) => error.into(),
            service::Error::Journal(error) => Self::Other(error.to_string()),
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
            Error::Unavailable { message } => Self::Unavailable(message),
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
    /// Why.
    pub reason: String,
}

/// What the terminal asks of the worker.
#[derive(Debug)]
pub enum Order {
    /// Connect, and say who is logged in.
    Connect(Login),
    /// Find something out.
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
}

/// What the worker tells the terminal.
#[derive(Debug)]
pub enum Report {
    /// Connected, or not.
    Connected(Result<SessionFacts, Failure>),
    /// What an earlier run of the program left in the journal, and what became of it.
    Recovered(Vec<Recovered>),
    /// An answer.
    Answered(Ticket, Result<Answer, Failure>),
    /// The end of a write.
    Written(PostingId, Result<Written, Failure>),
    /// What became of a write whose outcome was not known.
    Resolved(PostingId, Fate),
    /// The connection is gone; the next try comes after so many seconds.
    Lost {
        /// What happened.
        message: String,
        /// The tries so far.
        attempts: u32,
        /// Seconds until the next.
        retry_seconds: u64,
    },
    /// The connection is back.
    Restored,
    /// Somebody may have changed what the screens show.
    Changed,
    /// How far the verification is: what is being read, how much of it has been, and how much there is (0: not
    /// known).
    Verifying(Step, u64, u64),
    /// A decision was written down, or not.
    Decided(Result<(), Failure>),
    /// The verification is over; `None` when it was stopped.
    Verified(Option<Result<Box<Verification>, Failure>>),
}
