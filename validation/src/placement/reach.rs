//! Which volumes can be used on which nodes.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::snapshot::{Node, PersistentVolume, VolumeShape};
use crate::matching::node_selector;
use crate::matching::required::Prepared;

/// The node affinities of volumes, each prepared once.
#[derive(Debug, Default)]
pub(super) struct Reach<'c> {
    prepared: RefCell<HashMap<*const VolumeShape, Rc<Prepared<'c>>>>,
}

impl<'c> Reach<'c> {
    /// Whether a volume can be used on a node.
    ///
    /// Upstream: `component-helpers/storage/volume.CheckNodeAffinity`.
    pub(super) fn is_reachable(&self, volume: &'c PersistentVolume, node: &Node, work: &mut u64) -> bool {
        let shape: &'c VolumeShape = &volume.shape;
        let Some(required) = &shape.node_affinity else { return true };
        let known = self.prepared.borrow().get(&std::ptr::from_ref(shape)).cloned();
        let prepared = known.unwrap_or_else(|| {
            let made = Rc::new(Prepared::of_selector(required));
            *work = work.saturating_add(u64::try_from(made.size()).unwrap_or(u64::MAX));
            self.prepared.borrow_mut().insert(shape, made.clone());
            made
        });
        // Only the node's labels are looked at, not its name.
        let seen = node_selector::Node { name: "", labels: &node.labels };
        prepared.misfit(seen, 1, work).is_none()
    }
}
