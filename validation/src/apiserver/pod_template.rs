//! The pod template.

use k8s_openapi::api::core::v1::{PodSpec, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::apiserver::context::Context;
use crate::apiserver::error::Errors;
use crate::apiserver::label_selector::validate_labels;
use crate::apiserver::object_meta::validate_annotations;
use crate::apiserver::pod_annotations::{
    validate_app_armor_annotations_and_fields_match_on_create, validate_pod_specific_annotations,
    validate_seccomp_annotations_and_fields,
};
use crate::apiserver::pod_spec::validate_pod_spec;
use crate::path::Path;

/// A pod template has labels, annotations and a pod spec, and no ephemeral containers.
///
/// Upstream: `core/validation.ValidatePodTemplateSpec`.
pub(super) fn validate_pod_template_spec(
    template: &PodTemplateSpec,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    let (no_meta, no_spec);
    let meta = match &template.metadata {
        Some(meta) => meta,
        None => {
            no_meta = ObjectMeta::default();
            &no_meta
        }
    };
    let spec = match &template.spec {
        Some(spec) => spec,
        None => {
            no_spec = PodSpec::default();
            &no_spec
        }
    };
    // The paths leave out `metadata`, as upstream's do.
    let (annotations_path, spec_path) = (path.field("annotations"), path.field("spec"));
    validate_labels(meta.labels.as_ref(), &path.field("labels"), errors);
    validate_annotations(meta.annotations.as_ref(), &annotations_path, errors);
    if let Some(annotations) = &meta.annotations {
        validate_pod_specific_annotations(annotations, spec, &annotations_path, cx, errors);
    }
    validate_pod_spec(spec, None, &spec_path, cx, errors);
    validate_seccomp_annotations_and_fields(meta, spec, &spec_path, errors);
    validate_app_armor_annotations_and_fields_match_on_create(meta, spec, &spec_path, errors);
    if spec.ephemeral_containers.iter().flatten().next().is_some() {
        let detail = "ephemeral containers not allowed in pod template";
        errors.forbidden(&spec_path.field("ephemeralContainers"), detail);
    }
}
