//! Builds a snapshot from objects in any order.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::api::core::v1::{self, Namespace};
use k8s_openapi::api::node::v1::RuntimeClass;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::api::scheduling::v1::PriorityClass;
use k8s_openapi::api::storage::v1::{CSIDriver, CSINode, StorageClass};
use serde::{Deserialize, Deserializer};

use super::around;
use super::name::key;
use super::read::{self, or_default};
use super::volume::VolumeShapes;
use super::{Node, PersistentVolume, PersistentVolumeClaim, Pod, PodIndex, PodShape, Snapshot, Table, Usage};
use crate::placement::kind::Kind;
use crate::placement::wire;
use crate::server::Server;

/// Collects objects; of two of the same name the first one counts.
#[derive(Debug)]
pub struct SnapshotBuilder {
    server: Server,
    snapshot: Snapshot,
    /// The shapes of pods, each stored once.
    shapes: HashMap<Arc<PodShape>, u32>,
    /// The shapes of volumes, each stored once.
    volume_shapes: VolumeShapes,
    texts: HashSet<Arc<str>>,
    /// The node name of each pod, since nodes may be added after pods.
    bound: Vec<Option<Arc<str>>>,
    seen_pods: HashSet<(Arc<str>, Box<str>)>,
}

impl SnapshotBuilder {
    /// An empty one. The server's version decides how requests are counted.
    pub fn new(server: Server) -> Self {
        Self {
            server,
            snapshot: Snapshot::default(),
            shapes: HashMap::new(),
            volume_shapes: VolumeShapes::default(),
            texts: HashSet::new(),
            bound: Vec::new(),
            seen_pods: HashSet::new(),
        }
    }

    /// Adds an object of a kind, reading of it what placement needs.
    ///
    /// # Errors
    ///
    /// The deserializer's, where the object is not of this kind's form; the snapshot is as before then.
    pub fn add<'de, D: Deserializer<'de>>(&mut self, kind: Kind, object: D) -> Result<(), D::Error> {
        self.mark_found(kind);
        match kind {
            Kind::Node => self.node(wire::Node::deserialize(object)?),
            Kind::Pod => self.pod(&wire::Pod::deserialize(object)?),
            Kind::DaemonSet => self.daemon_set(DaemonSet::deserialize(object)?),
            Kind::Namespace => {
                let namespace = around::namespace(Namespace::deserialize(object)?);
                let name = namespace.name.to_string();
                insert(&mut self.snapshot.namespaces, Some(name), namespace);
            }
            Kind::PersistentVolume => self.volume(v1::PersistentVolume::deserialize(object)?),
            Kind::PersistentVolumeClaim => {
                let claim = PersistentVolumeClaim::from(v1::PersistentVolumeClaim::deserialize(object)?);
                insert(&mut self.snapshot.claims, Some(claim.key()), claim);
            }
            Kind::StorageClass => {
                let class = StorageClass::deserialize(object)?;
                insert(&mut self.snapshot.storage_classes, class.metadata.name.clone(), class);
            }
            Kind::CsiNode => {
                let mut node = CSINode::deserialize(object)?;
                insert(&mut self.snapshot.csi_nodes, node.metadata.name.take(), node.into());
            }
            Kind::CsiDriver => {
                let driver = CSIDriver::deserialize(object)?;
                insert(&mut self.snapshot.csi_drivers, driver.metadata.name.clone(), driver);
            }
            Kind::PriorityClass => {
                let class = PriorityClass::deserialize(object)?;
                insert(&mut self.snapshot.priority_classes, class.metadata.name.clone(), class);
            }
            Kind::RuntimeClass => {
                let class = RuntimeClass::deserialize(object)?;
                insert(&mut self.snapshot.runtime_classes, class.metadata.name.clone(), class);
            }
            Kind::PodDisruptionBudget => {
                let budget = PodDisruptionBudget::deserialize(object)?;
                let meta = &budget.metadata;
                let namespace = or_default(meta.namespace.as_deref().unwrap_or_default());
                let name = key(namespace, meta.name.as_deref().unwrap_or_default());
                self.snapshot.disruption_budgets.add(&name, budget);
            }
            _ => {
                let one = around::of(kind, object)?;
                if !self.snapshot.around.contains(&one) {
                    self.snapshot.around.insert(one);
                }
            }
        }
        Ok(())
    }

    /// Marks a kind as read: all its objects were added, even where there is none.
    pub fn mark_read(&mut self, kind: Kind) {
        self.mark_found(kind);
        self.snapshot.whole |= kind.bit();
    }

    /// Marks a kind as read because an object of it was found. The objects of other namespaces may not have been asked for.
    pub fn mark_found(&mut self, kind: Kind) {
        self.snapshot.read |= kind.bit();
    }

    /// Marks a kind as refused, with the reason why its objects, or some of them, could not be read. The objects of this kind that were added are dropped: a list
    /// counts completely or not at all.
    pub fn mark_refused(&mut self, kind: Kind, why: String) {
        self.forget(kind);
        self.snapshot.read &= !kind.bit();
        self.snapshot.whole &= !kind.bit();
        Arc::make_mut(&mut self.snapshot.refusals).push((kind, why));
    }

