//! A certificate authority of our own: an ECDSA P-256 key and a certificate that it signed for itself.

use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};

use crate::x509;

/// How long before the moment of its making a certificate is valid already (seconds): clocks of a cluster differ.
pub(crate) const BACKDATED: i64 = 3600;

/// Why a certificate could not be made.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// The moment or the lifetime is outside what a certificate can say.
    #[error("a certificate cannot be valid from Unix second {0} for {1:?}")]
    Time(i64, Duration),
    /// A key or certificate was refused by the library that makes them.
    #[error("the certificate cannot be made: {0}")]
    Library(#[from] rcgen::Error),
}

/// A CA with its key. `Debug` does not show the key.
pub struct Authority {
    pem: String,
    der: Vec<u8>,
    not_after: i64,
    key: KeyPair,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Authority").field("not_after", &self.not_after).finish_non_exhaustive()
    }
}

impl Authority {
    /// Makes a CA that is valid from an hour before `now` (Unix seconds) until `lifetime` after it.
    pub fn make(now: i64, lifetime: Duration) -> Result<Authority, MakeError> {
        let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::default();
        validity(&mut params, now, lifetime)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        // A name of its own for every CA: a verifier finds the right one of a bundle by name, and a person can tell them apart.
        let identifier = params.key_identifier(&key);
        let short: String = identifier.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, format!("daemonset-webhook CA {short}"));
        let certificate = params.self_signed(&key)?;
        Ok(Authority {
            pem: certificate.pem(),
            der: certificate.der().to_vec(),
            not_after: params.not_after.unix_timestamp(),
            key,
        })
    }

    /// The CA whose certificate (DER) and key (PEM, PKCS #8) are kept somewhere; `None` where they do not belong together.
    pub(crate) fn kept(der: &[u8], key: &str) -> Option<Authority> {
        use rcgen::PublicKeyData;
        let key = KeyPair::from_pem(key).ok()?;
        if x509::public_key(der)? != key.subject_public_key_info() {
            return None;
        }
        let facts = x509::facts(der).ok().filter(|facts| facts.authority)?;
        Some(Authority { pem: x509::pem([der]), der: der.to_vec(), not_after: facts.not_after, key })
    }

    /// Its certificate as PEM.
    pub fn certificate(&self) -> &str {
        &self.pem
    }

    /// Its certificate as DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The last second of its validity, Unix time.
    pub fn not_after(&self) -> i64 {
        self.not_after
    }

    /// Its key as PEM (PKCS #8).
    pub fn key(&self) -> String {
        self.key.serialize_pem()
    }

    pub(crate) fn issuer(&self) -> Result<Issuer<'static, &KeyPair>, MakeError> {
        Ok(Issuer::from_ca_cert_der(&self.der.as_slice().into(), &self.key)?)
    }
}

/// Writes the validity of a certificate that is made at `now`.
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
    fn a_kept_authority_is_the_one_that_was_made() {
        let made = Authority::make(1_800_000_000, Duration::from_secs(100)).unwrap();
        let kept = Authority::kept(made.der(), &made.key()).unwrap();
        assert_eq!((kept.certificate(), kept.not_after()), (made.certificate(), 1_800_000_100));
        let other = Authority::make(1_800_000_000, Duration::from_secs(100)).unwrap();
        assert!(Authority::kept(made.der(), &other.key()).is_none());
        assert!(Authority::kept(made.der(), "no key").is_none());
        assert!(Authority::kept(b"no certificate", &made.key()).is_none());
    }

    #[test]
    fn its_debug_text_holds_no_key() {
        let made = Authority::make(0, Duration::from_secs(1)).unwrap();
        assert_eq!(format!("{made:?}"), "Authority { not_after: 1, .. }");
    }

    #[test]
    fn a_time_that_no_certificate_can_say_is_an_error() {
        assert!(matches!(Authority::make(i64::MAX, Duration::from_secs(1)), Err(MakeError::Time(..))));
        assert!(matches!(Authority::make(0, Duration::MAX), Err(MakeError::Time(..))));
    }
}
