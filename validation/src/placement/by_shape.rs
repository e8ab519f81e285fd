//! Answers about pods, computed once for each shape.

use super::snapshot::{Pod, PodShape};

/// The answer about each shape, by the shape's number.
#[derive(Debug)]
pub(super) struct ByShape<T> {
    known: Vec<Option<T>>,
}

impl<T> ByShape<T> {
    /// No answers yet.
    pub(super) const fn new() -> Self {
        Self { known: Vec::new() }
    }

    /// The answer about a pod's shape, computed by `find` the first time.
    pub(super) fn get(&mut self, pod: &Pod, find: impl FnOnce(&PodShape) -> T) -> Option<&T> {
        let place = pod.shape_number as usize;
        if self.known.len() <= place {
            self.known.resize_with(place.saturating_add(1), || None);
        }
        let known = self.known.get_mut(place)?;
        Some(known.get_or_insert_with(|| find(&pod.shape)))
    }

    /// The answer about a pod's shape, if it was computed before.
    pub(super) fn known(&self, pod: &Pod) -> Option<&T> {
        self.known.get(pod.shape_number as usize)?.as_ref()
    }
}
