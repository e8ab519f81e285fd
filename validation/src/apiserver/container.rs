//! Containers: what all kinds share.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{
    Container, ContainerPort, ContainerResizePolicy, ContainerRestartRule, EnvFromSource, EnvVar,
    EphemeralContainer, Lifecycle, PodOS, Probe, ResourceRequirements, SecurityContext, VolumeDevice,
    VolumeMount,
};

use crate::apiserver::container_port::validate_container_ports;
use crate::apiserver::content::{is_dns1123_label, report};
use crate::apiserver::context::Context;
use crate::apiserver::env::validate_env;
use crate::apiserver::env_from::validate_env_from;
use crate::apiserver::error::Errors;
use crate::apiserver::resize_policy::validate_resize_policy;
use crate::apiserver::resources::validate_container_resource_requirements;
use crate::apiserver::security_context::validate_security_context;
use crate::apiserver::volume::VolumeMap;
use crate::apiserver::volume_mount::{Mounted, validate_volume_devices, validate_volume_mounts};
use crate::path::Path;

/// A container of any kind. Ephemeral containers have a type of their own with the same fields; the checks that all kinds share
/// read this view.
#[derive(Clone, Copy, Debug)]
pub(super) struct AnyContainer<'c> {
    pub(super) name: &'c str,
    pub(super) image: &'c str,
    pub(super) image_pull_policy: &'c str,
    pub(super) termination_message_policy: &'c str,
    pub(super) ports: &'c [ContainerPort],
    pub(super) env: &'c [EnvVar],
    pub(super) env_from: &'c [EnvFromSource],
    pub(super) volume_mounts: &'c [VolumeMount],
    pub(super) volume_devices: &'c [VolumeDevice],
    pub(super) resize_policy: &'c [ContainerResizePolicy],
    pub(super) restart_policy: Option<&'c str>,
    pub(super) restart_policy_rules: &'c [ContainerRestartRule],
    pub(super) resources: Option<&'c ResourceRequirements>,
    pub(super) security_context: Option<&'c SecurityContext>,
    pub(super) lifecycle: Option<&'c Lifecycle>,
    pub(super) liveness_probe: Option<&'c Probe>,
    pub(super) readiness_probe: Option<&'c Probe>,
    pub(super) startup_probe: Option<&'c Probe>,
}

macro_rules! view_of {
    ($kind:ty) => {
        impl<'c> From<&'c $kind> for AnyContainer<'c> {
            fn from(container: &'c $kind) -> Self {
                Self {
                    name: &container.name,
                    image: container.image.as_deref().unwrap_or_default(),
                    image_pull_policy: container.image_pull_policy.as_deref().unwrap_or_default(),
                    termination_message_policy: container
                        .termination_message_policy
                        .as_deref()
                        .unwrap_or_default(),
                    ports: container.ports.as_deref().unwrap_or_default(),
                    env: container.env.as_deref().unwrap_or_default(),
                    env_from: container.env_from.as_deref().unwrap_or_default(),
                    volume_mounts: container.volume_mounts.as_deref().unwrap_or_default(),
                    volume_devices: container.volume_devices.as_deref().unwrap_or_default(),
                    resize_policy: container.resize_policy.as_deref().unwrap_or_default(),
                    restart_policy: container.restart_policy.as_deref(),
                    restart_policy_rules: container.restart_policy_rules.as_deref().unwrap_or_default(),
                    resources: container.resources.as_ref(),
                    security_context: container.security_context.as_ref(),
                    lifecycle: container.lifecycle.as_ref(),
                    liveness_probe: container.liveness_probe.as_ref(),
                    readiness_probe: container.readiness_probe.as_ref(),
                    startup_probe: container.startup_probe.as_ref(),
                }
            }
        }
    };
}
view_of!(Container);
view_of!(EphemeralContainer);

/// What the checks of a container must know of its pod.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings<'p> {
    /// The pod's operating system, if it names one.
    pub(super) pod_os: Option<&'p PodOS>,
    /// The pod's valid volumes by name.
    pub(super) volumes: &'p VolumeMap<'p>,
    /// The names of the pod's resource claims.
    pub(super) pod_claim_names: &'p BTreeSet<&'p str>,
    /// The seconds that the pod has to end.
    pub(super) grace_period: i64,
    /// The pod's restart policy.
    pub(super) pod_restart_policy: &'p str,
    /// Whether the pod's users are the host's.
    pub(super) host_users: bool,
}

/// A container of any kind needs a name that is a DNS label and an image; its ports, variables, volumes, resources and rights
/// must be well formed.
///
/// Upstream: `core/validation.validateContainerCommon`.
pub(super) fn validate_container_common(
    container: &AnyContainer<'_>,
    pod: &Surroundings<'_>,
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
    // An image of blanks is a placeholder that some templates have; only a pod may not have it.
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

/// Where the last words of a container come from is one of two ways.
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

/// A pull policy is one of three.
///
/// Upstream: `core/validation.validatePullPolicy`.
pub(super) fn validate_pull_policy(policy: &str, path: &Path<'_>, errors: &mut Errors) {
    match policy {
        "Always" | "IfNotPresent" | "Never" => {}
        "" => errors.required(path, ""),
        _ => errors.not_supported(path, policy, &["Always", "IfNotPresent", "Never"]),
    }
}

/// A pod, unlike a template, may not name an image with blanks around.
///
/// Upstream: `core/validation.validateContainerOnlyForPod`.
pub(super) fn validate_container_only_for_pod(
    container: &AnyContainer<'_>,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    if container.image.trim().len() != container.image.len() {
        errors.invalid(&path.field("image"), container.image, "must not have leading or trailing whitespace");
    }
}
