//! Claims and volumes.

use super::{PodName, Requirement};

/// A claim that the pod uses, and what is wrong with it on a node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClaimCause {
    /// The claim.
    pub claim: ClaimName,
    /// What is wrong, or not known.
    pub problem: ClaimProblem,
}

/// How a pod names a claim.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ClaimName {
    /// A claim of this name in the pod's namespace.
    Named(Box<str>),
    /// The claim of the ephemeral volume of this name; each pod gets its own.
    OfVolume(Box<str>),
}

/// What is wrong with a claim, or not known of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ClaimProblem {
    /// It does not exist.
    Absent {
        /// The namespace in which it should.
        namespace: Box<str>,
    },
    /// Claims were not read.
    NotRead,
    /// It is `Lost`: its volume is gone.
    Lost {
        /// The volume's name.
        volume: Box<str>,
    },
    /// It is being deleted.
    Terminating,
    /// Its storage class is needed, and classes were not read.
    ClassNotRead,
    /// It is bound before a node is chosen, so the node of its volume is not known.
    BoundImmediately,
    /// It is not bound, and the scheduler does not bind it.
    NotBound {
        /// The volume that it is about to be bound to.
        volume: Option<Box<str>>,
    },
    /// Its volume is being provisioned for another node.
    SelectedNode {
        /// That node's name.
        node: Box<str>,
    },
    /// Its selector cannot be parsed.
    InvalidSelector,
    /// Its volume cannot be used on the node.
    Unreachable {
        /// The volume's name.
        volume: Box<str>,
        /// The `matchExpressions` of each term of the volume's node affinity.
        wanted: Box<[Box<[Requirement]>]>,
    },
    /// No free volume of its class can be used on the node, and the class does not provision.
    NoVolume {
        /// The class.
        class: Box<str>,
    },
    /// Its class does not provision in the node's topology.
    NotInTopology {
        /// The class.
        class: Box<str>,
    },
    /// It needs a free volume, and volumes were not read.
    VolumesNotRead,
    /// Its CSI driver is needed, and drivers were not read.
    DriversNotRead {
        /// The driver's name.
        driver: Box<str>,
    },
    /// Its CSI driver reports capacity, which was not read.
    CapacityNotRead {
        /// The driver's name.
        driver: Box<str>,
    },
    /// Its volume does not exist.
    VolumeAbsent {
        /// The volume's name.
        volume: Box<str>,
    },
    /// Its volume is needed, and volumes were not read.
    VolumeNotRead {
        /// The volume's name.
        volume: Box<str>,
    },
    /// Its volume is in another zone or region.
    Zone(UnmatchedZone),
    /// It is `ReadWriteOncePod`, and another pod uses it.
    SinglePod {
        /// The other pod; `None` where it is the DaemonSet's own pod on another node.
        holder: Option<PodName>,
    },
}

/// A volume that is not in the node's zone or region.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UnmatchedZone {
    /// The volume's name.
    pub volume: Box<str>,
    /// The volume's label.
    pub key: Box<str>,
    /// The label's value: one zone, or several.
    pub value: Box<str>,
    /// The label that nodes have today for the same.
    pub node_key: &'static str,
    /// The node's value.
    pub actual: Option<Box<str>>,
}

/// More volumes of one driver than a node can attach.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VolumeLimit {
    /// The driver's name.
    pub driver: Box<str>,
    /// How many the node can attach.
    pub limit: i32,
    /// How many other pods have attached.
    pub attached: usize,
    /// How many the pod adds.
    pub added: usize,
}
