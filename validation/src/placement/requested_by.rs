//! Who requests a resource.

use k8s_openapi::api::core::v1::{Container, PodSpec};

use super::paths::requests_path;
use crate::path::FieldPath;

/// Who requests a resource.
#[derive(Clone, Debug)]
pub(super) struct RequestedBy {
    /// Where it is requested.
    pub(super) path: FieldPath,
    /// The one container that requests it, where nothing else adds to it.
    pub(super) container: Option<Box<str>>,
    /// Whether this container does so only by a limit range's default.
    pub(super) is_default: bool,
}

/// Who requests a resource of a pod as it is stored, and whether the template says so.
pub(super) fn requested_by(spec: &PodSpec, template: &PodSpec, name: &str) -> RequestedBy {
    let container = only_container(spec, name);
    let is_default = container.is_some() && !containers(template).any(|container| asks(container, name));
    RequestedBy { path: requests_path(spec, name), container, is_default }
}

fn containers(spec: &PodSpec) -> impl Iterator<Item = &Container> {
    spec.init_containers.iter().flatten().chain(&spec.containers)
}

fn asks(container: &Container, name: &str) -> bool {
    let resources = container.resources.as_ref();
    let lists = resources.map(|resources| [&resources.requests, &resources.limits]);
    lists.into_iter().flatten().any(|list| list.as_ref().is_some_and(|list| list.contains_key(name)))
}

/// The one container that requests the resource, where nothing else adds to it.
fn only_container(spec: &PodSpec, name: &str) -> Option<Box<str>> {
    let mut asking = containers(spec).filter(|container| asks(container, name));
    let (one, other) = (asking.next(), asking.next());
    let alone = spec.resources.is_none() && spec.overhead.is_none() && other.is_none();
    one.filter(|_| alone).map(|container| container.name.as_str().into())
}
