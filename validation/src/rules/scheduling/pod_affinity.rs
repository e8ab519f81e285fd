//! The rule `pod-affinity`. Its page is `pod_affinity.md`.

use super::{pod_spec, rule, spec};
use crate::levels::Level;
use crate::rules::{Check, Findings, Object, Rule};

/// Some agents are meant to wait for the pod of another one, so the rule is off.
pub(in crate::rules) static RULE: Rule = rule(
    "pod-affinity",
    Level::Off,
    (
        "the pods ask for or against other pods, which the controller does not look at",
        include_str!("pod_affinity.md"),
    ),
    Check::Object(check),
);

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(affinity) = spec(object).and_then(|spec| spec.affinity.as_ref()) else { return };
    let required = "requiredDuringSchedulingIgnoredDuringExecution";
    let with = affinity.pod_affinity.as_ref();
    let with = with.and_then(|pods| pods.required_during_scheduling_ignored_during_execution.as_ref());
    let against = affinity.pod_anti_affinity.as_ref();
    let against = against.and_then(|pods| pods.required_during_scheduling_ignored_during_execution.as_ref());
    for (field, terms) in [("podAffinity", with), ("podAntiAffinity", against)] {
        if terms.is_some_and(|terms| !terms.is_empty()) {
            let message = "the controller makes a pod for each node, whatever pods run there: where it does not hold, the pod stays pending";
            let path = pod_spec().field("affinity").field(field).field(required);
            findings.push(RULE.finding(path, message).help("select nodes by their labels"));
        }
    }
}
