//! The rule `old-control-plane-key`. Its page is `old_control_plane_key.md`.

use super::{asks_for, is_for_all_keys, is_for_effect, pod_spec, rule, spec, term_path, terms, text, tolerates};
use super::{toleration_path, tolerations};
use crate::levels::Level;
use crate::rules::{Check, Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "old-control-plane-key",
    Level::Warning,
    (
        "only the old taint or label of control plane nodes is named",
        include_str!("old_control_plane_key.md"),
    ),
    Check::Object(check),
);

const OLD: &str = "node-role.kubernetes.io/master";
const NEW: &str = "node-role.kubernetes.io/control-plane";

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object) else { return };
    for (index, one) in tolerations(spec).iter().enumerate() {
        if text(one.key.as_ref()) != OLD || !is_for_effect(one, "NoSchedule") {
            continue;
        }
        let all = tolerations(spec).iter().any(|one| is_for_all_keys(one) && is_for_effect(one, "NoSchedule"));
        if !all && !tolerates(spec, NEW, "NoSchedule") {
            let message = format!(
                "control plane nodes have the taint `{NEW}` since Kubernetes 1.24, which is not tolerated, so no pod runs there"
            );
            let help = format!("add a toleration of `{NEW}`; the old one may stay for old clusters");
            findings.push(RULE.finding(toleration_path(index).field("key"), message).help(help));
            break;
        }
    }
    if asks_for(spec, NEW) {
        return;
    }
    let message = format!("since Kubernetes 1.24 no node has this label: control plane nodes have `{NEW}`");
    if spec.node_selector.as_ref().is_some_and(|pairs| pairs.contains_key(OLD)) {
        let path = pod_spec().field("nodeSelector").key(OLD);
        findings.push(RULE.finding(path, message.clone()).help(format!("select `{NEW}`")));
    }
    for (index, term) in terms(spec).iter().enumerate() {
        let mut expressions = term.match_expressions.iter().flatten().enumerate();
        let Some((expression, one)) = expressions.find(|(_, one)| one.key == OLD) else { continue };
        let path = term_path(index).field("matchExpressions").index(expression).field("key");
        let (message, help) = if matches!(one.operator.as_str(), "NotIn" | "DoesNotExist") {
            let message = format!("{message}, so they are not excluded");
            (message, format!("exclude `{NEW}` in the same term as well"))
        } else {
            (message.clone(), format!("add a term with `{NEW}`"))
        };
        findings.push(RULE.finding(path, message).help(help));
        break;
    }
}
