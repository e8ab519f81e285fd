//! What keeps a pod off a node until pods of the same DaemonSet are placed elsewhere.

/// Why a node is not free for the pod now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Block {
    /// More pods of the DaemonSet do not change it.
    Lasting,
    /// No wanted pod runs in the node's domain: the index of the terms of pod affinity, and the domain.
    Near(usize, usize),
    /// The domain would have too many pods: the index of the topology spread constraint, and the domain. It is lifted when the domain with the
    /// fewest pods has one more.
    Even(usize, usize),
}
