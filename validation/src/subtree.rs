//! Copies one value of a document into a tree of its own.

use std::collections::HashMap;

use crate::tree::{Entry, NodeId, Tree, TreeBuilder, Value};

/// The value at `root` as a document: work on it does not grow with the list that the value stands in. Spans are kept. A value that an
/// alias repeats is copied once.
pub(crate) fn subtree<'a>(tree: &Tree<'a>, root: NodeId) -> Tree<'a> {
    let mut builder = TreeBuilder::default();
    let mut copies: HashMap<NodeId, NodeId> = HashMap::new();
    // Children are added before the collection that holds them. A stack of our own: documents may be nested deeply.
    let mut open = vec![(root, false)];
    while let Some((id, has_children)) = open.pop() {
        if copies.contains_key(&id) {
            continue;
        }
        let node = tree.node(id);
        let children = tree.items(id).iter().copied().chain(tree.entries(id).iter().map(|entry| entry.value));
        if !has_children && matches!(node.value, Value::Sequence(_) | Value::Mapping(_)) {
            open.push((id, true));
            open.extend(children.map(|child| (child, false)));
            continue;
        }
        let copy_of = |child: &NodeId| copies.get(child).copied();
        let copy = match &node.value {
            Value::Sequence(_) => {
                let items: Vec<NodeId> = tree.items(id).iter().filter_map(copy_of).collect();
                builder.sequence(items, node.span)
            }
            Value::Mapping(_) => {
                let entries = tree.entries(id).iter().filter_map(|entry| {
                    let value = copy_of(&entry.value)?;
                    Some(Entry { value, ..entry.clone() })
                });
                let entries: Vec<Entry<'a>> = entries.collect();
                builder.mapping(entries, node.span)
            }
            scalar => builder.scalar(scalar.clone(), node.span),
        };
        copies.insert(id, copy);
    }
    let root = copies.get(&root).copied().unwrap_or(root);
    builder.finish(root)
}
