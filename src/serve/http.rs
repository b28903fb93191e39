//! The HTTP interface of the service: `/metrics`, `/healthz`, `/readyz` and `/status`.
//!
//! On a loopback address everybody on the machine may query it. On any other address TLS and a bearer token are
//! required.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::board::seconds_of;
use super::credentials::read_secret;
use super::status::Status;
use super::{ServeError, Site, tls};
use crate::metrics::table::{CERTIFICATE_EXPIRY, HTTP_REQUESTS};

/// How many connections are served at a time. Prometheus needs one; further ones wait.
const CONNECTIONS_MAX: usize = 32;
/// How long a connection may last from its first byte to its last.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(15);
/// How long receiving the head of a request may take.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// The largest head of a request, in bytes and in headers.
const HEAD_BYTES_MAX: usize = 16 * 1024;
const HEADERS_MAX: usize = 64;
/// How long to wait before connections are accepted again if the system has no free file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);
/// The content type of the Prometheus text format.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The status codes in use, whose counters begin at zero.
const ANSWERS: [StatusCode; 6] = [
    StatusCode::OK,
    StatusCode::UNAUTHORIZED,
    StatusCode::NOT_FOUND,
    StatusCode::METHOD_NOT_ALLOWED,
    StatusCode::INTERNAL_SERVER_ERROR,
    StatusCode::SERVICE_UNAVAILABLE,
];

/// The listening socket, and the credentials that requests need.
pub(super) struct Listener {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
    token: Option<SecretString>,
}

impl Listener {
    /// Binds the address in the settings.
    pub(super) async fn open(site: &Site) -> Result<Self, ServeError> {
        let settings = site.settings();
        let address = settings.listen;
        let tls = match (&settings.tls_certificate, &settings.tls_key) {
            (Some(certificate), Some(key)) => {
                site.metrics.set(&CERTIFICATE_EXPIRY, &[], seconds_of(tls::expiry(certificate)?));
                Some(tls::acceptor(certificate, key)?)
            }
            (None, None) => None,
            _ => {
                let message =
                    "tls_certificate and tls_key in [serve] belong together; one of them is missing";
                return Err(ServeError::Settings(message.to_owned()));
            }
        };
        let token = settings.token_file.as_deref().map(read_secret).transpose()?;
        if !address.ip().is_loopback() && (tls.is_none() || token.is_none()) {
            return Err(ServeError::Open { address });
        }
        for code in ANSWERS {
            site.metrics.add(&HTTP_REQUESTS, &[code.as_str()], 0);
        }
        let failed = |source| ServeError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address, tls, token })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests until `stop` is cancelled.
    pub(super) async fn answer(self, site: Arc<Site>, stop: CancellationToken) {
        let token = self.token.map(Arc::new);
        let connections = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        loop {
            // The semaphore is never closed.
            let Ok(permit) = Arc::clone(&connections).acquire_owned().await else { return };
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = stop.cancelled() => return,
            };
            let stream = match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "Cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let (site, token, tls) = (Arc::clone(&site), token.clone(), self.tls.clone());
            tokio::spawn(async move {
                let served = tokio::time::timeout(CONNECTION_TIMEOUT, serve(site, token, tls, stream)).await;
                if let Ok(Err(error)) = served {
                    tracing::debug!(%error, "A connection ended early");
                }
                drop(permit);
            });
        }
    }
}

type ServeOutcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

async fn serve(
    site: Arc<Site>,
    token: Option<Arc<SecretString>>,
    tls: Option<TlsAcceptor>,
    stream: TcpStream,
) -> ServeOutcome {
    match tls {
        Some(tls) => exchange(site, token, tls.accept(stream).await?).await,
        None => exchange(site, token, stream).await,
    }
}

async fn exchange(
    site: Arc<Site>,
    token: Option<Arc<SecretString>>,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
) -> ServeOutcome {
    let service = service_fn(move |request| {
        let answer = respond(&site, token.as_deref(), &request);
        site.metrics.add(&HTTP_REQUESTS, &[answer.status().as_str()], 1);
        async { Ok::<_, Infallible>(answer) }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service)
        .await?;
    Ok(())
}

fn respond(site: &Site, token: Option<&SecretString>, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    if let Some(token) = token
        && !is_allowed(token, request.headers().get(AUTHORIZATION))
    {
        return plain(StatusCode::UNAUTHORIZED, "a bearer token is required\n");
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return plain(StatusCode::METHOD_NOT_ALLOWED, "only GET\n");
    }
    match request.uri().path() {
        "/metrics" => metrics(site),
        "/healthz" => health(site),
        "/readyz" => readiness(site),
        "/status" => status(site),
        _ => {
            plain(StatusCode::NOT_FOUND, "not found; the paths are /metrics, /healthz, /readyz and /status\n")
        }
    }
}

/// Whether a request has the token. Digests are compared, so that the time taken does not depend on the token.
fn is_allowed(token: &SecretString, header: Option<&HeaderValue>) -> bool {
    let Some(given) = header.and_then(|value| value.as_bytes().strip_prefix(b"Bearer ")) else {
        return false;
    };
    Sha256::digest(given) == Sha256::digest(token.expose_secret().as_bytes())
}

fn answer(code: StatusCode, content_type: &'static str, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = code;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn plain(code: StatusCode, body: impl Into<String>) -> Response<Full<Bytes>> {
    answer(code, "text/plain; charset=utf-8", body.into())
}

fn metrics(site: &Site) -> Response<Full<Bytes>> {
    site.refresh();
    match site.metrics.render() {
        Ok(text) => answer(StatusCode::OK, TEXT_FORMAT, text),
        Err(error) => plain(StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")),
    }
}

/// Healthy if the process runs and the loops of its parts make progress. Whether they succeed does not matter: a
/// restart would not help.
fn health(site: &Site) -> Response<Full<Bytes>> {
    match site.board.hanging().as_slice() {
        [] => plain(StatusCode::OK, "ok\n"),
        hanging => plain(StatusCode::SERVICE_UNAVAILABLE, format!("hanging: {}\n", hanging.join(", "))),
    }
}

/// Ready if it leads or waits for another service, and the database answers.
fn readiness(site: &Site) -> Response<Full<Bytes>> {
    match site.board.database_failure() {
        None if site.board.is_leading() => plain(StatusCode::OK, "leading\n"),
        None => plain(StatusCode::OK, "waiting: another service leads\n"),
        Some(failure) => plain(StatusCode::SERVICE_UNAVAILABLE, format!("database: {failure}\n")),
    }
}

fn status(site: &Site) -> Response<Full<Bytes>> {
    match serde_json::to_string(&Status::of(site)) {
        Ok(text) => answer(StatusCode::OK, "application/json", text),
        Err(error) => plain(StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")),
    }
}
