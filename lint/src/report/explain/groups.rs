//! Nodes with the same verdict for the same reasons, told together.

use std::collections::HashMap;

use daemonset_validation::placement::Preemption;

use super::pattern::{Pattern, fill, merge};
use crate::explain::{NodeVerdict, PlacedReason};

/// Nodes of which the same is said.
#[derive(Debug)]
pub(crate) struct Group<'e> {
    /// The nodes, in the snapshot's order; never none.
    pub(crate) nodes: Vec<&'e NodeVerdict>,
    /// Their verdict.
    pub(crate) verdict: &'static str,
    /// What is said of them, in the first node's order.
    pub(crate) reasons: Vec<GroupReason<'e>>,
}

impl Group<'_> {
    /// Whom the scheduler would end to make room.
    pub(crate) fn preemption(&self) -> Option<String> {
        preemption(self.nodes.iter().filter_map(|node| node.preemption.as_ref()))
    }
}

/// As many victims are named.
const VICTIMS: usize = 3;

/// Whom the scheduler would end to make room on these nodes.
pub(crate) fn preemption<'p>(nodes: impl Iterator<Item = &'p Preemption>) -> Option<String> {
    let victims: Vec<&[(String, String)]> = nodes.map(|preemption| preemption.victims.as_slice()).collect();
    let named = |pods: &[(String, String)]| -> String {
        let names = pods.iter().take(VICTIMS).map(|(namespace, name)| format!("{namespace}/{name}"));
        names.collect::<Vec<_>>().join(", ")
    };
    let count = merge(
        victims.iter().map(|pods| pods.len().to_string()).collect::<Vec<_>>().iter().map(String::as_str),
    );
    let pods = if count == "1" { "pod" } else { "pods" };
    match victims.as_slice() {
        [] => None,
        [one] if one.len() <= VICTIMS => {
            Some(format!("the scheduler would end {pods} {} to make room", named(one)))
        }
        [one] => Some(format!("the scheduler would end {count} {pods} to make room: {} …", named(one))),
        _ => Some(format!("the scheduler would end {count} {pods} on each node to make room")),
    }
}

/// A reason that all nodes of a group share.
#[derive(Debug)]
pub(crate) struct GroupReason<'e> {
    /// As the first node has it.
    pub(crate) first: &'e PlacedReason,
    message: Told,
    suggestion: Option<Told>,
}

/// A sentence's pattern and every node's values.
#[derive(Debug)]
struct Told {
    text: String,
    values: Vec<Vec<String>>,
}

impl Told {
    fn new(pattern: Pattern) -> Self {
        Self { values: pattern.values.into_iter().map(|value| vec![value]).collect(), text: pattern.text }
    }

    fn add(&mut self, pattern: Pattern) {
        for (known, value) in self.values.iter_mut().zip(pattern.values) {
            known.push(value);
        }
    }

    fn sentence(&self, nodes: &str) -> String {
        let merged: Vec<String> =
            self.values.iter().map(|values| merge(values.iter().map(String::as_str))).collect();
        fill(&self.text, nodes, &merged)
    }
}

impl GroupReason<'_> {
    /// The sentence; a node's name in it is `nodes`.
    pub(crate) fn message(&self, nodes: &str) -> String {
        self.message.sentence(nodes)
    }

    /// What would make the nodes run.
    pub(crate) fn suggestion(&self, nodes: &str) -> Option<String> {
        self.suggestion.as_ref().map(|told| told.sentence(nodes))
    }
}

/// Filter, field and line, and the patterns of message and suggestion.
type ReasonKey<'e> = (&'static str, &'e str, Option<usize>, String, Option<String>);

/// What must be equal for two nodes to be told together.
#[derive(PartialEq, Eq, Hash)]
struct Key<'e> {
    verdict: &'static str,
    preempts: bool,
    reasons: Vec<ReasonKey<'e>>,
}

/// Groups nodes, in the order of each group's first node.
pub(crate) fn group(nodes: &[NodeVerdict]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut known: HashMap<Key<'_>, usize> = HashMap::new();
    for node in nodes {
        let mut patterns = Vec::with_capacity(node.reasons.len());
        let mut key = Key {
            verdict: node.verdict,
            preempts: node.preemption.is_some(),
            reasons: Vec::with_capacity(node.reasons.len()),
        };
        for reason in &node.reasons {
            let message = Pattern::of(&reason.message, &node.name);
            let suggestion = reason.suggestion.as_deref().map(|text| Pattern::of(text, &node.name));
            key.reasons.push((
                reason.filter,
                reason.field.as_str(),
                reason.line,
                message.text.clone(),
                suggestion.as_ref().map(|pattern| pattern.text.clone()),
            ));
            patterns.push((reason, message, suggestion));
        }
        let index = *known.entry(key).or_insert(groups.len());
        if let Some(group) = groups.get_mut(index) {
            group.nodes.push(node);
            for (reason, (_, message, suggestion)) in group.reasons.iter_mut().zip(patterns) {
                reason.message.add(message);
                if let (Some(told), Some(pattern)) = (&mut reason.suggestion, suggestion) {
                    told.add(pattern);
                }
            }
        } else {
            let reasons = patterns.into_iter().map(|(first, message, suggestion)| GroupReason {
                first,
                message: Told::new(message),
                suggestion: suggestion.map(Told::new),
            });
            groups.push(Group { nodes: vec![node], verdict: node.verdict, reasons: reasons.collect() });
        }
    }
    groups
}
