//! A list in chunks.

use std::fmt;
use std::slice;
use std::sync::Arc;

/// The items of a chunk: what a change copies.
const SIZE: usize = 64;

/// A list in chunks, which copies of the list share. All chunks but the last one are full.
#[derive(Clone)]
pub struct Chunks<T> {
    full: Arc<Vec<Arc<[T]>>>,
    /// Fewer than [`SIZE`].
    tail: Arc<Vec<T>>,
}

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Self { full: Arc::default(), tail: Arc::default() }
    }
}

impl<T: fmt::Debug> fmt::Debug for Chunks<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl<T> Chunks<T> {
    /// How many items there are.
    pub fn len(&self) -> usize {
        self.full.len().saturating_mul(SIZE).saturating_add(self.tail.len())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.full.is_empty() && self.tail.is_empty()
    }

    /// The item at an index.
    pub fn get(&self, index: usize) -> Option<&T> {
        let (chunk, place) = (index / SIZE, index % SIZE);
        match self.full.get(chunk) {
            Some(items) => items.get(place),
            None if chunk == self.full.len() => self.tail.get(place),
            None => None,
        }
    }

    /// The items in order.
    pub fn iter(&self) -> Iter<'_, T> {
        Iter { now: [].iter(), chunks: self.full.iter(), tail: self.tail.iter() }
    }
}

impl<T: Clone> Chunks<T> {
    /// The item at an index, to be changed. Copies its chunk if another list has it.
    pub(in crate::placement) fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        let (chunk, place) = (index / SIZE, index % SIZE);
        if chunk < self.full.len() {
            return Arc::make_mut(Arc::make_mut(&mut self.full).get_mut(chunk)?).get_mut(place);
        }
        if chunk > self.full.len() || place >= self.tail.len() {
            return None;
        }
        Arc::make_mut(&mut self.tail).get_mut(place)
    }

    /// Adds an item at the end.
    pub(in crate::placement) fn push(&mut self, item: T) {
        let tail = Arc::make_mut(&mut self.tail);
        tail.push(item);
        if tail.len() >= SIZE {
            let full = std::mem::take(tail);
            Arc::make_mut(&mut self.full).push(Arc::from(full));
        }
    }

    /// Removes the last item.
    pub(in crate::placement) fn pop(&mut self) -> Option<T> {
        if self.tail.is_empty() {
            let last = Arc::make_mut(&mut self.full).pop()?;
            self.tail = Arc::new(last.to_vec());
        }
        Arc::make_mut(&mut self.tail).pop()
    }

    /// Removes the item at an index; the last item moves there.
    pub(in crate::placement) fn swap_remove(&mut self, index: usize) -> Option<T> {
        if index >= self.len() {
            return None;
        }
        let last = self.pop()?;
        match self.get_mut(index) {
            Some(place) => Some(std::mem::replace(place, last)),
            // It was the last one itself.
            None => Some(last),
        }
    }
}

impl<T: Clone> FromIterator<T> for Chunks<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut chunks = Self::default();
        items.into_iter().for_each(|item| chunks.push(item));
        chunks
    }
}

impl<'c, T> IntoIterator for &'c Chunks<T> {
    type Item = &'c T;
    type IntoIter = Iter<'c, T>;

    fn into_iter(self) -> Iter<'c, T> {
        self.iter()
    }
}

/// The items of [`Chunks`].
#[derive(Debug)]
pub struct Iter<'c, T> {
    now: slice::Iter<'c, T>,
    chunks: slice::Iter<'c, Arc<[T]>>,
    tail: slice::Iter<'c, T>,
}

impl<T> Clone for Iter<'_, T> {
    fn clone(&self) -> Self {
        Self { now: self.now.clone(), chunks: self.chunks.clone(), tail: self.tail.clone() }
    }
}

impl<'c, T> Iterator for Iter<'c, T> {
    type Item = &'c T;

    fn next(&mut self) -> Option<&'c T> {
        loop {
            if let Some(item) = self.now.next() {
                return Some(item);
            }
            self.now = match self.chunks.next() {
                Some(chunk) => chunk.iter(),
                None if self.tail.len() > 0 => std::mem::take(&mut self.tail),
                None => return None,
            };
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.chunks.len().saturating_mul(SIZE);
        let left = left.saturating_add(self.now.len()).saturating_add(self.tail.len());
        (left, Some(left))
    }

    fn fold<B, F: FnMut(B, &'c T) -> B>(self, init: B, mut f: F) -> B {
        let folded = self.now.fold(init, &mut f);
        let folded = self.chunks.fold(folded, |folded, chunk| chunk.iter().fold(folded, &mut f));
        self.tail.fold(folded, f)
    }
}

impl<T> ExactSizeIterator for Iter<'_, T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_does_not_see_later_changes_and_shares_the_other_chunks() {
        for len in [0, 1, 63, 64, 65, 127, 128, 200] {
            let mut chunks: Chunks<usize> = (0..len).collect();
            let copy = chunks.clone();
            assert_eq!((chunks.len(), chunks.iter().len()), (len, len));
            assert!(chunks.iter().copied().eq(0..len));
            assert_eq!(chunks.iter().skip(1).sum::<usize>(), (1..len).sum::<usize>());
            assert_eq!(chunks.get(len), None);
            assert_eq!(chunks.get_mut(len), None);
            for index in 0..len {
                assert_eq!(chunks.get(index), Some(&index));
                *chunks.get_mut(index).unwrap() += 1000;
            }
            chunks.push(7);
            assert!(copy.iter().copied().eq(0..len));
            assert!(chunks.iter().copied().eq((1000..1000 + len).chain([7])));
        }
        let chunks: Chunks<usize> = (0..300).collect();
        let mut changed = chunks.clone();
        *changed.get_mut(70).unwrap() = 1;
        let shared = chunks.full.iter().zip(&*changed.full).filter(|(one, other)| Arc::ptr_eq(one, other));
        assert_eq!((shared.count(), chunks.full.len()), (3, 4));
    }

    #[test]
    fn the_last_item_takes_the_place_of_a_removed_one() {
        for len in [1, 2, 64, 65, 130] {
            for index in [0, len / 2, len - 1, len] {
                let mut model: Vec<usize> = (0..len).collect();
                let mut chunks: Chunks<usize> = (0..len).collect();
                let expected = (index < len).then(|| model.swap_remove(index));
                assert_eq!(chunks.swap_remove(index), expected);
                assert!(chunks.iter().eq(&model), "{index} of {len}");
                while let Some(last) = model.pop() {
                    assert_eq!(chunks.pop(), Some(last));
                }
                assert!(chunks.is_empty());
                assert_eq!(chunks.pop(), None);
            }
        }
    }
}
