//! From the fixes of a report to edits of the text, and whether the text that comes of them is the document that is meant.

use std::cell::Cell;
use std::collections::HashMap;

use daemonset_validation::edit::{apply, apply_all};
use daemonset_validation::{Edit, NodeId, Tree, Value, subjects};

use super::page::{Manner, Page};
use super::text_edit::{TextEdit, Written, applied, composed, sorted};
use super::write::written;
use crate::source::{Content, documents};

/// The place of an object in a file: the position of its document, and its position in the document's list.
pub(super) type Position = (usize, Option<usize>);

/// A text and its documents.
pub(super) struct Sheet<'t> {
    text: &'t str,
    /// By position.
    trees: Vec<Option<Tree<'t>>>,
    /// The objects of the documents, of which some have many.
    roots: HashMap<Position, NodeId>,
    manner: Manner,
    /// The bytes that may still be parsed to make fixes edit by edit.
    left: Cell<usize>,
}

/// The bytes that are parsed to make fixes edit by edit, besides a number of times the text.
const BYTES: usize = 2 << 20;

impl<'t> Sheet<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let mut trees = Vec::new();
        let mut roots = HashMap::new();
        for document in documents(text) {
            let tree = match document.content {
                Content::Tree(tree) => Some(tree),
                Content::Empty | Content::Broken(_) => None,
            };
            for subject in tree.iter().flat_map(subjects) {
                roots.insert((document.index, subject.item), subject.node);
            }
            trees.push(tree);
        }
        let left = Cell::new(BYTES.saturating_add(text.len().saturating_mul(8)));
        Self { text, trees, roots, manner: Manner::of(text), left }
    }

    pub(super) const fn text(&self) -> &'t str {
        self.text
    }

    pub(super) fn root(&self, position: Position) -> Option<NodeId> {
        self.roots.get(&position).copied()
    }

    fn tree(&self, position: Position) -> Option<&Tree<'t>> {
        self.trees.get(position.0)?.as_ref()
    }

    /// The document as it is written. It is made once for all fixes of the document.
    pub(super) fn page(&self, document: usize) -> Option<Page<'_>> {
        Some(Page::new(self.trees.get(document)?.as_ref()?, self.text, self.manner))
    }

    /// The edits of the text that a fix of the object makes; `None` if there are none that change only what is meant.
    pub(super) fn edits(&self, page: &Page<'_>, position: Position, fix: &[Edit]) -> Option<Written> {
        let root = self.root(position)?;
        match fix {
            [] => None,
            [one] => written(page, root, one),
            many if are_apart(page, root, many) => {
                together(page, root, many).or_else(|| self.one_by_one(position, many))
            }
            many => self.one_by_one(position, many),
        }
    }

    /// Edits whose places depend on those before them. Of very many such fixes in a large text, the last wait for the next round.
    fn one_by_one(&self, position: Position, fix: &[Edit]) -> Option<Written> {
        let mut all = Written::default();
        let mut text = self.text.to_owned();
        for edit in fix {
            self.left.set(self.left.get().checked_sub(text.len())?);
            let sheet = Sheet::new(&text);
            let page = sheet.page(position.0)?;
            let one = written(&page, sheet.root(position)?, edit)?;
            let next = applied(&text, &one.edits)?;
            all.edits = composed(self.text.len(), &all.edits, &one.edits);
            all.drops_comment |= one.drops_comment;
            all.shared |= one.shared;
            text = next;
        }
        Some(all)
    }

    /// Whether each document of the text with edits is the one that the fixes make of it. The fixes are those of one position after the
    /// other, the ones at the end of the text first. Returns the positions in which it is not; `None` if the text is not divided into the
    /// same documents.
    pub(super) fn differing(&self, after: &Sheet<'_>, fixes: &[(Position, &[Edit])]) -> Option<Vec<usize>> {
        (after.trees.len() == self.trees.len()).then_some(())?;
        let mut by_document: HashMap<usize, Vec<(NodeId, &[Edit])>> = HashMap::new();
        for (position, fix) in fixes {
            let root = self.root(*position)?;
            by_document.entry(position.0).or_default().push((root, fix));
        }
        let mut differing = Vec::new();
        for (index, (before, after)) in self.trees.iter().zip(&after.trees).enumerate() {
            let same = match (before, after) {
                (None, None) => true,
                (Some(before), Some(after)) => match by_document.remove(&index) {
                    None => is_same(before, after),
                    Some(fixes) => apply_all(before, fixes).is_some_and(|meant| is_same(&meant, after)),
                },
                _ => false,
            };
            if !same {
                differing.push(index);
            }
        }
        Some(differing)
    }

    /// Whether the edits of a fix make of its document what the fix makes of it, and leave the others.
    pub(super) fn is_meant(&self, position: Position, fix: &[Edit], edits: &[TextEdit]) -> bool {
        let Some(text) = applied(self.text, edits) else { return false };
        if matches!(fix, [Edit::Separate { .. }]) {
            return true;
        }
        let after = Sheet::new(&text);
        let meant = || {
            let (before, root) = (self.tree(position)?, self.root(position)?);
            let meant = apply(before, root, fix)?;
            let others = self.trees.iter().zip(&after.trees).enumerate().all(|(index, pair)| match pair {
                (None, None) => true,
                (Some(before), Some(after)) if index == position.0 => {
                    let _ = before;
                    is_same(&meant, after)
                }
                (Some(before), Some(after)) => is_same(before, after),
                _ => false,
            });
            Some(others && self.trees.len() == after.trees.len())
        };
        meant().unwrap_or(false)
    }
}

