//! Init containers, including sidecars.

use std::collections::BTreeSet;
use std::slice;

use k8s_openapi::api::core::v1::PodSpec;

use crate::apiserver::any_container::{AnyContainer, PodContext};
use crate::apiserver::container::validate_container_common;
use crate::apiserver::container_list::validate_hooks_and_probes;
use crate::apiserver::container_port::check_host_port_conflicts;
use crate::apiserver::context::Context;
use crate::apiserver::error::{BadValue, Errors};
use crate::apiserver::restart_policy::{ALWAYS, validate_init_container_restart_policy};
use crate::gates::Change;
use crate::path::Path;

/// The name of an init container differs from those of other containers. Only sidecars may have lifecycle hooks and probes, because
/// other init containers end before the next one starts. Host ports are compared within each init container only.
///
/// A host port conflict is reported at index 0, whichever init container has it.
///
/// Upstream: `core/validation.validateInitContainers`.
pub(super) fn validate_init_containers(
    spec: &PodSpec,
    pod: &PodContext<'_>,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    let containers = spec.init_containers.as_deref().unwrap_or_default();
    let mut names: BTreeSet<&str> = spec.containers.iter().map(|container| container.name.as_str()).collect();
    for (index, container) in containers.iter().enumerate() {
        let item = path.index(index);
        let view = AnyContainer::from(container);
        validate_container_common(&view, pod, &item, cx, errors);
        let rules = view.restart_policy_rules;
        validate_init_container_restart_policy(view.restart_policy, rules, &item, cx, errors);
        let is_sidecar = view.restart_policy == Some(ALWAYS);
        if names.contains(view.name) {
            errors.duplicate(&item.field("name"), view.name);
        } else if !view.name.is_empty() {
            names.insert(view.name);
        }
        check_host_port_conflicts(slice::from_ref(container), path, errors);
        if is_sidecar {
            validate_hooks_and_probes(&view, pod, &item, errors);
        } else {
            forbid_hooks_and_probes(&view, &item, errors);
        }
        validate_resize(&view, is_sidecar, &item, cx, errors);
    }
}

/// Only sidecars may have lifecycle hooks and probes.
fn forbid_hooks_and_probes(container: &AnyContainer<'_>, path: &Path<'_>, errors: &mut Errors) {
    for (is_set, name) in [
        (container.lifecycle.is_some(), "lifecycle"),
        (container.liveness_probe.is_some(), "livenessProbe"),
        (container.readiness_probe.is_some(), "readinessProbe"),
        (container.startup_probe.is_some(), "startupProbe"),
    ] {
        if is_set {
            let detail = "may not be set for init containers without restartPolicy=Always";
            errors.forbidden(&path.field(name), detail);
        }
    }
}

/// An init container that is not a sidecar cannot be restarted to resize it.
fn validate_resize(
    container: &AnyContainer<'_>,
    is_sidecar: bool,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    let list = path.field("resizePolicy");
    if !cx.options.allow_sidecar_resize_policy && !container.resize_policy.is_empty() {
        errors.invalid(&list, BadValue::Omitted, "must not be set for init containers");
    }
    if is_sidecar
        || cx.options.allow_existing_restart_container_for_non_sidecar_init_container
        || !cx.has(Change::NoRestartContainerForNonSidecarInit)
    {
        return;
    }
    for (index, policy) in container.resize_policy.iter().enumerate() {
        if policy.restart_policy == "RestartContainer" {
            let detail = "must not be set to 'RestartContainer' for non-sidecar initContainers";
            errors.invalid(&list.index(index).field("restartPolicy"), &policy.restart_policy, detail);
        }
    }
}
