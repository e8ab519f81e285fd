//! iSCSI volumes.

use k8s_openapi::api::core::v1::ISCSIVolumeSource;

use super::required::required;
use crate::apiserver::content::inclusive_range_error;
use crate::apiserver::error::Errors;
use crate::path::Path;

/// The maximum length of volume name, colon and target portal in bytes, if the initiator name is set.
const MAX_NAME_AND_PORTAL: usize = 64;

/// The highest LUN.
pub(super) const MAX_LUN: i32 = 255;

/// A volume has a target portal, an iSCSI qualified name and a LUN. CHAP authentication requires a secret.
///
/// Upstream: `core/validation.validateISCSIVolumeSource`.
pub(super) fn validate_iscsi_volume_source(source: &ISCSIVolumeSource, path: &Path<'_>, errors: &mut Errors) {
    required(&source.target_portal, &path.field("targetPortal"), errors);
    let iqn_path = path.field("iqn");
    if source.iqn.is_empty() {
        errors.required(&iqn_path, "");
    } else {
        validate_qualified_name(&source.iqn, &iqn_path, errors);
    }
    if !(0..=MAX_LUN).contains(&source.lun) {
        errors.invalid(&path.field("lun"), source.lun, inclusive_range_error(0, i64::from(MAX_LUN)));
    }
    let authenticated =
        source.chap_auth_discovery.unwrap_or(false) || source.chap_auth_session.unwrap_or(false);
    if authenticated && source.secret_ref.is_none() {
        errors.required(&path.field("secretRef"), "");
    }
    if let Some(initiator) = &source.initiator_name {
        validate_qualified_name(initiator, &path.field("initiatorname"), errors);
    }
}

/// If the initiator name is set, volume name and target portal are part of the interface name, which must be short.
///
/// Upstream: `core/validation.validateVolumeSource`.
pub(super) fn validate_length_with_name(
    source: &ISCSIVolumeSource,
    volume_name: &str,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let length = volume_name.len().saturating_add(1).saturating_add(source.target_portal.len());
    if source.initiator_name.is_some() && length > MAX_NAME_AND_PORTAL {
        errors.invalid(
            &path.field("name"),
            volume_name,
            "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.",
        );
    }
}

/// An iSCSI name has one of three formats: `iqn`, `eui` or `naa`.
fn validate_qualified_name(name: &str, path: &Path<'_>, errors: &mut Errors) {
    let well_formed = match name.as_bytes() {
        [b'i', b'q', b'n', ..] => is_iqn(name),
        [b'e', b'u', b'i', ..] => is_identifier(name, 16),
        [b'n', b'a', b'a', ..] => is_identifier(name, 32),
        _ => {
            errors.invalid(path, name, "must be valid format starting with iqn, eui, or naa");
            return;
        }
    };
    if !well_formed {
        errors.invalid(path, name, "must be valid format");
    }
}

/// Whether the text ends with a name such as `iqn.2016-01.org.example:target`: date, naming authority, `:` and a name.
///
/// The server's regular expression is not anchored at the start, so anything may precede the `iqn` that matches. This check is
/// linear: the name starts after the last character that a name cannot contain, and everything before the colon consists of
/// characters of a naming authority.
///
/// Upstream: `core/validation.iscsiInitiatorIqnRegex`.
fn is_iqn(text: &str) -> bool {
    let forbidden = |c: char| matches!(c, ',' | ';' | '*' | '&' | '$' | '|') || is_space(c);
    let tail = text.rsplit(forbidden).next().unwrap_or_default();
    // A colon at the end has no name after it.
    let tail = tail.strip_suffix(':').unwrap_or(tail);
    let Some((before, _)) = tail.rsplit_once(':') else { return false };
    before.split(':').any(ends_in_date_and_authority)
}

/// Whether the text ends with `iqn.yyyy-mm.` and the characters of a naming authority.
fn ends_in_date_and_authority(text: &str) -> bool {
    let is_authority = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    let run = text.rsplit(|c| !is_authority(c)).next().unwrap_or_default();
    run.match_indices("iqn.").any(|(start, found)| {
        let date = run.get(start.saturating_add(found.len())..).unwrap_or_default().as_bytes();
        match date {
            [y1, y2, y3, y4, b'-', m1, m2, b'.', _, ..] => {
                [y1, y2, y3, y4, m1, m2].into_iter().all(u8::is_ascii_digit)
            }
            _ => false,
        }
    })
}

/// Whitespace in Go's regular expressions, which excludes the vertical tab.
const fn is_space(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\x0c' | '\r' | ' ')
}

/// Whether the text is three letters, any character except a line feed, and `digits` letters or digits.
///
/// Upstream: `core/validation.iscsiInitiatorEuiRegex`, `core/validation.iscsiInitiatorNaaRegex`.
fn is_identifier(text: &str, digits: usize) -> bool {
    let mut rest = text.chars().skip(3);
    rest.next().is_some_and(|separator| separator != '\n')
        && rest.clone().all(|character| character.is_ascii_alphanumeric())
        && rest.count() == digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_server_expressions() {
        for (name, good) in [
            ("iqn.2001-04.com.example:storage", true),
            ("iqn.2001-04.com.example:storage:a/b", true),
            ("iqnX;iqn.2001-04.-.:s", true),
            ("iqn.2001-04.com.example:", false),
            ("iqn.2001-04.:a", false),
            ("iqn.2001-4.com:a", false),
            ("iqn.2001-04.com:a b", false),
            ("iqn.2001-04.com:a\u{b}b", true),
            ("iqn.2001-04.com:ä", true),
            ("iqn.2001-04.com_x:a", false),
        ] {
            assert_eq!(is_iqn(name), good, "{name}");
        }
        for (name, good) in [
            ("eui.0123456789abcdef", true),
            ("euiä0123456789abcdef", true),
            ("eui\n0123456789abcdef", false),
            ("eui.0123456789abcde", false),
            ("eui", false),
        ] {
            assert_eq!(is_identifier(name, 16), good, "{name}");
        }
    }
}
