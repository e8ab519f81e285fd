//! Merge keys: `<<: *defaults`.
//!
//! go-yaml puts the merged entries where the merge key stands, so that they lose against later keys and win against earlier ones.

use std::collections::HashMap;

use daemonset_validation::{NodeId, Span, Value};

use super::compose::Composer;
use super::keys::{KeyKind, TypedEntry};
use super::problem::{Fault, Problem};

/// The types of keys in mappings where some key is no string.
#[derive(Debug, Default)]
pub(super) struct OddKeys {
    by_mapping: HashMap<NodeId, Vec<KeyKind>>,
}

impl OddKeys {
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
            Some(Value::Mapping(_)) => self.merge_mapping(node),
            Some(Value::Sequence(_)) if !by_alias => {
                // The first of the list shall win, so it comes last.
                for mapping in self.builder.items(node).to_vec().into_iter().rev() {
                    if !matches!(self.builder.node(mapping).map(|node| &node.value), Some(Value::Mapping(_)))
                    {
                        return refuse();
                    }
                    self.merge_mapping(mapping);
                }
            }
            _ => return refuse(),
        }
        Ok(())
    }

    fn merge_mapping(&mut self, mapping: NodeId) {
        let kinds = self.odd_keys.kinds(mapping);
        let merged = self.builder.entries(mapping).iter().zip(kinds).map(|(entry, kind)| {
            let mut entry = entry.clone();
            entry.duplicate = false;
            TypedEntry { entry, kind }
        });
        self.entries.extend(merged);
    }
}
