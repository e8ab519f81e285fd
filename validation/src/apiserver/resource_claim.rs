//! Resource claims of a pod.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::PodResourceClaim;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::apiserver::content::{is_dns1123_label, name_is_dns_subdomain, report};
use crate::apiserver::error::{BadValue, Errors};
use crate::apiserver::pod_annotations::MIRROR_POD;
use crate::path::Path;

/// The names by which containers can refer to the pod's claims.
///
/// Upstream: `core/validation.gatherPodResourceClaimNames`.
pub(super) fn gather_pod_resource_claim_names(claims: &[PodResourceClaim]) -> BTreeSet<&str> {
    claims.iter().map(|claim| claim.name.as_str()).filter(|name| !name.is_empty()).collect()
}

/// Names are unique, and each claim refers to a ResourceClaim or a ResourceClaimTemplate. A pod with the annotation of a mirror pod
/// has no claims; the template of one may.
///
/// Upstream: `core/validation.validatePodResourceClaims`, `core/validation.validatePodResourceClaim`.
pub(super) fn validate_pod_resource_claims(
    claims: &[PodResourceClaim],
    pod_meta: Option<&ObjectMeta>,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let mirror = pod_meta.and_then(|meta| meta.annotations.as_ref()?.get(MIRROR_POD)).is_some();
    let mut seen = BTreeSet::new();
    for (index, claim) in claims.iter().enumerate() {
        if mirror {
            // The server gives an empty place, which it prints as `[]`.
            errors.forbidden(&Path::root("").key(""), "static pods do not support resource claims");
            continue;
        }
        let path = path.index(index);
        let name = path.field("name");
        if claim.name.is_empty() {
            errors.required(&name, "");
        } else if !seen.insert(claim.name.as_str()) {
            errors.duplicate(&name, &claim.name);
        } else {
            report(is_dns1123_label(&claim.name), &claim.name, &name, errors);
        }
        validate_source(claim, &path, errors);
    }
}

/// Exactly one of the two names is set, and it is a DNS subdomain.
///
/// Upstream: `core/validation.ValidateResourceClaimName`, `core/validation.ValidateResourceClaimTemplateName`.
fn validate_source(claim: &PodResourceClaim, path: &Path<'_>, errors: &mut Errors) {
    let claim_name = claim.resource_claim_name.as_deref();
    let template_name = claim.resource_claim_template_name.as_deref();
    if claim_name.is_some() && template_name.is_some() {
        let detail = "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified";
        errors.invalid(path, BadValue::Omitted, detail);
    }
    if claim_name.is_none() && template_name.is_none() {
        let detail = "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`";
        errors.invalid(path, BadValue::Omitted, detail);
    }
    if let Some(name) = claim_name {
        report(name_is_dns_subdomain(name, false), name, &path.field("resourceClaimName"), errors);
    }
    if let Some(name) = template_name {
        report(name_is_dns_subdomain(name, false), name, &path.field("resourceClaimTemplateName"), errors);
    }
}
