//! Iterates over the containers of all three lists of a pod.

use k8s_openapi::api::core::v1::{
    ContainerPort, EnvVar, PodSpec, ResourceRequirements, SecurityContext, VolumeDevice,
};

use crate::path::Path;

/// The parts of a container that checks of the whole pod need.
#[derive(Clone, Copy, Debug)]
pub(super) struct ContainerView<'s> {
    /// The field of its list.
    pub(super) list: &'static str,
    /// Its index in the list.
    pub(super) index: usize,
    /// Its name.
    pub(super) name: &'s str,
    /// Its environment variables.
    pub(super) env: &'s [EnvVar],
    /// Its ports.
    pub(super) ports: &'s [ContainerPort],
    /// Its resource requirements.
    pub(super) resources: Option<&'s ResourceRequirements>,
    /// Its security context.
    pub(super) security_context: Option<&'s SecurityContext>,
    /// Its raw block devices.
    pub(super) volume_devices: &'s [VolumeDevice],
}

/// Builds the view. This is a macro because the lists have two types with the same fields.
macro_rules! view {
    ($list:expr, $index:expr, $container:expr) => {
        ContainerView {
            list: $list,
            index: $index,
            name: &$container.name,
            env: $container.env.as_deref().unwrap_or_default(),
            ports: $container.ports.as_deref().unwrap_or_default(),
            resources: $container.resources.as_ref(),
            security_context: $container.security_context.as_ref(),
            volume_devices: $container.volume_devices.as_deref().unwrap_or_default(),
        }
    };
}

/// Calls the visitor with each container and its path: first init containers, then regular ones, then ephemeral ones.
///
/// Upstream: `core/pods.VisitContainersWithPath`.
pub(super) fn visit_containers_with_path<'s>(
    spec: &'s PodSpec,
    path: &Path<'_>,
    mut visitor: impl FnMut(ContainerView<'s>, &Path<'_>),
) {
    for container in containers(spec) {
        let list = path.field(container.list);
        visitor(container, &list.index(container.index));
    }
}

/// The containers in upstream's order: first init containers, then regular ones, then ephemeral ones.
///
/// Upstream: `api/pod.ContainerIter`, `api/pod.VisitContainers`.
pub(super) fn containers(spec: &PodSpec) -> impl Iterator<Item = ContainerView<'_>> {
    let init = spec.init_containers.iter().flatten().enumerate();
    let init = init.map(|(index, container)| view!("initContainers", index, container));
    let ordinary = spec.containers.iter().enumerate();
    let ordinary = ordinary.map(|(index, container)| view!("containers", index, container));
    let ephemeral = spec.ephemeral_containers.iter().flatten().enumerate();
    let ephemeral = ephemeral.map(|(index, container)| view!("ephemeralContainers", index, container));
    init.chain(ordinary).chain(ephemeral)
}
