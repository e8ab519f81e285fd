//! The short road from a review's object to a typed DaemonSet: what the server put there and validation does not ask for is skipped.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{DaemonSet, DaemonSetSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference, Time};
use serde::Deserialize;
use serde_json::value::RawValue;

/// A DaemonSet without `status` and `metadata.managedFields`, which make up a third of what the server sends.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    metadata: Metadata,
    #[serde(default)]
    spec: DaemonSetSpec,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    generate_name: Option<String>,
    #[serde(default)]
    namespace: Option<String>,
    #[serde(default)]
    labels: Option<BTreeMap<String, String>>,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
    #[serde(default)]
    uid: Option<String>,
    #[serde(default)]
    resource_version: Option<String>,
    #[serde(default)]
    generation: Option<i64>,
    #[serde(default)]
    creation_timestamp: Option<Time>,
    #[serde(default)]
    deletion_timestamp: Option<Time>,
    #[serde(default)]
    deletion_grace_period_seconds: Option<i64>,
    #[serde(default)]
    owner_references: Option<Vec<OwnerReference>>,
    #[serde(default)]
    finalizers: Option<Vec<String>>,
}

/// Reads the object. An error means that the long road has to say what is wrong.
pub(super) fn read(text: &str) -> Result<DaemonSet, serde_json::Error> {
    let Object { metadata, spec } = serde_json::from_str(text)?;
    let Metadata {
        name,
        generate_name,
        namespace,
        labels,
        annotations,
        uid,
        resource_version,
        generation,
        creation_timestamp,
        deletion_timestamp,
        deletion_grace_period_seconds,
        owner_references,
        finalizers,
    } = metadata;
    let metadata = ObjectMeta {
        name,
        generate_name,
        namespace,
        labels,
        annotations,
        uid,
        resource_version,
        generation,
        creation_timestamp,
        deletion_timestamp,
        deletion_grace_period_seconds,
        owner_references,
        finalizers,
        managed_fields: None,
        self_link: None,
    };
    Ok(DaemonSet { metadata, spec, status: None })
}

/// Whether the object has a selector that says something. The typed object cannot tell an absent one from an empty one.
pub(super) fn has_selector(daemon_set: &DaemonSet) -> bool {
    let selector = &daemon_set.spec.selector;
    selector.match_labels.is_some() || selector.match_expressions.is_some()
}

#[derive(Deserialize)]
struct Spec<'a> {
    #[serde(borrow)]
    spec: Option<&'a RawValue>,
}

/// Whether two objects have the same spec, to the letter: the server writes the same thing the same way.
pub(super) fn same_spec(one: &str, other: &str) -> bool {
    let spec = |text| serde_json::from_str::<Spec<'_>>(text).ok()?.spec.map(RawValue::get);
    spec(one).is_some_and(|one| spec(other) == Some(one))
}
