//! What the DaemonSet means to those that the cluster has already.

use daemonset_validation::matching::label_selector;
use daemonset_validation::placement::{Preview, Snapshot, port_clashes};
use daemonset_validation::rules::overlapping_selectors::{self, MOST_NAMED, Selecting};
use daemonset_validation::words::names::listed;
use daemonset_validation::{Anchor, FieldPath, Finding, Server, Severity};
use k8s_openapi::api::apps::v1::DaemonSet;
use std::collections::BTreeMap;

use super::clean::clean;
use super::{HOST_PORT_CLASH, OVERLAPPING_SELECTORS};

fn namespace(daemon_set: &DaemonSet) -> &str {
    daemon_set.metadata.namespace.as_deref().unwrap_or("default")
}

fn name(daemon_set: &DaemonSet) -> &str {
    daemon_set.metadata.name.as_deref().unwrap_or_default()
}

fn selecting<'d>(daemon_set: &'d DaemonSet, no_labels: &'d BTreeMap<String, String>) -> Selecting<'d> {
    let metadata = daemon_set.spec.template.metadata.as_ref();
    Selecting {
        namespace: namespace(daemon_set),
        name: name(daemon_set),
        selector: &daemon_set.spec.selector,
        labels: metadata.and_then(|metadata| metadata.labels.as_ref()).unwrap_or(no_labels),
    }
}

/// DaemonSets of the namespace whose pods the selector matches, or whose selector matches the pods.
pub(super) fn overlapping(daemon_set: &DaemonSet, snapshot: &Snapshot) -> Vec<Finding> {
    let none = BTreeMap::new();
    let ours = selecting(daemon_set, &none);
    let others = snapshot
        .daemon_sets()
        .iter()
        .filter(|other| namespace(other) == ours.namespace && name(other) != ours.name);
    let mut others: Vec<Selecting<'_>> = others.map(|other| selecting(other, &none)).collect();
    others.sort_by_key(|other| other.name);
    let matches = |one: &Selecting<'_>, other: &Selecting<'_>| {
        label_selector::matches(one.selector, other.labels).unwrap_or(false)
    };
    let (mut selected, mut selecting) = (Vec::new(), Vec::new());
    for other in &others {
        if matches(&ours, other) {
            selected.push(other.name.to_owned());
        } else if matches(other, &ours) {
            selecting.push(other.name.to_owned());
        }
    }
    let finding = |message: String| {
        let path = FieldPath::of(&["spec", "selector"]);
        Finding::new(OVERLAPPING_SELECTORS, Severity::Warning, path, clean(&message))
            .at(Anchor::Key)
            .help("give each DaemonSet a label of its own, in its selector and in its template")
    };
    debug_assert_eq!(OVERLAPPING_SELECTORS, overlapping_selectors::RULE.id);
    let mut findings = Vec::new();
    if !selected.is_empty() {
        let names = listed(&selected, MOST_NAMED);
        findings.push(finding(format!("the selector also matches the pods of DaemonSet {names}")));
    }
    if !selecting.is_empty() {
        let names = listed(&selecting, MOST_NAMED);
        findings.push(finding(format!("the pods also match the selector of DaemonSet {names}")));
    }
    findings
}

/// DaemonSets that want the same host ports of the same nodes.
pub(super) fn host_ports(
    daemon_set: &DaemonSet,
    preview: &Preview,
    snapshot: &Snapshot,
    server: &Server,
    named_nodes: usize,
) -> Vec<Finding> {
    let clashes = port_clashes(daemon_set, preview, snapshot, server);
    let all = snapshot.nodes().len();
    clashes
        .into_iter()
        .map(|clash| {
            let on = if clash.nodes.len() == all {
                "on all nodes".to_owned()
            } else if clash.nodes.len() <= named_nodes {
                let nodes = clash.nodes.iter().filter_map(|node| snapshot.nodes().get(*node as usize));
                let mut named: Vec<String> = nodes.map(|node| node.name.to_string()).collect();
                named.sort();
                format!("on {}", listed(&named, named_nodes))
            } else {
                format!("on {} of {all} nodes", clash.nodes.len())
            };
            let noun = if clash.ports.len() == 1 { "port" } else { "ports" };
            let message = format!(
                "host {noun} {} also wanted by DaemonSet {}/{} {on}: only one of the two runs there",
                listed(&clash.ports, MOST_NAMED),
                clash.namespace,
                clash.name
            );
            Finding::new(HOST_PORT_CLASH, Severity::Warning, clash.path, clean(&message))
                .help("use another host port, or keep the two on different nodes")
        })
        .collect()
}
