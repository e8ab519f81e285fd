//! How many pods a term means, domain by domain.

use super::term::Meant;
use crate::placement::snapshot::{NodeIndex, PodIndex};
use crate::placement::topology::Topology;

/// A pod that a term means, or whose term means ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Other {
    /// A pod of the snapshot, and the place of the term in its list where the term is its own.
    There(PodIndex, usize),
    /// The DaemonSet's own new pod on this node.
    New(NodeIndex),
}

/// Pods that were counted.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    pods: usize,
    first: Option<Other>,
}

/// How many pods are meant, for certain and perhaps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) certain: usize,
    pub(super) possible: usize,
}

impl Number {
    /// Counts a pod that is meant.
    pub(super) fn add(&mut self, meant: Meant) {
        match meant {
            Meant::No => {}
            Meant::Perhaps => self.possible = self.possible.saturating_add(1),
            Meant::Yes => self.certain = self.certain.saturating_add(1),
        }
    }

    /// So many times over.
    pub(super) const fn times(self, times: usize) -> Self {
        Self { certain: self.certain.saturating_mul(times), possible: self.possible.saturating_mul(times) }
    }

    /// Whether any is left without `gone`.
    pub(super) const fn without(self, gone: Self) -> Meant {
        if self.certain > gone.certain {
            Meant::Yes
        } else if self.possible > gone.possible {
            Meant::Perhaps
        } else {
            Meant::No
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
    /// Whether any pod is left without `gone`.
    pub(super) const fn without(&self, gone: Number) -> Meant {
        Number { certain: self.certain.pods, possible: self.possible.pods }.without(gone)
    }

    /// The first pod, and how certainly it is meant.
    pub(super) fn first(&self) -> Option<Other> {
        self.certain.first.or(self.possible.first)
    }
}

/// What was counted in each domain of a topology.
#[derive(Debug)]
pub(super) struct Tallies {
    /// The place of the topology in its list.
    pub(super) topology: usize,
    domains: Vec<Tally>,
}

impl Tallies {
    /// Nothing yet.
    pub(super) fn new(place: usize, topology: &Topology) -> Self {
        Self { topology: place, domains: vec![Tally::default(); topology.domains] }
    }

    /// Counts a pod; how certainly it counts, which it does not on a node that lacks the label.
    pub(super) fn count(
        &mut self,
        topology: &Topology,
        node: NodeIndex,
        meant: Meant,
        other: Other,
    ) -> Meant {
        let domain = topology.domain(node).and_then(|domain| self.domains.get_mut(domain));
        let Some(tally) = domain else { return Meant::No };
        let count = match meant {
            Meant::No => return Meant::No,
            Meant::Perhaps => &mut tally.possible,
            Meant::Yes => &mut tally.certain,
        };
        count.pods = count.pods.saturating_add(1);
        count.first.get_or_insert(other);
        meant
    }

    /// What was counted in a node's domain; `None` where the node lacks the label.
    pub(super) fn at(&self, topology: &Topology, node: NodeIndex) -> Option<Tally> {
        self.domains.get(topology.domain(node)?).copied()
    }
}
