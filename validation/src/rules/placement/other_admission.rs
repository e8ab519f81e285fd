//! The rule `other-admission`. Its page is `other_admission.md`.

use super::{pod_spec, rule};
use crate::facts::Facts;
use crate::levels::{AdmissionLevel, Level};
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
    if let crate::admission::Lookup::Found(found) = previewed.snapshot.namespace(namespace) {
        for key in NODE_SELECTORS {
            if let Some(selector) = found.annotations.get(key) {
                told.push(format!(
                    "the namespace has `{key}: {selector}`: where the server has such a plugin, the pods get this node selector as well, and stay pending on other nodes"
                ));
            }
        }
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
