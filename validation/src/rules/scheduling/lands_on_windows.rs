//! The rule `lands-on-windows`. Its page is `lands_on_windows.md`.

use super::{pod_spec, rule};
use crate::edit::{Edit, NewValue};
use crate::facts::Facts;
use crate::levels::Level;
use crate::placement::Outcome;
use crate::rules::{Check, Findings, Previewed, Rule};
use crate::together::{OperatingSystem, operating_system};
use crate::words::names::{listed, natural};

pub(in crate::rules) static RULE: Rule = rule(
    "lands-on-windows",
    Level::Warning,
    (
        "pods that do not ask for an operating system run on Windows nodes as well as on Linux nodes",
        include_str!("lands_on_windows.md"),
    ),
    Check::Preview(check),
);

fn check(previewed: &Previewed<'_>, findings: &mut Findings) {
    let Some(spec) = previewed.daemon_set.spec.template.spec.as_ref() else { return };
    if operating_system(spec) != OperatingSystem::Any {
        return;
    }
    let nodes = previewed.snapshot.nodes();
    let on = |system: &'static str| {
        let pairs = nodes.iter().zip(&previewed.preview.verdicts);
        pairs.filter(move |(node, verdict)| {
            matches!(verdict.outcome, Outcome::Runs | Outcome::Pending(_))
                && node.labels.get("kubernetes.io/os").is_some_and(|os| os == system)
        })
    };
    // On Windows nodes only, it is for Windows.
    if on("linux").next().is_none() {
        return;
    }
    let mut names: Vec<&str> = on("windows").map(|(node, _)| &*node.name).collect();
    if names.is_empty() {
        return;
    }
    names.sort_by_cached_key(|name| natural(name));
    let message = format!(
        "pods are made on Linux nodes and on Windows nodes ({}), and an image for both is rare",
        listed(&names, previewed.named_nodes)
    );
    let help = "add `nodeSelector: { kubernetes.io/os: linux }`";
    let (key, value) = ("kubernetes.io/os", "linux");
    let edit = match &spec.node_selector {
        Some(_) => {
            Edit::Insert { path: pod_spec().field("nodeSelector"), key: key.to_owned(), value: value.into() }
        }
        None => Edit::Insert {
            path: pod_spec(),
            key: "nodeSelector".to_owned(),
            value: NewValue::entry(key, value),
        },
    };
    findings.push(RULE.finding(pod_spec(), message).help(help).facts(Facts::Whole).fix(false, vec![edit]));
}
