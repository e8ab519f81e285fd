//! Reads the object of a review as a typed DaemonSet, without the parts that the webhook does not use.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{DaemonSet, DaemonSetSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta, OwnerReference, Time};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A DaemonSet without `status` and `metadata.managedFields`, which are about a third of the text.
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

/// An object whose spec is not parsed yet.
#[derive(Deserialize)]
pub(super) struct Outline<'a> {
    #[serde(deserialize_with = "metadata")]
    pub(super) metadata: ObjectMeta,
    #[serde(borrow)]
    pub(super) spec: Option<&'a RawValue>,
}

fn metadata<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ObjectMeta, D::Error> {
    Metadata::deserialize(deserializer).map(ObjectMeta::from)
}

impl<'a> Outline<'a> {
    /// The text of the spec; empty if there is none.
    pub(super) fn spec(&self) -> &'a str {
        self.spec.map(RawValue::get).unwrap_or_default()
    }
}

/// Reads only the selector of a spec.
#[derive(Deserialize)]
pub(super) struct SelectorOnly {
    #[serde(default)]
    pub(super) selector: LabelSelector,
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

/// Whether a selector is present and not empty. The typed object cannot tell an absent selector from an empty one.
pub(super) const fn is_there(selector: &LabelSelector) -> bool {
    selector.match_labels.is_some() || selector.match_expressions.is_some()
}

/// Whether an object is being deleted. Updates of such an object always pass, so that finalizers can be removed.
pub(super) const fn is_being_deleted(metadata: &ObjectMeta) -> bool {
    metadata.deletion_timestamp.is_some()
}
