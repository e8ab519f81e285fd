//! The rule `selects-other-pods`. Its page is `selects_other_pods.md`.

use std::collections::HashMap;

use super::rule;
use crate::finding::Anchor;
use crate::levels::{AdmissionLevel, Level};
use crate::matching::prepared_selector::PreparedSelector;
use crate::path::FieldPath;
use crate::rules::{Check, Findings, Previewed, Rule};
use crate::words::count::counted;
use crate::words::names::{listed, natural};

pub(in crate::rules) static RULE: Rule = rule(
    "selects-other-pods",
    (Level::Warning, AdmissionLevel::Off),
    (
        "the selector also matches pods of the cluster that no DaemonSet made",
        include_str!("selects_other_pods.md"),
    ),
    Check::Preview(check),
);

/// The pods of other DaemonSets are said by `overlapping-selectors`.
fn check(previewed: &Previewed<'_>, findings: &mut Findings) {
    let Previewed { daemon_set, snapshot, named_nodes, .. } = previewed;
    let namespace = daemon_set.metadata.namespace.as_deref().unwrap_or("default");
    let Ok(selector) = PreparedSelector::new(Some(&daemon_set.spec.selector)) else { return };
    // Pods of one workload have one shape.
    let mut by_shape: HashMap<u32, bool> = HashMap::new();
    let mut names: Vec<&str> = Vec::new();
    for pod in snapshot.pods().iter().filter(|pod| !pod.name.is_empty()) {
        let shape = &pod.shape;
        let is_selected = || {
            shape.daemon_set.is_none() && *shape.namespace == *namespace && selector.matches(&shape.labels)
        };
        if *by_shape.entry(pod.shape_number).or_insert_with(is_selected) {
            names.push(&pod.name);
        }
    }
    if names.is_empty() {
        return;
    }
    names.sort_by_cached_key(|name| natural(name));
    let message = format!(
        "the selector also matches {}: {}",
        counted(names.len(), "pod"),
        listed(&names, *named_nodes)
    );
    let help = "give the pods of this DaemonSet a label of their own, in the selector and in the template; pods without an owner would be adopted";
    let path = FieldPath::of(&["spec", "selector"]);
    findings.push(RULE.finding(path, message).at(Anchor::Key).help(help));
}
