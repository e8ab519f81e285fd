//! The rule `other-admission`. Its page is `other_admission.md`.

use super::{pod_spec, rule};
use crate::admission::{Lookup, Namespace};
use crate::facts::Facts;
use crate::levels::{AdmissionLevel, Level};
use crate::matching::Labels;
use crate::placement::Outcome;
use crate::rules::{Check, Findings, Previewed, Rule};
use crate::words::names::listed;

/// The webhook reads none of this.
pub(in crate::rules) static RULE: Rule = rule(
    "other-admission",
    (Level::Info, AdmissionLevel::Off),
    (
        "webhooks, policies or plugins that are not evaluated here may also decide",
        include_str!("other_admission.md"),
    ),
    Check::Preview(check),
);

/// The annotations by which a namespace gives its pods a node selector, if the server has the plugin.
const NODE_SELECTORS: [&str; 2] =
    ["openshift.io/node-selector", "scheduler.alpha.kubernetes.io/node-selector"];

/// As many names are given.
const NAMED: usize = 4;

fn check(previewed: &Previewed<'_>, findings: &mut Findings) {
    let daemon_set = previewed.daemon_set;
    let mut told = Vec::new();
    let deciders = previewed.snapshot.deciders(daemon_set);
    if !deciders.is_empty() {
        let names: Vec<String> = deciders
            .iter()
            .map(|one| {
                let fails = if one.fails { " (failurePolicy Fail)" } else { "" };
                format!("{} {}{fails}", one.kind.as_str(), one.name)
            })
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        told.push(format!("may also be decided by {}", listed(&names, NAMED)));
    }
    let namespace = daemon_set.metadata.namespace.as_deref().unwrap_or("default");
    if let Lookup::Found(found) = previewed.snapshot.namespace(namespace) {
        told.extend(node_selectors(found, previewed));
    }
    let contexts = previewed.snapshot.security_context_constraints();
    if !contexts.is_empty() {
        told.push(format!(
            "OpenShift admits the pods by SecurityContextConstraints ({})",
            listed(&contexts, NAMED)
        ));
    }
    for message in told {
        findings.push(RULE.finding(pod_spec(), message).facts(Facts::Whole));
    }
}

/// What the namespace's node selectors would do.
fn node_selectors(namespace: &Namespace, previewed: &Previewed<'_>) -> Option<String> {
    let found: Vec<(&str, &String)> =
        NODE_SELECTORS.iter().filter_map(|key| Some((*key, namespace.annotations.get(*key)?))).collect();
    if found.is_empty() {
        return None;
    }
    let written: Vec<String> = found.iter().map(|(key, selector)| format!("`{key}: {selector}`")).collect();
    let without: Vec<&str> = previewed
        .preview
        .verdicts
        .iter()
        .zip(previewed.snapshot.nodes())
        .filter(|(verdict, _)| matches!(verdict.outcome, Outcome::Runs))
        .filter(|(_, node)| found.iter().any(|(_, selector)| lacks(&node.labels, selector)))
        .map(|(_, node)| &*node.name)
        .collect();
    let effect = if without.is_empty() {
        String::new()
    } else {
        format!(", and stay pending on {}", listed(&without, previewed.named_nodes))
    };
    Some(format!(
        "the namespace has {}: where the server has such a plugin, the pods get this node selector as well{effect}",
        written.join(" and ")
    ))
}

/// Whether a label of a selector such as `region=primary,disk=ssd` is missing. What is written in another form is not judged.
fn lacks(labels: &Labels, selector: &str) -> bool {
    selector.split(',').filter_map(|one| one.split_once('=')).any(|(key, value)| {
        let is_equality = !key.contains('!') && !value.starts_with('=');
        is_equality && labels.get(key.trim()).map(String::as_str) != Some(value.trim())
    })
}
