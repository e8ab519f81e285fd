//! Nodes that do not run the pod for the same reason.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::facts::NodeSet;
use crate::path::FieldPath;
use crate::placement::{List, Missing, Node, NodeVerdict, Outcome, Preview, group};
use crate::words::amount;
use crate::words::brief::{Brief, brief};
use crate::words::names::natural;
use crate::words::one_line::one_line;

/// All nodes that do not simply run the pod.
#[derive(Debug, Default)]
pub(super) struct Groups<'p> {
    /// How many nodes there are in all.
    pub(super) nodes: usize,
    /// How many of them run the pod.
    pub(super) runs: usize,
    /// Nodes that do not run it, those that matter most first.
    pub(super) without_pod: Vec<Group<'p>>,
    /// What is not known, sorted.
    pub(super) missing: Vec<Missing>,
    /// For how many nodes the answer is not known.
    pub(super) unknown_nodes: usize,
}

/// Why the nodes of a group do not run the pod. What matters most is first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Absence {
    /// A pod is made, and the API server does not store it.
    Refused,
    /// A pod is made, and is pending.
    Pending,
    /// No pod is made, though the manifest selects the node.
    NotWanted,
    /// The manifest selects other nodes.
    NotSelected,
}

/// Nodes of which the same is said.
#[derive(Clone, Debug)]
pub(super) struct Group<'p> {
    /// Why they do not run the pod.
    pub(super) absence: Absence,
    /// The nodes' names, sorted so that numbers count as numbers.
    pub(super) names: Vec<&'p str>,
    /// The reasons, in a few words.
    pub(super) reason: String,
    /// The place in the manifest that decides.
    pub(super) path: FieldPath,
}

/// A node that does not run the pod.
struct Without<'p> {
    name: &'p str,
    path: &'p FieldPath,
    /// How much of each resource is missing, in the order of the reasons.
    missing: Vec<i64>,
    /// By what the manifest selects.
    selections: Vec<String>,
}

/// What must be equal for nodes to be named together; the amounts of [`Brief::Insufficient`] are left out.
type Key = (Absence, Vec<Brief>);

impl<'p> Groups<'p> {
    /// The groups of a preview.
    pub(super) fn of(preview: &'p Preview, nodes: &'p List<Node>) -> Self {
        Self::of_pairs(nodes.len(), nodes.iter().zip(&preview.verdicts))
    }

    /// The groups of some nodes.
    pub(super) fn of_nodes(preview: &'p Preview, nodes: &'p List<Node>, some: &NodeSet) -> Self {
        let of = |node: u32| Some((nodes.get(node as usize)?, preview.verdicts.get(node as usize)?));
        Self::of_pairs(some.len(), some.iter().filter_map(of))
    }

