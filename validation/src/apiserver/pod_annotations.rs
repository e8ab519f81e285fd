//! Pod annotations that the server checks.

mod json;
mod tolerations;

use std::collections::{BTreeMap, HashSet};
use std::ops::Bound;

use k8s_openapi::api::core::v1::{AppArmorProfile, PodSpec, SeccompProfile};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::apiserver::container_visit::{containers, visit_containers_with_path};
use crate::apiserver::content::{local_descending_path, quote, report};
use crate::apiserver::context::Context;
use crate::apiserver::error::Errors;
use crate::apiserver::toleration::validate_tolerations;
use crate::path::Path;

type Annotations = BTreeMap<String, String>;

pub(super) const MIRROR_POD: &str = "kubernetes.io/config.mirror";
const TOLERATIONS: &str = "scheduler.alpha.kubernetes.io/tolerations";
const POD_DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";
const SECCOMP_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
const SECCOMP_CONTAINER_PREFIX: &str = "container.seccomp.security.alpha.kubernetes.io/";
pub(crate) const APP_ARMOR_CONTAINER_PREFIX: &str = "container.apparmor.security.beta.kubernetes.io/";
const LOCALHOST_PREFIX: &str = "localhost/";

/// Checks the annotations that the server knows.
///
/// Upstream: `core/validation.ValidatePodSpecificAnnotations`.
pub(crate) fn validate_pod_specific_annotations(
    annotations: &Annotations,
    spec: &PodSpec,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    if let Some(value) = annotations.get(MIRROR_POD)
        && spec.node_name.as_deref().unwrap_or_default().is_empty()
    {
        let detail = "must set spec.nodeName if mirror pod annotation is set";
        errors.invalid(&path.key(MIRROR_POD), value, detail);
    }
    if let Some(text) = annotations.get(TOLERATIONS).filter(|text| !text.is_empty()) {
        validate_tolerations_in_pod_annotations(text, path, cx, errors);
    }
    if !cx.options.allow_invalid_pod_deletion_cost
        && let Some(cost) = annotations.get(POD_DELETION_COST)
        && !is_deletion_cost(cost)
    {
        errors.invalid(&path.key(POD_DELETION_COST), cost, "must be a 32bit integer");
    }
    validate_seccomp_pod_annotations(annotations, path, errors);
    validate_app_armor_pod_annotations(annotations, spec, path, errors);
}

/// Tolerations in the former alpha annotation have no effect, but must be valid JSON and valid tolerations.
///
/// Upstream: `core/validation.ValidateTolerationsInPodAnnotations`.
fn validate_tolerations_in_pod_annotations(
    text: &str,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    match tolerations::parse(text) {
        Ok(tolerations) => validate_tolerations(&tolerations, &path.name(TOLERATIONS), cx, errors),
        Err(sentence) => errors.invalid(path, TOLERATIONS, sentence),
    }
}

/// Whether the annotation `controller.kubernetes.io/pod-deletion-cost` is present and invalid.
///
/// Upstream: `core/helper.GetDeletionCostFromPodAnnotations`.
pub(super) fn has_invalid_deletion_cost(annotations: &Annotations) -> bool {
    annotations.get(POD_DELETION_COST).is_some_and(|cost| !is_deletion_cost(cost))
}

/// A cost is a 32-bit integer without a plus sign. Leading zeros are allowed only after a minus sign.
///
/// Upstream: `core/helper.validFirstDigit`.
fn is_deletion_cost(text: &str) -> bool {
    let starts_well = match text.as_bytes().first() {
        Some(b'-' | b'1'..=b'9') => true,
        _ => text == "0",
    };
    starts_well && text.parse::<i32>().is_ok()
}

/// A seccomp annotation has a known profile, or a file below the kubelet's profile directory.
///
/// Upstream: `core/validation.ValidateSeccompPodAnnotations`, `core/validation.ValidateSeccompProfile`.
fn validate_seccomp_pod_annotations(annotations: &Annotations, path: &Path<'_>, errors: &mut Errors) {
    let pod = annotations.get_key_value(SECCOMP_POD);
    let containers = with_prefix(annotations, SECCOMP_CONTAINER_PREFIX);
    for (key, profile) in pod.into_iter().chain(containers) {
        let path = path.name(key);
        if matches!(profile.as_str(), "runtime/default" | "docker/default" | "unconfined") {
            continue;
        }
        match profile.strip_prefix(LOCALHOST_PREFIX) {
            Some(file) => report(local_descending_path(file), file, &path, errors),
            None => errors.invalid(&path, profile, "must be a valid seccomp profile"),
        }
    }
}

