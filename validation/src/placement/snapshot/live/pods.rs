//! Pods that are added, changed and deleted; the usage of their nodes and the pods of each DaemonSet follow at once.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::names::PodNames;
use crate::placement::resource::ResourceTotals;
use crate::placement::snapshot::name::key;
use crate::placement::snapshot::object::PodDraft;
use crate::placement::snapshot::{NodeIndex, Pod, PodIndex, PodShape, Snapshot, Usage};

/// The pods that have a shape.
#[derive(Debug)]
struct Users {
    /// The number of the shape.
    number: u32,
    /// How many there are. References to the shape do not tell: copies of the snapshot have some too.
    pods: u32,
}

/// What is known of pods besides the snapshot.
#[derive(Debug)]
pub(super) struct Pods {
    pub(super) names: PodNames,
    /// Indices of deleted pods, to be used again.
    free: Vec<PodIndex>,
    /// The shapes of pods, each stored once.
    shapes: HashMap<Arc<PodShape>, Users>,
    /// Numbers of shapes that no pod has, to be used again.
    free_numbers: Vec<u32>,
    /// The shape of the entry of a deleted pod; its number is 0.
    no_pod: Arc<PodShape>,
    /// Pods bound to nodes that are not in the snapshot, by the node's name.
    astray: BTreeSet<(Arc<str>, PodIndex)>,
    /// The same by the pod.
    nodes_of_astray: HashMap<PodIndex, Arc<str>>,
}

impl Default for Pods {
    fn default() -> Self {
        let no_pod = Arc::new(PodShape {
            namespace: Arc::from(""),
            labels: Default::default(),
            daemon_set: None,
            priority: 0,
            requests: ResourceTotals::NONE,
            ports: Box::default(),
            affinity: Box::default(),
            anti_affinity: Box::default(),
            volumes: Box::default(),
        });
        Self {
            names: PodNames::default(),
            free: Vec::new(),
            shapes: HashMap::from([(no_pod.clone(), Users { number: 0, pods: 1 })]),
            free_numbers: Vec::new(),
            no_pod,
            astray: BTreeSet::new(),
            nodes_of_astray: HashMap::new(),
        }
    }
}

impl Pods {
    /// How many shapes are in use.
    pub(super) fn shapes(&self) -> usize {
        self.shapes.len().saturating_sub(1)
    }

    /// The stored shape that is equal to a pod's, and its number. The pod counts as one that has it, until [`Self::release`].
    fn shape(&mut self, shape: PodShape) -> (Arc<PodShape>, u32) {
        if let Some((known, users)) = self.shapes.get_key_value(&shape) {
            let (shape, number) = (known.clone(), users.number);
            if let Some(users) = self.shapes.get_mut(&shape) {
                users.pods = users.pods.saturating_add(1);
            }
            return (shape, number);
        }
        let shape = Arc::new(shape);
        let next = u32::try_from(self.shapes.len()).unwrap_or(u32::MAX);
        // With no free number, the numbers in use are 1 to the number of shapes.
        let number = self.free_numbers.pop().unwrap_or(next);
        self.shapes.insert(shape.clone(), Users { number, pods: 1 });
        (shape, number)
    }

    /// A pod does not have a shape any more. The shape is dropped unless another pod has it.
    fn release(&mut self, shape: &Arc<PodShape>) {
        let Some(users) = self.shapes.get_mut(shape) else { return };
        users.pods = users.pods.saturating_sub(1);
        if users.pods == 0 {
            self.free_numbers.push(users.number);
            self.shapes.remove(shape);
        }
    }

    fn vacant(&self) -> Pod {
        Pod {
            name: Box::default(),
            node: None,
            ready_since: None,
            started: None,
            terminating: false,
            shape_number: 0,
            shape: self.no_pod.clone(),
        }
    }

