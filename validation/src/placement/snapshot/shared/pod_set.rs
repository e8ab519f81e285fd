//! A set of pods.

use std::sync::Arc;

use crate::placement::snapshot::PodIndex;

/// A set of pods, a bit each.
#[derive(Clone, Debug, Default)]
pub(in crate::placement) struct PodSet {
    words: Arc<Vec<u64>>,
    len: usize,
}

fn place(index: PodIndex) -> (usize, u64) {
    ((index / u64::BITS) as usize, 1_u64.wrapping_shl(index % u64::BITS))
}

impl PodSet {
    /// Whether there is none.
    pub(in crate::placement) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many there are.
    pub(in crate::placement) const fn len(&self) -> usize {
        self.len
    }

    /// Adds a pod.
    pub(in crate::placement) fn insert(&mut self, index: PodIndex) {
        let (word, bit) = place(index);
        let words = Arc::make_mut(&mut self.words);
        if words.len() <= word {
            words.resize(word.saturating_add(1), 0);
        }
        if let Some(word) = words.get_mut(word)
            && *word & bit == 0
        {
            *word |= bit;
            self.len = self.len.saturating_add(1);
        }
    }

    /// Removes a pod.
    pub(in crate::placement) fn remove(&mut self, index: PodIndex) {
        let (word, bit) = place(index);
        if self.words.get(word).is_none_or(|word| word & bit == 0) {
            return;
        }
        if let Some(word) = Arc::make_mut(&mut self.words).get_mut(word) {
            *word &= !bit;
            self.len = self.len.saturating_sub(1);
        }
    }

    /// The pods by their indices.
    pub(in crate::placement) fn iter(&self) -> impl Iterator<Item = PodIndex> {
        (0..).step_by(u64::BITS as usize).zip(self.words.iter()).flat_map(
            |(first, word): (PodIndex, &u64)| {
                let mut left = *word;
                std::iter::from_fn(move || {
                    let bit = (left != 0).then(|| left.trailing_zeros())?;
                    left &= left.saturating_sub(1);
                    Some(first.saturating_add(bit))
                })
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pods_come_in_order_and_copies_do_not_change() {
        let mut set = PodSet::default();
        for index in [200, 3, 64, 63, 0, 3] {
            set.insert(index);
        }
        let copy = set.clone();
        set.remove(64);
        set.remove(64);
        set.remove(5_000);
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 3, 63, 200]);
        assert_eq!(copy.iter().collect::<Vec<_>>(), [0, 3, 63, 64, 200]);
        for index in [0, 3, 63, 200] {
            assert!(!set.is_empty());
            set.remove(index);
        }
        assert!(set.is_empty());
        assert_eq!(set.iter().count(), 0);
    }
}
