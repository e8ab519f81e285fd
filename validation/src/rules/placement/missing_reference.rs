//! The rule `missing-reference`. Its page is `missing_reference.md`.

use std::collections::HashSet;

use super::rule;
use crate::admission::{Lookup, Plugin};
use crate::facts::Facts;
use crate::levels::{AdmissionLevel, Level};
use crate::placement::{Filter, Kind, Outcome};
use crate::rules::{Check, Findings, Previewed, Rule};
use crate::together::references::{Reference, references};
use crate::{did_you_mean, path::FieldPath};

/// The webhook reads none of these but service accounts and classes, of which `pods-refused` tells.
pub(in crate::rules) static RULE: Rule = rule(
    "missing-reference",
    (Level::Warning, AdmissionLevel::Off),
    (
        "the pods name an object that neither the cluster nor the checked files have",
        include_str!("missing_reference.md"),
    ),
    Check::Preview(check),
);

/// So many findings of one DaemonSet are made.
const MOST: usize = 50;

fn check(previewed: &Previewed<'_>, findings: &mut Findings) {
    let Some(spec) = &previewed.daemon_set.spec.template.spec else { return };
    let namespace = previewed.daemon_set.metadata.namespace.as_deref().unwrap_or("default");
    let refused_by = refused_by(previewed);
    let mut said = HashSet::new();
    for reference in references(spec) {
        if said.len() >= MOST {
            break;
        }
        let Reference { kind, name, key, path } = reference;
        // `pods-refused` says it in the server's words.
        if refused_by.is_some() && refused_by == plugin(kind) {
            continue;
        }
        let snapshot = previewed.snapshot;
        let found = match snapshot.reference(kind, namespace, name) {
            Lookup::Unknown => continue,
            Lookup::Absent => {
                // Of several that are as near, the first by name is told, whatever order they were read in.
                let mut names = snapshot.names_for(kind, namespace);
                names.sort_unstable();
                let near = did_you_mean(name, names);
                said.insert((kind, name, None)).then(|| (absent(kind, name, namespace), near))
            }
            Lookup::Found(keys) => {
                let keys = keys.and_then(|keys| keys.known());
                let Some((key, keys)) = key.zip(keys) else { continue };
                if keys.iter().any(|known| **known == *key) {
                    continue;
                }
                let near = did_you_mean(key, keys.iter().map(|known| &**known));
                let message = format!("{} `{name}` has no key `{key}`", kind.as_str());
                said.insert((kind, name, Some(key))).then_some((message, near))
            }
        };
        if let Some((message, near)) = found {
            push(findings, path, message, near);
        }
    }
}

fn push(findings: &mut Findings, path: FieldPath, message: String, near: Option<&str>) {
    let finding = RULE.finding(path, message).facts(Facts::Whole);
    findings.push(match near {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding,
    });
}

fn absent(kind: Kind, name: &str, namespace: &str) -> String {
    let kind_name = kind.as_str();
    let place =
        if kind.is_namespaced() { format!("namespace {namespace}") } else { "the cluster".to_owned() };
    format!("{place} has no {kind_name} `{name}`, and neither have the checked files")
}

/// The plugin that refuses pods where an object of this kind is absent.
const fn plugin(kind: Kind) -> Option<Plugin> {
    match kind {
        Kind::ServiceAccount => Some(Plugin::ServiceAccount),
        Kind::PriorityClass => Some(Plugin::Priority),
        Kind::RuntimeClass => Some(Plugin::RuntimeClass),
        _ => None,
    }
}

fn refused_by(previewed: &Previewed<'_>) -> Option<Plugin> {
    let mut outcomes = previewed.preview.verdicts.iter().map(|verdict| &verdict.outcome);
    let refused = outcomes.find(|outcome| matches!(outcome, Outcome::Refused(_)))?;
    refused.reasons().iter().find_map(|reason| match reason.filter {
        Filter::Admission(plugin) => Some(plugin),
        _ => None,
    })
}
