//! Objects that are applied together with a DaemonSet, on top of what a cluster has.

use std::collections::BTreeMap;

use super::live::kinds;
use super::object::{Content, Object};
use super::volume::VolumeShapes;
use super::{Snapshot, Table};
use crate::admission::Namespace;
use crate::placement::kind::Kind;

impl Snapshot {
    /// The cluster as it is once these objects are applied. Each replaces the one of its name, but labels and annotations of a namespace are
    /// added, and a quota keeps what is used of it. Nodes and pods are left out. No more kinds count as read.
    pub fn with(&self, objects: impl IntoIterator<Item = Object>) -> Self {
        let mut snapshot = self.clone();
        let mut shapes = VolumeShapes::default();
        for Object(content) in objects {
            match content {
                Content::Node(_) | Content::Pod(_) | Content::FinishedPod(..) | Content::DaemonSet(..) => {}
                Content::Namespace(namespace) => {
                    let namespace = merged(*namespace, &snapshot.namespaces);
                    snapshot.namespaces.insert(namespace.name.clone(), namespace);
                }
                Content::Around(mut one) => {
                    if let Some(known) = snapshot.around.quotas.get(&one.namespace, &one.name) {
                        one.keep_status(known);
                    }
                    snapshot.around.insert(*one);
                }
                other => _ = kinds::upsert(&mut snapshot, &mut shapes, other),
            }
        }
        snapshot
    }

    /// The kinds of the objects that may be applied together with a DaemonSet and decide something about its pods.
    pub const APPLIED: [Kind; 9] = [
        Kind::Namespace,
        Kind::ServiceAccount,
        Kind::PriorityClass,
        Kind::RuntimeClass,
        Kind::LimitRange,
        Kind::ResourceQuota,
        Kind::ConfigMap,
        Kind::Secret,
        Kind::PersistentVolumeClaim,
    ];
}

/// kubectl leaves alone what others have set.
fn merged(new: Namespace, known: &Table<Namespace>) -> Namespace {
    let Some(known) = known.get(&new.name) else { return new };
    let over = |mut old: BTreeMap<String, String>, new: BTreeMap<String, String>| {
        old.extend(new);
        old
    };
    Namespace {
        name: new.name,
        labels: over(known.labels.clone(), new.labels),
        annotations: over(known.annotations.clone(), new.annotations),
        terminating: known.terminating,
    }
}
