//! Annotations that fields have replaced.

use std::collections::BTreeMap;
use std::ops::Bound;

use k8s_openapi::api::core::v1::{AppArmorProfile, PodSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::list::Warnings;
use crate::apiserver::container_visit::ContainerView;
use crate::path::Path;

/// Pod annotations without effect, and the server's messages.
const DEPRECATED_ANNOTATIONS: [(&str, &str); 3] = [
    (
        "scheduler.alpha.kubernetes.io/critical-pod",
        "non-functional in v1.16+; use the \"priorityClassName\" field instead",
    ),
    ("security.alpha.kubernetes.io/sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"),
    (
        "security.alpha.kubernetes.io/unsafe-sysctls",
        "non-functional in v1.11+; use the \"sysctls\" field instead",
    ),
];

const SECCOMP_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
const SECCOMP_CONTAINER: &str = "container.seccomp.security.alpha.kubernetes.io/";
const APP_ARMOR_CONTAINER: &str = "container.apparmor.security.beta.kubernetes.io/";
const SECCOMP_MESSAGE: &str = "non-functional in v1.27+; use the \"seccompProfile\" field instead";
const APP_ARMOR_MESSAGE: &str = "deprecated since v1.30; use the \"appArmorProfile\" field instead";

/// Warns about annotations without effect.
pub(super) fn warn_about_deprecated_annotations(meta: &ObjectMeta, path: &Path<'_>, warnings: &mut Warnings) {
    let Some(annotations) = &meta.annotations else { return };
    for (key, message) in DEPRECATED_ANNOTATIONS {
        if annotations.contains_key(key) {
            warnings.push(&path.field("metadata.annotations").key(key), format_args!("{message}"));
        }
    }
}

/// Warns about the pod's seccomp annotation if the field is not set.
pub(super) fn warn_about_pod_seccomp(
    spec: &PodSpec,
    meta: &ObjectMeta,
    path: &Path<'_>,
    warnings: &mut Warnings,
) {
    let has_field = spec.security_context.as_ref().is_some_and(|context| context.seccomp_profile.is_some());
    let has_annotation =
        meta.annotations.as_ref().is_some_and(|annotations| annotations.contains_key(SECCOMP_POD));
    if has_annotation && !has_field {
        let path = path.field("metadata.annotations");
        warnings.push(&path.key(SECCOMP_POD), format_args!("{SECCOMP_MESSAGE}"));
    }
}

/// Warns about a container's seccomp and AppArmor annotations if the fields are not set.
pub(super) fn warn_about_container_profiles(
    container: &ContainerView<'_>,
    pod_profile: Option<&AppArmorProfile>,
    annotations: &BTreeMap<String, String>,
    path: &Path<'_>,
    warnings: &mut Warnings,
) {
    let path = path.field("metadata.annotations");
    let context = container.security_context;
    if context.is_none_or(|context| context.seccomp_profile.is_none())
        && let Some((key, _)) = of_container(annotations, SECCOMP_CONTAINER, container.name)
    {
        warnings.push(&path.key(key), format_args!("{SECCOMP_MESSAGE}"));
    }
    if context.is_none_or(|context| context.app_armor_profile.is_none())
        && let Some((key, value)) = of_container(annotations, APP_ARMOR_CONTAINER, container.name)
        && pod_profile.is_none_or(|profile| app_armor_field_for_annotation(value).as_ref() != Some(profile))
    {
        warnings.push(&path.key(key), format_args!("{APP_ARMOR_MESSAGE}"));
    }
}

/// Finds the annotation whose key is `prefix` and the container's name. Most objects have none with the prefix.
fn of_container<'a>(
    annotations: &'a BTreeMap<String, String>,
    prefix: &str,
    name: &str,
) -> Option<(&'a str, &'a str)> {
    let mut from = annotations.range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
    from.next().filter(|(key, _)| key.starts_with(prefix))?;
    let found = annotations.get_key_value(&format!("{prefix}{name}"));
    found.map(|(key, value)| (key.as_str(), value.as_str()))
}

/// The AppArmor profile of an annotation, if it is valid.
///
/// Upstream: `api/pod.ApparmorFieldForAnnotation`.
pub(crate) fn app_armor_field_for_annotation(value: &str) -> Option<AppArmorProfile> {
    let (type_, localhost_profile) = match value {
        "unconfined" => ("Unconfined", None),
        "runtime/default" => ("RuntimeDefault", None),
        _ => ("Localhost", Some(value.strip_prefix("localhost/").filter(|profile| !profile.is_empty())?)),
    };
    Some(AppArmorProfile { type_: type_.to_owned(), localhost_profile: localhost_profile.map(str::to_owned) })
}
