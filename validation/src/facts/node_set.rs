//! A set of nodes in few bytes: a bit for each node of a snapshot.

use std::fmt;

/// Nodes by their indices in one snapshot. Sets of different snapshots cannot be compared.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct NodeSet {
    /// 64 nodes a word; the last word is not 0, so equal sets have equal words.
    words: Vec<u64>,
}

const BITS: u32 = u64::BITS;

/// The bit of a node in its word.
const fn bit(node: u32) -> u64 {
    1_u64.wrapping_shl(node)
}

impl NodeSet {
    /// Adds a node.
    pub fn insert(&mut self, node: u32) {
        let place = (node / BITS) as usize;
        if place >= self.words.len() {
            self.words.resize(place.saturating_add(1), 0);
        }
        if let Some(word) = self.words.get_mut(place) {
            *word |= bit(node);
        }
    }

    /// Whether the node is among them.
    pub fn contains(&self, node: u32) -> bool {
        self.words.get((node / BITS) as usize).is_some_and(|word| word & bit(node) != 0)
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.words.iter().fold(0, |sum, word| sum.saturating_add(word.count_ones() as usize))
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The nodes, in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        (0_u32..).step_by(BITS as usize).zip(&self.words).flat_map(|(first, word)| {
            (0..BITS)
                .filter(move |place| word & bit(*place) != 0)
                .map(move |place| first.saturating_add(place))
        })
    }

    /// The nodes of this set that are not in the other one.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let others = other.words.iter().copied().chain(std::iter::repeat(0));
        Self::of_words(self.words.iter().zip(others).map(|(word, other)| word & !other).collect())
    }

    /// The nodes that are in both sets.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self::of_words(self.words.iter().zip(&other.words).map(|(word, other)| word & other).collect())
    }

    /// The nodes that are in one of the sets.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        let (longer, shorter) =
            if self.words.len() < other.words.len() { (other, self) } else { (self, other) };
        let mut words = longer.words.clone();
        for (word, other) in words.iter_mut().zip(&shorter.words) {
            *word |= other;
        }
        Self { words }
    }

    fn of_words(mut words: Vec<u64>) -> Self {
        while words.last() == Some(&0) {
            words.pop();
        }
        Self { words }
    }
}

impl FromIterator<u32> for NodeSet {
    fn from_iter<I: IntoIterator<Item = u32>>(nodes: I) -> Self {
        let mut set = Self::default();
        nodes.into_iter().for_each(|node| set.insert(node));
        set
    }
}

impl fmt::Debug for NodeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::NodeSet;

    fn set(nodes: &[u32]) -> NodeSet {
        nodes.iter().copied().collect()
    }

    #[test]
    fn sets_are_compared_by_their_nodes() {
        let few = set(&[3, 64, 700]);
        assert_eq!(few.iter().collect::<Vec<_>>(), [3, 64, 700]);
        assert!(few.contains(64) && !few.contains(65) && !few.contains(100_000));
        assert_eq!((few.len(), few.is_empty(), NodeSet::default().is_empty()), (3, false, true));
        // A word that becomes 0 does not make equal sets different.
        assert_eq!(few.without(&set(&[700])), set(&[3, 64]));
        assert!(few.without(&few).is_empty());
        assert_eq!(few.and(&set(&[64, 5_000])), set(&[64]));
        assert_eq!(few.or(&set(&[1])), set(&[1, 3, 64, 700]));
        assert_eq!(set(&[1]).or(&few), few.or(&set(&[1])));
    }
}
