//! A node as the filters see it.

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

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
    removed: Option<Box<RemovedPods>>,
}

/// Pods that were removed from a node.
#[derive(Debug, Default)]
struct RemovedPods {
    pods: HashSet<PodIndex>,
    /// How many of each shape they are, each shape with one pod that has it.
    shapes: HashMap<u32, (PodIndex, usize)>,
    /// Their ports. Upstream keeps the ports of a node as a set, so a port that two pods hold is free as soon as one of them is removed.
    freed: HashSet<HostPort>,
}

impl<'c> Site<'c> {
    /// A node on which nothing is removed.
    pub(super) const fn new(
        index: NodeIndex,
        node: &'c Node,
        usage: &'c Usage,
        requested: Cow<'c, ResourceTotals>,
        pods: usize,
    ) -> Self {
        Self { index, node, usage, requested, pods, removed: None }
    }

    /// Whether a pod was removed.
    pub(super) fn is_removed(&self, index: PodIndex) -> bool {
        self.removed.as_ref().is_some_and(|removed| removed.pods.contains(&index))
    }

    /// Of each shape among the pods that were removed, one pod that has it, and how many have it; in no order.
    pub(super) fn removed(&self) -> impl Iterator<Item = (PodIndex, usize)> {
        self.removed.iter().flat_map(|removed| removed.shapes.values().copied())
    }

    /// Whether a port is free since a pod was removed.
    pub(super) fn is_freed(&self, port: &HostPort) -> bool {
        self.removed.as_ref().is_some_and(|removed| removed.freed.contains(port))
    }

    /// Removes a pod.
    pub(super) fn remove(&mut self, index: PodIndex, pod: &Pod) {
        let removed = self.removed.get_or_insert_default();
        removed.pods.insert(index);
        let (_, pods) = removed.shapes.entry(pod.shape_number).or_insert((index, 0));
        *pods = pods.saturating_add(1);
        removed.freed.extend(pod.shape.ports.iter().cloned());
        self.pods = self.pods.saturating_sub(1);
        self.requested.to_mut().subtract(&pod.shape.requests);
    }

    /// Restores a removed pod. Its ports are held again, by whichever pod.
    pub(super) fn restore(&mut self, index: PodIndex, pod: &Pod) {
        if let Some(removed) = &mut self.removed {
            removed.restore(index, pod);
        }
        self.pods = self.pods.saturating_add(1);
        self.requested.to_mut().add(&pod.shape.requests);
    }
}

impl RemovedPods {
    fn restore(&mut self, index: PodIndex, pod: &Pod) {
        self.pods.remove(&index);
        if let Entry::Occupied(mut shape) = self.shapes.entry(pod.shape_number) {
            let (_, pods) = shape.get_mut();
            *pods = pods.saturating_sub(1);
            if *pods == 0 {
                shape.remove();
            }
        }
        for port in &pod.shape.ports {
            self.freed.remove(port);
        }
    }
}
