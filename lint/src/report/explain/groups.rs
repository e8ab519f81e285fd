//! Groups nodes with the same outcome for the same reasons.

use daemonset_validation::FieldPath;
use daemonset_validation::placement::{
    Cause, Filter, OutcomeKind, PodName, Preemption, Reason, Remedy, group as group_by, without_node,
};

use super::words::{self, Sentence, Step, StepKind, Value, merge, merged};
use crate::engine::explain::{ExplainedNode, LocatedReason};

/// Nodes with the same outcome for the same reasons.
#[derive(Debug)]
pub(crate) struct Group<'e> {
    /// The places of the nodes in the snapshot, ascending; at least one.
    pub(crate) places: Vec<usize>,
    /// The nodes, in the same order.
    pub(crate) nodes: Vec<&'e ExplainedNode>,
    /// Their outcome.
    pub(crate) outcome: OutcomeKind,
}

/// A reason that all nodes of a group share.
#[derive(Debug)]
pub(crate) struct GroupReason<'e> {
    /// The reason of the first node.
    pub(crate) first: &'e LocatedReason,
    /// The sentence about all nodes.
    pub(crate) message: String,
    /// The change that would make the nodes run the pod.
    pub(crate) steps: Vec<(StepKind, String)>,
}

impl<'e> Group<'e> {
    /// The names of the nodes.
    pub(crate) fn names(&self) -> Vec<&'e str> {
        self.nodes.iter().map(|node| node.name.as_str()).collect()
    }

    /// The reasons, in the first node's order.
    pub(crate) fn reasons(&self) -> Vec<GroupReason<'e>> {
        self.reasons_that(|_| true)
    }

    /// Those of the reasons that a condition holds for; it must be the same for all nodes.
    pub(crate) fn reasons_that(&self, holds: impl Fn(&Reason) -> bool) -> Vec<GroupReason<'e>> {
        let names = self.names();
        let first = self.nodes.first().map(|node| node.reasons.as_slice()).unwrap_or_default();
        let reason = |(place, first): (usize, &'e LocatedReason)| {
            let each = || {
                let nodes = self.nodes.iter();
                nodes.filter_map(move |node| Some((&node.reasons.get(place)?.reason, node.name.as_str())))
            };
            let messages: Vec<Sentence> = each().map(|(reason, node)| words::message(reason, node)).collect();
            let steps: Vec<Vec<Step>> = each().map(|(reason, node)| words::steps(reason, node)).collect();
            GroupReason { first, message: merged(&messages, &names), steps: merged_steps(steps, &names) }
        };
        first.iter().enumerate().filter(|(_, located)| holds(&located.reason)).map(reason).collect()
    }

    /// The pods that the scheduler would preempt.
    pub(crate) fn preemption(&self) -> Option<String> {
        preemption(self.nodes.iter().filter_map(|node| node.preemption.as_ref()))
    }
}

impl GroupReason<'_> {
    /// Whether it is the same reason but for the data of the nodes.
    pub(crate) fn is_same(&self, (other, of_other): (&Reason, &str), of_self: &str) -> bool {
        let first = &self.first.reason;
        first.filter == other.filter
            && first.path == other.path
            && without_node(first, of_self) == without_node(other, of_other)
    }
}

/// The steps of several nodes as one list; none if their numbers differ.
fn merged_steps(of_nodes: Vec<Vec<Step>>, names: &[&str]) -> Vec<(StepKind, String)> {
    let length = of_nodes.first().map(Vec::len).unwrap_or_default();
    if of_nodes.iter().any(|steps| steps.len() != length) {
        return Vec::new();
    }
    let mut columns: Vec<(StepKind, Vec<Sentence>)> = Vec::with_capacity(length);
    for steps in of_nodes {
        for (index, step) in steps.into_iter().enumerate() {
            match columns.get_mut(index) {
                Some((_, sentences)) => sentences.push(step.sentence),
                None => columns.push((step.kind, vec![step.sentence])),
            }
        }
    }
    columns.iter().map(|(kind, sentences)| (*kind, merged(sentences, names))).collect()
}

/// The maximum number of pods that are named.
const VICTIMS: usize = 3;

/// The pods that the scheduler would preempt on these nodes.
pub(crate) fn preemption<'p>(nodes: impl Iterator<Item = &'p Preemption>) -> Option<String> {
    let victims: Vec<&[PodName]> = nodes.map(|preemption| preemption.victims.as_slice()).collect();
    let named = |pods: &[PodName]| -> String {
        let names = pods.iter().take(VICTIMS).map(|pod| format!("{}/{}", pod.namespace, pod.name));
        names.collect::<Vec<_>>().join(", ")
    };
    let counts: Vec<Value> =
        victims.iter().map(|pods| Value::count(i64::try_from(pods.len()).unwrap_or(i64::MAX))).collect();
    let count = merge(counts.iter());
    let pods = if victims.iter().all(|pods| pods.len() == 1) { "pod" } else { "pods" };
    match victims.as_slice() {
        [] => None,
        [one] if one.len() <= VICTIMS => Some(format!("the scheduler would preempt {pods} {}", named(one))),
        [one] => Some(format!("the scheduler would preempt {count} {pods}: {} …", named(one))),
        _ => Some(format!("the scheduler would preempt {count} {pods} on each node")),
    }
}

/// The values that are equal for all nodes of a group.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key<'e> {
    outcome: OutcomeKind,
    preempts: bool,
    reasons: Vec<(Filter, &'e FieldPath, Cause, Option<Remedy>)>,
}

/// Groups nodes, in the order of each group's first node. Each comes with its place in the snapshot.
pub(crate) fn group<'e>(nodes: impl IntoIterator<Item = (usize, &'e ExplainedNode)>) -> Vec<Group<'e>> {
    let keyed = nodes.into_iter().map(|(place, node)| {
        let reasons = node.reasons.iter().map(|located| {
            let (cause, remedy) = without_node(&located.reason, &node.name);
            (located.reason.filter, &located.reason.path, cause, remedy)
        });
        let key =
            Key { outcome: node.outcome, preempts: node.preemption.is_some(), reasons: reasons.collect() };
        (key, (place, node))
    });
    let finish = |found: daemonset_validation::placement::Group<Key<'_>, (usize, &'e ExplainedNode)>| {
        let (places, nodes) = found.members.into_iter().unzip();
        Group { places, nodes, outcome: found.key.outcome }
    };
    group_by(keyed).into_iter().map(finish).collect()
}
