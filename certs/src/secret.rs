//! The content of the Secret: `ca.crt` (the CA bundle), `ca.key` (the key of the signing CA), `tls.crt` and `tls.key` (what is served).
//!
//! A value that cannot be parsed, or a key that does not match its certificate, counts as absent and is logged; the rotation then makes a
//! new one. Other keys of the Secret are left alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use k8s_openapi::ByteString;

use crate::authority::Authority;
use crate::leaf::Leaf;
use crate::rotation::{self, State};
use crate::{Serving, x509};

/// The CA bundle that clients should trust, oldest CA first.
pub(crate) const BUNDLE: &str = "ca.crt";
/// The private key of the CA that signs.
pub(crate) const AUTHORITY_KEY: &str = "ca.key";
/// The serving certificate.
pub(crate) const CERTIFICATE: &str = "tls.crt";
/// The private key of the serving certificate.
pub(crate) const KEY: &str = "tls.key";

/// Identifies a CA: its certificate (DER).
pub(crate) type Id = Vec<u8>;

/// The parsed content of the Secret.
#[derive(Debug, Default)]
pub(crate) struct SecretContent {
    pub(crate) state: State<Id>,
    pub(crate) signer: Option<Authority>,
    pub(crate) serving: Option<Arc<Serving>>,
    /// Why values of the Secret cannot be used, one sentence for each.
    pub(crate) problems: Vec<String>,
}

impl SecretContent {
    /// Parses the data of a Secret. `hosts` are the names that the serving certificate must have.
    pub(crate) fn read(data: &BTreeMap<String, ByteString>, hosts: &[String]) -> SecretContent {
        let field = |name: &str| data.get(name).map(|bytes| bytes.0.as_slice()).unwrap_or_default();
        let mut content = SecretContent {
            state: State { authorities: authorities(field(BUNDLE)), ..State::default() },
            ..SecretContent::default()
        };
        if content.state.authorities.is_empty() && !field(BUNDLE).is_empty() {
            content.problems.push(format!("{BUNDLE} holds no CA certificate"));
        }
        if let Ok(key) = std::str::from_utf8(field(AUTHORITY_KEY))
            && !key.is_empty()
        {
            content.signer =
                content.state.authorities.keys().rev().find_map(|der| Authority::from_stored(der, key));
            if content.signer.is_none() {
                content.problems.push(format!("{AUTHORITY_KEY} is not the key of a CA in {BUNDLE}"));
            }
        }
        content.state.signer = content.signer.as_ref().map(|signer| signer.der().to_vec());
        if !field(CERTIFICATE).is_empty() || !field(KEY).is_empty() {
            match Serving::from_pem(field(CERTIFICATE), field(KEY)) {
                Ok(serving) => {
                    content.state.leaf = Some(leaf(&serving, &content.state.authorities, hosts));
                    content.serving = Some(Arc::new(serving));
                }
                Err(error) => {
                    content.problems.push(format!("{CERTIFICATE} and {KEY} cannot be served: {error}"))
                }
            }
        }
        content
    }
}

fn leaf(serving: &Serving, authorities: &BTreeMap<Id, i64>, hosts: &[String]) -> rotation::Leaf<Id> {
    let first = serving.key.cert.first().map(|der| der.as_ref()).unwrap_or_default();
    let names = x509::facts(first).map(|facts| facts.names).unwrap_or_default();
    rotation::Leaf {
        issuer: authorities.keys().find(|der| x509::signed_by(first, der)).cloned(),
        not_after: serving.not_after,
        fits: hosts.iter().all(|host| names.contains(host)),
    }
}

/// The CAs of a bundle, each with its `notAfter` in Unix seconds. Certificates that are not CAs are skipped.
pub(crate) fn authorities(pem: &[u8]) -> BTreeMap<Id, i64> {
    x509::certificates(pem)
        .into_iter()
        .filter_map(|der| {
            let facts = x509::facts(&der).ok().filter(|facts| facts.authority)?;
            Some((der.to_vec(), facts.not_after))
        })
        .collect()
}

/// The PEM text of a bundle, sorted by `notAfter`.
pub(crate) fn bundle(authorities: &BTreeMap<Id, i64>) -> String {
    let mut all: Vec<(i64, &[u8])> = authorities.iter().map(|(der, end)| (*end, der.as_slice())).collect();
    all.sort();
    x509::pem(all.into_iter().map(|(_, der)| der))
}

/// A patch of the Secret's data: keys and their new values.
pub(crate) type Change = BTreeMap<&'static str, ByteString>;

/// The change that stores a bundle and adds `authority` to it as the CA that signs.
pub(crate) fn signer(authorities: &BTreeMap<Id, i64>, authority: &Authority) -> Change {
    let mut all = authorities.clone();
    all.insert(authority.der().to_vec(), authority.not_after());
    Change::from([text(BUNDLE, bundle(&all)), text(AUTHORITY_KEY, authority.key())])
}

/// The change that stores a serving certificate.
pub(crate) fn serving(leaf: &Leaf) -> Change {
    Change::from([text(CERTIFICATE, leaf.certificate.clone()), text(KEY, leaf.key.clone())])
}

fn text(name: &'static str, text: String) -> (&'static str, ByteString) {
    (name, ByteString(text.into_bytes()))
}
