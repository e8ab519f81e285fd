//! The pod as the checks see it.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Container, ContainerPort, EphemeralContainer, Lifecycle, PodSecurityContext, PodSpec, Probe,
    SecurityContext,
};

use crate::path::FieldPath;

/// A pod or a pod template.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'s> {
    pub(super) annotations: Option<&'s BTreeMap<String, String>>,
    pub(super) spec: &'s PodSpec,
}

impl<'s> Subject<'s> {
    /// All containers, in the order in which the server names them.
    ///
    /// Upstream: `pod-security-admission/policy.visitContainers`.
    pub(super) fn containers(self) -> impl Iterator<Item = Part<'s>> {
        let first = self.spec.init_containers.iter().flatten().enumerate();
        let ephemeral = self.spec.ephemeral_containers.iter().flatten().enumerate();
        first
            .map(|(index, container)| Part::of_container("initContainers", index, container))
            .chain(
                self.spec
                    .containers
                    .iter()
                    .enumerate()
                    .map(|(index, container)| Part::of_container("containers", index, container)),
            )
            .chain(ephemeral.map(|(index, container)| Part::of_ephemeral(index, container)))
    }

    /// The security context of the pod.
    pub(super) fn security(self) -> Option<&'s PodSecurityContext> {
        self.spec.security_context.as_ref()
    }

    /// Whether the pod has users of its own, which lets it be root inside.
    ///
    /// Upstream: `pod-security-admission/policy.relaxPolicyForUserNamespacePod`.
    pub(super) fn has_own_users(self) -> bool {
        self.spec.host_users == Some(false)
    }

    /// Whether the pod says that it is for Windows.
    pub(super) fn is_for_windows(self) -> bool {
        self.spec.os.as_ref().is_some_and(|os| os.name == "windows")
    }

    /// The place of the pod's spec in the DaemonSet.
    pub(super) fn path() -> FieldPath {
        FieldPath::of(&["spec", "template", "spec"])
    }

    /// The place of an annotation in the DaemonSet.
    pub(super) fn annotation_path(key: &str) -> FieldPath {
        FieldPath::of(&["spec", "template", "metadata", "annotations"]).key(key)
    }
}

/// What the checks read of a container, of whatever sort.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'s> {
    list: &'static str,
    index: usize,
    pub(super) name: &'s str,
    pub(super) security: Option<&'s SecurityContext>,
    ports: Option<&'s Vec<ContainerPort>>,
    /// The probes with the names of their fields.
    pub(super) probes: [(&'static str, Option<&'s Probe>); 3],
    pub(super) lifecycle: Option<&'s Lifecycle>,
}

impl<'s> Part<'s> {
    fn of_container(list: &'static str, index: usize, container: &'s Container) -> Self {
        Self {
            list,
            index,
            name: &container.name,
            security: container.security_context.as_ref(),
            ports: container.ports.as_ref(),
            probes: [
                ("livenessProbe", container.liveness_probe.as_ref()),
                ("readinessProbe", container.readiness_probe.as_ref()),
                ("startupProbe", container.startup_probe.as_ref()),
            ],
            lifecycle: container.lifecycle.as_ref(),
        }
    }

    fn of_ephemeral(index: usize, container: &'s EphemeralContainer) -> Self {
        Self {
            list: "ephemeralContainers",
            index,
            name: &container.name,
            security: container.security_context.as_ref(),
            ports: container.ports.as_ref(),
            probes: [
                ("livenessProbe", container.liveness_probe.as_ref()),
                ("readinessProbe", container.readiness_probe.as_ref()),
                ("startupProbe", container.startup_probe.as_ref()),
            ],
            lifecycle: container.lifecycle.as_ref(),
        }
    }

    /// Its ports.
    pub(super) fn ports(&self) -> &'s [ContainerPort] {
        self.ports.map_or(&[], Vec::as_slice)
    }

    /// Its place in the DaemonSet.
    pub(super) fn path(&self) -> FieldPath {
        Subject::path().field(self.list).index(self.index)
    }

    /// The place of its security context in the DaemonSet.
    pub(super) fn security_path(&self) -> FieldPath {
        self.path().field("securityContext")
    }
}
