//! Claim templates of ephemeral volumes.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{PersistentVolumeClaimSpec, PersistentVolumeClaimTemplate};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Written;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::apiserver::content::{is_dns1123_subdomain, name_is_dns_label, name_is_dns_subdomain, report};
use crate::apiserver::context::Context;
use crate::apiserver::error::{BadValue, Errors};
use crate::apiserver::label_selector::{validate_label_selector, validate_labels};
use crate::apiserver::object_meta::validate_annotations;
use crate::gates::Gate;
use crate::path::Path;
use crate::quantity::Quantity;

const READ_WRITE_ONCE_POD: &str = "ReadWriteOncePod";
const ACCESS_MODES: [&str; 4] = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", READ_WRITE_ONCE_POD];
const VOLUME_MODES: [&str; 2] = ["Block", "Filesystem"];
const STORAGE: &str = "storage";

/// A claim template has a claim spec and metadata with labels and annotations only. The stored object makes no difference here.
///
/// Upstream: `core/validation.ValidatePersistentVolumeClaimTemplate`,
/// `core/validation.ValidationOptionsForPersistentVolumeClaimTemplate`.
pub(super) fn validate_persistent_volume_claim_template(
    template: &PersistentVolumeClaimTemplate,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    if let Some(meta) = &template.metadata {
        validate_template_object_meta(meta, &path.field("metadata"), errors);
    }
    validate_persistent_volume_claim_spec(&template.spec, &path.field("spec"), cx, errors);
}

/// The metadata has labels and annotations only. Even an empty list counts as set.
///
/// Upstream: `core/validation.ValidateTemplateObjectMeta`, `core/validation.validateFieldAllowList`,
/// `core/validation.allowedTemplateObjectMetaFields`.
fn validate_template_object_meta(meta: &ObjectMeta, path: &Path<'_>, errors: &mut Errors) {
    validate_annotations(meta.annotations.as_ref(), &path.field("annotations"), errors);
    validate_labels(meta.labels.as_ref(), &path.field("labels"), errors);
    let text = |value: &Option<String>| value.as_ref().is_some_and(|text| !text.is_empty());
    for (name, is_set) in [
        ("name", text(&meta.name)),
        ("generateName", text(&meta.generate_name)),
        ("namespace", text(&meta.namespace)),
        ("selfLink", text(&meta.self_link)),
        // The server derives this name by lowercasing the first letter of the Go field's name.
        ("uID", text(&meta.uid)),
        ("resourceVersion", text(&meta.resource_version)),
        ("generation", meta.generation.unwrap_or_default() != 0),
        ("creationTimestamp", meta.creation_timestamp.is_some()),
        ("deletionTimestamp", meta.deletion_timestamp.is_some()),
        ("deletionGracePeriodSeconds", meta.deletion_grace_period_seconds.is_some()),
        ("ownerReferences", meta.owner_references.is_some()),
        ("finalizers", meta.finalizers.is_some()),
        ("managedFields", meta.managed_fields.is_some()),
    ] {
        if is_set {
            errors.forbidden(&path.field(name), "cannot be set");
        }
    }
}

/// A claim has access modes and a storage request. Class names and data sources must be valid.
///
/// Upstream: `core/validation.ValidatePersistentVolumeClaimSpec`, `core/validation.ValidateClassName`.
fn validate_persistent_volume_claim_spec(
    spec: &PersistentVolumeClaimSpec,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    let access_modes = spec.access_modes.as_deref().unwrap_or_default();
    let access_modes_path = path.field("accessModes");
    if access_modes.is_empty() {
        errors.required(&access_modes_path, "at least 1 access mode is required");
    }
    validate_label_selector(spec.selector.as_ref(), false, &path.field("selector"), errors);
    validate_access_modes(access_modes, &access_modes_path, errors);
    let requests = spec.resources.as_ref().and_then(|resources| resources.requests.as_ref());
    validate_storage(requests, &path.field("resources").key(STORAGE), errors);
    validate_class_name(spec.storage_class_name.as_deref(), &path.field("storageClassName"), errors);
    if let Some(mode) = spec.volume_mode.as_deref()
        && !VOLUME_MODES.contains(&mode)
    {
        errors.not_supported(&path.field("volumeMode"), mode, &VOLUME_MODES);
    }
    validate_data_sources(spec, path, errors);
    if cx.enabled(Gate::VolumeAttributesClass) {
        let class_path = path.field("volumeAttributesClassName");
        validate_class_name(spec.volume_attributes_class_name.as_deref(), &class_path, errors);
    }
}

