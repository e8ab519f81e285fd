//! Reads X.509 certificates: validity, names, usage and signature.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::validity::Validity;

/// What we read from one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) validity: Validity,
    /// The serial number as `openssl x509 -serial` prints it: upper-case hexadecimal digits.
    pub(crate) serial: String,
    /// The DNS names and IP addresses of the subject alternative name.
    pub(crate) names: Vec<String>,
    /// Whether it is a CA certificate.
    pub(crate) authority: bool,
    /// Whether a TLS server may use it: its extended key usage, if it has one, includes `serverAuth` or any usage.
    pub(crate) serves: bool,
}

/// Reads one certificate (DER).
///
/// # Errors
///
/// The parser's message, if this is not a certificate.
pub(crate) fn facts(der: &[u8]) -> Result<Facts, String> {
    let certificate = parse(der)?;
    let validity = certificate.validity();
    let serial = certificate.raw_serial().iter().map(|byte| format!("{byte:02X}")).collect();
    let names = match certificate.subject_alternative_name() {
        Ok(Some(extension)) => extension.value.general_names.iter().filter_map(name).collect(),
        Ok(None) => Vec::new(),
        Err(error) => return Err(error.to_string()),
    };
    let usage = certificate.extended_key_usage().map_err(|error| error.to_string())?;
    Ok(Facts {
        validity: Validity {
            not_before: validity.not_before.timestamp(),
            not_after: validity.not_after.timestamp(),
        },
        serial,
        names,
        authority: certificate.is_ca(),
        serves: usage.is_none_or(|usage| usage.value.server_auth || usage.value.any),
    })
}

/// Whether `authority` issued `certificate` (both DER): the names match and the signature verifies.
pub(crate) fn signed_by(certificate: &[u8], authority: &[u8]) -> bool {
    let (Ok(certificate), Ok(authority)) = (parse(certificate), parse(authority)) else { return false };
    certificate.issuer() == authority.subject()
        && certificate.verify_signature(Some(authority.public_key())).is_ok()
}

/// The public key of a certificate as SubjectPublicKeyInfo (DER).
pub(crate) fn public_key(der: &[u8]) -> Option<Vec<u8>> {
    parse(der).ok().map(|certificate| certificate.public_key().raw.to_vec())
}

/// All certificates of a PEM text, in order. Blocks that are not certificates are skipped.
pub(crate) fn certificates(pem: &[u8]) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem).filter_map(Result::ok).collect()
}

/// The PEM text of certificates (DER), one block for each.
pub(crate) fn pem<'a>(certificates: impl IntoIterator<Item = &'a [u8]>) -> String {
    let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
    certificates
        .into_iter()
        .map(|der| pem::encode_config(&pem::Pem::new("CERTIFICATE", der), config))
        .collect()
}

fn parse(der: &[u8]) -> Result<X509Certificate<'_>, String> {
    X509Certificate::from_der(der).map(|(_, certificate)| certificate).map_err(|error| error.to_string())
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(std::net::IpAddr::from);
            let v6 = <[u8; 16]>::try_from(*bytes).map(std::net::IpAddr::from);
            v4.or(v6).ok().map(|address| address.to_string())
        }
        _ => None,
    }
}