    /// Adds or updates a pod, and returns its index.
    pub(super) fn upsert(&mut self, snapshot: &mut Snapshot, draft: PodDraft) -> Option<PodIndex> {
        let PodDraft { name, bound, ready_since, started, terminating, shape } = draft;
        let (shape, shape_number) = self.shape(shape);
        let pod = Pod { name, node: None, ready_since, started, terminating, shape_number, shape };
        let known = self.names.find(&snapshot.pods, &pod.shape.namespace, &pod.name);
        if let Some(index) = known {
            self.change(snapshot, index, pod, bound.as_deref());
            return known;
        }
        let index = match self.free.pop() {
            Some(index) => index,
            None => {
                let index = PodIndex::try_from(snapshot.pods.len()).ok()?;
                let vacant = self.vacant();
                snapshot.pods.push(vacant);
                index
            }
        };
        if let Some(place) = snapshot.pods.get_mut(index as usize) {
            *place = pod;
        }
        self.names.add(&snapshot.pods, index);
        snapshot.named_pods = snapshot.named_pods.saturating_add(1);
        self.settle(snapshot, index, bound.as_deref());
        Some(index)
    }

    fn change(&mut self, snapshot: &mut Snapshot, index: PodIndex, pod: Pod, bound: Option<&str>) {
        let Some(before) = snapshot.pods.get(index as usize) else { return };
        let node = before.node.and_then(|node| snapshot.nodes().get(node as usize));
        let node = node.map(|node| &*node.name);
        let node = node.or_else(|| self.nodes_of_astray.get(&index).map(|name| &**name));
        if before.shape_number == pod.shape_number && node == bound {
            // Most updates change only the status, and often nothing that is kept.
            let status = |pod: &Pod| (pod.ready_since, pod.started, pod.terminating);
            self.release(&pod.shape);
            if status(before) != status(&pod)
                && let Some(before) = snapshot.pods.get_mut(index as usize)
            {
                (before.ready_since, before.started, before.terminating) = status(&pod);
            }
            return;
        }
        self.unsettle(snapshot, index);
        if let Some(place) = snapshot.pods.get_mut(index as usize) {
            let before = std::mem::replace(place, pod);
            self.release(&before.shape);
        }
        self.settle(snapshot, index, bound);
    }

    /// Removes a pod.
    pub(super) fn remove(&mut self, snapshot: &mut Snapshot, namespace: &str, name: &str) {
        let Some(index) = self.names.take(&snapshot.pods, namespace, name) else { return };
        self.unsettle(snapshot, index);
        let vacant = self.vacant();
        if let Some(place) = snapshot.pods.get_mut(index as usize) {
            let before = std::mem::replace(place, vacant);
            self.release(&before.shape);
            self.free.push(index);
            snapshot.named_pods = snapshot.named_pods.saturating_sub(1);
        }
    }

    /// Counts a stored pod: for the DaemonSet that made it, and on its node.
    fn settle(&mut self, snapshot: &mut Snapshot, index: PodIndex, bound: Option<&str>) {
        let Some(pod) = snapshot.pods.get(index as usize) else { return };
        if let Some(owner) = &pod.shape.daemon_set {
            let pods = snapshot.daemon_pods.entry(&key(&pod.shape.namespace, owner));
            pods.into_iter().for_each(|pods| insert(pods, index));
        }
        let Some(name) = bound else { return };
        match snapshot.nodes.place(name) {
            Some(node) => put_on_node(snapshot, index, node),
            None => self.let_astray(index, Arc::from(name)),
        }
    }

    /// Undoes [`Self::settle`].
    fn unsettle(&mut self, snapshot: &mut Snapshot, index: PodIndex) {
        let Some(pod) = snapshot.pods.get(index as usize) else { return };
        if let Some(owner) = &pod.shape.daemon_set {
            let owner = key(&pod.shape.namespace, owner);
            if let Some(pods) = snapshot.daemon_pods.entry(&owner) {
                remove(pods, index);
                if pods.is_empty() {
                    snapshot.daemon_pods.remove(&owner);
                }
            }
        }
        take_from_node(snapshot, index);
        if let Some(name) = self.nodes_of_astray.remove(&index) {
            self.astray.remove(&(name, index));
        }
    }

    fn let_astray(&mut self, index: PodIndex, node: Arc<str>) {
        self.nodes_of_astray.insert(index, node.clone());
        self.astray.insert((node, index));
    }

