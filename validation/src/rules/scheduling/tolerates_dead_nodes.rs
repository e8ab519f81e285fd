//! The rule `tolerates-dead-nodes`. Its page is `tolerates_dead_nodes.md`.

use super::{is_for_effect, rule, spec, text, toleration_path, tolerations};
use crate::edit::Edit;
use crate::levels::Level;
use crate::rules::{Check, Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "tolerates-dead-nodes",
    Level::Warning,
    ("the pods tolerate that a node is not ready or not reachable", include_str!("tolerates_dead_nodes.md")),
    Check::Object(check),
);

const NOT_READY: &str = "node.kubernetes.io/not-ready";
const UNREACHABLE: &str = "node.kubernetes.io/unreachable";

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object) else { return };
    // What brings a node up must run before the node is ready.
    let is_of_node = spec.host_network == Some(true);
    for (index, one) in tolerations(spec).iter().enumerate() {
        let key = text(one.key.as_ref());
        let is_dead = key == UNREACHABLE || key == NOT_READY && !is_of_node;
        // With seconds it is meant for NoExecute, and the server asks for that effect.
        if !is_dead || !is_for_effect(one, "NoSchedule") || one.toleration_seconds.is_some() {
            continue;
        }
        let state = if key == UNREACHABLE { "that cannot be reached" } else { "that is not ready" };
        let message = format!(
            "pods are made on a node {state}; they never become ready there, and a rollout waits for them"
        );
        let help = "take it out: the controller adds what keeps pods on such a node (NoExecute) by itself";
        let edit = Edit::Remove { path: toleration_path(index) };
        findings.push(RULE.finding(toleration_path(index), message).help(help).fix(false, vec![edit]));
    }
}
