//! The rule `critical-class-namespace`. Its page is `critical_class_namespace.md`.

use super::rule;
use crate::levels::Level;
use crate::rules::pod::{spec, spec_path};
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "critical-class-namespace",
    Level::Off,
    (
        "a system priority class outside `kube-system`, which GKE refuses without a quota",
        include_str!("critical_class_namespace.md"),
    ),
    check,
);

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object.daemon_set) else { return };
    let class = spec.priority_class_name.as_deref().unwrap_or_default();
    let namespace = object.daemon_set.metadata.namespace.as_deref().unwrap_or_default();
    if !class.starts_with("system-") || namespace == "kube-system" {
        return;
    }
    let message = format!(
        "where the API server limits `{class}` to quotas, as GKE does, the pods are refused in namespace `{namespace}` \
         until a ResourceQuota there allows the class"
    );
    let help = "add a ResourceQuota whose `scopeSelector` names the class to the same manifests";
    findings.push(RULE.finding(spec_path().field("priorityClassName"), message).help(help));
}
