//! The kinds of objects that placement uses.

/// A kind of object that a snapshot may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Nodes; nothing can be previewed without them.
    Node,
    /// Pods: their requests, and the host ports that they hold.
    Pod,
    /// Existing DaemonSets.
    DaemonSet,
    /// Namespaces, for pod affinity that selects them by label.
    Namespace,
    /// Volumes.
    PersistentVolume,
    /// Claims.
    PersistentVolumeClaim,
    /// Storage classes.
    StorageClass,
    /// The drivers on each node, and their limits.
    CsiNode,
    /// CSI drivers.
    CsiDriver,
    /// Priority classes.
    PriorityClass,
    /// Disruption budgets, which limit preemption.
    PodDisruptionBudget,
    /// What a container runtime adds to each of its pods.
    RuntimeClass,
}

/// All kinds, nodes first.
pub const KINDS: [Kind; 12] = [
    Kind::Node,
    Kind::Pod,
    Kind::DaemonSet,
    Kind::Namespace,
    Kind::PersistentVolume,
    Kind::PersistentVolumeClaim,
    Kind::StorageClass,
    Kind::CsiNode,
    Kind::CsiDriver,
    Kind::PriorityClass,
    Kind::PodDisruptionBudget,
    Kind::RuntimeClass,
];

impl Kind {
    /// `kind` as objects have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Node => "Node",
            Self::Pod => "Pod",
            Self::DaemonSet => "DaemonSet",
            Self::Namespace => "Namespace",
            Self::PersistentVolume => "PersistentVolume",
            Self::PersistentVolumeClaim => "PersistentVolumeClaim",
            Self::StorageClass => "StorageClass",
            Self::CsiNode => "CSINode",
            Self::CsiDriver => "CSIDriver",
            Self::PriorityClass => "PriorityClass",
            Self::PodDisruptionBudget => "PodDisruptionBudget",
            Self::RuntimeClass => "RuntimeClass",
        }
    }

    /// The API group, empty for the core.
    pub const fn group(self) -> &'static str {
        match self {
            Self::Node
            | Self::Pod
            | Self::Namespace
            | Self::PersistentVolume
            | Self::PersistentVolumeClaim => "",
            Self::DaemonSet => "apps",
            Self::StorageClass | Self::CsiNode | Self::CsiDriver => "storage.k8s.io",
            Self::PriorityClass => "scheduling.k8s.io",
            Self::PodDisruptionBudget => "policy",
            Self::RuntimeClass => "node.k8s.io",
        }
    }

    /// The resource's name in a path and in RBAC.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Node => "nodes",
            Self::Pod => "pods",
            Self::DaemonSet => "daemonsets",
            Self::Namespace => "namespaces",
            Self::PersistentVolume => "persistentvolumes",
            Self::PersistentVolumeClaim => "persistentvolumeclaims",
            Self::StorageClass => "storageclasses",
            Self::CsiNode => "csinodes",
            Self::CsiDriver => "csidrivers",
            Self::PriorityClass => "priorityclasses",
            Self::PodDisruptionBudget => "poddisruptionbudgets",
            Self::RuntimeClass => "runtimeclasses",
        }
    }

    /// `apiVersion` as objects have it: all of them are in their group's v1.
    pub const fn api_version(self) -> &'static str {
        match self.group().as_bytes() {
            b"" => "v1",
            b"apps" => "apps/v1",
            b"storage.k8s.io" => "storage.k8s.io/v1",
            b"policy" => "policy/v1",
            b"node.k8s.io" => "node.k8s.io/v1",
            _ => "scheduling.k8s.io/v1",
        }
    }

    /// The path of its objects on the API server, in all namespaces.
    pub fn path(self) -> String {
        let root = if self.group().is_empty() { "api" } else { "apis" };
        format!("/{root}/{}/{}", self.api_version(), self.plural())
    }

    /// The field selector of a list: finished pods do not matter.
    pub const fn field_selector(self) -> Option<&'static str> {
        match self {
            Self::Pod => Some("status.phase!=Succeeded,status.phase!=Failed"),
            _ => None,
        }
    }

    /// The kind of an object, if it is one of these.
    pub fn of(api_version: &str, kind: &str) -> Option<Self> {
        KINDS.into_iter().find(|known| known.as_str() == kind && known.api_version() == api_version)
    }

    /// The kind whose typed list has this name, such as `NodeList`.
    pub fn of_list(list: &str) -> Option<Self> {
        let kind = list.strip_suffix("List")?;
        KINDS.into_iter().find(|known| known.as_str() == kind)
    }

    pub(super) const fn bit(self) -> u16 {
        1 << (self as u16)
    }
}
