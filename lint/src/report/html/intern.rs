//! Keeps equal values once and refers to them by index.

use std::collections::HashMap;
use std::hash::Hash;

/// Different values, each with its index in the order of first use.
#[derive(Debug)]
pub(super) struct Table<T> {
    numbers: HashMap<T, usize>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { numbers: HashMap::new() }
    }
}

impl<T: Eq + Hash> Table<T> {
    /// The index of the value.
    pub(super) fn number(&mut self, thing: T) -> usize {
        let next = self.numbers.len();
        *self.numbers.entry(thing).or_insert(next)
    }

    /// All values in the order of their indices.
    pub(super) fn into_list(self) -> Vec<T> {
        let mut numbered: Vec<(usize, T)> =
            self.numbers.into_iter().map(|(thing, number)| (number, thing)).collect();
        numbered.sort_unstable_by_key(|(number, _)| *number);
        numbered.into_iter().map(|(_, thing)| thing).collect()
    }
}
