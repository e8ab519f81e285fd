//! The containers of all three lists of a pod, one after the other.

use k8s_openapi::api::core::v1::{EnvVar, PodSpec, SecurityContext, VolumeDevice};

use crate::path::Path;

/// What checks of the whole pod want to know of a container, of whichever list.
#[derive(Clone, Copy, Debug)]
pub(super) struct ContainerView<'s> {
    /// Its name.
    pub(super) name: &'s str,
    /// Its environment variables.
    pub(super) env: &'s [EnvVar],
    /// Its security context.
    pub(super) security_context: Option<&'s SecurityContext>,
    /// Its raw block devices.
    pub(super) volume_devices: &'s [VolumeDevice],
}

/// Makes the view: the lists hold two types with the same fields.
macro_rules! view {
    ($container:expr) => {
        ContainerView {
            name: &$container.name,
            env: $container.env.as_deref().unwrap_or_default(),
            security_context: $container.security_context.as_ref(),
            volume_devices: $container.volume_devices.as_deref().unwrap_or_default(),
        }
    };
}

/// Shows each container to the visitor, with its path: init containers first, ephemeral containers last.
///
/// Upstream: `core/pods.VisitContainersWithPath`.
pub(super) fn visit_containers_with_path<'s>(
    spec: &'s PodSpec,
    path: &Path<'_>,
    mut visitor: impl FnMut(ContainerView<'s>, &Path<'_>),
) {
    let list = path.field("initContainers");
    for (index, container) in spec.init_containers.iter().flatten().enumerate() {
        visitor(view!(container), &list.index(index));
    }
    let list = path.field("containers");
    for (index, container) in spec.containers.iter().enumerate() {
        visitor(view!(container), &list.index(index));
    }
    let list = path.field("ephemeralContainers");
    for (index, container) in spec.ephemeral_containers.iter().flatten().enumerate() {
        visitor(view!(container), &list.index(index));
    }
}

/// The containers in upstream's order: init containers first, ephemeral containers last.
///
/// Upstream: `api/pod.ContainerIter`, `api/pod.VisitContainers`.
pub(super) fn containers(spec: &PodSpec) -> impl Iterator<Item = ContainerView<'_>> {
    let init = spec.init_containers.iter().flatten().map(|container| view!(container));
    let ordinary = spec.containers.iter().map(|container| view!(container));
    let ephemeral = spec.ephemeral_containers.iter().flatten().map(|container| view!(container));
    init.chain(ordinary).chain(ephemeral)
}
