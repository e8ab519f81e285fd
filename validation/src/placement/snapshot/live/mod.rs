//! A snapshot that follows a cluster: objects are added, changed and deleted, and the snapshot stays equal to one built anew.
//!
//! Nodes are in no particular order: the last one moves to the index of a deleted one. A pod keeps its index; the entry of a deleted
//! pod has no name and no node until another pod reuses it.

pub(super) mod kinds;
mod names;
mod pods;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::object::{Content, Object};
use super::read::or_default;
use super::volume::VolumeShapes;
use super::{Node, Snapshot, Usage};
use crate::placement::kind::Kind;
use crate::server::Server;
use pods::Pods;

/// A cluster as the watches report it.
#[derive(Debug, Default)]
pub struct LiveSnapshot {
    snapshot: Snapshot,
    pods: Pods,
    /// The shapes of volumes, each stored once.
    volume_shapes: VolumeShapes,
    /// Kinds that are being listed, with the names listed so far.
    listing: HashMap<Kind, HashSet<Box<str>>>,
    /// The same for pods, by index: there are too many to keep their names.
    listing_pods: Option<Vec<bool>>,
}

impl LiveSnapshot {
    /// An empty one, of which nothing was read.
    pub fn new() -> Self {
        Self::default()
    }

    /// What placement reads. A copy of it stays as it is.
    pub const fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// How many objects of a kind there are.
    pub fn count(&self, kind: Kind) -> usize {
        self.snapshot.count(kind)
    }

    /// How many shapes the pods have, and how many places for pods there are.
    pub fn pod_shapes_and_places(&self) -> (usize, usize) {
        (self.pods.shapes(), self.snapshot.pods.len())
    }

    /// Adds or updates an object.
    pub fn upsert(&mut self, object: Object) {
        match object.0 {
            Content::Pod(pod) => {
                let place = self.pods.upsert(&mut self.snapshot, *pod);
                if let (Some(listed), Some(place)) = (&mut self.listing_pods, place) {
                    let place = place as usize;
                    if listed.len() <= place {
                        listed.resize(place.saturating_add(1), false);
                    }
                    if let Some(listed) = listed.get_mut(place) {
                        *listed = true;
                    }
                }
            }
            Content::FinishedPod(namespace, name) => self.pods.remove(&mut self.snapshot, &namespace, &name),
            Content::Node(node) => {
                if let Some(listed) = self.listing.get_mut(&Kind::Node) {
                    listed.insert(node.name.clone());
                }
                self.upsert_node(*node);
            }
            other => {
                let (kind, name) = kinds::upsert(&mut self.snapshot, &mut self.volume_shapes, other);
                if let Some(listed) = self.listing.get_mut(&kind) {
                    listed.insert(name);
                }
            }
        }
    }

    /// Removes an object, if it is in the snapshot. The namespace of cluster-scoped objects is empty.
    pub fn remove(&mut self, kind: Kind, namespace: &str, name: &str) {
        match kind {
            Kind::Node => self.remove_node(name),
            Kind::Pod => self.pods.remove(&mut self.snapshot, or_default(namespace), name),
            _ => self.remove_other(kind, &kinds::name(kind, namespace, name)),
        }
    }

    /// Begins a list of a kind: objects that are not added before [`Self::end_list`] are removed then.
    pub fn begin_list(&mut self, kind: Kind) {
        if kind == Kind::Pod {
            self.listing_pods = Some(vec![false; self.snapshot.pods.len()]);
        } else {
            self.listing.insert(kind, HashSet::new());
        }
    }

    /// Ends a list: all objects of the kind were added since [`Self::begin_list`]. A list that did not begin has no end.
    pub fn end_list(&mut self, kind: Kind) {
        let began =
            if kind == Kind::Pod { self.listing_pods.is_some() } else { self.listing.contains_key(&kind) };
        if !began {
            return;
        }
        self.sweep(kind);
        self.snapshot.read |= kind.bit();
        self.snapshot.whole |= kind.bit();
        self.forget_refusal(kind);
    }

    /// Marks a kind as refused, with the reason. The objects of the kind that were read before are removed.
    pub fn refuse(&mut self, kind: Kind, why: String) {
        self.begin_list(kind);
        self.sweep(kind);
        self.snapshot.read &= !kind.bit();
        self.snapshot.whole &= !kind.bit();
        self.forget_refusal(kind);
        Arc::make_mut(&mut self.snapshot.refusals).push((kind, why));
    }

    fn forget_refusal(&mut self, kind: Kind) {
        if self.snapshot.refusal(kind).is_some() {
            Arc::make_mut(&mut self.snapshot.refusals).retain(|(refused, _)| *refused != kind);
        }
    }

    fn remove_other(&mut self, kind: Kind, name: &str) {
        kinds::remove(&mut self.snapshot, &mut self.volume_shapes, kind, name);
    }

    /// Removes what was not listed.
    fn sweep(&mut self, kind: Kind) {
        if kind == Kind::Pod {
            let Some(listed) = self.listing_pods.take() else { return };
            let is_gone = |place: usize| !listed.get(place).copied().unwrap_or(false);
            let named = self.snapshot.pods.iter().enumerate().filter(|(_, pod)| !pod.name.is_empty());
            let gone: Vec<(Arc<str>, Box<str>)> = named
                .filter(|(place, _)| is_gone(*place))
                .map(|(_, pod)| (pod.shape.namespace.clone(), pod.name.clone()))
                .collect();
            for (namespace, name) in gone {
                self.pods.remove(&mut self.snapshot, &namespace, &name);
            }
            return;
        }
        let Some(listed) = self.listing.remove(&kind) else { return };
        let known = kinds::names(&self.snapshot, kind);
        for gone in known.into_iter().filter(|name| !listed.contains(name)) {
            match kind {
                Kind::Node => self.remove_node(&gone),
                _ => self.remove_other(kind, &gone),
            }
        }
    }

    fn upsert_node(&mut self, node: Node) {
        let name = node.name.clone();
        if let Some(index) = self.snapshot.nodes.put(&name, node) {
            self.snapshot.usage.push(Usage::default());
            self.pods.bring_home(&mut self.snapshot, index);
        }
    }

    fn remove_node(&mut self, name: &str) {
        let Some(index) = self.snapshot.nodes.place(name) else { return };
        self.pods.lose_home(&mut self.snapshot, index);
        self.snapshot.nodes.remove(name, |node| node.name.clone());
        self.snapshot.usage.swap_remove(index as usize);
        // The last node has moved to this index, unless the removed one was the last.
        for pod in self.snapshot.usage.get(index as usize).into_iter().flat_map(|usage| &usage.pods) {
            if let Some(pod) = self.snapshot.pods.get_mut(*pod as usize) {
                pod.node = Some(index);
            }
        }
    }
}

/// A shortcut that reads an object and adds or updates it.
impl LiveSnapshot {
    /// Reads an object of a kind and adds or updates it.
    ///
    /// # Errors
    ///
    /// The deserializer's, where the object is not of this kind's form; the snapshot is as before then.
    pub fn read<'de, D: serde::Deserializer<'de>>(
        &mut self,
        kind: Kind,
        object: D,
        server: &Server,
    ) -> Result<(), D::Error> {
        self.upsert(Object::read(kind, object, server)?);
        Ok(())
    }
}