/// An AppArmor annotation refers to a container of the pod and has a valid profile.
///
/// Upstream: `core/validation.ValidateAppArmorPodAnnotations`, `core/validation.ValidateAppArmorProfileFormat`,
/// `core/validation.podSpecHasContainer`.
fn validate_app_armor_pod_annotations(
    annotations: &Annotations,
    spec: &PodSpec,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let mut names = None;
    for (key, profile) in with_prefix(annotations, APP_ARMOR_CONTAINER_PREFIX) {
        let container = key.strip_prefix(APP_ARMOR_CONTAINER_PREFIX).unwrap_or_default();
        let names: &HashSet<&str> =
            names.get_or_insert_with(|| containers(spec).map(|view| view.name).collect());
        if !names.contains(container) {
            errors.invalid(&path.key(key), container, "container not found");
        }
        let known = matches!(profile.as_str(), "" | "runtime/default" | "unconfined");
        if !known && !profile.starts_with(LOCALHOST_PREFIX) {
            let detail = format!("invalid AppArmor profile name: {}", quote(profile));
            errors.invalid(&path.key(key), profile, detail);
        }
    }
}

/// The annotations whose keys start with `prefix`. In the sorted map they are adjacent.
fn with_prefix<'a>(
    annotations: &'a Annotations,
    prefix: &'a str,
) -> impl Iterator<Item = (&'a String, &'a String)> {
    let from = annotations.range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
    from.take_while(move |(key, _)| key.starts_with(prefix))
}

/// A seccomp annotation and the corresponding field must agree.
///
/// Upstream: `core/validation.validateSeccompAnnotationsAndFields`.
pub(crate) fn validate_seccomp_annotations_and_fields(
    meta: &ObjectMeta,
    spec: &PodSpec,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let Some(annotations) = &meta.annotations else { return };
    let pod_profile = spec.security_context.as_ref().and_then(|context| context.seccomp_profile.as_ref());
    if let (Some(profile), Some(annotation)) = (pod_profile, annotations.get(SECCOMP_POD)) {
        let path = path.field("securityContext.seccompProfile");
        validate_seccomp_annotations_and_fields_match(annotation, profile, &path, errors);
    }
    if with_prefix(annotations, SECCOMP_CONTAINER_PREFIX).next().is_none() {
        return;
    }
    visit_containers_with_path(spec, path, |view, path| {
        let profile = view.security_context.and_then(|context| context.seccomp_profile.as_ref());
        let annotation = of_container(annotations, SECCOMP_CONTAINER_PREFIX, view.name);
        if let (Some(profile), Some(annotation)) = (profile, annotation) {
            let path = path.field("securityContext.seccompProfile");
            validate_seccomp_annotations_and_fields_match(annotation, profile, &path, errors);
        }
    });
}

fn of_container<'a>(annotations: &'a Annotations, prefix: &str, container: &str) -> Option<&'a String> {
    annotations.get(&format!("{prefix}{container}"))
}

/// Upstream: `core/validation.validateSeccompAnnotationsAndFieldsMatch`.
fn validate_seccomp_annotations_and_fields_match(
    annotation: &str,
    profile: &SeccompProfile,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let file = annotation.strip_prefix(LOCALHOST_PREFIX);
    let same_type = match profile.type_.as_str() {
        "Unconfined" => annotation == "unconfined",
        "RuntimeDefault" => matches!(annotation, "runtime/default" | "docker/default"),
        "Localhost" => file.is_some(),
        _ => return,
    };
    if !same_type {
        errors.forbidden(&path.field("type"), "seccomp type in annotation and field must match");
    } else if file.is_some() && profile.localhost_profile.as_deref() != file {
        let detail = "seccomp profile in annotation and field must match";
        errors.forbidden(&path.field("localhostProfile"), detail);
    }
}

/// An AppArmor annotation and the corresponding field must agree. They are not compared for Windows pods.
///
/// Upstream: `core/validation.validateAppArmorAnnotationsAndFieldsMatchOnCreate`.
pub(crate) fn validate_app_armor_annotations_and_fields_match_on_create(
    meta: &ObjectMeta,
    spec: &PodSpec,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let Some(annotations) = &meta.annotations else { return };
    let windows = spec.os.as_ref().is_some_and(|os| os.name == "windows");
    if windows || with_prefix(annotations, APP_ARMOR_CONTAINER_PREFIX).next().is_none() {
        return;
    }
    let pod_profile = spec.security_context.as_ref().and_then(|context| context.app_armor_profile.as_ref());
    visit_containers_with_path(spec, path, |view, path| {
        let own = view.security_context.and_then(|context| context.app_armor_profile.as_ref());
        let annotation = of_container(annotations, APP_ARMOR_CONTAINER_PREFIX, view.name);
        if let (Some(profile), Some(annotation)) = (own.or(pod_profile), annotation) {
            let path = path.field("securityContext.appArmorProfile");
            validate_app_armor_match(annotation, profile, &path, errors);
        }
    });
}

fn validate_app_armor_match(
    annotation: &str,
    profile: &AppArmorProfile,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let name = annotation.strip_prefix(LOCALHOST_PREFIX);
    let same_type = match profile.type_.as_str() {
        "Unconfined" => annotation == "unconfined",
        "RuntimeDefault" => annotation == "runtime/default",
        "Localhost" => name.is_some(),
        _ => return,
    };
    if !same_type {
        errors.forbidden(&path.field("type"), "apparmor type in annotation and field must match");
    } else if name.is_some() && profile.localhost_profile.as_deref() != name {
        let detail = "apparmor profile in annotation and field must match";
        errors.forbidden(&path.field("localhostProfile"), detail);
    }
}
