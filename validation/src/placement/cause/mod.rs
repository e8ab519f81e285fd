//! What a filter found on a node.

mod affinity;
mod node;
mod pod_name;
mod refused;
mod volume;

use std::sync::Arc;

pub use affinity::{AntiAffinity, Domain, OtherPod, PodSelector, Skew, TooFewDomains, WantedPods};
pub use node::{HeldPort, Insufficient, NearestTerm, NodeTaint, Requirement, UnmetRequirement};
pub use pod_name::PodName;
pub use refused::RefusedPod;
pub use volume::{ClaimCause, ClaimName, ClaimProblem, UnmatchedZone, VolumeLimit};

/// What a filter found on a node: the data of a message, without its words.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// `nodeName` names another node.
    NodeName {
        /// The name in the manifest.
        wanted: Box<str>,
    },
    /// The node is cordoned.
    Unschedulable,
    /// Taints that the pod does not tolerate; never none.
    Taints(Box<[NodeTaint]>),
    /// A label of `nodeSelector` that the node lacks or has with another value.
    NodeSelector {
        /// The label's key.
        key: Box<str>,
        /// The value in the manifest.
        wanted: Box<str>,
        /// The node's value.
        actual: Option<Box<str>>,
    },
    /// No term of the required node affinity matches.
    NodeAffinity(Box<NearestTerm>),
    /// The required node affinity has no terms, so it matches no node.
    NoTerms,
    /// A host port that another pod holds.
    HostPort(Box<HeldPort>),
    /// A resource of which too little is free; `pods` is one of them.
    Insufficient(Box<Insufficient>),
    /// The node has no `status.allocatable`.
    NoAllocatable,
    /// Scheduling gates that are not removed yet, the first ones; never none. The reason counts the others.
    SchedulingGates(Box<[Box<str>]>),
    /// A resource claim of the pod.
    ResourceClaim {
        /// Its name in the manifest.
        name: Box<str>,
    },
    /// A feature that the pod needs and the node does not declare.
    DeclaredFeature {
        /// Its name.
        name: &'static str,
    },
    /// The node lacks the label of a topology spread constraint.
    SpreadLabel {
        /// The constraint's `topologyKey`.
        key: Box<str>,
    },
    /// With the pod, the node's domain would have too many pods.
    Skew(Box<Skew>),
    /// The node lacks the label of a term of pod affinity.
    AffinityLabel {
        /// The term's `topologyKey`.
        key: Box<str>,
    },
    /// No pod that pod affinity wants runs in the node's domain, or that is not known.
    PodAffinity(Box<WantedPods>),
    /// A pod that the pod's anti-affinity selects runs in the node's domain.
    PodAntiAffinity(Box<AntiAffinity>),
    /// A pod in the node's domain has an anti-affinity that selects the pod.
    Repelled(Box<AntiAffinity>),
    /// A claim that the pod uses.
    Claim(Box<ClaimCause>),
    /// A disk that only one pod of a node can use.
    DiskInUse {
        /// The pod that uses it.
        holder: PodName,
    },
    /// Too many volumes of one driver.
    VolumeLimit(Box<VolumeLimit>),
    /// The limits of the node are not known.
    VolumeLimitsNotRead,
    /// The ID of a disk cannot be parsed.
    InvalidDiskId,
    /// The node does not have a CSI driver.
    CsiDriver {
        /// The driver's name.
        name: Box<str>,
    },
    /// The API server does not store the pod.
    Refused(Arc<RefusedPod>),
}
