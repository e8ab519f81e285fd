//! The other kinds, which are found by name.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::placement::kind::Kind;
use crate::placement::snapshot::Snapshot;
use crate::placement::snapshot::name::key;
use crate::placement::snapshot::object::Content;
use crate::placement::snapshot::read::or_default;
use crate::placement::snapshot::volume::VolumeShapes;

fn name_of(metadata: &ObjectMeta) -> Box<str> {
    Box::from(metadata.name.as_deref().unwrap_or_default())
}

fn namespaced(metadata: &ObjectMeta) -> Box<str> {
    let namespace = or_default(metadata.namespace.as_deref().unwrap_or_default());
    key(namespace, metadata.name.as_deref().unwrap_or_default()).into_boxed_str()
}

/// The name by which the object of a kind is found: `namespace/name`, or `name` where the kind has no namespace.
pub(super) fn name(kind: Kind, namespace: &str, name: &str) -> Box<str> {
    match kind {
        kind if kind.is_namespaced() => key(or_default(namespace), name).into_boxed_str(),
        _ => Box::from(name),
    }
}

/// Inserts an object of a cluster-scoped kind into a table.
macro_rules! put {
    ($snapshot:ident, $table:ident, $object:ident, $kind:ident) => {{
        let name = name_of(&$object.metadata);
        $snapshot.$table.insert(name.clone(), *$object);
        (Kind::$kind, name)
    }};
}

/// Adds or updates an object that is neither a node nor a pod. The answer is the name by which it is found.
pub(in crate::placement::snapshot) fn upsert(
    snapshot: &mut Snapshot,
    shapes: &mut VolumeShapes,
    content: Content,
) -> (Kind, Box<str>) {
    match content {
        Content::DaemonSet(one, template) => {
            let name = namespaced(&one.metadata);
            snapshot.templates.insert(name.clone(), template);
            snapshot.daemon_sets.put(&name, *one);
            (Kind::DaemonSet, name)
        }
        Content::PodDisruptionBudget(one) => {
            let name = namespaced(&one.metadata);
            snapshot.disruption_budgets.put(&name, *one);
            (Kind::PodDisruptionBudget, name)
        }
        Content::PersistentVolumeClaim(claim) => {
            let name = claim.key().into_boxed_str();
            snapshot.claims.insert(name.clone(), *claim);
            (Kind::PersistentVolumeClaim, name)
        }
        Content::Namespace(namespace) => {
            let name = namespace.name.clone();
            snapshot.namespaces.insert(name.clone(), *namespace);
            (Kind::Namespace, name)
        }
        Content::Around(one) => {
            let (kind, name) = (one.kind, one.key());
            snapshot.around.insert(*one);
            (kind, name)
        }
        Content::PersistentVolume(name, mut volume) => {
            shapes.share(&mut volume);
            release(snapshot, shapes, &name);
            snapshot.persistent_volumes.insert(name.clone(), *volume);
            (Kind::PersistentVolume, name)
        }
        Content::StorageClass(one) => put!(snapshot, storage_classes, one, StorageClass),
        Content::CsiNode(name, node) => {
            snapshot.csi_nodes.insert(name.clone(), node);
            (Kind::CsiNode, name)
        }
        Content::CsiDriver(one) => put!(snapshot, csi_drivers, one, CsiDriver),
        Content::PriorityClass(one) => put!(snapshot, priority_classes, one, PriorityClass),
        Content::RuntimeClass(one) => put!(snapshot, runtime_classes, one, RuntimeClass),
        Content::Node(node) => (Kind::Node, node.name),
        Content::Pod(pod) => (Kind::Pod, pod.name),
        Content::FinishedPod(_, name) => (Kind::Pod, name),
    }
}

/// Drops the shape of a volume that is removed or replaced.
fn release(snapshot: &Snapshot, shapes: &mut VolumeShapes, name: &str) {
    if let Some(before) = snapshot.persistent_volumes.get(name) {
        shapes.release(&before.shape);
    }
}

/// Removes an object that is neither a node nor a pod, if it is in the snapshot. `name` is the one by which it is found.
pub(super) fn remove(snapshot: &mut Snapshot, shapes: &mut VolumeShapes, kind: Kind, name: &str) {
    match kind {
        Kind::DaemonSet => {
            snapshot.templates.remove(name);
            snapshot.daemon_sets.remove(name, |one| namespaced(&one.metadata));
        }
        Kind::PodDisruptionBudget => {
            snapshot.disruption_budgets.remove(name, |one| namespaced(&one.metadata));
        }
        Kind::PersistentVolume => {
            release(snapshot, shapes, name);
            snapshot.persistent_volumes.remove(name);
        }
        Kind::PersistentVolumeClaim => drop(snapshot.claims.remove(name)),
        Kind::Namespace => drop(snapshot.namespaces.remove(name)),
        Kind::StorageClass => drop(snapshot.storage_classes.remove(name)),
        Kind::CsiNode => drop(snapshot.csi_nodes.remove(name)),
        Kind::CsiDriver => drop(snapshot.csi_drivers.remove(name)),
        Kind::PriorityClass => drop(snapshot.priority_classes.remove(name)),
        Kind::RuntimeClass => drop(snapshot.runtime_classes.remove(name)),
        Kind::Node | Kind::Pod => {}
        _ => snapshot.around.remove(kind, name),
    }
}

/// The names by which the objects of a kind are found. The kind is not the pods.
pub(super) fn names(snapshot: &Snapshot, kind: Kind) -> Vec<Box<str>> {
    fn all<'n>(names: impl Iterator<Item = &'n str>) -> Vec<Box<str>> {
        names.map(Box::from).collect()
    }
    match kind {
        Kind::Node => all(snapshot.nodes.names()),
        Kind::DaemonSet => all(snapshot.daemon_sets.names()),
        Kind::PodDisruptionBudget => all(snapshot.disruption_budgets.names()),
        Kind::PersistentVolumeClaim => all(snapshot.claims.keys()),
        Kind::Namespace => all(snapshot.namespaces.keys()),
        Kind::PersistentVolume => all(snapshot.persistent_volumes.keys()),
        Kind::StorageClass => all(snapshot.storage_classes.keys()),
        Kind::CsiNode => all(snapshot.csi_nodes.keys()),
        Kind::CsiDriver => all(snapshot.csi_drivers.keys()),
        Kind::PriorityClass => all(snapshot.priority_classes.keys()),
        Kind::RuntimeClass => all(snapshot.runtime_classes.keys()),
        Kind::Pod => Vec::new(),
        _ => snapshot.around.names(kind),
    }
}
