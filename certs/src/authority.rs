//! A certificate authority (CA): an ECDSA P-256 key and its self-signed certificate.

use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use zeroize::Zeroizing;

use crate::validity::Validity;
use crate::{keys, x509};

/// How far in the past `notBefore` is set, in seconds: a week.
///
/// Certificates are made by the API server's time ([`crate::clock`]). The week is for API servers whose clocks differ from each other's, for
/// one whose clock is set back, and for a proxy that hides the API server's time: nobody is a week off by a wrong time zone, a wrong
/// date or a machine that was suspended. It weakens nothing, because no certificate or key existed in that week.
pub(crate) const BACKDATED: i64 = 7 * 24 * 3600;

/// Why a certificate could not be made.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// The time or the lifetime does not fit into a certificate.
    #[error("a certificate cannot be valid from Unix second {0} for {1:?}")]
    Time(i64, Duration),
    /// The certificate library returned an error.
    #[error("the certificate cannot be made: {0}")]
    Library(#[from] rcgen::Error),
}

/// A CA with its key. `Debug` does not show the key.
pub(crate) struct Authority {
    pem: String,
    der: Vec<u8>,
    validity: Validity,
    key: Zeroizing<KeyPair>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Authority").field("validity", &self.validity).finish_non_exhaustive()
    }
}

impl Authority {
    /// Makes a CA that is valid from a week before `now` (Unix seconds) until `lifetime` after `now`.
    ///
    /// # Errors
    ///
    /// [`MakeError::Time`] if the validity does not fit into a certificate; [`MakeError::Library`] if the key cannot be generated.
    pub(crate) fn make(now: i64, lifetime: Duration) -> Result<Authority, MakeError> {
        let key = Zeroizing::new(KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?);
        let mut params = CertificateParams::default();
        validity(&mut params, now, lifetime)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        // Each CA gets its own name: verifiers look up the issuer in a bundle by name, and people can tell the CAs apart.
        let identifier = params.key_identifier(&*key);
        let short: String = identifier.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, format!("daemonset-webhook CA {short}"));
        let certificate = params.self_signed(&*key)?;
        Ok(Authority {
            pem: certificate.pem(),
            der: certificate.der().to_vec(),
            validity: Validity {
                not_before: params.not_before.unix_timestamp(),
                not_after: params.not_after.unix_timestamp(),
            },
            key,
        })
    }

    /// Loads a stored CA from its certificate (DER) and key (PEM, PKCS #8). Returns `None` if the key does not match the certificate.
    pub(crate) fn from_stored(der: &[u8], key: &[u8]) -> Option<Authority> {
        use rcgen::PublicKeyData;
        let key = Zeroizing::new(KeyPair::try_from(&*keys::read(key).ok()?).ok()?);
        if x509::public_key(der)? != key.subject_public_key_info() {
            return None;
        }
        let facts = x509::facts(der).ok().filter(|facts| facts.authority)?;
        Some(Authority { pem: x509::pem([der]), der: der.to_vec(), validity: facts.validity, key })
    }

    /// The certificate as PEM.
    pub(crate) fn certificate(&self) -> &str {
        &self.pem
    }

    /// The certificate as DER.
    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }

    /// When the certificate is valid.
    pub(crate) fn validity(&self) -> Validity {
        self.validity
    }

    /// The private key as PEM (PKCS #8).
    pub(crate) fn key(&self) -> Zeroizing<String> {
        keys::write(self.key.serialized_der())
    }

    pub(crate) fn issuer(&self) -> Result<Issuer<'static, &KeyPair>, MakeError> {
        Ok(Issuer::from_ca_cert_der(&self.der.as_slice().into(), &*self.key)?)
    }
}

/// Sets the validity of a certificate that is made at `now` (Unix seconds).
pub(crate) fn validity(
    params: &mut CertificateParams,
    now: i64,
    lifetime: Duration,
) -> Result<(), MakeError> {
    let moment = |seconds: Option<i64>| {
        seconds
            .and_then(|seconds| time::OffsetDateTime::from_unix_timestamp(seconds).ok())
            .ok_or(MakeError::Time(now, lifetime))
    };
    params.not_before = moment(now.checked_sub(BACKDATED))?;
    params.not_after = moment(i64::try_from(lifetime.as_secs()).ok().and_then(|life| now.checked_add(life)))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_authority_can_be_loaded_again() {
        let made = Authority::make(1_800_000_000, Duration::from_secs(100)).unwrap();
        let loaded = Authority::from_stored(made.der(), made.key().as_bytes()).unwrap();
        assert_eq!((loaded.certificate(), loaded.validity()), (made.certificate(), made.validity()));
        let week = 7 * 24 * 3600;
        assert_eq!(
            loaded.validity(),
            Validity { not_before: 1_800_000_000 - week, not_after: 1_800_000_100 }
        );
        let other = Authority::make(1_800_000_000, Duration::from_secs(100)).unwrap();
        assert!(Authority::from_stored(made.der(), other.key().as_bytes()).is_none());
        assert!(Authority::from_stored(made.der(), b"no key").is_none());
        assert!(Authority::from_stored(b"no certificate", made.key().as_bytes()).is_none());
    }

    #[test]
    fn debug_output_does_not_contain_the_key() {
        let made = Authority::make(0, Duration::from_secs(1)).unwrap();
        assert_eq!(
            format!("{made:?}"),
            "Authority { validity: Validity { not_before: -604800, not_after: 1 }, .. }"
        );
    }

    #[test]
    fn a_time_that_does_not_fit_into_a_certificate_is_an_error() {
        assert!(matches!(Authority::make(i64::MAX, Duration::from_secs(1)), Err(MakeError::Time(..))));
        assert!(matches!(Authority::make(0, Duration::MAX), Err(MakeError::Time(..))));
    }
}
