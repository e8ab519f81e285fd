//! The other kinds, which are found by name and changed in place.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::placement::kind::Kind;
use crate::placement::snapshot::Snapshot;
use crate::placement::snapshot::object::Content;
use crate::placement::snapshot::read::or_default;
use crate::placement::snapshot::volume::VolumeShapes;

/// Namespace, empty where the kind has none, and name.
pub(super) type Name = (Box<str>, Box<str>);

fn name_of(metadata: &ObjectMeta) -> Box<str> {
    Box::from(metadata.name.as_deref().unwrap_or_default())
}

fn namespaced(metadata: &ObjectMeta) -> Name {
    (Box::from(or_default(metadata.namespace.as_deref().unwrap_or_default())), name_of(metadata))
}

fn is(metadata: &ObjectMeta, namespace: &str, name: &str) -> bool {
    metadata.name.as_deref().unwrap_or_default() == name
        && or_default(metadata.namespace.as_deref().unwrap_or_default()) == namespace
}

fn plain<'n>(name: impl AsRef<str> + 'n) -> Name {
    (Box::default(), Box::from(name.as_ref()))
}

/// Inserts an object into a list, or replaces the one of its name.
fn put<T>(list: &mut Vec<T>, object: T, metadata: impl Fn(&T) -> &ObjectMeta) -> Name {
    let (namespace, name) = namespaced(metadata(&object));
    match list.iter_mut().find(|known| is(metadata(known), &namespace, &name)) {
        Some(known) => *known = object,
        None => list.push(object),
    }
    (namespace, name)
}

/// Inserts an object of a cluster-scoped kind into a map.
macro_rules! put {
    ($snapshot:ident, $map:ident, $object:ident, $kind:ident) => {{
        let name = name_of(&$object.metadata);
        $snapshot.$map.insert(name.clone(), *$object);
        (Kind::$kind, (Box::default(), name))
    }};
}

/// Adds or updates an object that is neither a node nor a pod.
pub(super) fn upsert(snapshot: &mut Snapshot, shapes: &mut VolumeShapes, content: Content) -> (Kind, Name) {
    match content {
        Content::DaemonSet(one) => {
            (Kind::DaemonSet, put(&mut snapshot.daemon_sets, *one, |one| &one.metadata))
        }
        Content::PodDisruptionBudget(one) => {
            (Kind::PodDisruptionBudget, put(&mut snapshot.disruption_budgets, *one, |one| &one.metadata))
        }
        Content::PersistentVolumeClaim(claim) => {
            let name = claim.key();
            snapshot.claims.insert(name.clone(), claim);
            (Kind::PersistentVolumeClaim, name)
        }
        Content::Namespace(name, labels) => {
            snapshot.namespaces.insert(name.clone(), labels);
            (Kind::Namespace, (Box::default(), name))
        }
        Content::PersistentVolume(name, mut volume) => {
            shapes.share(&mut volume);
            let before = snapshot.persistent_volumes.insert(name.clone(), volume);
            before.iter().for_each(|before| shapes.release(before));
            (Kind::PersistentVolume, (Box::default(), name))
        }
        Content::StorageClass(one) => put!(snapshot, storage_classes, one, StorageClass),
        Content::CsiNode(name, node) => {
            snapshot.csi_nodes.insert(name.clone(), node);
            (Kind::CsiNode, (Box::default(), name))
        }
        Content::CsiDriver(one) => put!(snapshot, csi_drivers, one, CsiDriver),
        Content::PriorityClass(one) => put!(snapshot, priority_classes, one, PriorityClass),
        Content::RuntimeClass(one) => put!(snapshot, runtime_classes, one, RuntimeClass),
        Content::Node(node) => (Kind::Node, (Box::default(), node.name)),
        Content::Pod(pod) => (Kind::Pod, (Box::default(), pod.name)),
        Content::FinishedPod(namespace, name) => (Kind::Pod, (namespace, name)),
    }
}

/// Removes an object that is neither a node nor a pod, if it is in the snapshot.
pub(super) fn remove(
    snapshot: &mut Snapshot,
    shapes: &mut VolumeShapes,
    kind: Kind,
    namespace: &str,
    name: &str,
) {
    match kind {
        Kind::DaemonSet => {
            let namespace = or_default(namespace);
            snapshot.daemon_sets.retain(|one| !is(&one.metadata, namespace, name));
        }
        Kind::PodDisruptionBudget => {
            let namespace = or_default(namespace);
            snapshot.disruption_budgets.retain(|one| !is(&one.metadata, namespace, name));
        }
        Kind::PersistentVolumeClaim => {
            snapshot.claims.remove(&(Box::from(or_default(namespace)), Box::from(name)));
        }
        Kind::Namespace => drop(snapshot.namespaces.remove(name)),
        Kind::PersistentVolume => {
            let before = snapshot.persistent_volumes.remove(name);
            before.iter().for_each(|before| shapes.release(before));
        }
        Kind::StorageClass => drop(snapshot.storage_classes.remove(name)),
        Kind::CsiNode => drop(snapshot.csi_nodes.remove(name)),
        Kind::CsiDriver => drop(snapshot.csi_drivers.remove(name)),
        Kind::PriorityClass => drop(snapshot.priority_classes.remove(name)),
        Kind::RuntimeClass => drop(snapshot.runtime_classes.remove(name)),
        Kind::Node | Kind::Pod => {}
    }
}

/// The names of the objects of a kind, which is neither the nodes nor the pods.
pub(super) fn names(snapshot: &Snapshot, kind: Kind) -> Vec<Name> {
    match kind {
        Kind::DaemonSet => snapshot.daemon_sets.iter().map(|one| namespaced(&one.metadata)).collect(),
        Kind::PodDisruptionBudget => {
            snapshot.disruption_budgets.iter().map(|one| namespaced(&one.metadata)).collect()
        }
        Kind::PersistentVolumeClaim => snapshot.claims.keys().cloned().collect(),
        Kind::Namespace => snapshot.namespaces.keys().map(plain).collect(),
        Kind::PersistentVolume => snapshot.persistent_volumes.keys().map(plain).collect(),
        Kind::StorageClass => snapshot.storage_classes.keys().map(plain).collect(),
        Kind::CsiNode => snapshot.csi_nodes.keys().map(plain).collect(),
        Kind::CsiDriver => snapshot.csi_drivers.keys().map(plain).collect(),
        Kind::PriorityClass => snapshot.priority_classes.keys().map(plain).collect(),
        Kind::RuntimeClass => snapshot.runtime_classes.keys().map(plain).collect(),
        Kind::Node | Kind::Pod => Vec::new(),
    }
}

/// How many objects of a kind there are, which is neither the nodes nor the pods.
pub(super) fn count(snapshot: &Snapshot, kind: Kind) -> usize {
    match kind {
        Kind::DaemonSet => snapshot.daemon_sets.len(),
        Kind::PodDisruptionBudget => snapshot.disruption_budgets.len(),
        Kind::PersistentVolumeClaim => snapshot.claims.len(),
        Kind::Namespace => snapshot.namespaces.len(),
        Kind::PersistentVolume => snapshot.persistent_volumes.len(),
        Kind::StorageClass => snapshot.storage_classes.len(),
        Kind::CsiNode => snapshot.csi_nodes.len(),
        Kind::CsiDriver => snapshot.csi_drivers.len(),
        Kind::PriorityClass => snapshot.priority_classes.len(),
        Kind::RuntimeClass => snapshot.runtime_classes.len(),
        Kind::Node | Kind::Pod => 0,
    }
}
