//! Collections that are being changed. Each is copied once, however many edits change it.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::tree::{Entry, NodeId};

/// A mapping with more entries than this has its keys in a table, so that an edit does not pass all of them.
const MANY_ENTRIES: usize = 64;

/// A collection that is being changed.
pub(super) enum Open<'a> {
    Map(Entries<'a>),
    List(Vec<NodeId>),
}

/// The entries of a mapping. A place stays the same when other entries are taken out.
pub(super) struct Entries<'a> {
    places: Vec<Option<Entry<'a>>>,
    /// The places of each key, in order.
    by_key: Option<HashMap<Cow<'a, str>, Vec<usize>>>,
}

impl<'a> Entries<'a> {
    pub(super) fn new(entries: &[Entry<'a>]) -> Self {
        let by_key = (entries.len() > MANY_ENTRIES).then(|| {
            let mut by_key: HashMap<Cow<'a, str>, Vec<usize>> = HashMap::with_capacity(entries.len());
            for (place, entry) in entries.iter().enumerate() {
                by_key.entry(entry.key.clone()).or_default().push(place);
            }
            by_key
        });
        Self { places: entries.iter().cloned().map(Some).collect(), by_key }
    }

    /// The place of the last entry with this key.
    pub(super) fn place(&self, key: &str) -> Option<usize> {
        match &self.by_key {
            Some(by_key) => by_key.get(key)?.last().copied(),
            None => {
                self.places.iter().rposition(|entry| entry.as_ref().is_some_and(|entry| entry.key == key))
            }
        }
    }

    /// The value of the last entry with this key.
    pub(super) fn value(&self, key: &str) -> Option<NodeId> {
        self.places.get(self.place(key)?)?.as_ref().map(|entry| entry.value)
    }

    /// Sets the value at a place.
    pub(super) fn set(&mut self, place: usize, value: NodeId) -> Option<()> {
        self.places.get_mut(place)?.as_mut()?.value = value;
        Some(())
    }

    /// Takes out the entry at a place.
    pub(super) fn take(&mut self, place: usize) -> Option<Entry<'a>> {
        let taken = self.places.get_mut(place)?.take()?;
        self.forget(&taken.key, place);
        Some(taken)
    }

    /// Gives the entry at a place another key.
    pub(super) fn rename(&mut self, place: usize, key: &str) -> Option<()> {
        let entry = self.places.get_mut(place)?.as_mut()?;
        let old = std::mem::replace(&mut entry.key, Cow::Owned(key.to_owned()));
        self.forget(&old, place);
        if let Some(by_key) = &mut self.by_key {
            let places = by_key.entry(Cow::Owned(key.to_owned())).or_default();
            places.push(place);
            places.sort_unstable();
        }
        Some(())
    }

    /// Adds an entry at the end.
    pub(super) fn push(&mut self, entry: Entry<'a>) {
        if let Some(by_key) = &mut self.by_key {
            by_key.entry(entry.key.clone()).or_default().push(self.places.len());
        }
        self.places.push(Some(entry));
    }

    /// All entries.
    pub(super) fn finish(self) -> Vec<Entry<'a>> {
        self.places.into_iter().flatten().collect()
    }

    fn forget(&mut self, key: &str, place: usize) {
        if let Some(places) = self.by_key.as_mut().and_then(|by_key| by_key.get_mut(key)) {
            places.retain(|other| *other != place);
        }
    }
}
