//! Names of objects.

use std::borrow::Cow;

use super::dns::{is_dns1123_label, is_dns1123_subdomain};
use super::message::Messages;

/// Most names are DNS subdomains. A `prefix` is only the beginning of a name that the server will complete.
///
/// Upstream: `apimachinery/api/validation.NameIsDNSSubdomain`.
pub(crate) fn name_is_dns_subdomain(name: &str, prefix: bool) -> Messages {
    if prefix { is_dns1123_subdomain(&mask_trailing_dash(name)) } else { is_dns1123_subdomain(name) }
}

/// Some names are DNS labels.
///
/// Upstream: `apimachinery/api/validation.NameIsDNSLabel`, `apimachinery/api/validation.ValidateNamespaceName`,
/// `core/validation.ValidateNamespaceName`.
pub(crate) fn name_is_dns_label(name: &str, prefix: bool) -> Messages {
    if prefix { is_dns1123_label(&mask_trailing_dash(name)) } else { is_dns1123_label(name) }
}

/// A service account's name is a DNS subdomain.
///
/// Upstream: `apimachinery/api/validation.ValidateServiceAccountName`.
pub(crate) fn validate_service_account_name(name: &str, prefix: bool) -> Messages {
    name_is_dns_subdomain(name, prefix)
}

/// A prefix may end with a dash, because more will follow. Upstream takes the letter before the dash away too, so that letter
/// goes unjudged.
///
/// Upstream: `apimachinery/api/validation.maskTrailingDash`.
fn mask_trailing_dash(name: &str) -> Cow<'_, str> {
    match name.char_indices().rev().nth(1) {
        Some((place, letter)) if name.ends_with('-') => {
            // Upstream counts bytes: of a letter with several it leaves a broken one, which is as bad as these underscores.
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
