//! The update strategy of a DaemonSet.

use k8s_openapi::api::apps::v1::{DaemonSetUpdateStrategy, RollingUpdateDaemonSet};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::apiserver::content::{IS_NEGATIVE_ERROR, is_valid_percent, report};
use crate::apiserver::error::{BadValue, Errors, Origin};
use crate::path::Path;

/// The type is `RollingUpdate` or `OnDelete`. `RollingUpdate` requires `rollingUpdate`.
///
/// Upstream: `apps/validation.ValidateDaemonSetUpdateStrategy`.
pub(super) fn validate_daemon_set_update_strategy(
    strategy: &DaemonSetUpdateStrategy,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    match strategy.type_.as_deref() {
        Some("OnDelete") => {}
        Some("RollingUpdate") => match &strategy.rolling_update {
            Some(rolling) => {
                validate_rolling_update_daemon_set(rolling, &path.field("rollingUpdate"), errors);
            }
            None => errors.required(&path.field("rollingUpdate"), ""),
        },
        _ => errors.not_supported(path, BadValue::Omitted, &["RollingUpdate", "OnDelete"]),
    }
}

/// Exactly one of `maxUnavailable` and `maxSurge` is not zero. Percentages are at most 100.
///
/// Upstream: `apps/validation.ValidateRollingUpdateDaemonSet`.
fn validate_rolling_update_daemon_set(
    rolling: &RollingUpdateDaemonSet,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    const ZERO: &IntOrString = &IntOrString::Int(0);
    let unavailable = rolling.max_unavailable.as_ref().unwrap_or(ZERO);
    let surge = rolling.max_surge.as_ref().unwrap_or(ZERO);
    let (unavailable_path, surge_path) = (path.field("maxUnavailable"), path.field("maxSurge"));
    validate_positive_int_or_percent(unavailable, &unavailable_path, errors);
    validate_positive_int_or_percent(surge, &surge_path, errors);
    is_not_more_than_100_percent(unavailable, &unavailable_path, errors);
    is_not_more_than_100_percent(surge, &surge_path, errors);
    match (int_or_percent_value(unavailable) != 0, int_or_percent_value(surge) != 0) {
        (true, true) => {
            let detail = "may not be set when maxUnavailable is non-zero";
            errors.invalid_by(Origin::SurgeAndUnavailable, &surge_path, printed(surge), detail);
        }
        (false, false) => errors.required(&unavailable_path, "cannot be 0 when maxSurge is 0"),
        _ => {}
    }
}

/// An integer is not negative, and a string is a percentage.
///
/// Upstream: `apps/validation.ValidatePositiveIntOrPercent`.
fn validate_positive_int_or_percent(value: &IntOrString, path: &Path<'_>, errors: &mut Errors) {
    match value {
        IntOrString::String(text) => report(is_valid_percent(text), text, path, errors),
        IntOrString::Int(number) if *number < 0 => errors.invalid(path, *number, IS_NEGATIVE_ERROR),
        IntOrString::Int(_) => {}
    }
}

/// A percentage is at most 100.
///
/// Upstream: `apps/validation.IsNotMoreThan100Percent`.
fn is_not_more_than_100_percent(value: &IntOrString, path: &Path<'_>, errors: &mut Errors) {
    if percent_value(value).is_some_and(|percent| percent > 100) {
        errors.invalid(path, printed(value), "must not be greater than 100%");
    }
}

/// Upstream: `apps/validation.getPercentValue`.
fn percent_value(value: &IntOrString) -> Option<i64> {
    match value {
        IntOrString::String(text) if is_valid_percent(text).is_empty() => {
            Some(atoi(text.strip_suffix('%').unwrap_or(text)))
        }
        _ => None,
    }
}

/// The number for the comparison with zero: the digits of a percentage, or what Go makes of any other text.
///
/// Upstream: `apps/validation.getIntOrPercentValue`, `apimachinery/util/intstr.IntOrString.IntValue`.
fn int_or_percent_value(value: &IntOrString) -> i64 {
    match value {
        IntOrString::Int(number) => i64::from(*number),
        IntOrString::String(text) => percent_value(value).unwrap_or_else(|| atoi(text)),
    }
}

/// Parses as Go's `strconv.Atoi` if the error is ignored: 0 for an invalid number, the minimum or maximum for one out of range.
fn atoi(text: &str) -> i64 {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut magnitude = 0_u64;
    for byte in digits.bytes() {
        let Some(digit) = byte.checked_sub(b'0').filter(|digit| *digit < 10) else { return 0 };
        let next = magnitude.checked_mul(10).and_then(|tens| tens.checked_add(u64::from(digit)));
        // Go stops at the digit that overflows.
        let Some(next) = next else { return if negative { i64::MIN } else { i64::MAX } };
        magnitude = next;
    }
    match i64::try_from(magnitude) {
        Ok(number) if negative => number.saturating_neg(),
        Ok(number) => number,
        Err(_) if negative => i64::MIN,
        Err(_) => i64::MAX,
    }
}

fn printed(value: &IntOrString) -> BadValue<'_> {
    match value {
        IntOrString::Int(number) => BadValue::from(*number),
        IntOrString::String(text) => BadValue::from(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_match_go() {
        for (text, expected) in [
            ("5", 5),
            ("+5", 5),
            ("-5", -5),
            ("5%", 5),
            ("005%", 5),
            ("", 0),
            ("%", 0),
            ("-", 0),
            ("1_0", 0),
            ("5x", 0),
            ("99999999999999999999", i64::MAX),
            ("99999999999999999999%", i64::MAX),
            ("99999999999999999999x", i64::MAX),
            ("-9223372036854775809", i64::MIN),
        ] {
            let value = IntOrString::String(text.to_owned());
            assert_eq!(int_or_percent_value(&value), expected, "{text}");
        }
    }
}
