//! Choices of chance.

use serde_json::{Map, Value};

use crate::random::Random;

/// Random choices from short lists.
#[derive(Debug)]
pub(crate) struct Chosen<'r>(pub(crate) &'r mut Random);

impl Chosen<'_> {
    pub(crate) fn percent(&mut self, percent: usize) -> bool {
        self.0.percent(percent)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0.below(limit)
    }

    pub(crate) fn of<T: Copy + Default>(&mut self, choices: &[T]) -> T {
        self.0.pick(choices).copied().unwrap_or_default()
    }
}

/// Puts a value into a map.
pub(crate) fn put(into: &mut Map<String, Value>, key: &str, value: impl Into<Value>) {
    into.insert(key.to_owned(), value.into());
}