/// Edits that do not depend on each other.
fn together(page: &Page<'_>, root: NodeId, edits: &[Edit]) -> Option<Written> {
    let mut all = Written::default();
    for edit in edits {
        let one = written(page, root, edit)?;
        all.edits.extend(one.edits);
        all.drops_comment |= one.drops_comment;
        all.shared |= one.shared;
    }
    Some(Written { edits: sorted(all.edits)?, ..all })
}

/// Whether no edit depends on another one: all are about entries, none of them about what another one changes.
fn are_apart(page: &Page<'_>, root: NodeId, edits: &[Edit]) -> bool {
    let mut paths = Vec::with_capacity(edits.len());
    for edit in edits {
        paths.push(match edit {
            Edit::Replace { path, .. } => path.clone(),
            Edit::Rename { path, .. } | Edit::Remove { path }
                if !matches!(path.segments().last(), Some(daemonset_validation::PathSegment::Index(_))) =>
            {
                path.clone()
            }
            Edit::Insert { path, key, .. } => {
                let home = page.find(root, path).filter(|found| !page.tree.entries(found.node).is_empty());
                if home.is_none() {
                    return false;
                }
                path.join(daemonset_validation::PathSegment::Field(key.clone().into()))
            }
            _ => return false,
        });
    }
    let is_inside = |one: &daemonset_validation::FieldPath, other: &daemonset_validation::FieldPath| {
        other.segments().starts_with(one.segments())
    };
    paths.iter().enumerate().all(|(position, one)| {
        paths
            .iter()
            .skip(position.saturating_add(1))
            .all(|other| !is_inside(one, other) && !is_inside(other, one))
    })
}

/// Whether two documents have the same value. The order of keys does not matter, except of one that stands twice.
fn is_same(one: &Tree<'_>, other: &Tree<'_>) -> bool {
    let mut open = vec![(one.root(), other.root())];
    // What aliases have in common is compared once.
    let mut seen = std::collections::HashSet::new();
    while let Some((left, right)) = open.pop() {
        match (one.value(left), other.value(right)) {
            (Value::Sequence(_), Value::Sequence(_)) => {
                let (left_items, right_items) = (one.items(left), other.items(right));
                if left_items.len() != right_items.len() {
                    return false;
                }
                if seen.insert((left, right)) {
                    open.extend(left_items.iter().copied().zip(right_items.iter().copied()));
                }
            }
            (Value::Mapping(_), Value::Mapping(_)) => {
                if !seen.insert((left, right)) {
                    continue;
                }
                let (mut left_entries, mut right_entries): (Vec<_>, Vec<_>) =
                    (one.entries(left).iter().collect(), other.entries(right).iter().collect());
                if left_entries.len() != right_entries.len() {
                    return false;
                }
                left_entries.sort_by(|one, other| one.key.cmp(&other.key));
                right_entries.sort_by(|one, other| one.key.cmp(&other.key));
                for (left, right) in left_entries.into_iter().zip(right_entries) {
                    if left.key != right.key {
                        return false;
                    }
                    open.push((left.value, right.value));
                }
            }
            (left, right) if left == right => {}
            _ => return false,
        }
    }
    true
}
