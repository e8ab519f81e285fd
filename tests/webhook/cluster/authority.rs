//! A certificate authority of the tests, for certificates that users bring.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::kubelet::to_base64;

/// The authority.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its certificate as PEM.
    pub pem: String,
}

impl Authority {
    /// Makes one.
    pub fn make() -> Result<Self, String> {
        let told = |error: rcgen::Error| error.to_string();
        let key = KeyPair::generate().map_err(told)?;
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.distinguished_name.push(DnType::CommonName, "an authority of the tests");
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = parameters.self_signed(&key).map_err(told)?;
        Ok(Self { pem: certificate.pem(), issuer: Issuer::new(parameters, key) })
    }

    /// A certificate for a client with this name and its key, both PEM.
    pub fn client(&self, name: &str) -> Result<(String, String), String> {
        let told = |error: rcgen::Error| error.to_string();
        let key = KeyPair::generate().map_err(told)?;
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name = rcgen::DistinguishedName::new();
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = parameters.signed_by(&key, &self.issuer).map_err(told)?;
        Ok((certificate.pem(), key.serialize_pem()))
    }

    /// A Secret with a serving certificate for a name, valid for some seconds, and the time at which it ends.
    pub fn secret(&self, secret: &str, name: &str, seconds: i64) -> Result<(Value, i64), String> {
        let told = |error: rcgen::Error| error.to_string();
        let key = KeyPair::generate().map_err(told)?;
        let mut parameters = CertificateParams::new(vec![name.to_owned()]).map_err(told)?;
        let now = OffsetDateTime::now_utc();
        parameters.not_before = now - Duration::hours(1);
        parameters.not_after = now + Duration::seconds(seconds);
        let certificate = parameters.signed_by(&key, &self.issuer).map_err(told)?;
        let object = json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": { "name": secret }, "type": "kubernetes.io/tls",
            "data": {
                "tls.crt": to_base64(certificate.pem().as_bytes()),
                "tls.key": to_base64(key.serialize_pem().as_bytes()),
            },
        });
        Ok((object, parameters.not_after.unix_timestamp()))
    }
}
