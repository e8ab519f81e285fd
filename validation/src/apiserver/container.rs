//! Checks that all kinds of containers share.

use crate::apiserver::any_container::{AnyContainer, PodContext};
use crate::apiserver::container_port::validate_container_ports;
use crate::apiserver::content::{is_dns1123_label, report};
use crate::apiserver::context::Context;
use crate::apiserver::env::validate_env;
use crate::apiserver::env_from::validate_env_from;
use crate::apiserver::error::Errors;
use crate::apiserver::resize_policy::validate_resize_policy;
use crate::apiserver::resources::validate_container_resource_requirements;
use crate::apiserver::security_context::validate_security_context;
use crate::apiserver::volume_mount::{Mounted, validate_volume_devices, validate_volume_mounts};
use crate::path::Path;

/// Every container has a name, which is a DNS label, and an image. Checks its ports, environment, volumes, resources and security
/// context.
///
/// Upstream: `core/validation.validateContainerCommon`.
pub(super) fn validate_container_common(
    container: &AnyContainer<'_>,
    pod: &PodContext<'_>,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    let name_path = path.field("name");
    if container.name.is_empty() {
        errors.required(&name_path, "");
    } else {
        report(is_dns1123_label(container.name), container.name, &name_path, errors);
    }
    // An image of spaces is allowed in templates, where it may be a placeholder. Pods reject it.
    if container.image.is_empty() {
        errors.required(&path.field("image"), "");
    }
    validate_termination_message_policy(container.termination_message_policy, path, errors);
    validate_container_ports(container.ports, &path.field("ports"), errors);
    validate_env(container.env, &path.field("env"), cx, errors);
    validate_env_from(container.env_from, &path.field("envFrom"), cx, errors);
    let devices = Mounted::of_devices(container.volume_devices);
    validate_volume_mounts(
        container.volume_mounts,
        &devices,
        pod.volumes,
        Some(container),
        &path.field("volumeMounts"),
        errors,
    );
    if !container.volume_devices.is_empty() {
        let mounts = Mounted::of_mounts(container.volume_mounts);
        let devices_path = path.field("volumeDevices");
        validate_volume_devices(container.volume_devices, &mounts, pod.volumes, &devices_path, errors);
    }
    validate_pull_policy(container.image_pull_policy, &path.field("imagePullPolicy"), errors);
    if let Some(resources) = container.resources {
        let resources_path = path.field("resources");
        validate_container_resource_requirements(resources, pod.pod_claim_names, &resources_path, cx, errors);
    }
    validate_resize_policy(
        container.resize_policy,
        &path.field("resizePolicy"),
        cx,
        pod.pod_restart_policy,
        errors,
    );
    validate_security_context(
        container.security_context,
        &path.field("securityContext"),
        cx,
        pod.host_users,
        errors,
    );
}

/// `terminationMessagePolicy` is one of two values.
fn validate_termination_message_policy(policy: &str, path: &Path<'_>, errors: &mut Errors) {
    match policy {
        "File" | "FallbackToLogsOnError" => {}
        "" => errors.required(&path.field("terminationMessagePolicy"), ""),
        _ => {
            let supported = ["File", "FallbackToLogsOnError"];
            errors.not_supported(&path.field("terminationMessagePolicy"), policy, &supported);
        }
    }
}

/// `imagePullPolicy` is one of three values.
///
/// Upstream: `core/validation.validatePullPolicy`.
pub(super) fn validate_pull_policy(policy: &str, path: &Path<'_>, errors: &mut Errors) {
    match policy {
        "Always" | "IfNotPresent" | "Never" => {}
        "" => errors.required(path, ""),
        _ => errors.not_supported(path, policy, &["Always", "IfNotPresent", "Never"]),
    }
}

/// In pods, unlike in templates, an image must not have leading or trailing whitespace.
///
/// Upstream: `core/validation.validateContainerOnlyForPod`.
pub(crate) fn validate_container_only_for_pod(image: &str, path: &Path<'_>, errors: &mut Errors) {
    if image.trim().len() != image.len() {
        errors.invalid(&path.field("image"), image, "must not have leading or trailing whitespace");
    }
}
