//! Finds a pod's place by its namespace and name, in a few bytes a pod: the names themselves stand in the snapshot.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use crate::placement::snapshot::{Pod, PodIndex};

/// The places of the pods that have a name.
#[derive(Debug, Default)]
pub(super) struct PodNames {
    places: HashTable<PodIndex>,
    hasher: RandomState,
}

fn is(pods: &[Pod], index: PodIndex, namespace: &str, name: &str) -> bool {
    pods.get(index as usize).is_some_and(|pod| *pod.name == *name && *pod.shape.namespace == *namespace)
}

impl PodNames {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// The place of a pod.
    pub(super) fn find(&self, pods: &[Pod], namespace: &str, name: &str) -> Option<PodIndex> {
        let hash = self.hasher.hash_one((namespace, name));
        self.places.find(hash, |index| is(pods, *index, namespace, name)).copied()
    }

    /// Adds a pod that is in its place and not known yet.
    pub(super) fn add(&mut self, pods: &[Pod], index: PodIndex) {
        let Self { places, hasher } = self;
        let hash = |index: PodIndex| match pods.get(index as usize) {
            Some(pod) => hasher.hash_one((&*pod.shape.namespace, &*pod.name)),
            None => 0,
        };
        places.insert_unique(hash(index), index, |known| hash(*known));
    }

    /// Takes a pod out and says where it is, which still is its place.
    pub(super) fn take(&mut self, pods: &[Pod], namespace: &str, name: &str) -> Option<PodIndex> {
        let hash = self.hasher.hash_one((namespace, name));
        let entry = self.places.find_entry(hash, |index| is(pods, *index, namespace, name)).ok()?;
        Some(entry.remove().0)
    }
}
