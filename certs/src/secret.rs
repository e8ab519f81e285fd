//! The content of the Secret: `ca.crt` (the CA bundle), `ca.key` (the key of the signing CA), `tls.crt` and `tls.key` (what is served).
//!
//! A value that cannot be parsed, or a key that does not match its certificate, counts as absent and is logged; the rotation then makes a
//! new one. Other keys of the Secret are left alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use k8s_openapi::ByteString;
use zeroize::Zeroize;

use crate::authority::Authority;
use crate::leaf::Leaf;
use crate::rotation::{self, State};
use crate::serving::{Doubt, Serving};
use crate::validity::Validity;
use crate::{names, x509};

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
    /// The API server calls the first of them.
    pub(crate) fn read(data: &Data<String>, hosts: &[String]) -> SecretContent {
        let field = |name: &str| data.0.get(name).map(|bytes| bytes.0.as_slice()).unwrap_or_default();
        let mut content = SecretContent {
            state: State { authorities: authorities(field(BUNDLE)), ..State::default() },
            ..SecretContent::default()
        };
        if content.state.authorities.is_empty() && !field(BUNDLE).is_empty() {
            content.problems.push(format!("{BUNDLE} holds no CA certificate"));
        }
        let key = field(AUTHORITY_KEY);
        if !key.is_empty() {
            content.signer =
                content.state.authorities.keys().rev().find_map(|der| Authority::from_stored(der, key));
            if content.signer.is_none() {
                content.problems.push(format!("{AUTHORITY_KEY} is not the key of a CA in {BUNDLE}"));
            }
        }
        content.state.signer = content.signer.as_ref().map(|signer| signer.der().to_vec());
        if !field(CERTIFICATE).is_empty() || !field(KEY).is_empty() {
            match Serving::from_pem(field(CERTIFICATE), field(KEY), hosts.first().map(String::as_str)) {
                Ok(mut serving) => {
                    content.state.leaf = Some(leaf(&mut serving, &content.state.authorities, hosts));
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

/// What a rotation needs to know about the serving certificate. It is valid only while its CA is.
fn leaf(serving: &mut Serving, authorities: &BTreeMap<Id, Validity>, hosts: &[String]) -> rotation::Leaf<Id> {
    let first = serving.key.cert.first().map(|der| der.as_ref()).unwrap_or_default();
    let issuer = authorities.iter().find(|(der, _)| x509::signed_by(first, der));
    let fits = serving.fault.is_none()
        && serving.doubt.is_none()
        && hosts.iter().all(|host| names::covers(&serving.names, host));
    let validity = serving.validity;
    match issuer {
        Some((_, authority)) => serving.validity = validity.both(*authority),
        None => serving.doubt = Some(Doubt::Issuer),
    }
    rotation::Leaf { issuer: issuer.map(|(der, _)| der.clone()), validity, fits }
}

/// The CAs of a bundle, each with its validity. Certificates that are not CAs are skipped.
pub(crate) fn authorities(pem: &[u8]) -> BTreeMap<Id, Validity> {
    x509::certificates(pem)
        .into_iter()
        .filter_map(|der| {
            let facts = x509::facts(&der).ok().filter(|facts| facts.authority)?;
            Some((der.to_vec(), facts.validity))
        })
        .collect()
}

/// The PEM text of a bundle, sorted by `notAfter`.
pub(crate) fn bundle(authorities: &BTreeMap<Id, Validity>) -> String {
    let mut all: Vec<(i64, &[u8])> =
        authorities.iter().map(|(der, validity)| (validity.not_after, der.as_slice())).collect();
    all.sort();
    x509::pem(all.into_iter().map(|(_, der)| der))
}

/// Values of a Secret by key. They are zeroed when they are dropped: some hold private keys. `Debug` shows the keys' names only.
#[derive(Clone)]
pub(crate) struct Data<K>(pub(crate) BTreeMap<K, ByteString>);

impl<K> Default for Data<K> {
    fn default() -> Data<K> {
        Data(BTreeMap::new())
    }
}

impl<K: std::fmt::Debug> std::fmt::Debug for Data<K> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

impl<K> Drop for Data<K> {
    fn drop(&mut self) {
        self.0.values_mut().for_each(|value| value.0.zeroize());
    }
}

/// A patch of the Secret's data: keys and their new values.
pub(crate) type Change = Data<&'static str>;

/// The change that stores a bundle and adds `authority` to it as the CA that signs.
pub(crate) fn signer(authorities: &BTreeMap<Id, Validity>, authority: &Authority) -> Change {
    let mut all = authorities.clone();
    all.insert(authority.der().to_vec(), authority.validity());
    Data(BTreeMap::from([text(BUNDLE, &bundle(&all)), text(AUTHORITY_KEY, &authority.key())]))
}

/// The change that stores a serving certificate.
pub(crate) fn serving(leaf: &Leaf) -> Change {
    Data(BTreeMap::from([text(CERTIFICATE, &leaf.certificate), text(KEY, &leaf.key)]))
}

/// Both changes in one.
pub(crate) fn both(mut one: Change, mut other: Change) -> Change {
    one.0.append(&mut other.0);
    one
}

fn text(name: &'static str, text: &str) -> (&'static str, ByteString) {
    (name, ByteString(text.as_bytes().to_vec()))
}
