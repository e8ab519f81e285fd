//! Tolerations.

use k8s_openapi::api::core::v1::Toleration;

use crate::apiserver::content::{is_decimal_integer, is_valid_label_value, join_messages, quote, report};
use crate::apiserver::context::Context;
use crate::apiserver::error::{Errors, Origin};
use crate::apiserver::label_selector::validate_label_name;
use crate::path::Path;

/// The taint effects, in upstream's order.
const TAINT_EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/// A toleration has a label name as its key, or no key and the operator `Exists`. `tolerationSeconds` requires the effect
/// `NoExecute`.
///
/// Upstream: `core/validation.ValidateTolerations`.
pub(super) fn validate_tolerations(
    tolerations: &[Toleration],
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    for (index, toleration) in tolerations.iter().enumerate() {
        let path = path.index(index);
        let key = toleration.key.as_deref().unwrap_or_default();
        let operator = toleration.operator.as_deref().unwrap_or_default();
        let effect = toleration.effect.as_deref().unwrap_or_default();
        if !key.is_empty() {
            validate_label_name(key, &path.field("key"), errors);
        } else if operator != "Exists" {
            let detail =
                "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
            errors.invalid_by(Origin::EmptyTolerationKey, &path.field("operator"), operator, detail);
        }
        if toleration.toleration_seconds.is_some() && effect != "NoExecute" {
            let detail = "effect must be 'NoExecute' when `tolerationSeconds` is set";
            errors.invalid(&path.field("effect"), effect, detail);
        }
        validate_operator_and_value(
            operator,
            toleration.value.as_deref().unwrap_or_default(),
            &path,
            cx,
            errors,
        );
        if !effect.is_empty() {
            validate_taint_effect(effect, true, &path.field("effect"), errors);
        }
    }
}

/// Checks the operator and the value that fits it. An empty operator means `Equal`.
fn validate_operator_and_value(
    operator: &str,
    value: &str,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    let operator_path = path.field("operator");
    match operator {
        // The server reports the value at the path of the operator.
        "Equal" | "" => {
            let messages = is_valid_label_value(value);
            if !messages.is_empty() {
                errors.invalid(&operator_path, value, join_messages(&messages, ";"));
            }
        }
        "Exists" if value.is_empty() => {}
        "Exists" => {
            errors.invalid(&operator_path, value, "value must be empty when `operator` is 'Exists'");
        }
        "Lt" | "Gt" if !cx.options.allow_taint_toleration_comparison_operators => {
            errors.not_supported(&operator_path, operator, &["Equal", "Exists", "Lt", "Gt"]);
        }
        "Lt" | "Gt" => {
            let path = path.field("value");
            report(is_decimal_integer(value), value, &path, errors);
            if let Some(reason) = int64_error(value) {
                let detail = format!("strconv.ParseInt: parsing {}: {reason}", quote(value));
                errors.invalid(&path, value, detail);
            }
        }
        _ => errors.not_supported(&operator_path, operator, &["Equal", "Exists"]),
    }
}

/// Why Go cannot parse the text as an `i64`; `None` if it can. As in Go, a number that does not fit a `u64` is out of range even if
/// an invalid character follows.
///
/// Upstream: `strconv.ParseInt`.
fn int64_error(text: &str) -> Option<&'static str> {
    const SYNTAX: &str = "invalid syntax";
    const RANGE: &str = "value out of range";
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.starts_with('+') {
        return Some(SYNTAX);
    }
    match digits.parse::<u64>() {
        Ok(magnitude) => {
            let limit = if negative { i64::MIN.unsigned_abs() } else { i64::MAX.unsigned_abs() };
            (magnitude > limit).then_some(RANGE)
        }
        Err(error) if *error.kind() == std::num::IntErrorKind::PosOverflow => Some(RANGE),
        Err(_) => Some(SYNTAX),
    }
}

/// The effect is one of three values. An empty one is reported unless `allow_empty` is set.
///
/// Upstream: `core/validation.validateTaintEffect`.
fn validate_taint_effect(effect: &str, allow_empty: bool, path: &Path<'_>, errors: &mut Errors) {
    if effect.is_empty() && !allow_empty {
        errors.required(path, "");
    } else if !TAINT_EFFECTS.contains(&effect) {
        errors.not_supported(path, effect, &TAINT_EFFECTS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_go_reads_them() {
        for good in ["0", "-0", "+7", "007", "9223372036854775807", "-9223372036854775808"] {
            assert_eq!(int64_error(good), None, "{good}");
        }
        for bad in ["", "-", "+", "++1", "-+1", "1_0", "0x1", "9999999999999999999x", "1 "] {
            assert_eq!(int64_error(bad), Some("invalid syntax"), "{bad}");
        }
        for far in ["9223372036854775808", "-9223372036854775809", "99999999999999999999x"] {
            assert_eq!(int64_error(far), Some("value out of range"), "{far}");
        }
    }
}
