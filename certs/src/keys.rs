//! Private keys as PEM. What is read and written here is zeroed when it is dropped.
//!
//! What cannot be zeroed: the copies in the bodies of requests to the API server, and the key inside ring, which has to live as long as it
//! signs.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer};
use zeroize::Zeroizing;

/// Why a text has no usable private key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyError {
    /// There is no block of a private key.
    Missing,
    /// The block cannot be read.
    Unreadable(&'static str),
}

/// The labels of private keys, without the dashes.
const LABELS: [&str; 3] = ["PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"];

/// Characters in a line of PEM (RFC 7468).
const LINE: usize = 64;

/// Reads the first private key of a PEM text: PKCS #8, SEC 1 or PKCS #1.
///
/// # Errors
///
/// [`KeyError`] if there is none, or if its block is damaged.
pub(crate) fn read(pem: &[u8]) -> Result<Zeroizing<PrivateKeyDer<'static>>, KeyError> {
    let mut label = None;
    let mut text = Zeroizing::new(Vec::with_capacity(pem.len()));
    for line in pem.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii) {
        match label {
            None => label = LABELS.into_iter().find(|label| is_line(line, b"-----BEGIN ", label)),
            Some(label) if is_line(line, b"-----END ", label) => return decode(label, &text),
            Some(_) if line.starts_with(b"-----") => break,
            Some(_) => text.extend_from_slice(line),
        }
    }
    Err(if label.is_some() { KeyError::Unreadable("its block does not end") } else { KeyError::Missing })
}

fn is_line(line: &[u8], begin: &[u8], label: &str) -> bool {
    let inner = line.strip_prefix(begin).and_then(|line| line.strip_suffix(b"-----"));
    inner == Some(label.as_bytes())
}

fn decode(label: &str, text: &[u8]) -> Result<Zeroizing<PrivateKeyDer<'static>>, KeyError> {
    let mut bytes = Zeroizing::new(vec![0; text.len()]);
    let length = STANDARD.decode_slice(text, &mut bytes).ok();
    let der = length.and_then(|length| bytes.get(..length));
    let der = der.ok_or(KeyError::Unreadable("its block is not base64"))?.to_vec();
    Ok(Zeroizing::new(match label {
        "EC PRIVATE KEY" => PrivateKeyDer::Sec1(PrivateSec1KeyDer::from(der)),
        "RSA PRIVATE KEY" => PrivateKeyDer::Pkcs1(PrivatePkcs1KeyDer::from(der)),
        _ => PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(der)),
    }))
}

/// The PEM text of a private key in PKCS #8 (DER).
pub(crate) fn write(der: &[u8]) -> Zeroizing<String> {
    // Strings that grow leave copies of their beginning behind, so all of it is reserved at once.
    let longest = der.len().saturating_mul(2).saturating_add(LINE);
    let mut encoded = Zeroizing::new(vec![0; longest]);
    let length = STANDARD.encode_slice(der, &mut encoded).unwrap_or_default();
    let mut text = Zeroizing::new(String::with_capacity(longest.saturating_add(LINE)));
    text.push_str("-----BEGIN PRIVATE KEY-----\n");
    for line in encoded.get(..length).unwrap_or_default().chunks(LINE) {
        text.push_str(std::str::from_utf8(line).unwrap_or_default());
        text.push('\n');
    }
    text.push_str("-----END PRIVATE KEY-----\n");
    text
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::pem::PemObject;

    use super::*;

    #[test]
    fn what_is_written_is_read_again_by_us_and_by_others() {
        for length in [1_usize, 47, 48, 49, 138, 1000] {
            let der: Vec<u8> = (0..length).map(|byte| (byte % 251) as u8).collect();
            let text = write(&der);
            assert!(text.lines().all(|line| line.len() <= LINE), "{text:?}");
            assert_eq!(read(text.as_bytes()).unwrap().secret_der(), der);
            assert_eq!(PrivateKeyDer::from_pem_slice(text.as_bytes()).unwrap().secret_der(), der);
        }
    }

    #[test]
    fn keys_are_found_between_other_blocks() {
        let key =
            |label: &str| format!("-----BEGIN {label}-----\r\nAQID\r\n BAUG \r\n-----END {label}-----\r\n");
        let others = "words\n-----BEGIN EC PARAMETERS-----\nBggq\n-----END EC PARAMETERS-----\n";
        for label in LABELS {
            let text = format!("{others}{}{}", key(label), others);
            let found = read(text.as_bytes()).unwrap();
            assert_eq!(found.secret_der(), [1, 2, 3, 4, 5, 6], "{label}");
            let kind = match &*found {
                PrivateKeyDer::Sec1(_) => "EC PRIVATE KEY",
                PrivateKeyDer::Pkcs1(_) => "RSA PRIVATE KEY",
                _ => "PRIVATE KEY",
            };
            assert_eq!(kind, label);
        }
        for text in ["", others, &key("ENCRYPTED PRIVATE KEY"), "-----BEGIN PRIVATE KEY----\nAQID\n"] {
            assert_eq!(read(text.as_bytes()).unwrap_err(), KeyError::Missing, "{text:?}");
        }
        for text in [
            "-----BEGIN PRIVATE KEY-----\nAQID",
            "-----BEGIN PRIVATE KEY-----\nAQID\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\nA\u{e4}ID\n-----END PRIVATE KEY-----",
        ] {
            assert!(matches!(read(text.as_bytes()), Err(KeyError::Unreadable(_))), "{text:?}");
        }
    }
}
