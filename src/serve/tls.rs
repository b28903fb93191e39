//! TLS for the service's own address, and the expiry of its certificate.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::ServeError;

fn wrong(path: &Path, message: impl ToString) -> ServeError {
    ServeError::Content { path: path.to_owned(), message: message.to_string() }
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, ServeError> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    let certificates: Vec<_> = read.map_err(|error| wrong(path, error))?;
    if certificates.is_empty() { Err(wrong(path, "there is no certificate in it")) } else { Ok(certificates) }
}

/// Creates the acceptor for connections with a certificate and its key.
///
/// # Errors
/// [`ServeError`] if one of the files cannot be used, or they do not belong together.
pub fn acceptor(certificate: &Path, key: &Path) -> Result<TlsAcceptor, ServeError> {
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, error))?;
    let config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .and_then(|builder| {
            builder.with_no_client_auth().with_single_cert(
                certificates(certificate).map_err(|error| rustls::Error::General(error.to_string()))?,
                private,
            )
        })
        .map_err(|error| wrong(certificate, error))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// When a certificate expires.
///
/// # Errors
/// [`ServeError`] if it cannot be read.
pub fn expiry(path: &Path) -> Result<Timestamp, ServeError> {
    let first = parsed(path)?;
    let seconds = first.tbs_certificate.validity.not_after.to_unix_duration().as_secs();
    Timestamp::from_second(i64::try_from(seconds).unwrap_or(i64::MAX)).map_err(|error| wrong(path, error))
}

fn parsed(path: &Path) -> Result<Certificate, ServeError> {
    let certificates = certificates(path)?;
    Certificate::from_der(&certificates[0]).map_err(|error| wrong(path, error))
}

/// Creates the connector for a service whose certificate is on this machine, with the name in the certificate. Whoever
/// queries the status has the same file, so no other authority needs to be trusted.
///
/// # Errors
/// [`ServeError`] if the certificate cannot be used.
pub fn connector(path: &Path) -> Result<(TlsConnector, ServerName<'static>), ServeError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate).map_err(|error| wrong(path, error))?;
    }
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(path, error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let names = parsed(path)?.tbs_certificate.get::<SubjectAltName>();
    let names = names.map_err(|error| wrong(path, error))?.map(|(_, names)| names.0).unwrap_or_default();
    let name = names.iter().find_map(|name| match name {
        GeneralName::DnsName(name) => ServerName::try_from(name.to_string()).ok(),
        GeneralName::IpAddress(bytes) => {
            let address = match bytes.as_bytes() {
                bytes if bytes.len() == 4 => <[u8; 4]>::try_from(bytes).ok().map(std::net::IpAddr::from),
                bytes => <[u8; 16]>::try_from(bytes).ok().map(std::net::IpAddr::from),
            };
            address.map(ServerName::from)
        }
        _ => None,
    });
    let name = name.ok_or_else(|| wrong(path, "the certificate names no host"))?;
    Ok((TlsConnector::from(Arc::new(config)), name))
}
