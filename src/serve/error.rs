//! Why the service cannot start, and why a part of it failed.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::audit::AuditError;
use crate::import::{ImportError, ProfileError};
use crate::{service, store};

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be bound.
    #[error(
        "cannot listen on {address}: {source}; is another service running? `--listen` takes another address"
    )]
    Listen { address: SocketAddr, source: io::Error },
    /// Other machines could connect, and without TLS and a token anybody could read.
    #[error(
        "{address} can be reached from other machines, so the service needs TLS and a token there: set tls_certificate, tls_key and token_file in [serve], or listen on a loopback address such as 127.0.0.1:9757"
    )]
    Open { address: SocketAddr },
    /// A file named in the settings cannot be read.
    #[error("cannot read {path}: {source}")]
    File { path: PathBuf, source: io::Error },
    /// A file does not contain what it should.
    #[error("{path}: {message}")]
    Content { path: PathBuf, message: String },
    /// The settings contradict each other.
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
    /// A file or directory cannot be used.
    #[error("{path}: {source}")]
    File { path: PathBuf, source: io::Error },
    /// The part found something, which its state describes.
    #[error("{0}")]
    Found(String),
    /// A defect of the program.
    #[error("the part ended unexpectedly; this is a bug in Stockroom: {0}")]
    Panicked(String),
}
