//! TLS to the server, with rustls. What is verified follows libpq's sslmode.

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::store::Error;

/// What is verified of the server's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Verify {
    /// Nothing: the connection is encrypted, but the peer may be anyone (sslmode prefer and require).
    Nothing,
    /// That a trusted authority signed it (verify-ca).
    Chain,
    /// That, and that it is for this host (verify-full).
    ChainAndName,
}

/// Verifies as much of the certificate as `verify` says, and the signatures of the handshake in every mode.
#[derive(Debug)]
struct Lenient {
    verify: Verify,
    inner: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(inner) = &self.inner else { return Ok(ServerCertVerified::assertion()) };
        match inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if self.verify == Verify::Chain => Ok(ServerCertVerified::assertion()),
            result => result,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Why a server's certificate was not accepted, and what to do about it, if that is what failed.
pub(in crate::store) fn complaint(failure: &std::io::Error) -> Option<String> {
    let Some(rustls::Error::InvalidCertificate(reason)) = failure.get_ref()?.downcast_ref() else {
        return None;
    };
    Some(match reason {
        CertificateError::UnknownIssuer => {
            "the server's certificate is not signed by a trusted authority; give its root certificate with sslrootcert"
                .to_owned()
        }
        other if other.to_string().contains("CaUsedAsEndEntity") => {
            "the server's certificate is that of a certificate authority, which cannot be used by a server; sign a server certificate with it (openssl req -x509 makes such a certificate unless it is told basicConstraints=CA:FALSE)"
                .to_owned()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            format!("the server's certificate has expired: {reason}")
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("the server's certificate is for another host: {reason}")
        }
        other => format!("the server's certificate is not accepted: {other}"),
    })
}

/// The trusted authorities: those in the file, or those of the system.
fn roots(file: Option<&Path>) -> Result<RootCertStore, Error> {
    let settings = |message: String| Error::Settings { message };
    let mut store = RootCertStore::empty();
    if let Some(path) = file {
        let certificates = CertificateDer::pem_file_iter(path)
            .map_err(|error| settings(format!("sslrootcert {} cannot be read: {error}", path.display())))?;
        for certificate in certificates {
            let certificate =
                certificate.map_err(|error| settings(format!("sslrootcert {}: {error}", path.display())))?;
            store
                .add(certificate)
                .map_err(|error| settings(format!("sslrootcert {}: {error}", path.display())))?;
        }
    } else {
        // A bad file in the system's store is no reason to reject the good ones.
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    if store.is_empty() {
        return Err(settings("no trusted root certificate found; give one with sslrootcert".to_owned()));
    }
    Ok(store)
}

/// Creates the connector for a pool.
pub(in crate::store) fn connector(
    verify: Verify,
    root_file: Option<&Path>,
) -> Result<MakeRustlsConnect, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let inner = match verify {
        Verify::Nothing => None,
        Verify::Chain | Verify::ChainAndName => Some(
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots(root_file)?), provider.clone())
                .build()
                .map_err(|error| Error::Settings { message: error.to_string() })?,
        ),
    };
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Settings { message: error.to_string() })?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Lenient { verify, inner, provider }))
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
