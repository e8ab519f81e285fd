//! Ports, user and group IDs, percentages and integers.

use super::message::{Messages, inclusive_range_error, regex_error};

/// The detail for negative numbers.
///
/// Upstream: `apimachinery/api/validation.IsNegativeErrorMsg`.
pub(crate) const IS_NEGATIVE_ERROR: &str = "must be greater than or equal to 0";

const PERCENT_ERROR: &str = regex_error!(
    "a valid percent string must be a numeric string followed by an ending '%'",
    "[0-9]+%",
    "1%",
    "93%"
);

fn within(value: i64, low: i64, high: i64) -> Messages {
    if (low..=high).contains(&value) {
        return Messages::new();
    }
    vec![inclusive_range_error(low, high).into()]
}

/// A port number is in the range 1 to 65535.
///
/// Upstream: `apimachinery/util/validation.IsValidPortNum`.
pub(crate) fn is_valid_port_num(port: i64) -> Messages {
    within(port, 1, 65535)
}

/// A group ID is in the range 0 to 2147483647.
///
/// Upstream: `apimachinery/util/validation.IsValidGroupID`.
pub(crate) fn is_valid_group_id(gid: i64) -> Messages {
    within(gid, 0, i64::from(i32::MAX))
}

/// A user ID is in the range 0 to 2147483647.
///
/// Upstream: `apimachinery/util/validation.IsValidUserID`.
pub(crate) fn is_valid_user_id(uid: i64) -> Messages {
    within(uid, 0, i64::from(i32::MAX))
}

/// A port name has at most 15 lowercase letters, digits and hyphens, at least one letter, and no leading, trailing or consecutive
/// hyphens.
///
/// Upstream: `apimachinery/util/validation.IsValidPortName`.
pub(crate) fn is_valid_port_name(port: &str) -> Messages {
    let mut messages = Messages::new();
    if port.len() > 15 {
        messages.push("must be no more than 15 characters".into());
    }
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if port.is_empty() || !port.bytes().all(allowed) {
        messages.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)".into());
    }
    if !port.bytes().any(|byte| byte.is_ascii_lowercase()) {
        messages.push("must contain at least one letter (a-z)".into());
    }
    if port.contains("--") {
        messages.push("must not contain consecutive hyphens".into());
    }
    if port.starts_with('-') || port.ends_with('-') {
        messages.push("must not begin or end with a hyphen".into());
    }
    messages
}

/// A percentage consists of digits and a final `%`.
///
/// Upstream: `apimachinery/util/validation.IsValidPercent`.
pub(crate) fn is_valid_percent(percent: &str) -> Messages {
    let is_percent = percent
        .strip_suffix('%')
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()));
    if is_percent { Messages::new() } else { vec![PERCENT_ERROR.into()] }
}

/// A decimal integer in canonical form: digits without leading zeros, with a `-` if it is negative.
///
/// Upstream: `apimachinery/api/validate/content.IsDecimalInteger`.
pub(crate) fn is_decimal_integer(value: &str) -> Messages {
    if value.is_empty() {
        return vec!["must be non-empty".into()];
    }
    let digits = value.strip_prefix('-').unwrap_or(value);
    let canonical = value == "0"
        || (!digits.is_empty()
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit()));
    if canonical { Messages::new() } else { vec!["must be a valid decimal integer in canonical form".into()] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn port_names() {
        for good in ["a", "http-2", "9a", "abcdefghijklmno"] {
            assert!(is_valid_port_name(good).is_empty(), "{good}");
        }
        for (bad, count) in
            [("", 2), ("1", 1), ("-", 2), ("--", 3), ("a-", 1), ("A", 2), ("a--b", 1), ("é", 2)]
        {
            assert_eq!(is_valid_port_name(bad).len(), count, "{bad}");
        }
    }

    #[test]
    fn texts_of_numbers() {
        for good in ["0%", "007%", "100%"] {
            assert!(is_valid_percent(good).is_empty(), "{good}");
        }
        for bad in ["", "%", "1", "-1%", "1%%", "1.5%"] {
            assert_eq!(is_valid_percent(bad), [PERCENT_ERROR], "{bad}");
        }
        for good in ["0", "-1", "10", "99999999999999999999"] {
            assert!(is_decimal_integer(good).is_empty(), "{good}");
        }
        for bad in ["", "-", "-0", "00", "01", "+1", "1.", "a"] {
            assert_eq!(is_decimal_integer(bad).len(), 1, "{bad}");
        }
    }
}
