//! The serving certificate: signed by our CA, for the DNS names of the Service that the API server calls.

use std::time::Duration;

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
};
use zeroize::Zeroizing;

use crate::authority::{self, Authority, MakeError};
use crate::keys;

/// A certificate with its key, both PEM. `Debug` does not show the key.
pub(crate) struct Leaf {
    /// The certificate.
    pub(crate) certificate: String,
    /// The private key (PKCS #8).
    pub(crate) key: Zeroizing<String>,
}

impl std::fmt::Debug for Leaf {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Leaf").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

/// The DNS names of a Service inside its cluster. The API server verifies the first one
/// (k8s.io/apiserver/pkg/util/webhook.ClientManager.HookClient).
pub(crate) fn service_names(service: &str, namespace: &str) -> Vec<String> {
    vec![
        format!("{service}.{namespace}.svc"),
        format!("{service}.{namespace}.svc.cluster.local"),
        format!("{service}.{namespace}"),
        service.to_owned(),
    ]
}

/// Makes a serving certificate for `hosts` (DNS names and IP addresses). It is valid until `lifetime` after `now` (Unix seconds), but
/// never longer than the CA that signs it.
///
/// # Errors
///
/// [`MakeError::Library`] if a host is neither a DNS name nor an IP address, or the key cannot be generated; [`MakeError::Time`] if the
/// validity does not fit into a certificate.
pub(crate) fn make(
    authority: &Authority,
    hosts: &[String],
    now: i64,
    lifetime: Duration,
) -> Result<Leaf, MakeError> {
    let key = Zeroizing::new(KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?);
    let mut params = CertificateParams::new(hosts)?;
    let rest = u64::try_from(authority.validity().not_after.saturating_sub(now)).unwrap_or(0);
    authority::validity(&mut params, now, lifetime.min(Duration::from_secs(rest)))?;
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    params.distinguished_name = DistinguishedName::new();
    // Verifiers only read the subject alternative names; the common name is for people. It holds at most 64 characters.
    if let Some(host) = hosts.iter().find(|host| host.len() <= 64) {
        params.distinguished_name.push(DnType::CommonName, host.as_str());
    }
    let certificate = params.signed_by(&*key, &authority.issuer()?)?;
    Ok(Leaf { certificate: certificate.pem(), key: keys::write(key.serialized_der()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validity::Validity;
    use crate::{Serving, x509};

    const NOW: i64 = 1_800_000_000;

    #[test]
    fn it_is_signed_by_its_authority_and_for_the_hosts() {
        let authority = Authority::make(NOW, Duration::from_secs(1000)).unwrap();
        let mut hosts = service_names("hook", "apps");
        hosts.push("127.0.0.1".to_owned());
        hosts.push("::1".to_owned());
        let leaf = make(&authority, &hosts, NOW, Duration::from_secs(100)).unwrap();
        let der = &x509::certificates(leaf.certificate.as_bytes())[0];
        let facts = x509::facts(der).unwrap();
        assert_eq!(facts.names, hosts);
        let validity = Validity { not_before: NOW - 7 * 24 * 3600, not_after: NOW + 100 };
        assert_eq!((facts.validity, facts.authority, facts.serves), (validity, false, true));
        assert!(x509::signed_by(der, authority.der()));
        let other = Authority::make(NOW, Duration::from_secs(1000)).unwrap();
        assert!(!x509::signed_by(der, other.der()));
        let serving = Serving::from_pem(leaf.certificate.as_bytes(), leaf.key.as_bytes(), None).unwrap();
        assert_eq!((serving.validity, &serving.serial), (validity, &facts.serial));
    }

    #[test]
    fn a_stored_authority_signs_and_its_certificates_do_not_outlive_it() {
        let made = Authority::make(NOW, Duration::from_secs(50)).unwrap();
        let authority = Authority::from_stored(made.der(), made.key().as_bytes()).unwrap();
        let leaf = make(&authority, &["a".to_owned()], NOW + 20, Duration::from_secs(100)).unwrap();
        let der = &x509::certificates(leaf.certificate.as_bytes())[0];
        assert!(x509::signed_by(der, made.der()));
        assert_eq!(x509::facts(der).unwrap().validity.not_after, NOW + 50);
    }

    #[test]
    fn a_host_that_is_not_a_dns_name_is_an_error() {
        let authority = Authority::make(NOW, Duration::from_secs(50)).unwrap();
        assert!(make(&authority, &["ä".to_owned()], NOW, Duration::from_secs(1)).is_err());
    }
}
