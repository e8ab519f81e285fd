//! A view of containers of any kind, and what their checks need to know about the pod.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{
    Container, ContainerPort, ContainerResizePolicy, ContainerRestartRule, EnvFromSource, EnvVar,
    EphemeralContainer, Lifecycle, PodOS, Probe, ResourceRequirements, SecurityContext, VolumeDevice,
    VolumeMount,
};

use crate::apiserver::volume_map::VolumeMap;

/// A container of any kind. Ephemeral containers are a different type with the same fields, so the shared checks read this view.
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

/// What the checks of a container need to know about the pod.
#[derive(Clone, Copy, Debug)]
pub(super) struct PodContext<'p> {
    /// The pod's operating system, if specified.
    pub(super) pod_os: Option<&'p PodOS>,
    /// The pod's valid volumes by name.
    pub(super) volumes: &'p VolumeMap<'p>,
    /// The names of the pod's resource claims.
    pub(super) pod_claim_names: &'p BTreeSet<&'p str>,
    /// The pod's termination grace period in seconds.
    pub(super) grace_period: i64,
    /// The pod's restart policy.
    pub(super) pod_restart_policy: &'p str,
    /// Whether the pod uses the host's user namespace.
    pub(super) host_users: bool,
}
