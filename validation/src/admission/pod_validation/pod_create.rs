//! What the server checks of a pod and not of a template.

use k8s_openapi::api::core::v1::{Container, PodSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::apiserver::for_pods::{
    Context, Errors, name_is_dns_subdomain, validate_app_armor_annotations_and_fields_match_on_create,
    validate_container_only_for_pod, validate_object_meta, validate_pod_spec,
    validate_pod_specific_annotations, validate_seccomp_annotations_and_fields,
};
use crate::path::Path;

/// Checks a new pod.
///
/// Upstream: `core/validation.ValidatePodCreate`.
pub(super) fn validate_pod_create(meta: &ObjectMeta, spec: &PodSpec, cx: &Context<'_>, errors: &mut Errors) {
    let path = Path::root("spec");
    validate_pod_metadata_and_spec(meta, spec, &path, cx, errors);
    if spec.ephemeral_containers.iter().flatten().next().is_some() {
        errors.forbidden(&path.field("ephemeralContainers"), "cannot be set on create");
    }
    let has_node = spec.node_name.as_deref().is_some_and(|name| !name.is_empty());
    if has_node && spec.scheduling_gates.iter().flatten().next().is_some() {
        let detail = "cannot be set until all schedulingGates have been cleared";
        errors.forbidden(&path.field("nodeName"), detail);
    }
    validate_seccomp_annotations_and_fields(meta, spec, &path, errors);
    validate_app_armor_annotations_and_fields_match_on_create(meta, spec, &path, errors);
}

/// Newer minors also check that the grace period is not negative, which the pod's defaults see to.
///
/// Upstream: `core/validation.validatePodMetadataAndSpec`, `core/validation.ValidatePodName`.
fn validate_pod_metadata_and_spec(
    meta: &ObjectMeta,
    spec: &PodSpec,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    let meta_path = Path::root("metadata");
    validate_object_meta(meta, name_is_dns_subdomain, &meta_path, cx, errors);
    if let Some(annotations) = &meta.annotations {
        let annotations_path = meta_path.field("annotations");
        validate_pod_specific_annotations(annotations, spec, &annotations_path, cx, errors);
    }
    validate_pod_spec(spec, Some(meta), path, cx, errors);
    if spec.service_account_name.as_deref().is_none_or(str::is_empty) {
        validate_no_tokens(spec, path, errors);
    }
    let init_containers = spec.init_containers.as_deref().unwrap_or_default();
    validate_containers_only_for_pod(&spec.containers, &path.field("containers"), errors);
    validate_containers_only_for_pod(init_containers, &path.field("initContainers"), errors);
}

/// Without a service account there is no token to project.
fn validate_no_tokens(spec: &PodSpec, path: &Path<'_>, errors: &mut Errors) {
    let volumes = path.field("volumes");
    for (index, volume) in spec.volumes.iter().flatten().enumerate() {
        let Some(projected) = &volume.projected else { continue };
        let volume_path = volumes.index(index);
        let sources = volume_path.field("projected.sources");
        for (index, source) in projected.sources.iter().flatten().enumerate() {
            if source.service_account_token.is_some() {
                let detail = "must not be specified when serviceAccountName is not set";
                errors.forbidden(&sources.index(index).field("serviceAccountToken"), detail);
            }
        }
    }
}

/// Upstream: `core/validation.validateContainersOnlyForPod`.
fn validate_containers_only_for_pod(containers: &[Container], path: &Path<'_>, errors: &mut Errors) {
    for (index, container) in containers.iter().enumerate() {
        let image = container.image.as_deref().unwrap_or_default();
        validate_container_only_for_pod(image, &path.index(index), errors);
    }
}
