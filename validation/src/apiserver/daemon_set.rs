//! The DaemonSet and its spec.

use k8s_openapi::api::apps::v1::DaemonSetSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};

use crate::apiserver::content::name_is_dns_subdomain;
use crate::apiserver::context::Context;
use crate::apiserver::error::{BadValue, Errors, Origin};
use crate::apiserver::internal::{InternalDaemonSet, InternalFields};
use crate::apiserver::label_selector::validate_label_selector;
use crate::apiserver::object_meta::{
    FIELD_IMMUTABLE_ERROR, validate_nonnegative_field, validate_object_meta, validate_object_meta_update,
};
use crate::apiserver::pod_template::validate_pod_template_spec;
use crate::apiserver::semantic;
use crate::apiserver::update_strategy::validate_daemon_set_update_strategy;
use crate::matching::NO_LABELS;
use crate::matching::label_selector::label_selector_as_selector;
use crate::path::Path;

/// Checks the metadata of a new DaemonSet. The name is a DNS subdomain. The spec is checked separately.
///
/// Upstream: `apps/validation.ValidateDaemonSet`, `apps/validation.ValidateDaemonSetName`.
pub(super) fn validate_daemon_set_metadata(meta: &ObjectMeta, cx: &Context<'_>, errors: &mut Errors) {
    validate_object_meta(meta, name_is_dns_subdomain, &Path::root("metadata"), cx, errors);
}

/// Checks what an update must not change: identity and selector. The new spec is checked separately, like that of a new object.
///
/// Upstream: `apps/validation.ValidateDaemonSetUpdate`.
pub(super) fn validate_daemon_set_immutable_fields(
    new: &InternalDaemonSet,
    old: &InternalDaemonSet,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    let (meta, old_meta) = (&new.daemon_set.metadata, &old.daemon_set.metadata);
    validate_object_meta_update(meta, old_meta, &Path::root("metadata"), cx, errors);
    validate_daemon_set_spec_update(new, old, &Path::root("spec"), errors);
}

/// The selector is immutable, and the template generation must not decrease.
///
/// Upstream: `apps/validation.ValidateDaemonSetSpecUpdate`, `core/validation.ValidateImmutableField`,
/// `apimachinery/api/validation.ValidateImmutableField`.
fn validate_daemon_set_spec_update(
    new: &InternalDaemonSet,
    old: &InternalDaemonSet,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let (spec, old_spec) = (&new.daemon_set.spec, &old.daemon_set.spec);
    let (generation, old_generation) = (new.internal.template_generation, old.internal.template_generation);
    // The server itself sets the generation, so it only decreases when the counter overflows.
    let generation_path = path.field("templateGeneration");
    if generation < old_generation {
        errors.invalid(&generation_path, generation, "must not be decremented");
    }
    let same_selector = new.internal.selector_present == old.internal.selector_present
        && semantic::same_selector(&spec.selector, &old_spec.selector);
    if !same_selector {
        errors.invalid_by(
            Origin::Immutable,
            &path.field("selector"),
            BadValue::Omitted,
            FIELD_IMMUTABLE_ERROR,
        );
    }
}

/// The selector matches the labels of the template, the restart policy is `Always`, and no number is negative.
///
/// Upstream: `apps/validation.ValidateDaemonSetSpec`.
pub(super) fn validate_daemon_set_spec(
    spec: &DaemonSetSpec,
    internal: InternalFields,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    let selector = internal.selector_present.then_some(&spec.selector);
    validate_selector(selector, spec, path, cx, errors);

    validate_pod_template_spec(&spec.template, &path.field("template"), cx, errors);
    let pod = spec.template.spec.as_ref();
    let restart_policy = pod.and_then(|pod| pod.restart_policy.as_deref()).unwrap_or_default();
    if restart_policy != "Always" {
        errors.not_supported(&path.field("template.spec.restartPolicy"), restart_policy, &["Always"]);
    }
    if pod.is_some_and(|pod| pod.active_deadline_seconds.is_some()) {
        let detail = "activeDeadlineSeconds in DaemonSet is not Supported";
        errors.forbidden(&path.field("template.spec.activeDeadlineSeconds"), detail);
    }
    for (number, name) in [
        (i64::from(spec.min_ready_seconds.unwrap_or_default()), "minReadySeconds"),
        (internal.template_generation, "templateGeneration"),
    ] {
        validate_nonnegative_field(number, &path.field(name), errors);
    }
    if let Some(strategy) = &spec.update_strategy {
        validate_daemon_set_update_strategy(strategy, &path.field("updateStrategy"), errors);
    }
    let limit = i64::from(spec.revision_history_limit.unwrap_or_default());
    validate_nonnegative_field(limit, &path.field("revisionHistoryLimit"), errors);
}

/// An invalid selector is not compared with the labels. An absent selector matches nothing, so it never matches the labels.
fn validate_selector(
    selector: Option<&LabelSelector>,
    spec: &DaemonSetSpec,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    let selector_path = path.field("selector");
    let lenient = cx.options.allow_invalid_label_value_in_selector;
    validate_label_selector(selector, lenient, &selector_path, errors);
    let metadata = spec.template.metadata.as_ref();
    let labels = metadata.and_then(|metadata| metadata.labels.as_ref()).unwrap_or(&NO_LABELS);
    if label_selector_as_selector(selector).is_ok_and(|selector| !selector.matches(labels)) {
        let detail = "`selector` does not match template `labels`";
        let path = path.field("template.metadata.labels");
        errors.invalid_by(Origin::SelectorMismatch, &path, BadValue::Omitted, detail);
    }
    if selector.is_some_and(is_empty) {
        let detail = "empty selector is invalid for daemonset";
        errors.invalid_by(Origin::EmptySelector, &selector_path, BadValue::Omitted, detail);
    }
}

fn is_empty(selector: &LabelSelector) -> bool {
    selector.match_labels.iter().flatten().next().is_none()
        && selector.match_expressions.iter().flatten().next().is_none()
}
