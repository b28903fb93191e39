//! Why the service cannot begin, and why a part of it failed.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::audit::AuditError;
use crate::import::{ImportError, ProfileError};
use crate::{service, store};

/// Why the service cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be listened on.
    #[error(
        "cannot listen on {address}: {source}; is another service running? `--listen` takes another address"
    )]
    Listen { address: SocketAddr, source: io::Error },
    /// Other machines could reach it, and nothing would keep them from reading it.
    #[error(
        "{address} can be reached from other machines, so the service needs TLS and a token there: set tls_certificate, tls_key and token_file in [serve], or listen on a loopback address such as 127.0.0.1:9757"
    )]
    Open { address: SocketAddr },
    /// A file that the settings name cannot be read.
    #[error("cannot read {path}: {source}")]
    File { path: PathBuf, source: io::Error },
    /// A file does not hold what it should.
    #[error("{path}: {message}")]
    Content { path: PathBuf, message: String },
    /// Settings that do not fit together.
    #[error("{0}")]
    Settings(String),
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Why a run of a part failed.
#[derive(Debug, thiserror::Error)]
pub enum PartError {
    #[error(transparent)]
    Audit(#[from] AuditError),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Service(#[from] service::Error),
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error(transparent)]
    Profile(#[from] ProfileError),
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// A file or directory.
    #[error("{path}: {source}")]
    File { path: PathBuf, source: io::Error },
    /// What was found is in the state of the part, in words.
    #[error("{0}")]
    Found(String),
    /// A fault of the program.
    #[error("the part ended unexpectedly; this is a bug in Stockroom: {0}")]
    Panicked(String),
}
