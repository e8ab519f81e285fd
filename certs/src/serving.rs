//! The certificate that is served: the chain and key in the form that rustls needs, and the values that operators watch.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use crate::x509;

/// A certificate and key that can be served.
#[derive(Clone, Debug)]
pub struct Serving {
    /// The chain and the key, for rustls.
    pub key: Arc<CertifiedKey>,
    /// `notBefore`, in Unix seconds.
    pub not_before: i64,
    /// `notAfter`, in Unix seconds.
    pub not_after: i64,
    /// The serial number as `openssl x509 -serial` prints it: upper-case hexadecimal digits.
    pub serial: String,
}

/// Receives the certificate to serve; `None` until there is one.
pub type Served = tokio::sync::watch::Receiver<Option<Arc<Serving>>>;

/// Why a certificate and a key cannot be served.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PairError {
    /// There is no certificate in the text.
    #[error("it holds no certificate (a PEM block CERTIFICATE)")]
    NoCertificate,
    /// A certificate cannot be read.
    #[error("its certificate cannot be read: {0}")]
    Certificate(String),
    /// There is no key in the text.
    #[error("there is no private key (a PEM block PRIVATE KEY)")]
    NoKey,
    /// The key cannot be used.
    #[error("its private key cannot be used: {0}")]
    Key(String),
    /// The key does not match the certificate.
    #[error("the certificate and the private key do not belong together")]
    Mismatch,
}

impl Serving {
    /// Reads a certificate chain (the serving certificate first) and its private key, both PEM, and checks that they match.
    ///
    /// # Errors
    ///
    /// [`PairError`] if one of them is missing or cannot be read, or if they do not match.
    pub(crate) fn from_pem(certificate: &[u8], key: &[u8]) -> Result<Serving, PairError> {
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(certificate)
            .collect::<Result<_, _>>()
            .map_err(|error| PairError::Certificate(error.to_string()))?;
        let facts = match chain.first() {
            Some(first) => x509::facts(first).map_err(PairError::Certificate)?,
            None => return Err(PairError::NoCertificate),
        };
        let key = match PrivateKeyDer::from_pem_slice(key) {
            Ok(key) => key,
            Err(rustls::pki_types::pem::Error::NoItemsFound) => return Err(PairError::NoKey),
            Err(error) => return Err(PairError::Key(error.to_string())),
        };
        let key = match CertifiedKey::from_der(chain, key, &ring::default_provider()) {
            Ok(key) => key,
            Err(rustls::Error::InconsistentKeys(_)) => return Err(PairError::Mismatch),
            Err(error) => return Err(PairError::Key(error.to_string())),
        };
        Ok(Serving {
            key: Arc::new(key),
            not_before: facts.not_before,
            not_after: facts.not_after,
            serial: facts.serial,
        })
    }

    /// Whether both have the same chain. A key never changes without its certificate.
    pub(crate) fn same(&self, other: &Serving) -> bool {
        self.key.cert == other.key.cert
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::authority::Authority;
    use crate::leaf;

    #[test]
    fn each_kind_of_broken_pair_has_its_error() {
        let authority = Authority::make(0, Duration::from_secs(100)).unwrap();
        let one = leaf::make(&authority, &["a".to_owned()], 0, Duration::from_secs(10)).unwrap();
        let two = leaf::make(&authority, &["a".to_owned()], 0, Duration::from_secs(10)).unwrap();
        let read =
            |certificate: &str, key: &str| Serving::from_pem(certificate.as_bytes(), key.as_bytes()).err();
        assert_eq!(read(&one.certificate, &one.key), None);
        assert_eq!(read(&one.certificate, &two.key), Some(PairError::Mismatch));
        assert_eq!(read("", &one.key), Some(PairError::NoCertificate));
        assert_eq!(read(&one.certificate, ""), Some(PairError::NoKey));
        assert!(matches!(read(&one.certificate[..200], &one.key), Some(PairError::Certificate(_))));
        assert!(matches!(read(&one.certificate, &one.key[..80]), Some(PairError::Key(_))));
    }

    #[test]
    fn debug_output_does_not_contain_the_key() {
        let authority = Authority::make(0, Duration::from_secs(100)).unwrap();
        let leaf = leaf::make(&authority, &["a".to_owned()], 0, Duration::from_secs(10)).unwrap();
        let shown = format!("{leaf:?}");
        assert!(!shown.contains("PRIVATE"), "{shown}");
    }
}
