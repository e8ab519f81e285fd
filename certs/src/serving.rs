//! The certificate that is served: the chain and key in the form that rustls needs, what operators watch, and whether the API server
//! would accept it.

use std::sync::Arc;

use rustls::InconsistentKeys;
use rustls::crypto::ring::sign;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::sign::CertifiedKey;

use crate::keys::{self, KeyError};
use crate::names;
use crate::validity::Validity;
use crate::x509::{self, Facts};

/// A certificate and key that can be served.
#[derive(Clone, Debug)]
pub struct Serving {
    /// The chain and the key, for rustls.
    pub key: Arc<CertifiedKey>,
    /// When the certificate is valid. For a managed certificate: when its CA is valid too.
    pub validity: Validity,
    /// The serial number as `openssl x509 -serial` prints it: upper-case hexadecimal digits.
    pub serial: String,
    /// The DNS names and IP addresses that it is for.
    pub names: Vec<String>,
    /// Why the API server refuses it at any time, if it does.
    pub fault: Option<Fault>,
    /// Why the API server may refuse its chain, if it may.
    pub doubt: Option<Doubt>,
    /// When the other certificates of the chain are valid; `None` if there are none.
    pub(crate) chain: Option<Validity>,
}

/// Why the API server refuses a certificate at any time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It has no subject alternative name. A common name does not count.
    #[error("the certificate has no DNS name (a subject alternative name), so it is for no host")]
    NoNames,
    /// It is for other hosts.
    #[error("the certificate is for {}, and not for {wanted}, which the API server calls", names.join(", "))]
    Names {
        /// The name that the API server verifies.
        wanted: String,
        /// The names of the certificate.
        names: Vec<String>,
    },
    /// Its extended key usage lacks `serverAuth`.
    #[error("the certificate's extended key usage does not include serverAuth")]
    Usage,
}

/// Why the API server may refuse the chain of a certificate. It depends on the CAs that it trusts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// A certificate of the chain is not signed by the next one.
    #[error("a certificate of the chain is not signed by the next one")]
    Order,
    /// The extended key usage of another certificate of the chain lacks `serverAuth`.
    #[error("the extended key usage of a CA in the chain does not include serverAuth")]
    Usage,
    /// No CA in the Secret's bundle signed it.
    #[error("no CA of the bundle signed the certificate")]
    Issuer,
}

/// What the API server would make of a certificate at some time, from worst to best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It refuses it at any time ([`Fault`]).
    Unfit,
    /// It has expired.
    Expired,
    /// It is not valid yet. It will be without anybody's help.
    Early,
    /// It may refuse it: the chain is out of order ([`Doubt`]), or another certificate of the chain is not valid.
    Doubtful,
    /// Nothing speaks against it.
    Good,
}

impl Standing {
    /// Whether a newer certificate of this standing is served in place of one that is `current`. A worse one never is.
    pub fn replaces(self, current: Standing) -> bool {
        self >= current
    }
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
    /// Reads a certificate chain (the serving certificate first) and its private key, both PEM, and checks that they match. `host` is the
    /// name that the API server calls, if it is known.
    ///
    /// # Errors
    ///
    /// [`PairError`] if one of them is missing or cannot be read, or if they do not match.
    pub(crate) fn from_pem(certificate: &[u8], key: &[u8], host: Option<&str>) -> Result<Serving, PairError> {
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(certificate)
            .collect::<Result<_, _>>()
            .map_err(|error| PairError::Certificate(error.to_string()))?;
        let facts: Vec<Facts> = chain
            .iter()
            .map(|der| x509::facts(der))
            .collect::<Result<_, _>>()
            .map_err(PairError::Certificate)?;
        let Some((facts, others)) = facts.split_first() else { return Err(PairError::NoCertificate) };
        let ordered = chain.iter().zip(chain.iter().skip(1)).all(|(one, next)| x509::signed_by(one, next));
        let key = keys::read(key).map_err(|error| match error {
            KeyError::Missing => PairError::NoKey,
            KeyError::Unreadable(why) => PairError::Key(why.to_owned()),
        })?;
        // Unlike `CertifiedKey::from_der` this leaves the key with us, so that it is zeroed.
        let signing = sign::any_supported_type(&key).map_err(|error| PairError::Key(error.to_string()))?;
        let key = CertifiedKey::new(chain, signing);
        match key.keys_match() {
            Ok(()) | Err(rustls::Error::InconsistentKeys(InconsistentKeys::Unknown)) => {}
            Err(rustls::Error::InconsistentKeys(_)) => return Err(PairError::Mismatch),
            Err(error) => return Err(PairError::Key(error.to_string())),
        }
        Ok(Serving {
            key: Arc::new(key),
            validity: facts.validity,
            serial: facts.serial.clone(),
            names: facts.names.clone(),
            fault: fault(facts, host),
            doubt: if !ordered {
                Some(Doubt::Order)
            } else if others.iter().any(|facts| !facts.serves) {
                Some(Doubt::Usage)
            } else {
                None
            },
            chain: others.iter().map(|facts| facts.validity).reduce(Validity::both),
        })
    }

    /// What the API server would make of it at `now` (Unix seconds).
    pub fn standing(&self, now: i64) -> Standing {
        if self.fault.is_some() {
            Standing::Unfit
        } else if now >= self.validity.not_after {
            Standing::Expired
        } else if now < self.validity.not_before {
            Standing::Early
        } else if self.doubt.is_some() || self.chain.is_some_and(|chain| !chain.contains(now)) {
            Standing::Doubtful
        } else {
            Standing::Good
        }
    }

    /// Whether both have the same chain. A key never changes without its certificate.
    pub(crate) fn same(&self, other: &Serving) -> bool {
        self.key.cert == other.key.cert
    }
}

