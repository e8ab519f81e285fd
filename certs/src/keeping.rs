//! What is in the Secret: `ca.crt` (the bundle), `ca.key` (the signer's), `tls.crt` and `tls.key` (what is served).
//!
//! Whatever does not parse or does not belong together counts as absent and is told of; the rotation then makes it anew. Other keys
//! of the Secret are not ours and stay.

use std::collections::BTreeMap;
use std::sync::Arc;

use k8s_openapi::ByteString;

use crate::authority::Authority;
use crate::leaf::Leaf;
use crate::rotation::{self, State};
use crate::{Serving, x509};

/// The bundle of authorities that clients should trust, oldest first.
pub(crate) const BUNDLE: &str = "ca.crt";
/// The key of the authority that signs.
pub(crate) const AUTHORITY_KEY: &str = "ca.key";
/// The certificate that is served.
pub(crate) const CERTIFICATE: &str = "tls.crt";
/// Its key.
pub(crate) const KEY: &str = "tls.key";

/// An authority is told from others by its certificate (DER).
pub(crate) type Id = Vec<u8>;

/// The content of the Secret, understood.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub(crate) state: State<Id>,
    pub(crate) signer: Option<Authority>,
    pub(crate) serving: Option<Arc<Serving>>,
    /// What is there and cannot be used, in words.
    pub(crate) complaints: Vec<String>,
}

impl Kept {
    /// Reads the data of a Secret; `hosts` are the names for which the leaf should be.
    pub(crate) fn read(data: &BTreeMap<String, ByteString>, hosts: &[String]) -> Kept {
        let field = |name: &str| data.get(name).map(|bytes| bytes.0.as_slice()).unwrap_or_default();
        let mut kept = Kept {
            state: State { authorities: authorities(field(BUNDLE)), ..State::default() },
            ..Kept::default()
        };
        if kept.state.authorities.is_empty() && !field(BUNDLE).is_empty() {
            kept.complaints.push(format!("{BUNDLE} holds no certificate of an authority"));
        }
        if let Ok(key) = std::str::from_utf8(field(AUTHORITY_KEY))
            && !key.is_empty()
        {
            kept.signer = kept.state.authorities.keys().rev().find_map(|der| Authority::kept(der, key));
            if kept.signer.is_none() {
                kept.complaints.push(format!("{AUTHORITY_KEY} is not the key of an authority in {BUNDLE}"));
            }
        }
        kept.state.signer = kept.signer.as_ref().map(|signer| signer.der().to_vec());
        if !field(CERTIFICATE).is_empty() || !field(KEY).is_empty() {
            match Serving::from_pem(field(CERTIFICATE), field(KEY)) {
                Ok(serving) => {
                    kept.state.leaf = Some(leaf(&serving, &kept.state.authorities, hosts));
                    kept.serving = Some(Arc::new(serving));
                }
                Err(error) => {
                    kept.complaints.push(format!("{CERTIFICATE} and {KEY} cannot be served: {error}"))
                }
            }
        }
        kept
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

/// The authorities of a bundle with the last second of each; what is no authority is left out.
pub(crate) fn authorities(pem: &[u8]) -> BTreeMap<Id, i64> {
    x509::certificates(pem)
        .into_iter()
        .filter_map(|der| {
            let facts = x509::facts(&der).ok().filter(|facts| facts.authority)?;
            Some((der.to_vec(), facts.not_after))
        })
        .collect()
}

/// The PEM text of a bundle, those that end first in front.
pub(crate) fn bundle(authorities: &BTreeMap<Id, i64>) -> String {
    let mut all: Vec<(i64, &[u8])> = authorities.iter().map(|(der, end)| (*end, der.as_slice())).collect();
    all.sort();
    x509::pem(all.into_iter().map(|(_, der)| der))
}

/// Keys of the Secret's data with their new content.
pub(crate) type Change = BTreeMap<&'static str, ByteString>;

/// The change by which a bundle with the signer `authority` is kept.
pub(crate) fn signer(authorities: &BTreeMap<Id, i64>, authority: &Authority) -> Change {
    let mut all = authorities.clone();
    all.insert(authority.der().to_vec(), authority.not_after());
    Change::from([text(BUNDLE, bundle(&all)), text(AUTHORITY_KEY, authority.key())])
}

/// The change by which a leaf is kept.
pub(crate) fn serving(leaf: &Leaf) -> Change {
    Change::from([text(CERTIFICATE, leaf.certificate.clone()), text(KEY, leaf.key.clone())])
}

fn text(name: &'static str, text: String) -> (&'static str, ByteString) {
    (name, ByteString(text.into_bytes()))
}
