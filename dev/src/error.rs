//! Errors of the tools.

use stockroom::server::ServerError;
use stockroom::{domain, service, store};

/// Why a development tool failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Service(#[from] service::Error),
    #[error(transparent)]
    Refused(#[from] domain::Refusal),
    /// The client library says only "db error"; the server's message is in the source.
    #[error("{}", database_message(.0))]
    Database(#[from] tokio_postgres::Error),
    #[error("no connection: {0}")]
    Pool(String),
    #[error("pgbench cannot be run: {0}")]
    Pgbench(String),
    #[error("cannot measure: {0}")]
    Measure(String),
    #[error("cannot write the result as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl Error {
    pub(crate) fn measure(error: impl std::fmt::Display) -> Self {
        Self::Measure(error.to_string())
    }
}

impl From<deadpool_postgres::PoolError> for Error {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        match error {
            deadpool_postgres::PoolError::Backend(error) => Self::Database(error),
            other => Self::Pool(other.to_string()),
        }
    }
}

fn database_message(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(db) => format!("{} ({})", db.message(), db.code().code()),
        None => error.to_string(),
    }
}
