//! The server's own preparation and validation of a pod.

mod app_armor;
mod label_keys;
mod pod_create;

use std::collections::HashSet;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::plugin::Plugin;
use super::pod::Pod;
use super::pod_defaults::pod_level;
use super::refusal::{Detail, Refusal};
use crate::apiserver::for_pods::{
    Context, Errors, FieldError, Followers, Options, drop_disabled_fields, drop_init_container_annotations,
    given_or_generated, validate_name_prefix, validate_pod_declaratively,
};
use crate::gates::Gate;
use crate::ledger::{Bounds, Ledger};
use crate::path::{FieldPath, Path, PathSegment};
use crate::server::Server;

/// How many errors of each kind are made in full.
const IN_FULL: usize = 100;

/// The metadata that a pod has of its template.
const TEMPLATE_FIELDS: [&str; 3] = ["labels", "annotations", "finalizers"];

/// Drops and sets fields, after the plugins changed the pod and before it is validated.
///
/// Upstream: `registry/core/pod.podStrategy.PrepareForCreate`, `api/pod.DropDisabledPodFields`,
/// `core/v1.Convert_v1_Pod_To_core_Pod`.
pub fn prepare(pod: &mut Pod, server: &Server) {
    drop_disabled_fields(&mut pod.spec, None, server);
    // Here or during conversion.
    drop_init_container_annotations(&mut pod.annotations);
    label_keys::merge(&mut pod.spec, &pod.labels);
    app_armor::fields_from_annotations(&mut pod.spec, &pod.annotations);
    if server.enabled(Gate::PodLevelResourcesFixDefaulting) {
        pod_level::set_late(&mut pod.spec);
    }
}

/// Validates the pod as it would be stored.
///
/// What the server finds in a map it says in any order; here it is in the order of the names. Of more errors than anybody reads only
/// the first of each kind are in the sentence, and how many others there are.
///
/// Upstream: `registry/core/pod.podStrategy.Validate`, `apiserver/registry/rest.ValidateCreate`.
pub fn validate(pod: &Pod, server: &Server) -> Option<Refusal> {
    let options = Options { resource_is_pod: true, ..Options::for_create(server) };
    let cx = Context { server, options };
    let mut meta = ObjectMeta {
        generate_name: Some(pod.generate_name.clone()),
        namespace: Some(pod.namespace.clone()),
        labels: Some(pod.labels.clone()),
        annotations: Some(pod.annotations.clone()),
        finalizers: Some(pod.finalizers.clone()),
        generation: Some(1),
        ..ObjectMeta::default()
    };
    meta.name = given_or_generated(None, &meta);
    let mut errors = Errors::within(Ledger::new(Bounds::first(IN_FULL)), Followers::default());
    pod_create::validate_pod_create(&meta, &pod.spec, &cx, &mut errors);
    if errors.is_empty() {
        validate_name_prefix(&meta, &mut errors);
    }
    let responders = pod.spec.eviction_responders.as_deref().unwrap_or_default();
    validate_pod_declaratively(responders, &[], &Path::root("spec"), &cx, &mut errors);
    let (errors, ledger) = errors.into_parts();
    refusal(errors, ledger.into_rest().counts.values().sum())
}

/// The refusal for these errors and so many others, if there are any.
fn refusal(errors: Vec<FieldError>, others: usize) -> Option<Refusal> {
    let path = path_in_daemon_set(&errors.first()?.path);
    let message = sentence(&errors, others);
    let errors =
        errors.into_iter().map(|error| FieldError { path: path_in_daemon_set(&error.path), ..error });
    Some(Refusal { plugin: Plugin::Validation, message, path, detail: Detail::Invalid(errors.collect()) })
}

/// All errors in one sentence. One that is said twice is said once.
///
/// Upstream: `apimachinery/util/validation/field.ErrorList.ToAggregate`, `apimachinery/util/errors.aggregate.Error`.
fn sentence(errors: &[FieldError], others: usize) -> String {
    let mut texts: Vec<String> =
        errors.iter().map(|error| format!("{}: {}", error.path, error.body())).collect();
    if others > 0 {
        texts.push(format!("and {others} more"));
    }
    let mut known = HashSet::with_capacity(texts.len());
    let said: Vec<&str> = texts.iter().map(String::as_str).filter(|text| known.insert(*text)).collect();
    match said.as_slice() {
        [one] => (*one).to_owned(),
        several => format!("[{}]", several.join(", ")),
    }
}

/// The place in the DaemonSet that decides what stands at this place of the pod. Its name is made of the DaemonSet's.
fn path_in_daemon_set(path: &FieldPath) -> FieldPath {
    let is_meta = |segment: &PathSegment| *segment == PathSegment::Field("metadata".into());
    let of_template = |segment: &PathSegment| {
        TEMPLATE_FIELDS.iter().any(|name| *segment == PathSegment::Field((*name).into()))
    };
    match path.segments() {
        // The server gives this place to claims of a mirror pod.
        [PathSegment::Key(key)] if key.is_empty() => {
            FieldPath::of(&["spec", "template", "spec", "resourceClaims"])
        }
        [meta, field, ..] if is_meta(meta) && !of_template(field) => FieldPath::of(&["metadata", "name"]),
        all => {
            all.iter().fold(FieldPath::of(&["spec", "template"]), |path, segment| path.join(segment.clone()))
        }
    }
}

#[cfg(test)]
mod tests;
