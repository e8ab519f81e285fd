//! Why the server does not store a pod.

use std::collections::{BTreeMap, BTreeSet};

use super::limit_ranger::violation::LimitViolation;
use super::plugin::Plugin;
use super::pod_security::PodSecurityRefusal;
use crate::apiserver::error::{ErrorKind, FieldError};
use crate::path::FieldPath;
use crate::quantity::Quantity;

/// Why the server does not store a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What refuses.
    pub plugin: Plugin,
    /// The server's sentence without what stands before it about the pod, whose name is random: without `pods "x" is forbidden: ` and
    /// without `Pod "x" is invalid: `.
    pub message: String,
    /// The place in the DaemonSet that decides, such as `spec.template.spec.serviceAccountName`.
    pub path: FieldPath,
    /// The same as data, for advice.
    pub detail: Detail,
}

/// What a refusal is about, as data. Each plugin adds its own variants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Errors of the pod's validation, in the server's order, at their places in the DaemonSet.
    Invalid(Vec<FieldError>),
    /// Containers lack requests or limits that a quota asks for.
    QuotaMissing {
        /// The quota's name.
        quota: Box<str>,
        /// The names of the containers, by the resource as the quota names it, such as `limits.cpu`.
        missing: BTreeMap<String, BTreeSet<String>>,
    },
    /// A quota has no room.
    QuotaExceeded {
        /// The quota's name.
        quota: Box<str>,
        /// The resources of which there is too little, sorted by name.
        exceeded: Vec<QuotaAmount>,
        /// The resources that the quota limits as well, and of which there is enough for this pod.
        others: Vec<QuotaAmount>,
    },
    /// It is not known how much of a quota is in use. Its controller did not count it yet.
    QuotaUnknown {
        /// The quota's name.
        quota: Box<str>,
        /// The resources, sorted by name.
        resources: Vec<String>,
    },
    /// The pod uses less than nothing.
    QuotaNegative {
        /// The resources, sorted by name.
        resources: Vec<String>,
    },
    /// Nothing more is known than the sentence.
    Other,
    /// The level of the Pod Security Standards that the namespace enforces, and how the pod violates it.
    PodSecurity(PodSecurityRefusal),
    /// The namespace with this name is not there.
    NamespaceAbsent(String),
    /// The namespace with this name is being deleted.
    NamespaceTerminating(String),
    /// A limit range is not kept.
    LimitRange {
        /// Its name.
        limit_range: String,
        /// How the pod violates it, each sentence of the server once.
        violations: Vec<LimitViolation>,
    },
    /// The service account is not there.
    ServiceAccountAbsent {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
    /// The service account allows only the secrets that it names.
    SecretNotAllowed {
        /// The service account.
        account: String,
        /// The secret that it does not name.
        secret: String,
        /// Whether it is missing among the account's `imagePullSecrets`, otherwise among its `secrets`.
        for_images: bool,
    },
    /// No priority class has this name.
    PriorityClassAbsent(String),
    /// The pod's integer is not the value of its class.
    PriorityDiffers {
        /// The pod's `priority`.
        written: i32,
        /// The priority that the server computes.
        computed: i32,
        /// The class that gives it; `None` where no class does, and the priority is zero.
        class: Option<String>,
    },
    /// The pod's preemption policy is not that of its class.
    PreemptionPolicyDiffers {
        /// The pod's `preemptionPolicy`.
        written: Box<str>,
        /// The policy that the server computes.
        computed: Box<str>,
        /// The class that gives it; `None` where no class does.
        class: Option<String>,
    },
    /// No runtime class has this name.
    RuntimeClassAbsent(String),
    /// The pod's overhead is not that of this runtime class.
    OverheadDiffers(String),
    /// The pod has an overhead, and no runtime class gives it one.
    OverheadWithoutClass,
    /// The pod's node selector has other values than its runtime class.
    NodeSelectorConflicts {
        /// The runtime class.
        class: String,
        /// Each key with both values, sorted by key. The server names any one of them.
        conflicts: Vec<SelectorConflict>,
    },
}

impl Detail {
    /// Whether the pod has a port of the host twice. A template may have a port twice; on the host's network each is a port of the node.
    pub fn has_a_host_port_twice(&self) -> bool {
        let Self::Invalid(errors) = self else { return false };
        errors
            .iter()
            .any(|error| error.kind == ErrorKind::Duplicate && error.path.to_string().ends_with(".hostPort"))
    }
}

/// A key of a node selector for which a pod and its runtime class have different values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectorConflict {
    /// The key.
    pub key: String,
    /// The value in the runtime class.
    pub of_class: String,
    /// The value in the pod.
    pub of_pod: String,
}

/// A resource of which a quota has too little left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaAmount {
    /// The resource as the quota names it, such as `requests.memory`.
    pub resource: Box<str>,
    /// What a pod takes of it.
    pub requested: Quantity,
    /// What is in use when the pod comes that is refused.
    pub used: Quantity,
    /// What the quota allows.
    pub hard: Quantity,
}
