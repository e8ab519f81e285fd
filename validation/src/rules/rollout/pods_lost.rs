//! The rule `rollout-pods-lost`. Its page is `pods_lost.md`.

use super::rule;
use crate::facts::{Facts, NodeState};
use crate::levels::Level;
use crate::path::FieldPath;
use crate::placement::rollout::Course;
use crate::rules::{Check, Findings, Previewed, Rule};
use crate::words::brief::{Brief, brief};
use crate::words::names::listed;

pub(in crate::rules) static RULE: Rule = rule(
    "rollout-pods-lost",
    Level::Warning,
    (
        "pods that run now are deleted by the next rollout, and not created again",
        include_str!("pods_lost.md"),
    ),
    Check::Preview(check),
);

fn check(previewed: &Previewed<'_>, findings: &mut Findings) {
    let Previewed { preview, snapshot, named_nodes, .. } = previewed;
    let Some(rollout) = preview.rollout.as_ref().filter(|rollout| !rollout.lost.is_empty()) else { return };
    let names = rollout.lost.iter().filter_map(|node| snapshot.nodes().get(*node as usize));
    let names: Vec<&str> = names.map(|node| &*node.name).collect();
    let when = match rollout.course {
        Course::Unchanged => "at the next rollout",
        Course::OnDelete => "once someone deletes the old pods (OnDelete)",
        _ => "at the rollout",
    };
    let reasons = || {
        rollout
            .lost
            .iter()
            .filter_map(|node| preview.verdicts.get(*node as usize))
            .map(|one| one.outcome.reasons())
    };
    let phrase = |reasons: &[_]| match reasons.first().map(brief) {
        Some(Brief::Phrase(phrase)) => Some(phrase),
        _ => None,
    };
    // Nodes with other reasons are in the table.
    let first = reasons().next().and_then(phrase);
    let why = first.filter(|first| reasons().all(|one| phrase(one).as_ref() == Some(first)));
    let why = why.map(|why| format!(": {why}")).unwrap_or_default();
    let new = if names.len() == 1 { "no new pod is created there" } else { "no new pods are created there" };
    let message = format!("lost {when}: {}: {new}{why}", listed(&names, *named_nodes));
    let path = reasons().find_map(|one| one.first()).map(|reason| reason.path.clone());
    let path = path.unwrap_or_else(|| FieldPath::of(&["spec", "template", "spec"]));
    let facts = Facts::Nodes(NodeState::Lost, rollout.lost.iter().copied().collect());
    findings.push(RULE.finding(path, message).facts(facts));
}
