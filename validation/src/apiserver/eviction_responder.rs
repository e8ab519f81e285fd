//! Eviction responders.

use k8s_openapi::api::core::v1::EvictionResponder;

use crate::apiserver::content::{is_qualified_name, lowercase, report};
use crate::apiserver::error::{BadValue, Errors};
use crate::path::Path;

const MAX_RESPONDERS: usize = 10;
/// Lower priorities are reserved for Kubernetes.
const FIRST_FREE_PRIORITY: i32 = 1000;
const MAX_PRIORITY: i32 = 100_000;

/// At most ten responders with unique names. Responders that the stored object already has are not checked again.
///
/// Upstream: `core/v1.Validate_PodSpec`.
pub(super) fn validate_eviction_responders(
    responders: &[EvictionResponder],
    stored: &[EvictionResponder],
    path: &Path<'_>,
    errors: &mut Errors,
) {
    if responders == stored {
        return;
    }
    if responders.len() > MAX_RESPONDERS {
        errors.too_many(path, responders.len(), MAX_RESPONDERS);
        return;
    }
    for (index, responder) in responders.iter().enumerate() {
        if responders.iter().take(index).any(|earlier| earlier.name == responder.name) {
            errors.duplicate(&path.index(index), BadValue::Omitted);
        }
    }
    for (index, responder) in responders.iter().enumerate() {
        let old = stored.iter().find(|old| old.name == responder.name);
        if old != Some(responder) {
            validate_eviction_responder(responder, old, &path.index(index), errors);
        }
    }
}

/// A responder has a domain-prefixed name and a priority, neither reserved for Kubernetes.
///
/// Upstream: `core/v1.Validate_EvictionResponder`, `core/v1.ValidateCustom_EvictionResponder_Priority`.
fn validate_eviction_responder(
    responder: &EvictionResponder,
    old: Option<&EvictionResponder>,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    if old.is_none() {
        validate_name(&responder.name, &path.field("name"), errors);
    }
    let (priority, path) = (responder.priority, path.field("priority"));
    if old.is_some_and(|old| old.priority == priority) {
        return;
    }
    if (0..FIRST_FREE_PRIORITY).contains(&priority) {
        let detail = "priorities 0-999 are reserved for responders with *.k8s.io suffix";
        errors.invalid(&path, priority, detail);
    }
    if priority > MAX_PRIORITY {
        errors.invalid(&path, priority, "must be less than or equal to 100000");
    }
    if priority < 0 {
        errors.invalid(&path, priority, "must be greater than or equal to 0");
    }
}

/// Upstream: `core/v1.ValidateCustom_EvictionResponder_Name`, `core/v1.ValidateForbiddenReservedDomainSuffixes`,
/// `apimachinery/api/validate.PrefixedLabelKey`, `apimachinery/api/validate/content.IsPrefixedLabelKey`.
fn validate_name(name: &str, path: &Path<'_>, errors: &mut Errors) {
    if name.is_empty() {
        errors.required(path, "");
        return;
    }
    let domain = lowercase(name.split('/').next().unwrap_or_default());
    let domain = domain.trim().trim_end_matches('.');
    let reserved = [(".k8s.io", "k8s.io"), (".kubernetes.io", "kubernetes.io")];
    if reserved.iter().any(|(suffix, whole)| domain.ends_with(suffix) || domain == *whole) {
        errors.invalid(path, name, "domain names *.k8s.io, *.kubernetes.io are reserved");
    }
    let messages = is_qualified_name(name);
    if messages.is_empty() && !name.contains('/') {
        errors.invalid(path, name, "must include a prefix (e.g. 'example.com/key')");
    }
    report(messages, name, path, errors);
}
