//! The status of the service, and the client that queries it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::board::PartStatus;
use super::credentials::read_secret;
use super::{ServeError, Site, tls};
use crate::config::serve::ServeSettings;

/// How long the service may take to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// The largest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// The status of a service: whether it leads, and the state of its parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    pub version: String,
    pub started_at: Timestamp,
    /// Whether it leads, or waits for another service.
    pub leads: bool,
    /// Why the database cannot be used; none if it answers.
    pub database_failure: Option<String>,
    /// The parts whose loop has made no progress for too long.
    pub hanging: Vec<String>,
    pub parts: Vec<PartStatus>,
}

impl Status {
    /// The present status of the service of a site.
    #[must_use]
    pub fn of(site: &Site) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: site.started_at,
            leads: site.board.is_leading(),
            database_failure: site.board.database_failure(),
            hanging: site.board.hanging(),
            parts: site.board.parts(),
        }
    }
}

/// Why the status could not be queried.
#[derive(Debug, thiserror::Error)]
pub enum StatusError {
    /// No service answers at the address.
    #[error("no service answers at {address}: {message}")]
    NoAnswer { address: SocketAddr, message: String },
    /// The answer is a refusal, or not from a service.
    #[error("{address} answered with {code}")]
    Refused { address: SocketAddr, code: StatusCode },
    #[error(transparent)]
    Settings(#[from] ServeError),
}

/// Queries the status of the service that these settings describe.
///
/// # Errors
/// [`StatusError`] if it does not answer.
pub async fn ask(settings: &ServeSettings) -> Result<Status, StatusError> {
    let address = reachable(settings.listen);
    let token = settings.token_file.as_deref().map(read_secret).transpose()?;
    let no_answer = |message: String| StatusError::NoAnswer { address, message };
    let answering = async {
        let stream = TcpStream::connect(address).await.map_err(|error| no_answer(error.to_string()))?;
        let Some(certificate) = &settings.tls_certificate else { return get(address, stream, token).await };
        let (connector, name) = tls::connector(certificate)?;
        let stream = connector.connect(name, stream).await.map_err(|error| no_answer(error.to_string()))?;
        get(address, stream, token).await
    };
    match tokio::time::timeout(ANSWER_TIMEOUT, answering).await {
        Ok(outcome) => outcome,
        Err(_) => Err(no_answer(format!("no answer within {} s", ANSWER_TIMEOUT.as_secs()))),
    }
}

/// The address to connect to for one that is listened on: the unspecified address includes this machine.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() {
            IpAddr::V4(Ipv4Addr::LOCALHOST)
        } else {
            IpAddr::V6(Ipv6Addr::LOCALHOST)
        });
    }
    address
}

async fn get(
    address: SocketAddr,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    token: Option<SecretString>,
) -> Result<Status, StatusError> {
    let no_answer = |message: String| StatusError::NoAnswer { address, message };
    let failed = |error: hyper::Error| no_answer(error.to_string());
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    // It ends with the sender; errors are reported by the request.
    tokio::spawn(async { drop(connection.await) });
    let mut request = Request::get("/status").header(header::HOST, address.to_string());
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {}", token.expose_secret()));
    }
    let request = request.body(Empty::<Bytes>::new()).map_err(|error| no_answer(error.to_string()))?;
    let answer = sender.send_request(request).await.map_err(failed)?;
    let code = answer.status();
    if code != StatusCode::OK {
        return Err(StatusError::Refused { address, code });
    }
    let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await;
    let body = body.map_err(|error| no_answer(error.to_string()))?.to_bytes();
    serde_json::from_slice(&body).map_err(|error| no_answer(format!("this is not a status: {error}")))
}
