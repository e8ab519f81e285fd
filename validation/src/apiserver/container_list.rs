//! Regular containers and ephemeral containers.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{EphemeralContainer, PodSpec};

use crate::apiserver::any_container::{AnyContainer, PodContext};
use crate::apiserver::container::{validate_container_common, validate_container_only_for_pod};
use crate::apiserver::container_port::check_host_port_conflicts;
use crate::apiserver::context::Context;
use crate::apiserver::error::Errors;
use crate::apiserver::lifecycle::validate_lifecycle;
use crate::apiserver::probe::{validate_liveness_probe, validate_readiness_probe, validate_startup_probe};
use crate::apiserver::restart_policy::validate_container_restart_policy;
use crate::path::Path;

/// A pod has at least one container, the names are unique, and no two containers use the same host port.
///
/// Upstream: `core/validation.validateContainers`.
pub(super) fn validate_containers(
    spec: &PodSpec,
    pod: &PodContext<'_>,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    let containers = spec.containers.as_slice();
    if containers.is_empty() {
        errors.required(path, "");
        return;
    }
    let mut names = BTreeSet::new();
    for (index, container) in containers.iter().enumerate() {
        let item = path.index(index);
        let view = AnyContainer::from(container);
        validate_container_common(&view, pod, &item, cx, errors);
        if !names.insert(view.name) {
            errors.duplicate(&item.field("name"), view.name);
        }
        validate_hooks_and_probes(&view, pod, &item, errors);
        if cx.options.allow_container_restart_policy_rules {
            let rules = view.restart_policy_rules;
            validate_container_restart_policy(view.restart_policy, rules, &item, cx, errors);
        } else if view.restart_policy.is_some() {
            errors.forbidden(&item.field("restartPolicy"), "may not be set for non-init containers");
        }
    }
    check_host_port_conflicts(containers, path, errors);
}

/// Checks lifecycle hooks and probes, which regular containers and sidecars may have.
pub(super) fn validate_hooks_and_probes(
    container: &AnyContainer<'_>,
    pod: &PodContext<'_>,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let grace_period = pod.grace_period;
    if let Some(lifecycle) = container.lifecycle {
        validate_lifecycle(lifecycle, grace_period, &path.field("lifecycle"), pod.pod_os, errors);
    }
    validate_liveness_probe(container.liveness_probe, grace_period, &path.field("livenessProbe"), errors);
    validate_readiness_probe(container.readiness_probe, grace_period, &path.field("readinessProbe"), errors);
    validate_startup_probe(container.startup_probe, grace_period, &path.field("startupProbe"), errors);
}

/// Ephemeral containers have unique names and only some of the fields of a container. A pod template must not have any; that error
/// is reported elsewhere, after these checks.
///
/// Upstream: `core/validation.validateEphemeralContainers`.
pub(super) fn validate_ephemeral_containers(
    spec: &PodSpec,
    pod: &PodContext<'_>,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    let ephemeral_containers = spec.ephemeral_containers.as_deref().unwrap_or_default();
    if ephemeral_containers.is_empty() {
        return;
    }
    let lasting = spec.containers.iter().chain(spec.init_containers.iter().flatten());
    let lasting_names: BTreeSet<&str> = lasting.map(|container| container.name.as_str()).collect();
    let mut names = lasting_names.clone();
    for (index, container) in ephemeral_containers.iter().enumerate() {
        let item = path.index(index);
        let view = AnyContainer::from(container);
        validate_container_common(&view, pod, &item, cx, errors);
        validate_container_only_for_pod(view.image, &item, errors);
        if !names.insert(view.name) {
            errors.duplicate(&item.field("name"), view.name);
        }
        let target = container.target_container_name.as_deref().unwrap_or_default();
        if !target.is_empty() && !lasting_names.contains(target) {
            errors.not_found(&item.field("targetContainerName"), target);
        }
        validate_field_allow_list(container, &item, errors);
        validate_no_sub_paths(&view, &item, errors);
    }
}

/// Ephemeral containers are for debugging: they have no ports, probes, lifecycle hooks, resources or restart rules. An empty list
/// counts as set.
///
/// Upstream: `core/validation.validateFieldAllowList` with `core/validation.allowedEphemeralContainerFields`.
fn validate_field_allow_list(container: &EphemeralContainer, path: &Path<'_>, errors: &mut Errors) {
    let has_resources = container.resources.as_ref().is_some_and(|resources| {
        resources.limits.is_some() || resources.requests.is_some() || resources.claims.is_some()
    });
    for (is_set, name) in [
        (container.ports.is_some(), "ports"),
        (has_resources, "resources"),
        (container.resize_policy.is_some(), "resizePolicy"),
        (container.restart_policy.is_some(), "restartPolicy"),
        (container.restart_policy_rules.is_some(), "restartPolicyRules"),
        (container.liveness_probe.is_some(), "livenessProbe"),
        (container.readiness_probe.is_some(), "readinessProbe"),
        (container.startup_probe.is_some(), "startupProbe"),
        (container.lifecycle.is_some(), "lifecycle"),
    ] {
        if is_set {
            errors.forbidden(&path.field(name), "cannot be set for an Ephemeral Container");
        }
    }
}

/// Ephemeral containers must not mount a `subPath`, because it stays mounted until the pod ends.
fn validate_no_sub_paths(container: &AnyContainer<'_>, path: &Path<'_>, errors: &mut Errors) {
    let list = path.field("volumeMounts");
    for (index, mount) in container.volume_mounts.iter().enumerate() {
        let item = list.index(index);
        for (sub_path, name) in [(&mount.sub_path, "subPath"), (&mount.sub_path_expr, "subPathExpr")] {
            if sub_path.as_deref().is_some_and(|text| !text.is_empty()) {
                errors.forbidden(&item.field(name), "cannot be set for an Ephemeral Container");
            }
        }
    }
}
