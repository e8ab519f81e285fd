//! Changes after which a node would run the pod.

use super::near_label::NearLabel;
use super::node_kind::VirtualNode;

/// The smallest change after which a node would run the pod. What the cause says already is not repeated here.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Remedy {
    /// Satisfy what refuses the pod; the cause says what that is.
    SatisfyAdmission,
    /// Delete `nodeName`.
    DeleteNodeName,
    /// Uncordon the node.
    Uncordon,
    /// Add tolerations of the cause's taints, but for those that pass.
    Tolerate,
    /// None: the cause's taints pass.
    Wait,
    /// None: no pod of a DaemonSet can run on a node of this kind.
    LeaveOut {
        /// The kind.
        node: VirtualNode,
        /// Whether the manifest leaves the node out already.
        done: bool,
    },
    /// Correct the selector: nodes carry labels that are nearly the ones in the manifest; never none.
    Correct(Box<[NearLabel]>),
    /// Label the node, then change the manifest; at least one of both.
    MatchNode {
        /// Labels to set on the node.
        labels: Box<[LabelChange]>,
        /// Changes of the manifest, where a label states what the node is.
        manifest: Box<[SelectorChange]>,
    },
    /// Use another host port, or none.
    ChangeHostPort,
    /// Remove pods from the node.
    MakeRoom {
        /// How many.
        pods: i64,
    },
    /// Request no more of the resource than is free.
    LowerRequest {
        /// The one container that requests it; `None` where several do or the pod itself does.
        container: Option<Box<str>>,
    },
    /// Request no more of the resource than is free, instead of the default that a limit range gives.
    RequestLess {
        /// The container that requests it.
        container: Box<str>,
    },
    /// Free as much of the resource as the pod requests.
    FreeResource,
    /// Delete `schedulingGates`.
    DeleteSchedulingGates,
    /// Do without the field, or upgrade the node.
    UpgradeNode,
    /// Set `maxSkew`.
    SetMaxSkew(i64),
    /// Set `minDomains`.
    SetMinDomains(i64),
    /// Set `nodeAffinityPolicy: Ignore`.
    IgnoreNodeAffinity,
    /// Run a wanted pod in the node's domain first, or make the term preferred.
    RunWantedPod,
    /// Use the host name as `topologyKey`, or delete the term: it selects the DaemonSet's own pods.
    SpreadByHost,
    /// Delete the term: it selects the DaemonSet's own pods.
    DeleteTerm,
    /// Narrow the term's selector, or make the term preferred.
    NarrowTerm,
    /// Change the template's labels, or the other pod's anti-affinity.
    ChangeLabels,
    /// Change a claim, a volume or a driver.
    Volume(VolumeRemedy),
}

/// A change of a claim, a volume or a driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VolumeRemedy {
    /// Create the claim, or name one that exists.
    CreateClaim,
    /// Name a claim whose volume exists.
    NameClaimWithVolume,
    /// Use a claim whose volume exists.
    UseClaimWithVolume,
    /// Use a claim that is not being deleted.
    UseOtherClaim,
    /// Find out why the claim is not bound, or use a class that waits for a pod.
    BindClaim,
    /// Use an ephemeral volume.
    UseEphemeralVolume,
    /// Correct the claim's selector.
    CorrectClaimSelector,
    /// Create a volume of the class that can be used on the node.
    CreateVolume,
    /// Use a class that provisions there.
    UseOtherClass,
    /// Use a volume that can be used on the node.
    UseReachableVolume,
    /// Use a disk that pods can share, or none.
    UseSharedDisk,
    /// Use fewer volumes of the driver, or move a pod that has one.
    UseFewerVolumes,
    /// Install the CSI driver on the node.
    InstallDriver,
}

/// A label to set on a node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LabelChange {
    /// The label's key.
    pub key: Box<str>,
    /// What it must be.
    pub to: LabelTarget,
    /// Whether the node has another value of it now.
    pub overwrite: bool,
}

/// What a label must be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LabelTarget {
    /// Present, with any value.
    Any,
    /// Absent.
    Absent,
    /// This value.
    Value(Box<str>),
    /// A number greater than this one.
    MoreThan(Box<str>),
    /// A number less than this one.
    LessThan(Box<str>),
}

/// A change of `nodeSelector` or of the required node affinity.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SelectorChange {
    /// Write the node's value into `nodeSelector`, or delete the entry.
    WriteSelector {
        /// The label's key.
        key: Box<str>,
        /// The node's value.
        value: Box<str>,
    },
    /// Delete the entry of `nodeSelector`.
    DeleteSelector {
        /// The label's key.
        key: Box<str>,
    },
    /// Add the node's value to the values of an `In` expression.
    AddValue {
        /// The label's key.
        key: Box<str>,
        /// The node's value.
        value: Box<str>,
    },
    /// Remove the node's value from the values of a `NotIn` expression.
    RemoveValue {
        /// The label's key.
        key: Box<str>,
        /// The node's value.
        value: Box<str>,
    },
    /// Delete the expression.
    DeleteExpression {
        /// The label's key.
        key: Box<str>,
    },
}

impl Remedy {
    /// To give the node a label, whatever its value.
    pub(super) fn any_label(key: &str) -> Self {
        let label = LabelChange { key: key.into(), to: LabelTarget::Any, overwrite: false };
        Self::MatchNode { labels: Box::new([label]), manifest: Box::new([]) }
    }
}
