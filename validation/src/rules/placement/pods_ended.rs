//! The rule `pods-ended`. Its page is `pods_ended.md`.

use super::{pod_spec, rule};
use crate::facts::{Facts, NodeState};
use crate::levels::{AdmissionLevel, Level};
use crate::rules::{Check, Findings, Previewed, Rule};
use crate::words::names::listed;

pub(in crate::rules) static RULE: Rule = rule(
    "pods-ended",
    (Level::Warning, AdmissionLevel::Off),
    ("pods that run now are deleted, because their nodes no longer match", include_str!("pods_ended.md")),
    Check::Preview(check),
);

fn check(previewed: &Previewed<'_>, findings: &mut Findings) {
    let Previewed { daemon_set, preview, snapshot, named_nodes, .. } = previewed;
    let namespace = daemon_set.metadata.namespace.as_deref().unwrap_or("default");
    let name = daemon_set.metadata.name.as_deref().unwrap_or_default();
    let pods = snapshot.pods_of_daemon_set(namespace, name).iter();
    let mut nodes: Vec<u32> = pods
        .filter_map(|pod| snapshot.pod(*pod)?.node)
        .filter(|node| preview.verdicts.get(*node as usize).is_some_and(|node| !node.keeps_running))
        .collect();
    nodes.sort_unstable();
    nodes.dedup();
    let names = nodes.iter().filter_map(|node| snapshot.nodes().get(*node as usize));
    let names: Vec<&str> = names.map(|node| &*node.name).collect();
    if !names.is_empty() {
        let names = listed(&names, *named_nodes);
        let message = if nodes.len() == 1 {
            format!("its pod on {names} is deleted at once: the node no longer matches")
        } else {
            format!("its pods on {names} are deleted at once: the nodes no longer match")
        };
        let facts = Facts::Nodes(NodeState::Ended, nodes.into_iter().collect());
        findings.push(RULE.finding(pod_spec(), message).facts(facts));
    }
}
