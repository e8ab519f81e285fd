//! The names of the scheduler's filters, and of what refuses pods before.

use crate::admission::Plugin;

/// A filter plugin of kube-scheduler, or what refuses pods before. The order is that of the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Filter {
    /// What refuses pods in the API server.
    Admission(Plugin),
    /// Devices that the pod claims.
    DynamicResources,
    /// Required affinity and anti-affinity between pods.
    InterPodAffinity,
    /// `nodeSelector` and the required node affinity.
    NodeAffinity,
    /// Features that the node declares.
    NodeDeclaredFeatures,
    /// `nodeName`.
    NodeName,
    /// Host ports.
    NodePorts,
    /// Requested resources, and the number of pods.
    NodeResourcesFit,
    /// Cordoned nodes.
    NodeUnschedulable,
    /// The number of volumes that a node can attach.
    NodeVolumeLimits,
    /// Topology spread constraints.
    PodTopologySpread,
    /// Scheduling gates.
    SchedulingGates,
    /// Taints.
    TaintToleration,
    /// Volumes that are bound, found or provisioned.
    VolumeBinding,
    /// Volumes that only one pod can use.
    VolumeRestrictions,
    /// Zones and regions of volumes.
    VolumeZone,
}

impl Filter {
    /// The plugin's name, as kube-scheduler and kube-apiserver have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admission(plugin) => plugin.as_str(),
            Self::DynamicResources => "DynamicResources",
            Self::InterPodAffinity => "InterPodAffinity",
            Self::NodeAffinity => "NodeAffinity",
            Self::NodeDeclaredFeatures => "NodeDeclaredFeatures",
            Self::NodeName => "NodeName",
            Self::NodePorts => "NodePorts",
            Self::NodeResourcesFit => "NodeResourcesFit",
            Self::NodeUnschedulable => "NodeUnschedulable",
            Self::NodeVolumeLimits => "NodeVolumeLimits",
            Self::PodTopologySpread => "PodTopologySpread",
            Self::SchedulingGates => "SchedulingGates",
            Self::TaintToleration => "TaintToleration",
            Self::VolumeBinding => "VolumeBinding",
            Self::VolumeRestrictions => "VolumeRestrictions",
            Self::VolumeZone => "VolumeZone",
        }
    }
}
