//! Merge keys: `<<: *defaults`.
//!
//! go-yaml inserts the merged entries at the position of the merge key: later keys override them, and they override earlier keys. Which
//! entry counts is decided at the end of the mapping (`keys::settle_merges`).

use std::collections::HashMap;

use daemonset_validation::{NodeId, Span, Value};

use super::compose::Composer;
use super::keys::{KeyKind, TypedEntry};
use super::problem::{Fault, Problem};

/// The types of the keys of mappings that have a key other than a string.
#[derive(Debug, Default)]
pub(super) struct NonStringKeys {
    by_mapping: HashMap<NodeId, Vec<KeyKind>>,
}

impl NonStringKeys {
    pub(super) fn add(&mut self, mapping: NodeId, kinds: Vec<KeyKind>) {
        self.by_mapping.insert(mapping, kinds);
    }

    fn kinds(&self, mapping: NodeId) -> impl Iterator<Item = KeyKind> {
        let known = self.by_mapping.get(&mapping).map(Vec::as_slice).unwrap_or_default();
        known.iter().copied().chain(std::iter::repeat(KeyKind::String))
    }
}

impl Composer<'_, '_> {
    /// Merges a mapping, or a list of mappings, into the mapping that is open.
    pub(super) fn merge(&mut self, node: NodeId, by_alias: bool, place: Span) -> Result<(), Fault> {
        let refuse = || {
            let offset = |place: u32| usize::try_from(place).unwrap_or(usize::MAX);
            Err(Fault::new(Problem::MergeNeedsMap, offset(place.start), offset(place.end)))
        };
        match self.builder.node(node).map(|node| &node.value) {
            Some(Value::Mapping(_)) => self.merge_mapping(node, by_alias),
            Some(Value::Sequence(_)) if !by_alias => {
                // The first mapping of the list has precedence, so it is merged last.
                for mapping in self.builder.items(node).to_vec().into_iter().rev() {
                    if !matches!(self.builder.node(mapping).map(|node| &node.value), Some(Value::Mapping(_)))
                    {
                        return refuse();
                    }
                    self.merge_mapping(mapping, by_alias);
                }
            }
            _ => return refuse(),
        }
        Ok(())
    }

    fn merge_mapping(&mut self, mapping: NodeId, by_alias: bool) {
        let kinds = self.non_string_keys.kinds(mapping);
        let merged = self.builder.entries(mapping).iter().zip(kinds).map(|(entry, kind)| {
            let mut entry = entry.clone();
            // A mapping that is written at its anchor has its duplicates there.
            entry.duplicate &= !by_alias;
            TypedEntry { entry, kind, merged: true }
        });
        self.entries.extend(merged);
    }
}
