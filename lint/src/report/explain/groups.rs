//! Groups nodes with the same outcome for the same reasons.

use daemonset_validation::FieldPath;
use daemonset_validation::placement::{
    Cause, Filter, OutcomeKind, PodName, Preemption, Remedy, group as group_by, without_node,
};

use super::words::{self, Sentence, Value, merge, merged};
use crate::engine::explain::{ExplainedNode, LocatedReason};

/// Nodes with the same outcome for the same reasons.
#[derive(Debug)]
pub(crate) struct Group<'e> {
    /// The nodes, in the snapshot's order; at least one.
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
    pub(crate) remedy: Option<String>,
}

impl<'e> Group<'e> {
    /// The names of the nodes.
    pub(crate) fn names(&self) -> Vec<&'e str> {
        self.nodes.iter().map(|node| node.name.as_str()).collect()
    }

    /// The reasons, in the first node's order.
    pub(crate) fn reasons(&self) -> Vec<GroupReason<'e>> {
        let names = self.names();
        let first = self.nodes.first().map(|node| node.reasons.as_slice()).unwrap_or_default();
        let reason = |(place, first): (usize, &'e LocatedReason)| {
            let each = || {
                let nodes = self.nodes.iter();
                nodes.filter_map(move |node| Some((&node.reasons.get(place)?.reason, node.name.as_str())))
            };
            let messages: Vec<Sentence> = each().map(|(reason, node)| words::message(reason, node)).collect();
            let remedies: Option<Vec<Sentence>> =
                each().map(|(reason, node)| words::remedy(reason, node)).collect();
            GroupReason {
                first,
                message: merged(&messages, &names),
                remedy: remedies.map(|remedies| merged(&remedies, &names)),
            }
        };
        first.iter().enumerate().map(reason).collect()
    }

    /// The pods that the scheduler would preempt.
    pub(crate) fn preemption(&self) -> Option<String> {
        preemption(self.nodes.iter().filter_map(|node| node.preemption.as_ref()))
    }
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

/// Groups nodes, in the order of each group's first node.
pub(crate) fn group(nodes: &[ExplainedNode]) -> Vec<Group<'_>> {
    let keyed = nodes.iter().map(|node| {
        let reasons = node.reasons.iter().map(|located| {
            let (cause, remedy) = without_node(&located.reason, &node.name);
            (located.reason.filter, &located.reason.path, cause, remedy)
        });
        let key =
            Key { outcome: node.outcome, preempts: node.preemption.is_some(), reasons: reasons.collect() };
        (key, node)
    });
    let groups = group_by(keyed).into_iter();
    groups.map(|group| Group { nodes: group.members, outcome: group.key.outcome }).collect()
}
