//! A node as the filters see it.

use std::borrow::Cow;

use super::host_port::HostPort;
use super::resource::ResourceTotals;
use super::snapshot::{Node, NodeIndex, Pod, PodIndex, Usage};

/// A node, and what other pods than the DaemonSet's own use of it.
#[derive(Debug)]
pub(super) struct Site<'c> {
    /// Its place in the snapshot.
    pub(super) index: NodeIndex,
    /// The node.
    pub(super) node: &'c Node,
    /// All that is used of it; the DaemonSet's own pods are among it.
    pub(super) usage: &'c Usage,
    /// What the other pods request.
    pub(super) requested: Cow<'c, ResourceTotals>,
    /// How many other pods there are.
    pub(super) pods: usize,
    /// Pods that were removed to simulate preemption. `usage` still has them.
    pub(super) removed: Vec<PodIndex>,
    /// Their ports. Upstream keeps the ports of a node as a set, so a port that two pods hold is free as soon as one of them is removed.
    pub(super) freed: Vec<HostPort>,
}

impl Site<'_> {
    /// Removes a pod.
    pub(super) fn remove(&mut self, index: PodIndex, pod: &Pod) {
        self.removed.push(index);
        self.freed.extend(pod.shape.ports.iter().cloned());
        self.pods = self.pods.saturating_sub(1);
        self.requested.to_mut().subtract(&pod.shape.requests);
    }

    /// Restores a removed pod.
    pub(super) fn restore(&mut self, index: PodIndex, pod: &Pod) {
        self.removed.retain(|removed| *removed != index);
        self.freed.retain(|freed| !pod.shape.ports.contains(freed));
        self.pods = self.pods.saturating_add(1);
        self.requested.to_mut().add(&pod.shape.requests);
    }
}
