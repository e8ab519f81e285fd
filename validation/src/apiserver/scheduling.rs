//! Readiness gates, scheduling gates, scheduling groups and preemption.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{PodReadinessGate, PodSchedulingGate, PodSchedulingGroup};

use crate::apiserver::content::{is_qualified_name, name_is_dns_subdomain, report};
use crate::apiserver::error::{BadValue, Errors};
use crate::path::Path;

/// The condition type of a readiness gate is a qualified name.
///
/// Upstream: `core/validation.validateReadinessGates`, `core/validation.ValidateQualifiedName`.
pub(super) fn validate_readiness_gates(gates: &[PodReadinessGate], path: &Path<'_>, errors: &mut Errors) {
    for (index, gate) in gates.iter().enumerate() {
        let path = path.index(index);
        let condition = &gate.condition_type;
        report(is_qualified_name(condition), condition, &path.field("conditionType"), errors);
    }
}

/// The name of a scheduling gate is a qualified name, and unique.
///
/// Upstream: `core/validation.validateSchedulingGates`, `core/validation.ValidateQualifiedName`.
pub(super) fn validate_scheduling_gates(gates: &[PodSchedulingGate], path: &Path<'_>, errors: &mut Errors) {
    let mut seen = BTreeSet::new();
    for (index, gate) in gates.iter().enumerate() {
        let path = path.index(index);
        report(is_qualified_name(&gate.name), &gate.name, &path, errors);
        if !seen.insert(gate.name.as_str()) {
            errors.duplicate(&path, &gate.name);
        }
    }
}

/// A scheduling group has the name of a pod group.
///
/// Upstream: `core/validation.validateSchedulingGroup`, `core/validation.ValidatePodGroupName`.
pub(super) fn validate_scheduling_group(group: &PodSchedulingGroup, path: &Path<'_>, errors: &mut Errors) {
    let path = path.field("podGroupName");
    match group.pod_group_name.as_deref() {
        None => errors.invalid(&path, BadValue::Omitted, "must specify one of: `podGroupName`"),
        Some(name) => report(name_is_dns_subdomain(name, false), name, &path, errors),
    }
}

/// `preemptionPolicy` is one of two values.
///
/// Upstream: `core/validation.ValidatePreemptionPolicy`.
pub(super) fn validate_preemption_policy(policy: &str, path: &Path<'_>, errors: &mut Errors) {
    match policy {
        "PreemptLowerPriority" | "Never" => {}
        "" => errors.required(path, ""),
        _ => errors.not_supported(path, policy, &["PreemptLowerPriority", "Never"]),
    }
}
