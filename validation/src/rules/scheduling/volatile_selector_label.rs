//! The rule `volatile-selector-label`. Its page is `volatile_selector_label.md`.

use super::rule;
use crate::edit::Edit;
use crate::levels::Level;
use crate::path::FieldPath;
use crate::rules::{Check, Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "volatile-selector-label",
    Level::Warning,
    (
        "the selector, which can never change, names a label that changes with each version",
        include_str!("volatile_selector_label.md"),
    ),
    Check::Object(check),
);

/// Labels that change with a version or a tool.
const VOLATILE: [&str; 8] = [
    "helm.sh/chart",
    "helm.sh/template",
    "app.kubernetes.io/version",
    "chart",
    "heritage",
    "app.kubernetes.io/managed-by",
    "controller-revision-hash",
    "pod-template-generation",
];

fn check(object: &Object<'_>, findings: &mut Findings) {
    let selector = &object.daemon_set.spec.selector;
    let path = FieldPath::of(&["spec", "selector"]);
    let help = "select by labels that stay, such as `app.kubernetes.io/name` and `app.kubernetes.io/instance`; to change the \
                selector of a DaemonSet that exists, delete it with `--cascade=orphan` and create it again";
    let name = object.daemon_set.metadata.name.as_deref().unwrap_or_default();
    for (key, value) in selector.match_labels.iter().flatten() {
        // Where the name has the version in it, each version is an object of its own.
        if let Some(why) =
            volatile(key, Some(value)).filter(|_| value.is_empty() || !name.contains(value.as_str()))
        {
            let path = path.clone().field("matchLabels").key(key);
            let finding = RULE.finding(path.clone(), message(key, why)).help(help);
            // An empty selector is invalid.
            let is_only = selector.match_labels.as_ref().is_some_and(|labels| labels.len() == 1);
            findings.push(if is_only { finding } else { finding.fix(false, vec![Edit::Remove { path }]) });
        }
    }
    for (index, one) in selector.match_expressions.iter().flatten().enumerate() {
        let value = one.values.as_ref().and_then(|values| values.first());
        if let Some(why) = volatile(&one.key, value).filter(|_| one.operator == "In") {
            let path = path.clone().field("matchExpressions").index(index);
            findings.push(RULE.finding(path, message(&one.key, why)).help(help));
        }
    }
}

fn message(key: &str, why: &str) -> String {
    format!("`{key}` {why}, and a selector cannot be changed: the next version is refused")
}

/// Why a label changes.
fn volatile(key: &str, value: Option<&String>) -> Option<&'static str> {
    match key {
        "controller-revision-hash" | "pod-template-generation" => {
            Some("is set by the controller on each pod, with another value for each template")
        }
        "heritage" | "app.kubernetes.io/managed-by" => Some("changes with the tool that installs it"),
        _ if VOLATILE.contains(&key) => Some("changes with each version"),
        _ if key.contains("checksum") => Some("changes with what it is a checksum of"),
        // `version: v1` is a name; `version: v1.8.4` is a version.
        "version" if value.is_some_and(|value| is_numbered(value)) => Some("changes with each version"),
        _ => None,
    }
}

fn is_numbered(value: &str) -> bool {
    let number = value.strip_prefix('v').unwrap_or(value);
    let mut parts = number.split('.');
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.next().is_some_and(is_number)
        && parts.next().is_some_and(|part| part.starts_with(|one: char| one.is_ascii_digit()))
}
