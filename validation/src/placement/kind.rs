//! The kinds of objects that a snapshot may hold.

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
    /// The limits and the defaults of containers in a namespace.
    LimitRange,
    /// What the pods of a namespace may request together.
    ResourceQuota,
    /// The accounts of pods.
    ServiceAccount,
    /// Names, and keys where a file has them; never values.
    ConfigMap,
    /// Names, and keys where a file has them; never values.
    Secret,
    /// Webhooks that may change objects.
    MutatingWebhookConfiguration,
    /// Webhooks that may refuse objects.
    ValidatingWebhookConfiguration,
    /// Policies that may refuse objects.
    ValidatingAdmissionPolicy,
    /// What these policies are for.
    ValidatingAdmissionPolicyBinding,
    /// Policies that may change objects; of servers from 1.36 on.
    MutatingAdmissionPolicy,
    /// What these policies are for.
    MutatingAdmissionPolicyBinding,
    /// What OpenShift lets pods do.
    SecurityContextConstraints,
}

/// The kinds that decide whether the controller makes a pod and where it is bound, nodes first.
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

/// The kinds that, with namespaces and classes, decide whether the API server stores a pod.
pub const ADMISSION_KINDS: [Kind; 3] = [Kind::LimitRange, Kind::ResourceQuota, Kind::ServiceAccount];

/// The kinds that only the command reads: what pods refer to, and who else may decide. No verdict depends on them.
pub const COMMAND_KINDS: [Kind; 9] = [
    Kind::ConfigMap,
    Kind::Secret,
    Kind::MutatingWebhookConfiguration,
    Kind::ValidatingWebhookConfiguration,
    Kind::ValidatingAdmissionPolicy,
    Kind::ValidatingAdmissionPolicyBinding,
    Kind::MutatingAdmissionPolicy,
    Kind::MutatingAdmissionPolicyBinding,
    Kind::SecurityContextConstraints,
];

/// All kinds, nodes first.
pub fn all_kinds() -> impl Iterator<Item = Kind> {
    KINDS.into_iter().chain(ADMISSION_KINDS).chain(COMMAND_KINDS)
}

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
            Self::LimitRange => "LimitRange",
            Self::ResourceQuota => "ResourceQuota",
            Self::ServiceAccount => "ServiceAccount",
            Self::ConfigMap => "ConfigMap",
            Self::Secret => "Secret",
            Self::MutatingWebhookConfiguration => "MutatingWebhookConfiguration",
            Self::ValidatingWebhookConfiguration => "ValidatingWebhookConfiguration",
            Self::ValidatingAdmissionPolicy => "ValidatingAdmissionPolicy",
            Self::ValidatingAdmissionPolicyBinding => "ValidatingAdmissionPolicyBinding",
            Self::MutatingAdmissionPolicy => "MutatingAdmissionPolicy",
            Self::MutatingAdmissionPolicyBinding => "MutatingAdmissionPolicyBinding",
            Self::SecurityContextConstraints => "SecurityContextConstraints",
        }
    }

    /// The API group, empty for the core.
    pub const fn group(self) -> &'static str {
        match self {
            Self::Node
            | Self::Pod
            | Self::Namespace
            | Self::PersistentVolume
            | Self::PersistentVolumeClaim
            | Self::LimitRange
            | Self::ResourceQuota
            | Self::ServiceAccount
            | Self::ConfigMap
            | Self::Secret => "",
            Self::DaemonSet => "apps",
            Self::StorageClass | Self::CsiNode | Self::CsiDriver => "storage.k8s.io",
            Self::PriorityClass => "scheduling.k8s.io",
            Self::PodDisruptionBudget => "policy",
            Self::RuntimeClass => "node.k8s.io",
            Self::MutatingWebhookConfiguration
            | Self::ValidatingWebhookConfiguration
            | Self::ValidatingAdmissionPolicy
            | Self::ValidatingAdmissionPolicyBinding
            | Self::MutatingAdmissionPolicy
            | Self::MutatingAdmissionPolicyBinding => "admissionregistration.k8s.io",
            Self::SecurityContextConstraints => "security.openshift.io",
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
            Self::LimitRange => "limitranges",
            Self::ResourceQuota => "resourcequotas",
            Self::ServiceAccount => "serviceaccounts",
            Self::ConfigMap => "configmaps",
            Self::Secret => "secrets",
            Self::MutatingWebhookConfiguration => "mutatingwebhookconfigurations",
            Self::ValidatingWebhookConfiguration => "validatingwebhookconfigurations",
            Self::ValidatingAdmissionPolicy => "validatingadmissionpolicies",
            Self::ValidatingAdmissionPolicyBinding => "validatingadmissionpolicybindings",
            Self::MutatingAdmissionPolicy => "mutatingadmissionpolicies",
            Self::MutatingAdmissionPolicyBinding => "mutatingadmissionpolicybindings",
            Self::SecurityContextConstraints => "securitycontextconstraints",
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
            b"admissionregistration.k8s.io" => "admissionregistration.k8s.io/v1",
            b"security.openshift.io" => "security.openshift.io/v1",
            _ => "scheduling.k8s.io/v1",
        }
    }

    /// The path of its objects on the API server, in all namespaces.
    pub fn path(self) -> String {
        let root = if self.group().is_empty() { "api" } else { "apis" };
        format!("/{root}/{}/{}", self.api_version(), self.plural())
    }

    /// Whether its objects are in namespaces.
    pub const fn is_namespaced(self) -> bool {
        matches!(
            self,
            Self::Pod
                | Self::DaemonSet
                | Self::PersistentVolumeClaim
                | Self::PodDisruptionBudget
                | Self::LimitRange
                | Self::ResourceQuota
                | Self::ServiceAccount
                | Self::ConfigMap
                | Self::Secret
        )
    }

    /// Whether a server is asked only for the metadata: the rest is not to leave it.
    pub const fn is_metadata_only(self) -> bool {
        matches!(self, Self::ConfigMap | Self::Secret)
    }

    /// Whether only some servers have the kind, so that its absence is no fault.
    pub const fn is_optional(self) -> bool {
        matches!(
            self,
            Self::SecurityContextConstraints
                | Self::MutatingAdmissionPolicy
                | Self::MutatingAdmissionPolicyBinding
        )
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
        all_kinds().find(|known| known.as_str() == kind && known.api_version() == api_version)
    }

    /// The kind whose typed list has this name, such as `NodeList`.
    pub fn of_list(list: &str) -> Option<Self> {
        let kind = list.strip_suffix("List")?;
        all_kinds().find(|known| known.as_str() == kind)
    }

    pub(super) const fn bit(self) -> u32 {
        1 << (self as u16)
    }
}
