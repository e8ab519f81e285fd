//! Object metadata.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::apiserver::content::{
    IS_NEGATIVE_ERROR, Messages, is_qualified_name, lowercase, name_is_dns_label, quote, report,
};
use crate::apiserver::context::Context;
use crate::apiserver::error::{BadValue, Errors};
use crate::apiserver::label_selector::validate_labels;
use crate::apiserver::owner_reference::validate_owner_references;
use crate::gates::Change;
use crate::path::Path;

/// Checks the name of an object. If the flag is set, the name is a prefix (`generateName`).
///
/// Upstream: `apimachinery/api/validation.ValidateNameFunc`.
pub(crate) type NameFn = fn(&str, bool) -> Messages;

/// The maximum size of all annotations together, in bytes.
const TOTAL_ANNOTATION_SIZE_LIMIT: usize = 256 * 1024;

/// Upstream: `apimachinery/api/validation.FieldImmutableErrorMsg`.
pub(super) const FIELD_IMMUTABLE_ERROR: &str = "field is immutable";

/// The finalizers without a domain that Kubernetes defines.
const STANDARD_FINALIZERS: [&str; 3] = ["kubernetes", "orphan", "foregroundDeletion"];

/// Checks the metadata of an object, and that finalizers without a domain are known ones.
///
/// Upstream: `core/validation.ValidateObjectMeta`.
pub(crate) fn validate_object_meta(
    meta: &ObjectMeta,
    name_fn: NameFn,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    validate_object_meta_accessor(meta, name_fn, path, cx, errors);
    validate_kube_finalizers(meta, path, errors);
}

/// Checks that apply to the metadata of all types. A namespace is always required here.
///
/// `managedFields` are not checked: the server's field manager rewrites them before validation and drops what it cannot decode.
///
/// Upstream: `apimachinery/api/validation.ValidateObjectMeta`, `apimachinery/api/validation.ValidateObjectMetaAccessor`,
/// `apimachinery/api/validation.validateObjectMetaAccessorWithOptsCommon`.
pub(super) fn validate_object_meta_accessor(
    meta: &ObjectMeta,
    name_fn: NameFn,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    if let Some(prefix) = text(meta.generate_name.as_ref()) {
        report(name_fn(prefix, true), prefix, &path.field("generateName"), errors);
    }
    match text(meta.name.as_ref()) {
        Some(name) => report(name_fn(name, false), name, &path.field("name"), errors),
        None => errors.required(&path.field("name"), "name or generateName is required"),
    }
    match text(meta.namespace.as_ref()) {
        Some(namespace) => {
            report(name_is_dns_label(namespace, false), namespace, &path.field("namespace"), errors);
        }
        None => errors.required(&path.field("namespace"), ""),
    }
    validate_nonnegative_field(meta.generation.unwrap_or_default(), &path.field("generation"), errors);
    validate_labels(meta.labels.as_ref(), &path.field("labels"), errors);
    validate_annotations(meta.annotations.as_ref(), &path.field("annotations"), errors);
    let owners = meta.owner_references.as_deref().unwrap_or_default();
    validate_owner_references(owners, &path.field("ownerReferences"), cx, errors);
    let finalizers = meta.finalizers.as_deref().unwrap_or_default();
    validate_finalizers(finalizers, &path.field("finalizers"), errors);
}

/// An optional text. Go has a plain string here, so empty means absent.
fn text(value: Option<&String>) -> Option<&str> {
    value.map(String::as_str).filter(|value| !value.is_empty())
}

/// The number must not be negative.
///
/// Upstream: `apimachinery/api/validation.ValidateNonnegativeField`.
pub(super) fn validate_nonnegative_field(value: i64, path: &Path<'_>, errors: &mut Errors) {
    if value < 0 {
        errors.invalid(path, value, IS_NEGATIVE_ERROR);
    }
}

/// Annotation keys are qualified names, ignoring case. The total size is limited.
///
/// Upstream: `apimachinery/api/validation.ValidateAnnotations`, `core/validation.ValidateAnnotations`.
pub(super) fn validate_annotations(
    annotations: Option<&BTreeMap<String, String>>,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    for key in annotations.into_iter().flat_map(BTreeMap::keys) {
        report(is_qualified_name(&lowercase(key)), key, path, errors);
    }
    validate_annotations_size(annotations, path, errors);
}

/// The total size of annotation keys and values is limited.
///
/// Upstream: `apimachinery/api/validation.ValidateAnnotationsSize`.
pub(super) fn validate_annotations_size(
    annotations: Option<&BTreeMap<String, String>>,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let entries = annotations.into_iter().flatten();
    let sizes = entries.map(|(key, value)| key.len().saturating_add(value.len()));
    if sizes.fold(0_usize, usize::saturating_add) > TOTAL_ANNOTATION_SIZE_LIMIT {
        errors.too_long(path, TOTAL_ANNOTATION_SIZE_LIMIT);
    }
}

