//! Requests and limits.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{ResourceClaim, ResourceRequirements};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Text;

use crate::apiserver::content::{IS_NEGATIVE_ERROR, is_dns1123_label, report};
use crate::apiserver::context::Context;
use crate::apiserver::error::{BadValue, Errors};
use crate::apiserver::resource_name::{
    huge_page_size, is_huge_page_resource_name, is_integer_resource_name, is_overcommit_allowed,
    validate_container_resource_name,
};
use crate::path::Path;
use crate::quantity::Quantity;

/// A check of resource names.
pub(super) type ResourceNameRule = fn(&str, &Path<'_>, &mut Errors);

/// Checks the resources of a container, or the overhead of a pod.
///
/// Upstream: `core/validation.ValidateContainerResourceRequirements`.
pub(super) fn validate_container_resource_requirements(
    requirements: &ResourceRequirements,
    pod_claim_names: &BTreeSet<&str>,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    let rule = validate_container_resource_name;
    validate_resource_requirements(requirements, rule, pod_claim_names, path, cx, errors);
}

/// Names and amounts are valid, requests are not above limits, resources without overcommit have equal requests and limits, and
/// huge pages require CPU or memory.
///
/// Upstream: `core/validation.validateResourceRequirements`.
pub(super) fn validate_resource_requirements(
    requirements: &ResourceRequirements,
    name_rule: ResourceNameRule,
    pod_claim_names: &BTreeSet<&str>,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    let (limits_path, requests_path) = (path.field("limits"), path.field("requests"));
    for (name, amount) in requirements.limits.iter().flatten() {
        let (amount, item) = (Quantity::of(amount), limits_path.key(name));
        name_rule(name, &item, errors);
        validate_resource_quantity_value(name, &amount, &item, errors);
        validate_resource_quantity_huge_page_value(name, &amount, &item, cx, errors);
    }
    for (name, amount) in requirements.requests.iter().flatten() {
        let (mut amount, item) = (Quantity::of(amount), requests_path.key(name));
        name_rule(name, &item, errors);
        validate_resource_quantity_value(name, &amount, &item, errors);
        match requirements.limits.as_ref().and_then(|limits| limits.get(name)) {
            Some(limit) => validate_request(name, &mut amount, &Quantity::of(limit), &requests_path, errors),
            None if is_overcommit_allowed(name) => {}
            None => errors.required(&limits_path, "Limit must be set for non overcommitable resources"),
        }
        validate_resource_quantity_huge_page_value(name, &amount, &item, cx, errors);
    }
    let has = |list: &Option<BTreeMap<String, Text>>, wanted: fn(&str) -> bool| {
        list.iter().flatten().any(|(name, _)| wanted(name))
    };
    let either = |wanted| has(&requirements.limits, wanted) || has(&requirements.requests, wanted);
    if either(is_huge_page_resource_name) && !either(|name| matches!(name, "cpu" | "memory")) {
        errors.forbidden(path, "HugePages require cpu or memory");
    }
    let claims = requirements.claims.as_deref().unwrap_or_default();
    validate_resource_claim_names(claims, pod_claim_names, &path.field("claims"), errors);
}

/// A request is at most the limit, and equal to it for resources without overcommit. The comparison may change how the request is
/// stored, which later checks depend on.
fn validate_request(
    name: &str,
    request: &mut Quantity,
    limit: &Quantity,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let order = request.compare_and_keep_digits(limit);
    let wanted = if order.is_ne() && !is_overcommit_allowed(name) {
        "equal to"
    } else if order.is_gt() {
        "less than or equal to"
    } else {
        return;
    };
    let detail = format!("must be {wanted} {name} limit of {limit}");
    errors.invalid(path, request.to_string().as_str(), detail);
}

/// An amount is not negative. Extended resources and object counts are whole numbers.
///
/// Upstream: `core/validation.ValidateResourceQuantityValue`, `core/validation.ValidateNonnegativeQuantity`.
pub(super) fn validate_resource_quantity_value(
    name: &str,
    amount: &Quantity,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    if amount.sign() < 0 {
        errors.invalid(path, amount.to_string().as_str(), IS_NEGATIVE_ERROR);
    }
    if is_integer_resource_name(name) && amount.milli_value().checked_rem(1000) != Some(0) {
        errors.invalid(path, BadValue::Omitted, "must be an integer");
    }
}

/// An amount of huge pages is a multiple of the page size.
///
/// Upstream: `core/validation.validateResourceQuantityHugePageValue`.
fn validate_resource_quantity_huge_page_value(
    name: &str,
    amount: &Quantity,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    if !cx.options.allow_indivisible_huge_pages_values && is_indivisible_huge_pages_value(name, amount) {
        let amount = amount.to_string();
        let detail = format!("{amount} is not positive integer multiple of {name}");
        errors.invalid(path, amount.as_str(), detail);
    }
}

/// Whether the resource is huge pages and the amount is not a multiple of the page size.
///
/// Upstream: `core/helper.IsHugePageResourceValueDivisible`, `core/helper.HugePageSizeFromResourceName`.
pub(super) fn is_indivisible_huge_pages_value(name: &str, amount: &Quantity) -> bool {
    let Some(size) = huge_page_size(name) else { return false };
    let divisible = Quantity::parse(size).is_ok_and(|size| {
        let whole = size.sign() > 0 && size.milli_value().checked_rem(1000) == Some(0);
        // Beyond an `i64`, upstream's arithmetic gives the page size. The server panics if it is zero, and by -1 everything is
        // divisible.
        match size.value() {
            -1 => whole,
            pages => whole && amount.value().checked_rem(pages) == Some(0),
        }
    });
    !divisible
}

/// A container refers to claims of the pod: to each claim once, or to each request of it once.
///
/// Upstream: `core/validation.validateResourceClaimNames`.
fn validate_resource_claim_names(
    claims: &[ResourceClaim],
    pod_claim_names: &BTreeSet<&str>,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for (index, claim) in claims.iter().enumerate() {
        let item = path.index(index);
        let name = claim.name.as_str();
        if name.is_empty() {
            errors.required(&item, "");
            continue;
        }
        if seen.contains(name) {
            errors.duplicate(&item, name);
        } else {
            let request = claim.request.as_deref().unwrap_or_default();
            let key = if request.is_empty() {
                name.to_owned()
            } else {
                report(is_dns1123_label(request), request, &item.field("request"), errors);
                format!("{name}/{request}")
            };
            if seen.contains(&key) {
                errors.duplicate(&item, &key);
            } else if request.is_empty() && !name.contains('/') {
                // A reference to the whole claim overlaps with earlier references to its requests.
                let requests = format!("{name}/");
                let named = seen.range(requests.clone()..).take_while(|key| key.starts_with(&requests));
                for _ in named {
                    errors.duplicate(&item, name);
                }
            }
            seen.insert(key);
        }
        if !pod_claim_names.contains(name) {
            let detail = "must be one of the names in pod.spec.resourceClaims";
            let names: Vec<&str> = pod_claim_names.iter().copied().collect();
            let detail = if names.is_empty() {
                format!("{detail} which is empty")
            } else {
                format!("{detail}: {}", names.join(", "))
            };
            errors.not_found_because(&item, name, detail);
        }
    }
}
