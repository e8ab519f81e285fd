//! DNS labels and subdomains.

use super::message::{Format, Message, Messages, max_len_error, regex_error};

/// The maximum length of a label in bytes.
pub(crate) const DNS1123_LABEL_MAX_LENGTH: usize = 63;
/// The maximum length of a subdomain in bytes.
pub(crate) const DNS1123_SUBDOMAIN_MAX_LENGTH: usize = 253;

const LABEL_ERROR: &str = regex_error!(
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
    "[a-z0-9]([-a-z0-9]*[a-z0-9])?",
    "my-name",
    "123-abc"
);
pub(super) const SUBDOMAIN_ERROR: &str = regex_error!(
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
    r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*",
    "example.com"
);
const UNDERSCORE_SUBDOMAIN_ERROR: &str = regex_error!(
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
    r"_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*",
    "example.com"
);

/// Whether `text` is a dot-separated list of labels of any length. A label consists of lowercase letters, digits and `-`, and
/// starts and ends with a letter or digit. With `underscores`, a label may also contain `_` and start with one `_`.
///
/// This is one pass over the bytes because nearly every name is checked here.
fn is_dotted_labels(text: &str, underscores: bool) -> bool {
    // `.` means at the start of a label, `_` means after its leading underscore.
    let mut previous = b'.';
    for byte in text.bytes() {
        previous = match (byte, previous) {
            (b'a'..=b'z' | b'0'..=b'9', _) => byte,
            (b'.', b'a'..=b'z' | b'0'..=b'9') => byte,
            (b'-', b'a'..=b'z' | b'0'..=b'9' | b'-') => byte,
            (b'_', b'a'..=b'z' | b'0'..=b'9' | b'-') if underscores => b'-',
            (b'_', b'.') if underscores => byte,
            _ => return false,
        };
    }
    previous.is_ascii_lowercase() || previous.is_ascii_digit()
}

fn is_label(text: &str) -> bool {
    is_dotted_labels(text, false) && !text.as_bytes().contains(&b'.')
}

/// Whether every part between dots is a label of any length.
pub(super) fn is_subdomain(text: &str) -> bool {
    is_dotted_labels(text, false)
}

/// A DNS label has at most 63 lowercase letters, digits and `-`, and starts and ends with a letter or digit.
///
/// Upstream: `apimachinery/util/validation.IsDNS1123Label`.
pub(crate) fn is_dns1123_label(value: &str) -> Messages {
    let mut messages = Messages::new();
    if value.len() > DNS1123_LABEL_MAX_LENGTH {
        messages.push(max_len_error(DNS1123_LABEL_MAX_LENGTH));
    }
    if !is_label(value) {
        messages.push(if is_subdomain(value) {
            "must not contain dots".into()
        } else {
            Message::of_format(LABEL_ERROR, Format::DnsLabel)
        });
    }
    messages
}

/// A DNS subdomain is a dot-separated list of labels, at most 253 bytes long.
///
/// Upstream: `apimachinery/util/validation.IsDNS1123Subdomain`.
pub(crate) fn is_dns1123_subdomain(value: &str) -> Messages {
    check_subdomain(value, is_subdomain(value), SUBDOMAIN_ERROR)
}

/// Like [`is_dns1123_subdomain`], but `_` is allowed: DNS search domains may contain service names with underscores.
///
/// Upstream: `apimachinery/util/validation.IsDNS1123SubdomainWithUnderscore`.
pub(crate) fn is_dns1123_subdomain_with_underscore(value: &str) -> Messages {
    check_subdomain(value, is_dotted_labels(value, true), UNDERSCORE_SUBDOMAIN_ERROR)
}

fn check_subdomain(value: &str, matches: bool, error: &'static str) -> Messages {
    let mut messages = Messages::new();
    if value.len() > DNS1123_SUBDOMAIN_MAX_LENGTH {
        messages.push(max_len_error(DNS1123_SUBDOMAIN_MAX_LENGTH));
    }
    if !matches {
        messages.push(Message::of_format(error, Format::DnsSubdomain));
    }
    messages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels() {
        for good in ["a", "0", "a-b", "a--b", "123", &"x".repeat(63)] {
            assert!(is_dns1123_label(good).is_empty(), "{good}");
        }
        for bad in ["", "-", "a-", "-a", "A", "a_b", "é", "a b", &"x".repeat(64)] {
            assert_eq!(is_dns1123_label(bad).len(), 1, "{bad}");
        }
        assert_eq!(is_dns1123_label("a.b"), ["must not contain dots"]);
        assert_eq!(is_dns1123_label(&"-".repeat(64)).len(), 2);
    }

    #[test]
    fn subdomains() {
        for good in ["a", "a.b-c.0", "1.2.3.4"] {
            assert!(is_dns1123_subdomain(good).is_empty(), "{good}");
        }
        for bad in ["", ".", "a.", ".a", "a..b", "_a", "a_b"] {
            assert_eq!(is_dns1123_subdomain(bad), [SUBDOMAIN_ERROR], "{bad}");
        }
        for good in ["_a", "_a._b", "a_b", "a_-b"] {
            assert!(is_dns1123_subdomain_with_underscore(good).is_empty(), "{good}");
        }
        for bad in ["__a", "a_", "_", "_a.", "-a"] {
            assert_eq!(is_dns1123_subdomain_with_underscore(bad), [UNDERSCORE_SUBDOMAIN_ERROR], "{bad}");
        }
    }
}
