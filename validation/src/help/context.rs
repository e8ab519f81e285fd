//! What help may look at.

use std::cell::RefCell;
use std::collections::HashMap;

use k8s_openapi::api::apps::v1::DaemonSet;

use crate::tree::{Entry, NodeId, Tree, Value};

/// What help may look at. What many findings look for is found once.
pub(crate) struct HelpContext<'s> {
    /// The document.
    pub(crate) tree: &'s Tree<'s>,
    /// The mapping of the DaemonSet in the document.
    pub(crate) root: NodeId,
    /// The object with defaults.
    pub(crate) daemon_set: &'s DaemonSet,
    /// The first entry of a mapping with a value, by the value.
    by_value: RefCell<HashMap<NodeId, HashMap<&'s str, usize>>>,
    /// The first item of a list that lacks something, or has it.
    first_items: RefCell<HashMap<(NodeId, String), Option<usize>>>,
}

impl<'s> HelpContext<'s> {
    /// The context of a document.
    pub(crate) fn new(tree: &'s Tree<'s>, root: NodeId, daemon_set: &'s DaemonSet) -> Self {
        let (by_value, first_items) = Default::default();
        Self { tree, root, daemon_set, by_value, first_items }
    }

    /// The first entry of a mapping whose value is this string.
    pub(super) fn entry_with_value(&self, mapping: NodeId, text: &str) -> Option<&'s Entry<'s>> {
        let entries = self.tree.entries(mapping);
        let mut by_value = self.by_value.borrow_mut();
        let places = by_value.entry(mapping).or_insert_with(|| {
            let mut places = HashMap::new();
            for (place, entry) in entries.iter().enumerate() {
                if let Value::String(written) = self.tree.value(entry.value) {
                    places.entry(&**written).or_insert(place);
                }
            }
            places
        });
        entries.get(*places.get(text)?)
    }

    /// The position of the first item of a list for which `is` holds; `what` names the question.
    pub(super) fn first_item(
        &self,
        list: NodeId,
        what: String,
        is: impl Fn(&NodeId) -> bool,
    ) -> Option<usize> {
        let mut first_items = self.first_items.borrow_mut();
        let found = first_items.entry((list, what));
        *found.or_insert_with(|| self.tree.items(list).iter().position(is))
    }
}
