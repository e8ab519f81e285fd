//! Tolerations and taints.

use std::collections::{HashMap, HashSet};

use k8s_openapi::api::core::v1::{Taint, Toleration};

use crate::content::is_decimal_integer;

fn text(field: Option<&String>) -> &str {
    field.map(String::as_str).unwrap_or_default()
}

/// Whether a toleration tolerates a taint. `Exists` without a key tolerates everything, and an absent effect matches every effect.
/// `Lt` and `Gt` compare numbers if the server supports it (`comparison_operators`), otherwise they tolerate nothing.
///
/// Upstream: `api/core/v1.Toleration.ToleratesTaint`.
#[cfg(test)]
fn tolerates_taint(toleration: &Toleration, taint: &Taint, comparison_operators: bool) -> bool {
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
#[cfg(test)]
fn compare(wanted: &str, actual: &str) -> Option<(i64, i64)> {
    Some((number(wanted)?, number(actual)?))
}

fn number(text: &str) -> Option<i64> {
    is_decimal_integer(text).is_empty().then(|| text.parse().ok()).flatten()
}

/// Tolerations by key and effect, so that a taint is compared with few of them.
#[derive(Debug, Default)]
pub(crate) struct Tolerations<'t> {
    /// An empty key or effect stands for all of them.
    of: HashMap<(&'t str, &'t str), Tolerated<'t>>,
    comparison_operators: bool,
}

/// The values that are tolerated of a key and an effect.
#[derive(Debug, Default)]
struct Tolerated<'t> {
    any: bool,
    equal: HashSet<&'t str>,
    /// Numbers below this one.
    below: Option<i64>,
    /// Numbers above this one.
    above: Option<i64>,
}

impl<'t> Tolerations<'t> {
    /// No tolerations. `comparison_operators` says whether the server compares numbers.
    pub(crate) fn new(comparison_operators: bool) -> Self {
        Self { comparison_operators, ..Self::default() }
    }

    /// Adds those of a list.
    pub(crate) fn add_all(&mut self, tolerations: &'t [Toleration]) {
        for one in tolerations {
            let tolerated = self.of(text(one.key.as_ref()), text(one.effect.as_ref()));
            let wanted = text(one.value.as_ref());
            match text(one.operator.as_ref()) {
                "" | "Equal" => {
                    tolerated.equal.insert(wanted);
                }
                "Exists" => tolerated.any = true,
                "Lt" => tolerated.below = tolerated.below.max(number(wanted)),
                "Gt" => tolerated.above = lower(tolerated.above, number(wanted)),
                _ => {}
            }
        }
    }

    /// Adds a toleration of a key with any value.
    pub(crate) fn add(&mut self, key: &'t str, effect: &'t str) {
        self.of(key, effect).any = true;
    }

    fn of(&mut self, key: &'t str, effect: &'t str) -> &mut Tolerated<'t> {
        self.of.entry((key, effect)).or_default()
    }

    /// Whether any of them tolerates a taint.
    ///
    /// Upstream: `component-helpers/scheduling/corev1.TolerationsTolerateTaint`.
    pub(crate) fn tolerate(&self, taint: &Taint) -> bool {
        let (key, effect) = (taint.key.as_str(), taint.effect.as_str());
        let value = text(taint.value.as_ref());
        [(key, effect), (key, ""), ("", effect), ("", "")]
            .iter()
            .filter_map(|place| self.of.get(place))
            .any(|one| one.tolerates(value, self.comparison_operators))
    }

    /// The first taint for which `matters` is true and that no toleration tolerates.
    ///
    /// Upstream: `component-helpers/scheduling/corev1.FindMatchingUntoleratedTaint`,
    /// `component-helpers/scheduling/corev1.getFilteredTaints`.
    pub(crate) fn first_untolerated<'n>(
        &self,
        taints: &'n [Taint],
        matters: impl Fn(&Taint) -> bool,
    ) -> Option<&'n Taint> {
        taints.iter().find(|taint| matters(taint) && !self.tolerate(taint))
    }
}

impl Tolerated<'_> {
    fn tolerates(&self, value: &str, comparison_operators: bool) -> bool {
        if self.any || self.equal.contains(value) {
            return true;
        }
        if !comparison_operators || (self.below.is_none() && self.above.is_none()) {
            return false;
        }
        number(value).is_some_and(|actual| {
            self.below.is_some_and(|below| actual < below) || self.above.is_some_and(|above| actual > above)
        })
    }
}

/// The lower of two numbers that may be absent.
fn lower(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
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

    /// Every taint against every list of two tolerations from a small world.
    #[test]
    fn tolerations_by_key_and_effect_answer_like_a_list() {
        let mut all = Vec::new();
        for key in ["", "a", "b"] {
            for effect in ["", "NoSchedule", "NoExecute"] {
                for (operator, value) in [
                    ("", "1"),
                    ("Equal", ""),
                    ("Exists", ""),
                    ("Lt", "5"),
                    ("Gt", "5"),
                    ("Gt", "x"),
                    ("?", "1"),
                ] {
                    all.push(toleration(key, operator, value, effect));
                }
            }
        }
        let taints = ["a", "b", ""].into_iter().flat_map(|key| {
            ["1", "5", "9", "", "x"].into_iter().flat_map(move |value| {
                ["NoSchedule", "NoExecute"].into_iter().map(move |effect| Taint {
                    key: key.to_owned(),
                    value: Some(value.to_owned()),
                    effect: effect.to_owned(),
                    time_added: None,
                })
            })
        });
        let taints: Vec<Taint> = taints.collect();
        for one in &all {
            for other in &all {
                let list = [one.clone(), other.clone()];
                for comparing in [true, false] {
                    let mut tolerations = Tolerations::new(comparing);
                    tolerations.add_all(&list);
                    for taint in &taints {
                        let plain = list.iter().any(|one| tolerates_taint(one, taint, comparing));
                        assert_eq!(tolerations.tolerate(taint), plain, "{list:?} {taint:?}");
                    }
                }
            }
        }
    }
}
