//! Why the server does not store a pod.

use std::collections::{BTreeMap, BTreeSet};

use super::plugin::Plugin;
use crate::apiserver::error::FieldError;
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