/// Finalizers are qualified names. `orphan` and `foregroundDeletion` exclude each other.
///
/// Upstream: `apimachinery/api/validation.ValidateFinalizers`, `apimachinery/api/validation.ValidateFinalizerName`.
fn validate_finalizers(finalizers: &[String], path: &Path<'_>, errors: &mut Errors) {
    for finalizer in finalizers {
        report(is_qualified_name(finalizer), finalizer, path, errors);
    }
    let has = |name: &str| finalizers.iter().any(|finalizer| finalizer == name);
    if has("orphan") && has("foregroundDeletion") {
        let detail = "finalizer orphan and foregroundDeletion cannot be both set";
        errors.invalid(path, BadValue::Texts(finalizers), detail);
    }
}

/// Upstream: `core/validation.validateKubeFinalizerName`, `core/helper.IsStandardFinalizerName`.
fn validate_kube_finalizers(meta: &ObjectMeta, path: &Path<'_>, errors: &mut Errors) {
    let path = path.field("finalizers");
    for (index, finalizer) in meta.finalizers.iter().flatten().enumerate() {
        if !finalizer.contains('/') && !STANDARD_FINALIZERS.contains(&finalizer.as_str()) {
            let detail = "name is neither a standard finalizer name nor is it fully qualified";
            errors.invalid(&path.index(index), finalizer, detail);
        }
    }
}

/// Immutable metadata must not change, and finalizers without a domain are known ones.
///
/// Upstream: `core/validation.ValidateObjectMetaUpdate`.
pub(super) fn validate_object_meta_update(
    new: &ObjectMeta,
    old: &ObjectMeta,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    validate_object_meta_accessor_update(new, old, path, cx, errors);
    validate_kube_finalizers(new, path, errors);
}

/// Immutable metadata must not change, and an object that is being deleted must not get new finalizers.
///
/// A missing resource version is not reported: the registry sets it to the stored one before validation.
///
/// Upstream: `apimachinery/api/validation.ValidateObjectMetaUpdate`,
/// `apimachinery/api/validation.ValidateObjectMetaAccessorUpdate`.
pub(super) fn validate_object_meta_accessor_update(
    new: &ObjectMeta,
    old: &ObjectMeta,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    if old.deletion_timestamp.is_some() {
        validate_no_new_finalizers(new, old, &path.field("finalizers"), errors);
    }
    let generation = new.generation.unwrap_or_default();
    if cx.has(Change::UpdateRefusesNegativeGeneration) {
        validate_nonnegative_field(generation, &path.field("generation"), errors);
    }
    if generation < old.generation.unwrap_or_default() {
        errors.invalid(&path.field("generation"), generation, "must not be decremented");
    }
    for (new, old, name) in [
        (&new.name, &old.name, "name"),
        (&new.namespace, &old.namespace, "namespace"),
        (&new.uid, &old.uid, "uid"),
    ] {
        let new = new.as_deref().unwrap_or_default();
        if new != old.as_deref().unwrap_or_default() {
            errors.invalid(&path.field(name), new, FIELD_IMMUTABLE_ERROR);
        }
    }
    if new.deletion_timestamp.is_some() && old.deletion_timestamp.is_none() {
        errors.invalid(&path.field("deletionTimestamp"), BadValue::Omitted, FIELD_IMMUTABLE_ERROR);
    }
    if new.deletion_grace_period_seconds != old.deletion_grace_period_seconds {
        let seconds = new.deletion_grace_period_seconds.map_or(BadValue::Omitted, BadValue::Int);
        errors.invalid(&path.field("deletionGracePeriodSeconds"), seconds, FIELD_IMMUTABLE_ERROR);
    }
    validate_labels(new.labels.as_ref(), &path.field("labels"), errors);
    validate_annotations(new.annotations.as_ref(), &path.field("annotations"), errors);
    let owners = new.owner_references.as_deref().unwrap_or_default();
    validate_owner_references(owners, &path.field("ownerReferences"), cx, errors);
}

/// Upstream: `apimachinery/api/validation.ValidateNoNewFinalizers`.
fn validate_no_new_finalizers(new: &ObjectMeta, old: &ObjectMeta, path: &Path<'_>, errors: &mut Errors) {
    let known = old.finalizers.as_deref().unwrap_or_default();
    let added: BTreeSet<&String> =
        new.finalizers.iter().flatten().filter(|finalizer| !known.contains(finalizer)).collect();
    if !added.is_empty() {
        let list: Vec<String> = added.into_iter().map(|finalizer| quote(finalizer)).collect();
        let detail = format!(
            "no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}",
            list.join(", ")
        );
        errors.forbidden(path, detail);
    }
}

/// A name that becomes a segment of a URL path must not be `.` or `..`, and must not contain `/` or `%`. A prefix is only checked
/// for the characters.
///
/// Upstream: `apiserver/registry/rest.validatePathSegment`, `apimachinery/api/validate/content.IsPathSegmentName`,
/// `apimachinery/api/validate/content.IsPathSegmentPrefix`.
pub(super) fn validate_path_segment(name: &str, prefix: bool) -> Messages {
    match name {
        "." if !prefix => return vec!["may not be '.'".into()],
        ".." if !prefix => return vec!["may not be '..'".into()],
        _ => {}
    }
    let mut messages = Messages::new();
    for (character, message) in [('/', "may not contain '/'"), ('%', "may not contain '%'")] {
        if name.contains(character) {
            messages.push(message.into());
        }
    }
    messages
}
