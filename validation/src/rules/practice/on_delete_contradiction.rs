//! The rule `on-delete-contradiction`. Its page is `on_delete_contradiction.md`.

use super::annotation_on_daemon_set::is_checksum;
use super::rule;
use crate::levels::Level;
use crate::path::FieldPath;
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "on-delete-contradiction",
    Level::Warning,
    (
        "the strategy is `OnDelete`, and another field expects that an update replaces pods",
        include_str!("on_delete_contradiction.md"),
    ),
    check,
);

fn check(object: &Object<'_>, findings: &mut Findings) {
    let of = &object.daemon_set.spec;
    let Some(strategy) = of.update_strategy.as_ref() else { return };
    if strategy.type_.as_deref() != Some("OnDelete") {
        return;
    }
    let annotations = of.template.metadata.as_ref().and_then(|metadata| metadata.annotations.as_ref());
    let checksum = annotations.and_then(|annotations| annotations.keys().find(|key| is_checksum(key)));
    let expects = if strategy.rolling_update.is_some() {
        "`rollingUpdate` has no effect".to_owned()
    } else if let Some(key) = checksum {
        format!("a change of the annotation `{key}` does not restart the pods")
    } else {
        return;
    };
    let message = format!("the strategy is `OnDelete`, so an update replaces no pod, and {expects}");
    let path = FieldPath::of(&["spec", "updateStrategy", "type"]);
    findings
        .push(RULE.finding(path, message).help("write `type: RollingUpdate`, or remove what has no effect"));
}
