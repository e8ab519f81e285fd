//! A review's object as a typed DaemonSet: what the server put there and nobody asks for is skipped.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{DaemonSet, DaemonSetSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta, OwnerReference, Time};
use serde::Deserialize;

/// A DaemonSet without `status` and `metadata.managedFields`, which make up a third of what the server sends.
#[derive(Deserialize)]
#[serde(from = "Wire")]
pub(super) struct Object(pub(super) DaemonSet);

#[derive(Deserialize)]
struct Wire {
    metadata: Metadata,
    #[serde(default)]
    spec: DaemonSetSpec,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Metadata {
    name: Option<String>,
    generate_name: Option<String>,
    namespace: Option<String>,
    labels: Option<BTreeMap<String, String>>,
    annotations: Option<BTreeMap<String, String>>,
    uid: Option<String>,
    resource_version: Option<String>,
    generation: Option<i64>,
    creation_timestamp: Option<Time>,
    deletion_timestamp: Option<Time>,
    deletion_grace_period_seconds: Option<i64>,
    owner_references: Option<Vec<OwnerReference>>,
    finalizers: Option<Vec<String>>,
}

/// Of the object that is stored now what an update may not change: its metadata and its selector.
#[derive(Deserialize)]
#[serde(from = "StoredWire")]
pub(super) struct Stored(pub(super) DaemonSet);

#[derive(Deserialize)]
struct StoredWire {
    metadata: Metadata,
    #[serde(default)]
    spec: StoredSpec,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct StoredSpec {
    selector: LabelSelector,
}

impl From<StoredWire> for Stored {
    fn from(StoredWire { metadata, spec: StoredSpec { selector } }: StoredWire) -> Self {
        let spec = DaemonSetSpec { selector, ..DaemonSetSpec::default() };
        Self(DaemonSet { metadata: metadata.into(), spec, status: None })
    }
}

impl From<Wire> for Object {
    fn from(Wire { metadata, spec }: Wire) -> Self {
        Self(DaemonSet { metadata: metadata.into(), spec, status: None })
    }
}

impl From<Metadata> for ObjectMeta {
    fn from(from: Metadata) -> Self {
        Self {
            name: from.name,
            generate_name: from.generate_name,
            namespace: from.namespace,
            labels: from.labels,
            annotations: from.annotations,
            uid: from.uid,
            resource_version: from.resource_version,
            generation: from.generation,
            creation_timestamp: from.creation_timestamp,
            deletion_timestamp: from.deletion_timestamp,
            deletion_grace_period_seconds: from.deletion_grace_period_seconds,
            owner_references: from.owner_references,
            finalizers: from.finalizers,
            ..Self::default()
        }
    }
}

/// Whether an object has a selector that says something. The typed object cannot tell an absent one from an empty one.
pub(super) fn has_selector(daemon_set: &DaemonSet) -> bool {
    let selector = &daemon_set.spec.selector;
    selector.match_labels.is_some() || selector.match_expressions.is_some()
}

impl Object {
    /// Whether it is on its way out. Whoever takes finalizers off such an object must never be held up.
    pub(super) fn is_being_deleted(&self) -> bool {
        self.0.metadata.deletion_timestamp.is_some()
    }

    /// One of its annotations.
    pub(super) fn annotation(&self, key: &str) -> Option<&str> {
        self.0.metadata.annotations.as_ref()?.get(key).map(String::as_str)
    }
}