    /// The pods that were bound to a node before it was added.
    pub(super) fn bring_home(&mut self, snapshot: &mut Snapshot, node: NodeIndex) {
        if self.astray.is_empty() {
            return;
        }
        let Some(name) = snapshot.nodes().get(node as usize).map(|node| Arc::from(&*node.name)) else {
            return;
        };
        let range = (Arc::clone(&name), 0)..=(name, PodIndex::MAX);
        let waiting: Vec<(Arc<str>, PodIndex)> = self.astray.range(range).cloned().collect();
        for one in waiting {
            self.astray.remove(&one);
            self.nodes_of_astray.remove(&one.1);
            put_on_node(snapshot, one.1, node);
        }
    }

    /// The pods of a deleted node: they may exist longer than the node, and the node may be added again.
    pub(super) fn lose_home(&mut self, snapshot: &mut Snapshot, node: NodeIndex) {
        let Some(name) = snapshot.nodes().get(node as usize).map(|node| Arc::from(&*node.name)) else {
            return;
        };
        let usage = snapshot.usage.get_mut(node as usize).map(std::mem::take);
        let Usage { pods, .. } = usage.unwrap_or_default();
        for index in pods {
            let Some(pod) = snapshot.pods.get_mut(index as usize) else { continue };
            pod.node = None;
            if !pod.shape.anti_affinity.is_empty() {
                snapshot.repelling.remove(index);
            }
            self.let_astray(index, Arc::clone(&name));
        }
    }
}

/// Counts a pod on a node.
fn put_on_node(snapshot: &mut Snapshot, index: PodIndex, node: NodeIndex) {
    let Some(pod) = snapshot.pods.get_mut(index as usize) else { return };
    let Some(usage) = snapshot.usage.get_mut(node as usize) else { return };
    pod.node = Some(node);
    insert(&mut usage.pods, index);
    usage.requested.add(&pod.shape.requests);
    let place = usage.ports.partition_point(|(_, holder)| *holder < index);
    usage.ports.splice(place..place, pod.shape.ports.iter().map(|port| (port.clone(), index)));
    if !pod.shape.anti_affinity.is_empty() {
        snapshot.repelling.insert(index);
    }
}

/// Undoes [`put_on_node`].
fn take_from_node(snapshot: &mut Snapshot, index: PodIndex) {
    let Some(pod) = snapshot.pods.get_mut(index as usize) else { return };
    let Some(node) = pod.node.take() else { return };
    let shape = pod.shape.clone();
    if !shape.anti_affinity.is_empty() {
        snapshot.repelling.remove(index);
    }
    let Some(usage) = snapshot.usage.get_mut(node as usize) else { return };
    remove(&mut usage.pods, index);
    if !shape.ports.is_empty() {
        usage.ports.retain(|(_, holder)| *holder != index);
    }
    if is_capped(&usage.requested) {
        // From a saturated sum nothing can be subtracted.
        usage.requested = ResourceTotals::NONE;
        for pod in usage.pods.iter().filter_map(|pod| snapshot.pods.get(*pod as usize)) {
            usage.requested.add(&pod.shape.requests);
        }
    } else {
        usage.requested.subtract(&shape.requests);
        usage.requested.scalar.retain(|(_, amount)| *amount != 0);
    }
}

/// Whether a sum may be saturated.
fn is_capped(totals: &ResourceTotals) -> bool {
    let fixed = [totals.milli_cpu, totals.memory, totals.ephemeral_storage];
    fixed.into_iter().chain(totals.scalar.iter().map(|(_, amount)| *amount)).any(|amount| amount == i64::MAX)
}

/// Inserts into a sorted list.
fn insert(list: &mut Vec<PodIndex>, index: PodIndex) {
    if let Err(place) = list.binary_search(&index) {
        list.insert(place, index);
    }
}

/// Removes from a sorted list.
fn remove(list: &mut Vec<PodIndex>, index: PodIndex) {
    if let Ok(place) = list.binary_search(&index) {
        list.remove(place);
    }
}
