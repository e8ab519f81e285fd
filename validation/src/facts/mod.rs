//! What a finding says of a cluster, as data. Two versions of a DaemonSet are compared by it, not by the sentences about them.

mod node_set;
mod unknown;

pub use node_set::NodeSet;
pub use unknown::Unknown;

/// What a finding says of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Facts {
    /// It is about the snapshot, and the same for every DaemonSet.
    Cluster,
    /// It holds for the DaemonSet as a whole, or it does not.
    Whole,
    /// Nodes, and what becomes of the pod there.
    Nodes(NodeState, NodeSet),
    /// Other DaemonSets.
    Peers(PeerRelation, Vec<PeerFacts>),
    /// Where the pods would run is not known. Nodes are named where it is only part of them.
    Unknown(Unknown, NodeSet),
}

/// What is said of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NodeState {
    /// The pod does not run there, whether it is made or not.
    Absent,
    /// The pod would not be stored for it.
    Refused,
    /// The pod would be pending there.
    Pending,
    /// A pod that runs there now is ended, because the node no longer matches.
    Ended,
    /// A pod that runs there now is deleted by the next rollout, and not created again.
    Lost,
    /// The DaemonSet wants a pod there, and the node is not ready.
    NotReady,
    /// No variant of the agent runs there.
    Uncovered,
}

/// What several DaemonSets mean to one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PeerRelation {
    /// They need the same host ports of the same nodes.
    HostPorts,
    /// The selector of one matches the pods of the other.
    Selectors,
    /// They are variants of one agent that run on the same nodes.
    Variants,
}

/// Another DaemonSet, and what the two have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerFacts {
    /// `metadata.namespace` of the other one.
    pub namespace: Box<str>,
    /// `metadata.name` of the other one.
    pub name: Box<str>,
    /// The host ports that both need: protocol and number.
    pub ports: Vec<(Box<str>, i32)>,
    /// The nodes on which both need them, or run.
    pub nodes: NodeSet,
}
