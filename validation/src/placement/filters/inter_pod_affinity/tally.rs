//! How many pods a term selects in each domain.

use std::collections::HashMap;

use super::term::Selected;
use crate::placement::snapshot::{NodeIndex, PodIndex};
use crate::placement::topology::Topology;

/// A pod that a term selects, or whose term selects the new pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Other {
    /// A pod of the snapshot, and the index of the term where the term is its own.
    There(PodIndex, usize),
    /// A new pod of the DaemonSet on this node.
    New(NodeIndex),
}

/// Pods that were counted.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    pods: usize,
    first: Option<Other>,
}

/// How many pods are selected, for certain and maybe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) certain: usize,
    pub(super) possible: usize,
}

impl Number {
    /// Counts a pod so many times.
    pub(super) fn add_times(&mut self, selected: Selected, times: usize) {
        match selected {
            Selected::No => {}
            Selected::Maybe => self.possible = self.possible.saturating_add(times),
            Selected::Yes => self.certain = self.certain.saturating_add(times),
        }
    }

    /// The number multiplied.
    pub(super) const fn times(self, times: usize) -> Self {
        Self { certain: self.certain.saturating_mul(times), possible: self.possible.saturating_mul(times) }
    }

    /// Whether any is left without the removed ones.
    pub(super) const fn without(self, removed: Self) -> Selected {
        if self.certain > removed.certain {
            Selected::Yes
        } else if self.possible > removed.possible {
            Selected::Maybe
        } else {
            Selected::No
        }
    }
}

/// What was counted in a domain.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    certain: Count,
    possible: Count,
}

impl Tally {
    /// Whether any pod is left without the removed ones.
    pub(super) const fn without(&self, removed: Number) -> Selected {
        Number { certain: self.certain.pods, possible: self.possible.pods }.without(removed)
    }

    /// The first pod that was counted.
    pub(super) fn first(&self) -> Option<Other> {
        self.certain.first.or(self.possible.first)
    }
}

/// What was counted in each domain of a topology.
#[derive(Debug)]
pub(super) struct Tallies {
    /// The index of the topology.
    pub(super) topology: usize,
    /// The domains in which any was counted.
    domains: HashMap<usize, Tally>,
}

impl Tallies {
    /// No pods yet.
    pub(super) fn new(topology: usize) -> Self {
        Self { topology, domains: HashMap::new() }
    }

    /// In how many domains any was counted.
    pub(super) fn len(&self) -> usize {
        self.domains.len()
    }

    /// Counts a pod, unless its node lacks the label. Returns how it was counted.
    pub(super) fn count(
        &mut self,
        topology: &Topology,
        node: NodeIndex,
        selected: Selected,
        other: Other,
    ) -> Selected {
        if selected == Selected::No {
            return Selected::No;
        }
        let Some(domain) = topology.domain(node) else { return Selected::No };
        let tally = self.domains.entry(domain).or_default();
        let count = match selected {
            Selected::No => return Selected::No,
            Selected::Maybe => &mut tally.possible,
            Selected::Yes => &mut tally.certain,
        };
        count.pods = count.pods.saturating_add(1);
        count.first.get_or_insert(other);
        selected
    }

    /// What was counted in a node's domain; `None` where the node lacks the label.
    pub(super) fn at(&self, topology: &Topology, node: NodeIndex) -> Option<Tally> {
        Some(self.domains.get(&topology.domain(node)?).copied().unwrap_or_default())
    }
}
