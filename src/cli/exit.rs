//! Exit codes, and the mapping of errors to them.

use std::process::ExitCode;

use crate::audit::AuditError;
use crate::audit::decisions::DecisionError;
use crate::audit::reconcile::VerifyError;
use crate::config::SettingsError;
use crate::config::pgpass::FileError;
use crate::domain::Refusal;
use crate::import::ImportError;
use crate::serve::ServeError;
use crate::serve::status::StatusError;
use crate::server::ServerError;
use crate::{privacy, service, store};

/// The exit codes of the program. Scripts rely on the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Done = 0,
    Unexpected = 1,
    /// The command line or the input is malformed.
    Usage = 2,
    Refused = 3,
    /// The database cannot be reached or used.
    Unavailable = 4,
    /// It is not known whether the command was posted.
    OutcomeUnknown = 5,
    /// A check found something wrong.
    Discrepancies = 6,
    /// Some rows of an import were rejected; the others are posted, unless all or nothing was asked for.
    Rejected = 7,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// The errors that can end a command.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The command line or the input is malformed.
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Service(#[from] service::Error),
    /// The settings cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A password cannot be kept or forgotten.
    #[error(transparent)]
    PasswordFile(#[from] FileError),
    /// The private server cannot be run.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// An import cannot be completed.
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The service cannot start: its settings, address, certificate or passwords.
    #[error(transparent)]
    Serve(ServeError),
    /// The status of the service cannot be queried.
    #[error(transparent)]
    Status(#[from] StatusError),
    /// A file or stream cannot be read or written.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// A result cannot be written as JSON.
    #[error("cannot write the result as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl From<store::Error> for CliError {
    fn from(error: store::Error) -> Self {
        Self::Service(error.into())
    }
}

impl From<Refusal> for CliError {
    fn from(refusal: Refusal) -> Self {
        Self::Service(refusal.into())
    }
}

impl CliError {
    /// The exit code for the error.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) | Self::Settings(_) => Exit::Usage,
            Self::Service(error) => service_exit(error),
            Self::Import(error) => import_exit(error),
            Self::Server(_) => Exit::Unavailable,
            Self::Serve(ServeError::Listen { .. }) | Self::Status(StatusError::NoAnswer { .. }) => {
                Exit::Unavailable
            }
            Self::Serve(_) | Self::Status(_) => Exit::Usage,
            Self::Audit(error) => audit_exit(error),
            Self::Io(_) | Self::Json(_) | Self::PasswordFile(_) => Exit::Unexpected,
        }
    }

    /// The refusal, if the error is one.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Service(error) => error.refusal(),
            Self::Import(ImportError::Stopped { source, .. }) => source.refusal(),
            _ => None,
        }
    }
}

fn service_exit(error: &service::Error) -> Exit {
    match error {
        service::Error::Journal(_) => Exit::Unexpected,
        service::Error::Privacy(error) => privacy_exit(error),
        service::Error::Store(error) => store_exit(error),
    }
}

/// Problems with the keyring are usage errors; an altered value is not.
fn privacy_exit(error: &privacy::Error) -> Exit {
    match error {
        privacy::Error::Altered { .. } => Exit::Discrepancies,
        privacy::Error::File { .. } => Exit::Unexpected,
        _ => Exit::Usage,
    }
}

fn store_exit(error: &store::Error) -> Exit {
    match error {
        store::Error::Settings { .. } => Exit::Usage,
        store::Error::Refused(_) => Exit::Refused,
        store::Error::Unavailable { .. }
        | store::Error::WrongPassword { .. }
        | store::Error::NotPrepared { .. }
        | store::Error::OtherVersion { .. }
        | store::Error::Busy { .. }
        | store::Error::Blocked { .. }
        | store::Error::Conflict { .. } => Exit::Unavailable,
        store::Error::OutcomeUnknown { .. } => Exit::OutcomeUnknown,
        store::Error::Database { .. } => Exit::Unexpected,
    }
}

fn audit_exit(error: &AuditError) -> Exit {
    match error.store() {
        Some(error) => store_exit(error),
        None if error.is_finding() => Exit::Discrepancies,
        // What is to be verified does not exist yet.
        None if matches!(error, AuditError::Verify(VerifyError::NotCollected { .. })) => Exit::Unavailable,
        None if matches!(error, AuditError::Verify(VerifyError::NotAuditor)) => Exit::Refused,
        None if is_misuse(error) => Exit::Usage,
        None => Exit::Unexpected,
    }
}

/// Whether a decision failed because of its arguments, such as an unknown id.
fn is_misuse(error: &AuditError) -> bool {
    match error {
        AuditError::Decision(error) => {
            !matches!(error, DecisionError::File { .. } | DecisionError::Full { .. })
        }
        _ => false,
    }
}

fn import_exit(error: &ImportError) -> Exit {
    match error {
        ImportError::Stopped { source, .. } => service_exit(source),
        ImportError::OpeningRefused { .. } => Exit::Refused,
        ImportError::Changed
        | ImportError::DoesNotAddUp { .. }
        | ImportError::AnswersMissing
        | ImportError::ReaderLost => Exit::Unexpected,
        _ => Exit::Usage,
    }
}
