//! Mutual TLS: which clients may send reviews (`--client-ca`, `--client-cn`).

mod names;
mod watch;

pub(crate) use watch::watch;

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore, SignatureScheme,
};

/// Accepts clients whose certificate was issued by one of the CAs in use, and has one of the names. The CAs can be replaced at any time;
/// without any, nobody is accepted.
#[derive(Debug)]
pub(crate) struct Callers {
    /// The verifier for the CAs in use.
    trusted: ArcSwapOption<Trusted>,
    /// The names, one of which the certificate must have; if empty, any name will do.
    names: Vec<String>,
    provider: Arc<CryptoProvider>,
}

/// A verifier for some CAs.
#[derive(Debug)]
struct Trusted(Arc<dyn ClientCertVerifier>);

impl Callers {
    /// Accepts nobody until there are CAs.
    pub(crate) fn new(names: Vec<String>) -> Self {
        Self { trusted: ArcSwapOption::empty(), names, provider: Arc::new(ring::default_provider()) }
    }

    /// Replaces the CAs by those of a PEM text. Returns how many there are. If the text cannot be used, the CAs stay.
    ///
    /// # Errors
    ///
    /// A message, if the text has no certificate, or one that cannot be read or cannot be a CA.
    fn trust(&self, pem: &[u8]) -> Result<usize, String> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate =
                certificate.map_err(|error| format!("a certificate cannot be read: {error}"))?;
            roots
                .add(certificate)
                .map_err(|error| format!("a certificate cannot be used as a CA: {error}"))?;
        }
        let count = roots.len();
        if count == 0 {
            return Err("it holds no certificate (a PEM block CERTIFICATE)".to_owned());
        }
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), self.provider.clone())
            .build()
            .map_err(|error| error.to_string())?;
        self.trusted.store(Some(Arc::new(Trusted(verifier))));
        Ok(count)
    }

    /// Whether a certificate has one of the names.
    fn is_named(&self, certificate: &[u8]) -> bool {
        self.names.is_empty() || names::of(certificate).iter().any(|name| self.names.contains(name))
    }
}

impl ClientCertVerifier for Callers {
    /// None: with several generations of CAs during a rotation, a client might choose no certificate by an outdated hint.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let trusted = self.trusted.load();
        let trusted = trusted.as_ref().ok_or(CertificateError::UnknownIssuer)?;
        let verified = trusted.0.verify_client_cert(end_entity, intermediates, now)?;
        if self.is_named(end_entity) {
            Ok(verified)
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests;