/// Access modes must be known. `ReadWriteOncePod` excludes other known modes.
fn validate_access_modes(modes: &[String], path: &Path<'_>, errors: &mut Errors) {
    let (mut for_one_pod, mut for_others) = (false, false);
    for mode in modes {
        match mode.as_str() {
            READ_WRITE_ONCE_POD => for_one_pod = true,
            mode if ACCESS_MODES.contains(&mode) => for_others = true,
            mode => errors.not_supported(path, mode, &ACCESS_MODES),
        }
    }
    if for_one_pod && for_others {
        errors.forbidden(path, "may not use ReadWriteOncePod with other access modes");
    }
}

/// A claim requests an amount of storage, which is positive.
///
/// Upstream: `core/validation.ValidatePositiveQuantityValue`, `core/validation.ValidateResourceQuantityValue`.
fn validate_storage(requests: Option<&BTreeMap<String, Written>>, path: &Path<'_>, errors: &mut Errors) {
    let Some(amount) = requests.and_then(|requests| requests.get(STORAGE)) else {
        errors.required(path, "");
        return;
    };
    let amount = Quantity::of(amount);
    if amount.sign() <= 0 {
        errors.invalid(path, amount.to_string().as_str(), "must be greater than zero");
    }
}

/// A class name, if set, is a DNS subdomain.
fn validate_class_name(name: Option<&str>, path: &Path<'_>, errors: &mut Errors) {
    if let Some(name) = name.filter(|name| !name.is_empty()) {
        report(name_is_dns_subdomain(name, false), name, path, errors);
    }
}

/// `dataSource` and `dataSourceRef` must be equal, unless `dataSourceRef` has a namespace, which `dataSource` cannot have.
fn validate_data_sources(spec: &PersistentVolumeClaimSpec, path: &Path<'_>, errors: &mut Errors) {
    let old = spec.data_source.as_ref().map(|source| Reference {
        api_group: source.api_group.as_deref(),
        kind: &source.kind,
        name: &source.name,
    });
    let new = spec.data_source_ref.as_ref().map(|source| Reference {
        api_group: source.api_group.as_deref(),
        kind: &source.kind,
        name: &source.name,
    });
    if let Some(source) = &old {
        validate_data_source(source, &path.field("dataSource"), errors);
    }
    let namespace = spec.data_source_ref.as_ref().and_then(|source| source.namespace.as_deref());
    let namespace = namespace.filter(|namespace| !namespace.is_empty());
    if let Some(source) = &new {
        let path = path.field("dataSourceRef");
        validate_data_source(source, &path, errors);
        if let Some(namespace) = namespace {
            report(name_is_dns_label(namespace, false), namespace, &path.field("namespace"), errors);
        }
    }
    let (Some(old), Some(new)) = (old, new) else { return };
    if namespace.is_some() {
        let detail = "may not be specified when dataSourceRef.namespace is specified";
        errors.invalid(path, BadValue::Omitted, detail);
    } else if old != new {
        errors.invalid(path, BadValue::Omitted, "must match dataSourceRef");
    }
}

/// The common fields of `dataSource` and `dataSourceRef`. An absent API group differs from an empty one.
///
/// Upstream: `core/validation.isDataSourceEqualDataSourceRef`.
#[derive(PartialEq, Eq)]
struct Reference<'v> {
    api_group: Option<&'v str>,
    kind: &'v str,
    name: &'v str,
}

/// A data source has a name and a kind. Without an API group the kind is `PersistentVolumeClaim`.
///
/// Upstream: `core/validation.validateDataSource`, `core/validation.validateDataSourceRef`.
fn validate_data_source(source: &Reference<'_>, path: &Path<'_>, errors: &mut Errors) {
    if source.name.is_empty() {
        errors.required(&path.field("name"), "");
    }
    if source.kind.is_empty() {
        errors.required(&path.field("kind"), "");
    }
    let api_group = source.api_group.unwrap_or_default();
    if !api_group.is_empty() {
        report(is_dns1123_subdomain(api_group), api_group, &path.field("apiGroup"), errors);
    } else if source.kind != "PersistentVolumeClaim" {
        let detail = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
        errors.invalid(path, source.kind, detail);
    }
}
