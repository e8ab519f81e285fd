//! Port names that several containers use.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::PodSpec;

use super::list::Warnings;
use crate::apiserver::container_visit::{ContainerView, containers};
use crate::apiserver::content::quote;
use crate::path::Path;

/// Services and probes that refer to a port by name find only the first one.
pub(super) fn warn_about_port_names(spec: &PodSpec, path: &Path<'_>, warnings: &mut Warnings) {
    let mut first: BTreeMap<&str, (ContainerView<'_>, usize)> = BTreeMap::new();
    for container in containers(spec) {
        for (index, port) in container.ports.iter().enumerate() {
            let Some(name) = port.name.as_deref().filter(|name| !name.is_empty()) else { continue };
            let Some((other_container, other)) = first.get(name) else {
                first.insert(name, (container, index));
                continue;
            };
            let other_list = path.field(other_container.list);
            let other_container = other_list.index(other_container.index);
            let other = other_container.field("ports").index(*other).to_field_path();
            let list = path.field(container.list);
            let container = list.index(container.index);
            let name = quote(name);
            warnings.push(
                &container.field("ports").index(index),
                format_args!(
                    "duplicate port name {name} with {other}, services and probes that select ports by name will use {other}"
                ),
            );
        }
    }
}