    fn of_pairs(count: usize, pairs: impl Iterator<Item = (&'p Node, &'p NodeVerdict)>) -> Self {
        let mut groups = Self { nodes: count, ..Self::default() };
        let mut keyed: Vec<(Key, Without<'_>)> = Vec::new();
        for (node, verdict) in pairs {
            let absence = match &verdict.outcome {
                Outcome::Runs => {
                    groups.runs = groups.runs.saturating_add(1);
                    continue;
                }
                Outcome::Unknown(reasons) => {
                    groups.unknown_nodes = groups.unknown_nodes.saturating_add(1);
                    groups.missing.extend(reasons.iter().filter_map(|reason| reason.missing));
                    continue;
                }
                Outcome::Refused(_) => Absence::Refused,
                Outcome::Pending(_) => Absence::Pending,
                Outcome::NotWanted(_) => Absence::NotWanted,
            };
            keyed.extend(key(absence, verdict, &node.name));
        }
        groups.missing.sort_unstable_by_key(|missing| missing.as_str());
        groups.missing.dedup();
        // Groups of the same size are ordered by their keys.
        let mut found = group(keyed);
        found.sort_by(|one, other| one.key.cmp(&other.key));
        groups.without_pod = found.into_iter().map(|group| finish(group.key, &group.members)).collect();
        groups.without_pod.sort_by_key(|group| (group.absence, Reverse(group.names.len())));
        groups
    }

    /// Whether no node runs the pod, and the answer is known for each.
    pub(super) const fn runs_nowhere(&self) -> bool {
        self.nodes > 0 && self.runs == 0 && self.unknown_nodes == 0
    }
}

fn key<'p>(mut absence: Absence, verdict: &'p NodeVerdict, name: &'p str) -> Option<(Key, Without<'p>)> {
    let reasons = verdict.outcome.reasons();
    // What is only unknown beside a refusal changes nothing.
    let refusals = || reasons.iter().filter(|reason| reason.missing.is_none());
    let mut path = &refusals().next()?.path;
    let (mut briefs, mut missing, mut selections) = (Vec::new(), Vec::new(), Vec::new());
    for reason in refusals() {
        match brief(reason) {
            Brief::Selection(words) => {
                if selections.is_empty() {
                    path = &reason.path;
                }
                selections.extend(words);
            }
            Brief::Insufficient { resource, missing: Some(amount) } => {
                missing.push(amount);
                briefs.push(Brief::Insufficient { resource, missing: Some(0) });
            }
            other => briefs.push(other),
        }
    }
    if !selections.is_empty() {
        // The manifest leaves the node out, so other reasons do not matter.
        (briefs, missing) = (Vec::new(), Vec::new());
        if absence == Absence::NotWanted {
            absence = Absence::NotSelected;
        }
    }
    briefs.dedup();
    if verdict.preemption.is_some() {
        briefs.push(Brief::Phrase("the scheduler would preempt other pods".to_owned()));
    }
    Some(((absence, briefs), Without { name, path, missing, selections }))
}

/// As many selections are given.
const SELECTIONS: usize = 2;

fn finish<'p>((absence, briefs): Key, nodes: &[Without<'p>]) -> Group<'p> {
    let mut phrases: Vec<String> = Vec::new();
    let (mut short, mut none) = (Vec::new(), Vec::new());
    let mut amounts = 0;
    for brief in briefs {
        match brief {
            Brief::Phrase(phrase) => phrases.push(phrase),
            Brief::Insufficient { resource, missing: None } if resource == "pods" => {
                phrases.push("the node takes no pods".to_owned());
            }
            Brief::Insufficient { resource, missing: None } => {
                none.push(if resource == "cpu" { "CPU".to_owned() } else { resource });
            }
            Brief::Insufficient { resource, missing: Some(_) } => {
                if resource == "pods" {
                    phrases.push("no room for another pod".to_owned());
                } else {
                    short.extend(range(&resource, amounts, nodes));
                }
                amounts = amounts.saturating_add(1);
            }
            Brief::Selection(_) => {}
        }
    }
    if !short.is_empty() {
        phrases.push(format!("needs {} more than is free", short.join(" and ")));
    }
    if !none.is_empty() {
        phrases.push(format!("has no {}", none.join(" and no ")));
    }
    phrases.extend(selections(nodes));
    let mut names: Vec<&str> = nodes.iter().map(|node| node.name).collect();
    names.sort_by_cached_key(|name| natural(name));
    let path = nodes.first().map(|node| node.path.clone()).unwrap_or_default();
    Group { absence, names, reason: one_line(&phrases.join(" and ")), path }
}

/// The least and the most that is missing of a resource: `500m to 2 CPU`. Its amount has this place in each node's list.
fn range(resource: &str, place: usize, nodes: &[Without<'_>]) -> Option<String> {
    let amounts = || nodes.iter().filter_map(|node| node.missing.get(place).copied());
    let (least, most) = (amounts().min()?, amounts().max()?);
    let most_named = amount::named(resource, most);
    Some(if least == most {
        most_named
    } else {
        format!("{} to {most_named}", amount::shown(resource, least))
    })
}

/// By what the manifest selects nodes, what leaves out most of them first.
fn selections(nodes: &[Without<'_>]) -> Option<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for selection in nodes.iter().flat_map(|node| &node.selections) {
        let count = counts.entry(selection).or_default();
        *count = count.saturating_add(1);
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| Reverse(*count));
    let more = if counts.len() > SELECTIONS { ", …" } else { "" };
    let words: Vec<&str> = counts.iter().take(SELECTIONS).map(|(words, _)| *words).collect();
    (!words.is_empty()).then(|| format!("{}{more}", words.join(", ")))
}
