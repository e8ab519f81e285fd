//! Owner references.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;

use crate::apiserver::context::Context;
use crate::apiserver::error::{BadValue, Errors};
use crate::gates::Change;
use crate::path::Path;

/// Checks each reference. At most one of them is the controller.
///
/// Upstream: `apimachinery/api/validation.ValidateOwnerReferences`.
pub(super) fn validate_owner_references(
    owners: &[OwnerReference],
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    let mut controller: Option<&OwnerReference> = None;
    for (index, owner) in owners.iter().enumerate() {
        if cx.has(Change::OwnerReferenceErrorsHaveIndexes) {
            validate_owner_reference(owner, &path.index(index), errors);
        } else {
            validate_owner_reference_by_kind(owner, path, errors);
        }
        if owner.controller != Some(true) {
            continue;
        }
        match controller {
            Some(first) => {
                let detail = format!(
                    "Only one reference can have Controller set to true. Found \"true\" in references for {}/{} and {}/{}",
                    first.kind, first.name, owner.kind, owner.name
                );
                errors.invalid(path, BadValue::Omitted, detail);
            }
            None => controller = Some(owner),
        }
    }
}

/// A reference has the API version, kind, name and UID of the owner. An Event cannot be an owner.
///
/// Upstream: `apimachinery/api/validation.validateOwnerReference`.
fn validate_owner_reference(owner: &OwnerReference, path: &Path<'_>, errors: &mut Errors) {
    const EMPTY: &str = "must not be empty";
    let group_version = parse_group_version(&owner.api_version);
    if owner.api_version.is_empty() {
        errors.required(&path.field("apiVersion"), EMPTY);
    } else if group_version.is_none_or(|(_, version)| version.is_empty()) {
        let detail = "must be <group>/<version> or <version>";
        errors.invalid(&path.field("apiVersion"), &owner.api_version, detail);
    }
    for (value, name) in [(&owner.kind, "kind"), (&owner.name, "name"), (&owner.uid, "uid")] {
        if value.is_empty() {
            errors.required(&path.field(name), EMPTY);
        }
    }
    validate_owner_is_allowed(owner, path, errors);
}

/// The same check in earlier minors, with their paths and messages.
fn validate_owner_reference_by_kind(owner: &OwnerReference, path: &Path<'_>, errors: &mut Errors) {
    if parse_group_version(&owner.api_version).is_none_or(|(_, version)| version.is_empty()) {
        errors.invalid(&path.field("apiVersion"), &owner.api_version, "version must not be empty");
    }
    for (value, name) in [(&owner.kind, "kind"), (&owner.name, "name"), (&owner.uid, "uid")] {
        if value.is_empty() {
            errors.invalid(&path.field(name), value, "must not be empty");
        }
    }
    validate_owner_is_allowed(owner, path, errors);
}

fn validate_owner_is_allowed(owner: &OwnerReference, path: &Path<'_>, errors: &mut Errors) {
    if parse_group_version(&owner.api_version) == Some(("", "v1")) && owner.kind == "Event" {
        let detail = "/v1, Kind=Event is disallowed from being an owner";
        errors.invalid(path, BadValue::Omitted, detail);
    }
}

/// Splits an `apiVersion` into group and version; `None` if it has more than two parts.
///
/// Upstream: `apimachinery/runtime/schema.ParseGroupVersion`.
fn parse_group_version(api_version: &str) -> Option<(&str, &str)> {
    match api_version.split_once('/') {
        None => Some(("", api_version)),
        Some(_) if api_version == "/" => Some(("", "")),
        Some((_, version)) if version.contains('/') => None,
        Some(parts) => Some(parts),
    }
}
