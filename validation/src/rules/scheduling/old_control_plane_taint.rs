//! The rule `old-control-plane-taint`. Its page is `old_control_plane_taint.md`.

use k8s_openapi::api::core::v1::Toleration;

use super::{is_for_effect, pod_spec, rule, spec, text, tolerates, toleration, toleration_path, tolerations};
use crate::edit::Edit;
use crate::levels::Level;
use crate::rules::{Check, Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "old-control-plane-taint",
    Level::Warning,
    (
        "only the taint that control plane nodes had before Kubernetes 1.24 is tolerated",
        include_str!("old_control_plane_taint.md"),
    ),
    Check::Object(check),
);

const OLD: &str = "node-role.kubernetes.io/master";
const NEW: &str = "node-role.kubernetes.io/control-plane";

/// The label of the same name is no longer set either; of that the API server warns.
fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object) else { return };
    let is_old = |one: &Toleration| text(one.key.as_ref()) == OLD && is_for_effect(one, "NoSchedule");
    let Some(index) = tolerations(spec).iter().position(is_old) else { return };
    if !tolerates(spec, NEW, "NoSchedule") {
        let message = format!(
            "control plane nodes have the taint `{NEW}` since Kubernetes 1.24, and it is not tolerated, so no pod runs there"
        );
        let help = format!("add a toleration of `{NEW}`; the old one may stay for old clusters");
        let fix = vec![Edit::Append { path: pod_spec().field("tolerations"), value: toleration(NEW) }];
        let path = toleration_path(index).field("key");
        findings.push(RULE.finding(path, message).help(help).fix(false, fix));
    }
}
