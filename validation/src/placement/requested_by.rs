//! Who requests a resource.

use k8s_openapi::api::core::v1::{Container, PodSpec};

use super::paths::requests_path;
use crate::path::FieldPath;

/// Where a resource is requested, and the one container that requests it.
pub(super) fn requested_by(spec: &PodSpec, name: &str) -> (FieldPath, Option<Box<str>>) {
    (requests_path(spec, name), only_container(spec, name))
}

/// The one container that requests the resource, where nothing else adds to it.
fn only_container(spec: &PodSpec, name: &str) -> Option<Box<str>> {
    let asks = |container: &&Container| {
        let resources = container.resources.as_ref();
        let lists = resources.map(|resources| [&resources.requests, &resources.limits]);
        lists.into_iter().flatten().any(|list| list.as_ref().is_some_and(|list| list.contains_key(name)))
    };
    let mut asking = spec.init_containers.iter().flatten().chain(&spec.containers).filter(asks);
    let (one, other) = (asking.next(), asking.next());
    let alone = spec.resources.is_none() && spec.overhead.is_none() && other.is_none();
    one.filter(|_| alone).map(|container| container.name.as_str().into())
}