    fn forget(&mut self, kind: Kind) {
        let snapshot = &mut self.snapshot;
        match kind {
            Kind::Node => snapshot.nodes = Default::default(),
            Kind::Pod => {
                snapshot.pods = Default::default();
                self.bound.clear();
                self.seen_pods.clear();
            }
            Kind::DaemonSet => snapshot.daemon_sets = Default::default(),
            Kind::Namespace => snapshot.namespaces = Default::default(),
            Kind::PersistentVolume => snapshot.persistent_volumes = Default::default(),
            Kind::PersistentVolumeClaim => snapshot.claims = Default::default(),
            Kind::StorageClass => snapshot.storage_classes = Default::default(),
            Kind::CsiNode => snapshot.csi_nodes = Default::default(),
            Kind::CsiDriver => snapshot.csi_drivers = Default::default(),
            Kind::PriorityClass => snapshot.priority_classes = Default::default(),
            Kind::PodDisruptionBudget => snapshot.disruption_budgets = Default::default(),
            Kind::RuntimeClass => snapshot.runtime_classes = Default::default(),
            _ => snapshot.around.clear(kind),
        }
    }

    /// How many nodes and pods there are so far, for a progress bar.
    pub fn counts(&self) -> (usize, usize) {
        (self.snapshot.nodes.len(), self.snapshot.pods.len())
    }

    /// Adds a node.
    pub fn node(&mut self, node: wire::Node<'_>) {
        let node = Node::from(node);
        let name = node.name.clone();
        self.snapshot.nodes.add(&name, node);
    }

    /// Adds a pod, unless it is finished: the scheduler ignores such pods.
    pub fn pod(&mut self, pod: &wire::Pod<'_>) {
        if read::is_finished(pod) {
            return;
        }
        let namespace = self.text(or_default(&pod.metadata.namespace));
        if !self.seen_pods.insert((namespace.clone(), Box::from(&*pod.metadata.name))) {
            return;
        }
        let bound = (!pod.spec.node_name.is_empty()).then(|| self.text(&pod.spec.node_name));
        let (shape, shape_number) = self.shape(pod, namespace);
        self.bound.push(bound);
        self.snapshot.pods.push(Pod {
            name: Box::from(&*pod.metadata.name),
            node: None,
            ready_since: read::ready_since(pod),
            started: read::started(pod),
            terminating: pod.metadata.deletion_timestamp.is_some(),
            shape_number,
            shape,
        });
    }

    fn shape(&mut self, pod: &wire::Pod<'_>, namespace: Arc<str>) -> (Arc<PodShape>, u32) {
        let daemon_set = read::daemon_set(pod).map(|name| self.text(name));
        let shape = read::shape(pod, namespace, daemon_set, &self.server);
        match self.shapes.get_key_value(&shape) {
            Some((known, number)) => (known.clone(), *number),
            None => {
                let shape = Arc::new(shape);
                let number = u32::try_from(self.shapes.len()).unwrap_or(u32::MAX);
                self.shapes.insert(shape.clone(), number);
                (shape, number)
            }
        }
    }

    fn text(&mut self, text: &str) -> Arc<str> {
        match self.texts.get(text) {
            Some(known) => known.clone(),
            None => {
                let text: Arc<str> = Arc::from(text);
                self.texts.insert(text.clone());
                text
            }
        }
    }

    /// Adds a DaemonSet that is there already.
    pub fn daemon_set(&mut self, daemon_set: DaemonSet) {
        let name = daemon_set.metadata.name.as_deref().unwrap_or_default();
        let namespace = or_default(daemon_set.metadata.namespace.as_deref().unwrap_or_default());
        let name = key(namespace, name);
        self.snapshot.daemon_sets.add(&name, daemon_set);
    }

    fn volume(&mut self, mut volume: v1::PersistentVolume) {
        let name = volume.metadata.name.take();
        let mut volume = PersistentVolume::from(volume);
        self.volume_shapes.share(&mut volume);
        insert(&mut self.snapshot.persistent_volumes, name, volume);
    }

    /// The snapshot, with the usage of each node summed up.
    pub fn finish(self) -> Snapshot {
        let Self { mut snapshot, bound, .. } = self;
        let mut usages = vec![Usage::default(); snapshot.nodes.len()];
        for (place, bound) in bound.into_iter().enumerate() {
            let Ok(index) = PodIndex::try_from(place) else { break };
            let Some(pod) = snapshot.pods.get_mut(place) else { break };
            if let Some(owner) = &pod.shape.daemon_set {
                let pods = snapshot.daemon_pods.entry(&key(&pod.shape.namespace, owner));
                pods.into_iter().for_each(|pods| pods.push(index));
            }
            pod.node = bound.and_then(|name| snapshot.nodes.place(&name));
            let Some(usage) = pod.node.and_then(|node| usages.get_mut(node as usize)) else { continue };
            usage.pods.push(index);
            usage.requested.add(&pod.shape.requests);
            usage.ports.extend(pod.shape.ports.iter().map(|port| (port.clone(), index)));
            if !pod.shape.anti_affinity.is_empty() {
                snapshot.repelling.insert(index);
            }
        }
        snapshot.usage = usages.into_iter().collect();
        snapshot.named_pods = snapshot.pods.len();
        snapshot
    }
}

/// Adds an object unless there is one of its name.
fn insert<T>(table: &mut Table<T>, name: Option<String>, object: T) {
    let name = name.unwrap_or_default();
    if !table.contains_key(&name) {
        table.insert(name.into_boxed_str(), object);
    }
}
