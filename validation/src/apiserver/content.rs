//! Format checks that report errors at a path.

use super::error::{BadValue, Errors, Origin};
use crate::path::Path;

pub(crate) use crate::content::*;

/// Reports each message as an invalid value, as upstream's callers do.
///
/// Upstream: `core/validation.ValidateDNS1123Label`, `core/validation.ValidateDNS1123Subdomain`,
/// `core/validation.ValidateDNS1123SubdomainWithUnderScore`, `core/validation.ValidateRuntimeClassName`.
pub(crate) fn report<'v>(
    messages: Messages,
    value: impl Into<BadValue<'v>>,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let value = value.into();
    for message in messages {
        errors.invalid_by(message.format.map(Origin::Format), path, value, message.text);
    }
}

/// A domain-prefixed key is a qualified name with a prefix.
///
/// Upstream: `apimachinery/util/validation.IsDomainPrefixedKey`.
pub(crate) fn is_domain_prefixed_key(key: &str, path: &Path<'_>, errors: &mut Errors) {
    if key.is_empty() {
        errors.required(path, "");
        return;
    }
    let messages = is_qualified_name(key);
    if messages.is_empty() && !key.contains('/') {
        errors.invalid(path, key, "must be a domain-prefixed key (such as \"acme.io/foo\")");
    }
    report(messages, key, path, errors);
}

/// A signer name is a domain of at least two labels, `/`, and a path of dot-separated subdomains.
///
/// Upstream: `core/validation.ValidateSignerName`.
pub(crate) fn validate_signer_name(signer_name: &str, path: &Path<'_>, errors: &mut Errors) {
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
    // After the domain and the slash there is room for a namespace, a dot and a resource name.
    let max = DNS1123_SUBDOMAIN_MAX_LENGTH
        .saturating_mul(2)
        .saturating_add(DNS1123_LABEL_MAX_LENGTH)
        .saturating_add(2);
    if signer_name.len() > max {
        errors.too_long(path, max);
    }
}

/// Reports the first invalid label of a dotted name. Upstream stops at the first one, too.
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
