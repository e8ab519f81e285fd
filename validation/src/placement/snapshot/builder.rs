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

use super::read::{self, or_default};
use super::volume::VolumeShapes;
use super::{Node, PersistentVolume, PersistentVolumeClaim, Pod, PodIndex, PodShape, Snapshot, Usage};
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
    seen_budgets: HashSet<(String, String)>,
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
            seen_budgets: HashSet::new(),
        }
    }

    /// Adds an object of a kind, reading of it what placement needs.
    ///
    /// # Errors
    ///
    /// The deserializer's, where the object is not of this kind's form; the snapshot is as before then.
    pub fn add<'de, D: Deserializer<'de>>(&mut self, kind: Kind, object: D) -> Result<(), D::Error> {
        self.mark_read(kind);
        match kind {
            Kind::Node => self.node(wire::Node::deserialize(object)?),
            Kind::Pod => self.pod(&wire::Pod::deserialize(object)?),
            Kind::DaemonSet => self.daemon_set(DaemonSet::deserialize(object)?),
            Kind::Namespace => self.namespace(Namespace::deserialize(object)?),
            Kind::PersistentVolume => self.volume(v1::PersistentVolume::deserialize(object)?),
            Kind::PersistentVolumeClaim => {
                let claim = PersistentVolumeClaim::from(v1::PersistentVolumeClaim::deserialize(object)?);
                self.snapshot.claims.entry(claim.key()).or_insert_with(|| Box::new(claim));
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
                let namespace = meta.namespace.as_deref().unwrap_or("default").to_owned();
                if self.seen_budgets.insert((namespace, meta.name.clone().unwrap_or_default())) {
                    self.snapshot.disruption_budgets.push(budget);
                }
            }
        }
        Ok(())
    }

    /// Marks a kind as read: all its objects were added, even where there is none.
    pub fn mark_read(&mut self, kind: Kind) {
        self.snapshot.read |= kind.bit();
    }

    /// Marks a kind as refused, with the reason why its objects, or some of them, could not be read. The objects of this kind that were added are dropped: a list
    /// counts completely or not at all.
    pub fn mark_refused(&mut self, kind: Kind, why: String) {
        self.forget(kind);
        self.snapshot.read &= !kind.bit();
        self.snapshot.refusals.push((kind, why));
    }

    fn forget(&mut self, kind: Kind) {
        let snapshot = &mut self.snapshot;
        match kind {
            Kind::Node => {
                snapshot.nodes.clear();
                snapshot.by_name.clear();
            }
            Kind::Pod => {
                snapshot.pods.clear();
                self.bound.clear();
                self.seen_pods.clear();
            }
            Kind::DaemonSet => snapshot.daemon_sets.clear(),
            Kind::Namespace => snapshot.namespaces.clear(),
            Kind::PersistentVolume => snapshot.persistent_volumes.clear(),
            Kind::PersistentVolumeClaim => snapshot.claims.clear(),
            Kind::StorageClass => snapshot.storage_classes.clear(),
            Kind::CsiNode => snapshot.csi_nodes.clear(),
            Kind::CsiDriver => snapshot.csi_drivers.clear(),
            Kind::PriorityClass => snapshot.priority_classes.clear(),
            Kind::PodDisruptionBudget => {
                snapshot.disruption_budgets.clear();
                self.seen_budgets.clear();
            }
            Kind::RuntimeClass => snapshot.runtime_classes.clear(),
        }
    }

    /// How many nodes and pods there are so far, for a progress bar.
    pub fn counts(&self) -> (usize, usize) {
        (self.snapshot.nodes.len(), self.snapshot.pods.len())
    }

    /// Adds a node.
    pub fn node(&mut self, node: wire::Node<'_>) {
        let node = Node::from(node);
        if self.snapshot.by_name.contains_key(&node.name) {
            return;
        }
        let Ok(index) = u32::try_from(self.snapshot.nodes.len()) else { return };
        self.snapshot.by_name.insert(node.name.clone(), index);
        self.snapshot.nodes.push(node);
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
        if self.snapshot.daemon_set(namespace, name).is_none() {
            self.snapshot.daemon_sets.push(daemon_set);
        }
    }

    fn namespace(&mut self, namespace: Namespace) {
        let labels = namespace.metadata.labels.unwrap_or_default();
        insert(&mut self.snapshot.namespaces, namespace.metadata.name, labels);
    }

    fn volume(&mut self, mut volume: v1::PersistentVolume) {
        let name = volume.metadata.name.take();
        let mut volume = PersistentVolume::from(volume);
        self.volume_shapes.share(&mut volume);
        insert(&mut self.snapshot.persistent_volumes, name, Box::new(volume));
    }

    /// The snapshot, with the usage of each node summed up.
    pub fn finish(self) -> Snapshot {
        let Self { mut snapshot, bound, .. } = self;
        snapshot.usage = vec![Usage::default(); snapshot.nodes.len()];
        let mut daemon_pods: HashMap<_, Vec<PodIndex>> = HashMap::new();
        for (place, (pod, bound)) in snapshot.pods.iter_mut().zip(bound).enumerate() {
            let Ok(index) = PodIndex::try_from(place) else { break };
            if let Some(owner) = &pod.shape.daemon_set {
                daemon_pods.entry((pod.shape.namespace.clone(), owner.clone())).or_default().push(index);
            }
            pod.node = bound.and_then(|name| snapshot.by_name.get(&*name).copied());
            let Some(usage) = pod.node.and_then(|node| snapshot.usage.get_mut(node as usize)) else {
                continue;
            };
            usage.pods.push(index);
            usage.requested.add(&pod.shape.requests);
            usage.ports.extend(pod.shape.ports.iter().map(|port| (port.clone(), index)));
            if !pod.shape.anti_affinity.is_empty() {
                snapshot.repelling.push(index);
            }
        }
        snapshot.daemon_pods = daemon_pods;
        snapshot.nodes.shrink_to_fit();
        snapshot.pods.shrink_to_fit();
        snapshot
    }
}

fn insert<T>(map: &mut HashMap<Box<str>, T>, name: Option<String>, object: T) {
    map.entry(name.unwrap_or_default().into_boxed_str()).or_insert(object);
}
