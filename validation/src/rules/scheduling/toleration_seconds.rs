//! The rule `toleration-seconds`. Its page is `toleration_seconds.md`.

use super::{rule, spec, text, toleration_path, tolerations};
use crate::edit::Edit;
use crate::levels::Level;
use crate::rules::{Check, Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "toleration-seconds",
    Level::Warning,
    (
        "`tolerationSeconds` has no effect for taints that the controller tolerates for ever",
        include_str!("toleration_seconds.md"),
    ),
    Check::Object(check),
);

/// The controller adds tolerations of these without an end.
const FOR_EVER: [&str; 2] = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object) else { return };
    for (index, one) in tolerations(spec).iter().enumerate() {
        let key = text(one.key.as_ref());
        if one.toleration_seconds.is_none() || !FOR_EVER.contains(&key) {
            continue;
        }
        let message = format!(
            "the seconds have no effect: the DaemonSet controller gives its pods a toleration of `{key}` without an end"
        );
        let help = "take the toleration out; the pods stay on the node until it is gone";
        let edit = Edit::Remove { path: toleration_path(index) };
        let path = toleration_path(index).field("tolerationSeconds");
        findings.push(RULE.finding(path, message).help(help).fix(true, vec![edit]));
    }
}
