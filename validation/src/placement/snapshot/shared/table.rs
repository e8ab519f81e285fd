//! A map from names, in shards.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use hashbrown::HashTable;

/// The entries of a shard, on average at most: what a change copies, as references.
const SHARD: usize = 64;

/// An entry: a name with its value.
#[derive(Clone, Debug)]
struct Entry<V> {
    name: Box<str>,
    value: V,
}

type Shard<V> = HashTable<Arc<Entry<V>>>;

/// A map from names, in shards, which copies of the map share. The name of an object with a namespace is `namespace/name`.
#[derive(Clone)]
pub(in crate::placement) struct Table<V> {
    /// As many as a power of two, or none.
    shards: Arc<Vec<Arc<Shard<V>>>>,
    len: usize,
    hasher: RandomState,
}

impl<V> Default for Table<V> {
    fn default() -> Self {
        Self { shards: Arc::default(), len: 0, hasher: RandomState::new() }
    }
}

impl<V: fmt::Debug> fmt::Debug for Table<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// The shard of a hash. A table inside uses the lowest and the highest bits.
fn place(hash: u64, shards: usize) -> usize {
    usize::try_from(hash >> 24).unwrap_or(0) & shards.saturating_sub(1)
}

impl<V> Table<V> {
    /// How many entries there are.
    pub(in crate::placement) const fn len(&self) -> usize {
        self.len
    }

    /// The value of a name.
    pub(in crate::placement) fn get(&self, name: &str) -> Option<&V> {
        let hash = self.hasher.hash_one(name);
        let shard = self.shards.get(place(hash, self.shards.len()))?;
        shard.find(hash, |entry| *entry.name == *name).map(|entry| &entry.value)
    }

    /// Whether there is an entry of this name.
    pub(in crate::placement) fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The entries in no particular order.
    pub(in crate::placement) fn iter(&self) -> impl Iterator<Item = (&str, &V)> {
        let entries = self.shards.iter().flat_map(|shard| shard.iter());
        entries.map(|entry| (&*entry.name, &entry.value))
    }

    /// The values in no particular order.
    pub(in crate::placement) fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// The names in no particular order.
    pub(in crate::placement) fn keys(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(name, _)| name)
    }

    /// Adds an entry or replaces the one of its name.
    pub(in crate::placement) fn insert(&mut self, name: Box<str>, value: V) {
        let hash = self.hasher.hash_one(&*name);
        let entry = Arc::new(Entry { name, value });
        if let Some(shard) = self.shard(hash)
            && let Some(known) = shard.find_mut(hash, |known| known.name == entry.name)
        {
            *known = entry;
            return;
        }
        self.add(hash, entry);
    }

    /// Removes an entry; whether there was one.
    pub(in crate::placement) fn remove(&mut self, name: &str) -> bool {
        if !self.contains_key(name) {
            return false;
        }
        let hash = self.hasher.hash_one(name);
        let removed = self.shard(hash).is_some_and(|shard| {
            let entry = shard.find_entry(hash, |known| *known.name == *name);
            entry.map(hashbrown::hash_table::OccupiedEntry::remove).is_ok()
        });
        self.len = self.len.saturating_sub(usize::from(removed));
        removed
    }

    /// The shard of a hash, to be changed; `None` if there is none yet.
    fn shard(&mut self, hash: u64) -> Option<&mut Shard<V>> {
        let place = place(hash, self.shards.len());
        if self.shards.is_empty() {
            return None;
        }
        Arc::make_mut(&mut self.shards).get_mut(place).map(Arc::make_mut)
    }

    /// Adds an entry whose name is new.
    fn add(&mut self, hash: u64, entry: Arc<Entry<V>>) {
        if self.len >= self.shards.len().saturating_mul(SHARD) {
            self.grow();
        }
        let hasher = self.hasher.clone();
        if let Some(shard) = self.shard(hash) {
            shard.insert_unique(hash, entry, |known| hasher.hash_one(&*known.name));
            self.len = self.len.saturating_add(1);
        }
    }

    /// Doubles the number of shards.
    fn grow(&mut self) {
        let count = self.shards.len().saturating_mul(2).max(1);
        let mut shards: Vec<Shard<V>> = Vec::new();
        shards.resize_with(count, HashTable::new);
        let hash = |entry: &Arc<Entry<V>>| self.hasher.hash_one(&*entry.name);
        for entry in self.shards.iter().flat_map(|shard| shard.iter()) {
            let new = hash(entry);
            if let Some(shard) = shards.get_mut(place(new, count)) {
                shard.insert_unique(new, entry.clone(), hash);
            }
        }
        self.shards = Arc::new(shards.into_iter().map(Arc::new).collect());
    }
}

impl<V: Clone + Default> Table<V> {
    /// The value of a name, to be changed; a default one where there was none.
    pub(in crate::placement) fn entry(&mut self, name: &str) -> Option<&mut V> {
        let hash = self.hasher.hash_one(name);
        if !self.contains_key(name) {
            self.add(hash, Arc::new(Entry { name: Box::from(name), value: V::default() }));
        }
        let entry = self.shard(hash)?.find_mut(hash, |known| *known.name == *name)?;
        Some(&mut Arc::make_mut(entry).value)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn a_table_is_a_map_and_its_copies_do_not_change() {
        let (mut table, mut model) = (Table::<u32>::default(), HashMap::new());
        let mut copies = Vec::new();
        let mut number: u32 = 1;
        for step in 0..20_000_u32 {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let name = format!("name-{}", (number >> 8) % 3_000);
            match number >> 30 {
                0 => assert_eq!(table.remove(&name), model.remove(&name).is_some()),
                1 => {
                    *table.entry(&name).unwrap() += step;
                    *model.entry(name).or_default() += step;
                }
                _ => {
                    table.insert(Box::from(&*name), step);
                    model.insert(name, step);
                }
            }
            if step % 2_500 == 0 {
                copies.push((table.clone(), model.clone()));
            }
        }
        copies.push((table, model));
        for (table, model) in &copies {
            assert_eq!(table.len(), model.len());
            assert_eq!(table.iter().count(), model.len());
            assert!(table.iter().all(|(name, value)| model.get(name) == Some(value)));
            assert!(model.iter().all(|(name, value)| table.get(name) == Some(value)));
        }
        assert_eq!(Table::<u32>::default().get("a"), None);
    }

    #[test]
    fn a_change_copies_one_shard() {
        let mut table = Table::default();
        (0..2_000).for_each(|number| table.insert(Box::from(number.to_string()), number));
        let copy = table.clone();
        table.insert(Box::from("7"), 0);
        let shared = table.shards.iter().zip(&*copy.shards).filter(|(one, other)| Arc::ptr_eq(one, other));
        assert_eq!(shared.count() + 1, table.shards.len());
        assert!(table.shards.len() >= 32);
    }
}
