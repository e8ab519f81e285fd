//! The DaemonSet's pods in the snapshot, and what becomes of those that the new template does not want.

use std::collections::BTreeMap;

use super::PodState;
use crate::placement::Kind;
use crate::placement::passing;
use crate::placement::snapshot::{NodeIndex, Snapshot};
use crate::placement::verdict::{NodeVerdict, Outcome};

/// The existing pods of a DaemonSet.
#[derive(Debug, Default)]
pub(super) struct Existing {
    /// The better pod of each node that has one.
    pub(super) there: BTreeMap<NodeIndex, PodState>,
    /// How many pods there are.
    pub(super) pods: usize,
    /// How many of them are not ready.
    pub(super) unavailable: usize,
    /// Nodes whose pods the controller deletes at once.
    pub(super) ended: Vec<NodeIndex>,
    /// How many pods these nodes have.
    pub(super) ended_pods: usize,
    /// How many of these are not ready.
    pub(super) ended_unavailable: usize,
    /// Nodes that keep their pod until it is deleted, and get no other.
    pub(super) lost: Vec<NodeIndex>,
    /// The same, but a new pod is made when a state of the node has passed.
    pub(super) suspended: Vec<NodeIndex>,
}

impl Existing {
    /// The pods of `namespace/name`; `None` where no pods were read.
    pub(super) fn of(
        namespace: &str,
        name: &str,
        snapshot: &Snapshot,
        verdicts: &[NodeVerdict],
    ) -> Option<Self> {
        if !snapshot.has(Kind::Pod) {
            return None;
        }
        let mut existing = Self::default();
        let add = |count: &mut usize, yes: bool| *count = count.saturating_add(usize::from(yes));
        for pod in snapshot.pods_of_daemon_set(namespace, name).iter().filter_map(|one| snapshot.pod(*one)) {
            if pod.terminating {
                continue;
            }
            let ready = pod.ready_since.is_some();
            add(&mut existing.pods, true);
            add(&mut existing.unavailable, !ready);
            let Some(node) = pod.node else { continue };
            let state = if ready { PodState::Available } else { PodState::Unavailable };
            // Of two pods on a node, the better one counts.
            let known = existing.there.entry(node).or_insert(state);
            *known = (*known).max(state);
            let ends = verdicts.get(node as usize).is_some_and(|verdict| !verdict.keeps_running);
            add(&mut existing.ended_pods, ends);
            add(&mut existing.ended_unavailable, ends && !ready);
        }
        for node in existing.there.keys() {
            let Some(verdict) = verdicts.get(*node as usize) else { continue };
            let Outcome::NotWanted(reasons) = &verdict.outcome else { continue };
            let nodes = if !verdict.keeps_running {
                &mut existing.ended
            } else if reasons.iter().all(passing::is_passing) {
                &mut existing.suspended
            } else {
                &mut existing.lost
            };
            nodes.push(*node);
        }
        Some(existing)
    }

    /// How many pods are left to the update strategy.
    pub(super) const fn of_strategy(&self) -> usize {
        self.pods.saturating_sub(self.ended_pods)
    }
}
