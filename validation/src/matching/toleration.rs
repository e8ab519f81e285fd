//! Tolerations and taints.

use k8s_openapi::api::core::v1::{Taint, Toleration};

use crate::content::is_decimal_integer;

fn text(field: Option<&String>) -> &str {
    field.map(String::as_str).unwrap_or_default()
}

/// Whether a toleration tolerates a taint. `Exists` without a key tolerates everything, and an absent effect matches every effect.
/// `Lt` and `Gt` compare numbers if the server supports it (`comparison_operators`), otherwise they tolerate nothing.
///
/// Upstream: `api/core/v1.Toleration.ToleratesTaint`.
pub(crate) fn tolerates_taint(toleration: &Toleration, taint: &Taint, comparison_operators: bool) -> bool {
    let effect = text(toleration.effect.as_ref());
    let key = text(toleration.key.as_ref());
    if (!effect.is_empty() && effect != taint.effect) || (!key.is_empty() && key != taint.key) {
        return false;
    }
    let wanted = text(toleration.value.as_ref());
    let actual = text(taint.value.as_ref());
    match text(toleration.operator.as_ref()) {
        "" | "Equal" => wanted == actual,
        "Exists" => true,
        "Lt" => {
            comparison_operators && compare(wanted, actual).is_some_and(|(wanted, actual)| actual < wanted)
        }
        "Gt" => {
            comparison_operators && compare(wanted, actual).is_some_and(|(wanted, actual)| actual > wanted)
        }
        _ => false,
    }
}

/// Both values as numbers, if both are integers in canonical form.
///
/// Upstream: `api/core/v1.compareNumericValues`.
fn compare(wanted: &str, actual: &str) -> Option<(i64, i64)> {
    let number = |text: &str| is_decimal_integer(text).is_empty().then(|| text.parse().ok()).flatten();
    Some((number(wanted)?, number(actual)?))
}

/// Whether any of the tolerations tolerates a taint.
///
/// Upstream: `component-helpers/scheduling/corev1.TolerationsTolerateTaint`.
pub(crate) fn tolerations_tolerate_taint(
    tolerations: &[Toleration],
    taint: &Taint,
    comparison_operators: bool,
) -> bool {
    tolerations.iter().any(|toleration| tolerates_taint(toleration, taint, comparison_operators))
}

/// The first taint for which `matters` is true and that no toleration tolerates.
///
/// Upstream: `component-helpers/scheduling/corev1.FindMatchingUntoleratedTaint`,
/// `component-helpers/scheduling/corev1.getFilteredTaints`.
pub(crate) fn find_matching_untolerated_taint<'t>(
    taints: &'t [Taint],
    tolerations: &[Toleration],
    matters: impl Fn(&Taint) -> bool,
    comparison_operators: bool,
) -> Option<&'t Taint> {
    taints
        .iter()
        .find(|taint| matters(taint) && !tolerations_tolerate_taint(tolerations, taint, comparison_operators))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toleration(key: &str, operator: &str, value: &str, effect: &str) -> Toleration {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Toleration {
            key: some(key),
            operator: some(operator),
            value: some(value),
            effect: some(effect),
            toleration_seconds: None,
        }
    }

    #[test]
    fn tolerations_and_taints() {
        let taint = Taint {
            key: "k".to_owned(),
            value: Some("5".to_owned()),
            effect: "NoSchedule".to_owned(),
            time_added: None,
        };
        for (key, operator, value, effect, tolerates) in [
            ("", "Exists", "", "", true),
            ("k", "Exists", "", "NoSchedule", true),
            ("k", "Exists", "", "NoExecute", false),
            ("x", "Exists", "", "", false),
            ("k", "", "5", "", true),
            ("k", "Equal", "6", "", false),
            // An empty key matches every key with any operator, although validation rejects that.
            ("", "Equal", "5", "", true),
            ("k", "Lt", "6", "", true),
            ("k", "Lt", "5", "", false),
            ("k", "Gt", "4", "", true),
            ("k", "Gt", "04", "", false),
            ("k", "Gt", "-9223372036854775809", "", false),
            ("k", "In", "5", "", false),
        ] {
            let one = toleration(key, operator, value, effect);
            assert_eq!(tolerates_taint(&one, &taint, true), tolerates, "{one:?}");
            if matches!(operator, "Lt" | "Gt") {
                assert!(!tolerates_taint(&one, &taint, false), "{one:?}");
            }
        }
    }
}
