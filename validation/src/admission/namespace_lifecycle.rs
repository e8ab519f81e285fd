//! A namespace that is absent or being deleted takes no objects.

use super::plugin::Plugin;
use super::refusal::{Detail, Refusal};
use super::surroundings::{Lookup, Surroundings};
use crate::path::FieldPath;

/// Why the namespace with this name takes no new object, be it a DaemonSet or a pod; `None` where it takes them or is not known.
///
/// The sentence about an absent namespace is the server's whole answer. The one about a namespace that is being deleted stands behind
/// `daemonsets.apps "x" is forbidden: ` or `pods "x-" is forbidden: `.
///
/// Upstream: `apiserver/admission/plugin/namespace/lifecycle.Lifecycle.Admit`.
pub fn namespace_refusal(name: &str, surroundings: &Surroundings<'_>) -> Option<Refusal> {
    let (message, detail) = match surroundings.namespace {
        Lookup::Unknown => return None,
        Lookup::Absent => {
            (format!("namespaces \"{name}\" not found"), Detail::NamespaceAbsent(name.to_owned()))
        }
        Lookup::Found(namespace) if namespace.terminating => (
            format!("unable to create new content in namespace {name} because it is being terminated"),
            Detail::NamespaceTerminating(name.to_owned()),
        ),
        Lookup::Found(_) => return None,
    };
    let path = FieldPath::of(&["metadata", "namespace"]);
    Some(Refusal { plugin: Plugin::NamespaceLifecycle, message, path, detail })
}
