//! Kinds of nodes that are no machines: their kubelet is a program that runs pods elsewhere, and it runs no pod of a DaemonSet.

use super::snapshot::Node;

/// A kind of node on which no pod of a DaemonSet can run.
///
/// Upstream: Amazon EKS' user guide ("Daemonsets aren't supported on Fargate"), Azure's and Alibaba Cloud's on virtual nodes, Virtual
/// Kubelet's taint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VirtualNode {
    /// EKS Fargate: each pod has a node of its own.
    EksFargate,
    /// A node of Virtual Kubelet: Azure Container Instances, Alibaba Cloud's elastic container instances and others.
    VirtualKubelet,
}

/// The label of EKS Fargate's nodes, with the value `fargate`. Their taint has the same key and value.
const COMPUTE_TYPE: &str = "eks.amazonaws.com/compute-type";

/// The taint of Virtual Kubelet's nodes.
const PROVIDER: &str = "virtual-kubelet.io/provider";

/// The label of Virtual Kubelet's nodes, with the value `virtual-kubelet`.
const TYPE: &str = "type";

impl VirtualNode {
    /// What a node is; `None` for a node that is a machine.
    pub(super) fn of(node: &Node) -> Option<Self> {
        let label = |key: &str, value: &str| node.labels.get(key).is_some_and(|actual| actual == value);
        let taint = |key: &str| node.taints.iter().find(|taint| taint.key == key);
        let fargate = taint(COMPUTE_TYPE).is_some_and(|taint| taint.value.as_deref() == Some("fargate"));
        if fargate || label(COMPUTE_TYPE, "fargate") {
            Some(Self::EksFargate)
        } else if taint(PROVIDER).is_some() || label(TYPE, "virtual-kubelet") {
            Some(Self::VirtualKubelet)
        } else {
            None
        }
    }

    /// The label by which node affinity leaves such nodes out (`NotIn`): its key and value.
    pub const fn label(self) -> (&'static str, &'static str) {
        match self {
            Self::EksFargate => (COMPUTE_TYPE, "fargate"),
            Self::VirtualKubelet => (TYPE, "virtual-kubelet"),
        }
    }
}
