//! Why the server does not store a pod.

use super::plugin::Plugin;
use super::pod_security::PodSecurityRefusal;
use crate::path::FieldPath;

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
    /// Nothing more is known than the sentence.
    Other,
    /// The level of the Pod Security Standards that the namespace enforces, and how the pod violates it.
    PodSecurity(PodSecurityRefusal),
}
