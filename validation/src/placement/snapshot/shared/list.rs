//! A list of large items, of which copies share each one.

use std::sync::Arc;

use super::chunks::{self, Chunks};

/// A list of large items, of which copies of the list share each one.
#[derive(Clone, Debug)]
pub struct List<T>(Chunks<Arc<T>>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Chunks::default())
    }
}

impl<T> List<T> {
    /// How many items there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The item at an index.
    pub fn get(&self, index: usize) -> Option<&T> {
        self.0.get(index).map(Arc::as_ref)
    }

    /// The items in order.
    pub fn iter(&self) -> Iter<'_, T> {
        Iter(self.0.iter())
    }

    /// Adds an item at the end.
    pub(in crate::placement) fn push(&mut self, item: T) {
        self.0.push(Arc::new(item));
    }

    /// Puts another item in the place of one; whether there was one.
    pub(in crate::placement) fn replace(&mut self, index: usize, item: T) -> bool {
        let place = self.0.get_mut(index);
        place.map(|place| *place = Arc::new(item)).is_some()
    }

    /// Removes the item at an index; the last item moves there.
    pub(in crate::placement) fn swap_remove(&mut self, index: usize) {
        self.0.swap_remove(index);
    }
}

impl<T: Clone> List<T> {
    /// The item at an index, to be changed.
    pub(in crate::placement) fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.0.get_mut(index).map(Arc::make_mut)
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(items.into_iter().map(Arc::new).collect())
    }
}

impl<'l, T> IntoIterator for &'l List<T> {
    type Item = &'l T;
    type IntoIter = Iter<'l, T>;

    fn into_iter(self) -> Iter<'l, T> {
        self.iter()
    }
}

/// The items of a [`List`].
#[derive(Debug)]
pub struct Iter<'l, T>(chunks::Iter<'l, Arc<T>>);

impl<T> Clone for Iter<'_, T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<'l, T> Iterator for Iter<'l, T> {
    type Item = &'l T;

    fn next(&mut self) -> Option<&'l T> {
        self.0.next().map(Arc::as_ref)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }

    fn fold<B, F: FnMut(B, &'l T) -> B>(self, init: B, mut f: F) -> B {
        self.0.fold(init, |folded, item| f(folded, item))
    }
}

impl<T> ExactSizeIterator for Iter<'_, T> {}
