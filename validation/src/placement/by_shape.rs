//! Answers about pods, found once for all pods of a workload.

use std::collections::HashMap;
use std::sync::Arc;

use super::snapshot::PodShape;

/// What was found out about each shape.
#[derive(Debug)]
pub(super) struct ByShape<T> {
    known: HashMap<*const PodShape, T>,
}

impl<T> ByShape<T> {
    /// Nothing so far.
    pub(super) fn new() -> Self {
        Self { known: HashMap::new() }
    }

    /// The answer about a shape, from `find` where it is asked for the first time.
    pub(super) fn get(&mut self, shape: &Arc<PodShape>, find: impl FnOnce(&PodShape) -> T) -> &T {
        self.known.entry(Arc::as_ptr(shape)).or_insert_with(|| find(shape))
    }

    /// The answer about a shape, if it was found before.
    pub(super) fn known(&self, shape: &Arc<PodShape>) -> Option<&T> {
        self.known.get(&Arc::as_ptr(shape))
    }
}
