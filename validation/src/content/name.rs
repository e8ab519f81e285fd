//! Names of objects.

use std::borrow::Cow;

use super::dns::{is_dns1123_label, is_dns1123_subdomain};
use super::message::Messages;

/// Checks that a name is a DNS subdomain, as most names are. With `prefix`, the server will append characters to the name.
///
/// Upstream: `apimachinery/api/validation.NameIsDNSSubdomain`.
pub(crate) fn name_is_dns_subdomain(name: &str, prefix: bool) -> Messages {
    if prefix { is_dns1123_subdomain(&mask_trailing_dash(name)) } else { is_dns1123_subdomain(name) }
}

/// Checks that a name is a DNS label.
///
/// Upstream: `apimachinery/api/validation.NameIsDNSLabel`, `apimachinery/api/validation.ValidateNamespaceName`,
/// `core/validation.ValidateNamespaceName`.
pub(crate) fn name_is_dns_label(name: &str, prefix: bool) -> Messages {
    if prefix { is_dns1123_label(&mask_trailing_dash(name)) } else { is_dns1123_label(name) }
}

/// Checks that a service account name is a DNS subdomain.
///
/// Upstream: `apimachinery/api/validation.ValidateServiceAccountName`.
pub(crate) fn validate_service_account_name(name: &str, prefix: bool) -> Messages {
    name_is_dns_subdomain(name, prefix)
}

/// A prefix may end with `-`, because the server appends characters. Upstream replaces the character before the dash as well, so
/// that character is not checked.
///
/// Upstream: `apimachinery/api/validation.maskTrailingDash`.
fn mask_trailing_dash(name: &str) -> Cow<'_, str> {
    match name.char_indices().rev().nth(1) {
        Some((place, letter)) if name.ends_with('-') => {
            // Upstream cuts bytes. Of a multi-byte character an invalid rest remains, which fails the check as these underscores
            // do.
            let broken = "_".repeat(letter.len_utf8().saturating_sub(1));
            Cow::Owned(format!("{}{broken}a", name.get(..place).unwrap_or_default()))
        }
        _ => Cow::Borrowed(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes() {
        for good in ["a-", "ab-", "_-", "a.B-"] {
            assert!(name_is_dns_subdomain(good, true).is_empty(), "{good}");
            assert!(!name_is_dns_subdomain(good, false).is_empty(), "{good}");
        }
        for bad in ["-", "a.é-", "é-", "ab--c_"] {
            assert!(!name_is_dns_subdomain(bad, true).is_empty(), "{bad}");
        }
    }
}
