//! Resize policies of a container.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::ContainerResizePolicy;

use crate::apiserver::context::Context;
use crate::apiserver::error::Errors;
use crate::gates::Change;
use crate::path::Path;

/// A policy is for `cpu` or `memory`, at most one for each. With the pod restart policy `Never`, `RestartContainer` is invalid.
///
/// Only duplicates are reported at the item; everything else is reported at the list.
///
/// Upstream: `core/validation.validateResizePolicy`.
pub(super) fn validate_resize_policy(
    policies: &[ContainerResizePolicy],
    path: &Path<'_>,
    cx: &Context<'_>,
    pod_restart_policy: &str,
    errors: &mut Errors,
) {
    let mut resources = BTreeSet::new();
    for (index, policy) in policies.iter().enumerate() {
        let (resource, restart) = (policy.resource_name.as_str(), policy.restart_policy.as_str());
        if !resources.insert(resource) {
            errors.duplicate(&path.index(index), resource);
        }
        match resource {
            "cpu" | "memory" => {}
            "" => errors.required(path, ""),
            _ => errors.not_supported(path, resource, &["cpu", "memory"]),
        }
        match restart {
            "NotRequired" | "RestartContainer" => {}
            "" => errors.required(path, ""),
            _ => errors.not_supported(path, restart, &["NotRequired", "RestartContainer"]),
        }
        if pod_restart_policy == "Never" && restart != "NotRequired" {
            let detail = if cx.has(Change::ResizePolicyErrorNamesPod) {
                "must be 'NotRequired' when pod `restartPolicy` is 'Never'"
            } else {
                "must be 'NotRequired' when `restartPolicy` is 'Never'"
            };
            errors.invalid(path, restart, detail);
        }
    }
}
