//! Names of objects.

use std::borrow::Cow;

use super::dns::{
    DNS1123_LABEL_MAX_LENGTH, DNS1123_SUBDOMAIN_MAX_LENGTH, is_dns1123_label, is_dns1123_subdomain,
};
use super::message::Messages;
use super::quote;
use crate::apiserver::error::Errors;
use crate::path::Path;

/// Most names are DNS subdomains. A `prefix` is only the beginning of a name that the server will complete.
///
/// Upstream: `apimachinery/api/validation.NameIsDNSSubdomain`.
pub fn name_is_dns_subdomain(name: &str, prefix: bool) -> Messages {
    if prefix { is_dns1123_subdomain(&mask_trailing_dash(name)) } else { is_dns1123_subdomain(name) }
}

/// Some names are DNS labels.
///
/// Upstream: `apimachinery/api/validation.NameIsDNSLabel`, `apimachinery/api/validation.ValidateNamespaceName`.
pub fn name_is_dns_label(name: &str, prefix: bool) -> Messages {
    if prefix { is_dns1123_label(&mask_trailing_dash(name)) } else { is_dns1123_label(name) }
}

/// A service account's name is a DNS subdomain.
///
/// Upstream: `apimachinery/api/validation.ValidateServiceAccountName`.
pub fn validate_service_account_name(name: &str, prefix: bool) -> Messages {
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

/// A signer's name is a domain of at least two labels, `/`, and a path of subdomains.
///
/// Upstream: `core/validation.ValidateSignerName`.
pub fn validate_signer_name(signer_name: &str, path: &Path<'_>, errors: &mut Errors) {
    if signer_name.is_empty() {
        errors.required(path, "");
        return;
    }
    let (domain, rest) = match signer_name.split_once('/') {
        Some((domain, rest)) if !rest.contains('/') => (domain, rest),
        _ => {
            let detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
            errors.invalid(path, signer_name, detail);
            return;
        }
    };
    if domain.len() > DNS1123_SUBDOMAIN_MAX_LENGTH {
        errors.too_long(path, DNS1123_SUBDOMAIN_MAX_LENGTH);
    }
    first_bad_label(domain, is_dns1123_label, path, errors);
    if !domain.contains('.') {
        errors.invalid(path, domain, "should be a domain with at least two segments separated by dots");
    }
    first_bad_label(rest, is_dns1123_subdomain, path, errors);
    // Room for a namespace, a resource's name and the dot between them, behind the domain and its slash.
    let max = DNS1123_SUBDOMAIN_MAX_LENGTH
        .saturating_mul(2)
        .saturating_add(DNS1123_LABEL_MAX_LENGTH)
        .saturating_add(2);
    if signer_name.len() > max {
        errors.too_long(path, max);
    }
}

/// Reports what is wrong with the first bad label of a dotted text; the later ones would only repeat it.
fn first_bad_label(text: &str, rule: fn(&str) -> Messages, path: &Path<'_>, errors: &mut Errors) {
    for label in text.split('.') {
        let messages = rule(label);
        if messages.is_empty() {
            continue;
        }
        for message in messages {
            errors.invalid(path, text, format!("validating label {}: {message}", quote(label)));
        }
        return;
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

    #[test]
    fn signers() {
        let path = Path::root("signerName");
        for (name, count) in [
            ("", 1),
            ("a", 1),
            ("a/b/c", 1),
            ("example.com/a", 0),
            ("a/b", 1),
            ("A/B", 3),
            ("/", 3),
            ("a.B.C/x", 1),
        ] {
            let mut errors = Errors::new();
            validate_signer_name(name, &path, &mut errors);
            assert_eq!(errors.len(), count, "{name}");
        }
    }
}
