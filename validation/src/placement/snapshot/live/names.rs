//! Finds a pod's index by its namespace and name. It stores a few bytes a pod: the names are in the snapshot.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use crate::placement::snapshot::{Chunks, Pod, PodIndex};

/// The indices of the pods that have a name.
#[derive(Debug, Default)]
pub(super) struct PodNames {
    places: HashTable<PodIndex>,
    hasher: RandomState,
}

fn is(pods: &Chunks<Pod>, index: PodIndex, namespace: &str, name: &str) -> bool {
    pods.get(index as usize).is_some_and(|pod| *pod.name == *name && *pod.shape.namespace == *namespace)
}

impl PodNames {
    /// The index of a pod.
    pub(super) fn find(&self, pods: &Chunks<Pod>, namespace: &str, name: &str) -> Option<PodIndex> {
        let hash = self.hasher.hash_one((namespace, name));
        self.places.find(hash, |index| is(pods, *index, namespace, name)).copied()
    }

    /// Adds a pod that is in the snapshot and not known yet.
    pub(super) fn add(&mut self, pods: &Chunks<Pod>, index: PodIndex) {
        let Self { places, hasher } = self;
        let hash = |index: PodIndex| match pods.get(index as usize) {
            Some(pod) => hasher.hash_one((&*pod.shape.namespace, &*pod.name)),
            None => 0,
        };
        places.insert_unique(hash(index), index, |known| hash(*known));
    }

    /// Removes a pod and returns its index.
    pub(super) fn take(&mut self, pods: &Chunks<Pod>, namespace: &str, name: &str) -> Option<PodIndex> {
        let hash = self.hasher.hash_one((namespace, name));
        let entry = self.places.find_entry(hash, |index| is(pods, *index, namespace, name)).ok()?;
        Some(entry.remove().0)
    }
}