/// Why the API server refuses a certificate at any time. `host` is the name that it calls, if known.
fn fault(facts: &Facts, host: Option<&str>) -> Option<Fault> {
    if facts.names.is_empty() {
        return Some(Fault::NoNames);
    }
    if let Some(host) = host.filter(|host| !names::covers(&facts.names, host)) {
        return Some(Fault::Names { wanted: host.to_owned(), names: facts.names.clone() });
    }
    (!facts.serves).then_some(Fault::Usage)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::authority::Authority;
    use crate::leaf;

    const NOW: i64 = 1_800_000_000;

    fn authority() -> Authority {
        Authority::make(NOW, Duration::from_secs(100)).unwrap()
    }

    fn made(authority: &Authority, host: &str, from: i64) -> leaf::Leaf {
        leaf::make(authority, &[host.to_owned()], from, Duration::from_secs(10)).unwrap()
    }

    #[test]
    fn each_kind_of_broken_pair_has_its_error() {
        let authority = authority();
        let (one, two) = (made(&authority, "a", NOW), made(&authority, "a", NOW));
        let read = |certificate: &str, key: &str| {
            Serving::from_pem(certificate.as_bytes(), key.as_bytes(), None).err()
        };
        assert_eq!(read(&one.certificate, &one.key), None);
        assert_eq!(read(&one.certificate, &two.key), Some(PairError::Mismatch));
        assert_eq!(read("", &one.key), Some(PairError::NoCertificate));
        assert_eq!(read(&one.certificate, ""), Some(PairError::NoKey));
        assert!(matches!(read(&one.certificate[..200], &one.key), Some(PairError::Certificate(_))));
        assert!(matches!(read(&one.certificate, &one.key[..80]), Some(PairError::Key(_))));
        let other = "-----BEGIN PRIVATE KEY-----\nAQID\n-----END PRIVATE KEY-----\n";
        assert!(matches!(read(&one.certificate, other), Some(PairError::Key(_))));
    }

    #[test]
    fn it_is_judged_by_both_ends_its_names_and_its_chain() {
        let authority = authority();
        let leaf = made(&authority, "hook.apps.svc", NOW);
        let serving =
            |chain: &str, host| Serving::from_pem(chain.as_bytes(), leaf.key.as_bytes(), host).unwrap();
        let one = serving(&leaf.certificate, Some("hook.apps.svc"));
        let Validity { not_before, not_after } = one.validity;
        for (now, standing) in [
            (not_before - 1, Standing::Early),
            (not_before, Standing::Good),
            (not_after - 1, Standing::Good),
            (not_after, Standing::Expired),
        ] {
            assert_eq!(one.standing(now), standing);
        }
        let other = serving(&leaf.certificate, Some("other.apps.svc"));
        assert_eq!(other.standing(NOW), Standing::Unfit);
        assert_eq!(
            other.fault.unwrap().to_string(),
            "the certificate is for hook.apps.svc, and not for other.apps.svc, which the API server calls"
        );
        assert_eq!(serving(&leaf.certificate, None).standing(NOW), Standing::Good);
        let ordered = serving(&format!("{}{}", leaf.certificate, authority.certificate()), None);
        assert_eq!(ordered.standing(NOW), Standing::Good);
        // Its own certificate is valid, another one of its chain has expired.
        assert_eq!(
            Serving { chain: Some(Validity { not_before, not_after: NOW }), ..ordered }.standing(NOW),
            Standing::Doubtful
        );
        let stranger = Authority::make(NOW, Duration::from_secs(100)).unwrap();
        let disordered = serving(&format!("{}{}", leaf.certificate, stranger.certificate()), None);
        assert_eq!((disordered.doubt, disordered.standing(NOW)), (Some(Doubt::Order), Standing::Doubtful));
    }

    #[test]
    fn a_certificate_for_clients_or_without_names_is_refused() {
        let standing = |change: fn(&mut rcgen::CertificateParams)| {
            let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
            let mut params = rcgen::CertificateParams::new(vec!["a".to_owned()]).unwrap();
            change(&mut params);
            let pem = params.self_signed(&key).unwrap().pem();
            Serving::from_pem(pem.as_bytes(), key.serialize_pem().as_bytes(), None).unwrap().fault
        };
        use rcgen::ExtendedKeyUsagePurpose::{Any, ClientAuth, ServerAuth};
        assert_eq!(standing(|_| {}), None);
        assert_eq!(standing(|params| params.subject_alt_names.clear()), Some(Fault::NoNames));
        assert_eq!(standing(|params| params.extended_key_usages = vec![ClientAuth]), Some(Fault::Usage));
        assert_eq!(standing(|params| params.extended_key_usages = vec![ClientAuth, ServerAuth]), None);
        assert_eq!(standing(|params| params.extended_key_usages = vec![Any]), None);
    }

    #[test]
    fn a_worse_certificate_never_replaces_a_better_one() {
        use Standing::{Doubtful, Early, Expired, Good, Unfit};
        let all = [Unfit, Expired, Early, Doubtful, Good];
        for (place, one) in all.into_iter().enumerate() {
            let replaced: Vec<Standing> = all.into_iter().filter(|other| one.replaces(*other)).collect();
            assert_eq!(replaced, all[..=place]);
        }
    }

    #[test]
    fn debug_output_does_not_contain_the_key() {
        let leaf = made(&authority(), "a", NOW);
        let serving = Serving::from_pem(leaf.certificate.as_bytes(), leaf.key.as_bytes(), None).unwrap();
        let secret = leaf.key.lines().nth(1).unwrap();
        for shown in [format!("{leaf:?}"), format!("{serving:?}")] {
            assert!(!shown.contains("PRIVATE") && !shown.contains(secret), "{shown}");
        }
    }
}
