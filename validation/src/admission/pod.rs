//! The pod that the DaemonSet controller sends to the API server.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::PodSpec;

/// A pod on its way through admission.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pod {
    /// Its namespace.
    pub namespace: String,
    /// `metadata.generateName`: the DaemonSet's name and a dash.
    pub generate_name: String,
    /// `metadata.labels`.
    pub labels: BTreeMap<String, String>,
    /// `metadata.annotations`.
    pub annotations: BTreeMap<String, String>,
    /// `metadata.finalizers`, which the template gives as well.
    pub finalizers: Vec<String>,
    /// `spec`.
    pub spec: PodSpec,
}
