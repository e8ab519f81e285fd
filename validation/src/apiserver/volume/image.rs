//! `image` volumes.

use k8s_openapi::api::core::v1::ImageVolumeSource;

use crate::apiserver::container::validate_pull_policy;
use crate::apiserver::context::Context;
use crate::apiserver::error::Errors;
use crate::gates::Change;
use crate::path::Path;

/// An image volume has a reference and a pull policy. In earlier minors the reference is optional in templates.
///
/// Upstream: `core/validation.validateImageVolumeSource`.
pub(super) fn validate_image_volume_source(
    source: &ImageVolumeSource,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    let may_be_empty = if cx.has(Change::ImageVolumeReferenceInTemplates) {
        cx.options.allow_empty_image_volume_reference
    } else {
        !cx.options.resource_is_pod
    };
    if !may_be_empty && source.reference.as_deref().unwrap_or_default().is_empty() {
        errors.required(&path.field("reference"), "");
    }
    let policy = source.pull_policy.as_deref().unwrap_or_default();
    validate_pull_policy(policy, &path.field("pullPolicy"), errors);
}
