//! Finds the objects in a document, and tells which of them are DaemonSets to check.

use crate::tree::{NodeId, Tree, Value};

mod spelling;

/// An object in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its node.
    pub node: NodeId,
    /// Its index in the list that contains it, from 0; `None` if the document is the object.
    pub item: Option<usize>,
    /// `apiVersion`, or an empty string.
    pub api_version: String,
    /// `kind`, or an empty string.
    pub kind: String,
    /// `metadata.namespace`, or `default`.
    pub namespace: String,
    /// `metadata.name`, else `metadata.generateName`, else an empty string.
    pub name: String,
}

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectKind {
    /// A DaemonSet in a version that the server serves (`apps/v1`).
    DaemonSet,
    /// Meant to be a DaemonSet, but with a version, or a spelling of the version or the kind, that no server serves.
    Unknown,
    /// Any other object.
    Other,
}

impl Subject {
    /// Classifies the object by `apiVersion` and `kind`.
    pub fn classify(&self) -> SubjectKind {
        if self.kind == "DaemonSet" && self.api_version == "apps/v1" {
            return SubjectKind::DaemonSet;
        }
        let meant = spelling::is_near_kind(&self.kind) && spelling::may_be_our_group(&self.api_version)
            || spelling::is_misspelt_among_ours(&self.kind, &self.api_version);
        if meant { SubjectKind::Unknown } else { SubjectKind::Other }
    }

    /// Whether `kind` is written as the server has it.
    pub fn has_our_kind(&self) -> bool {
        self.kind == "DaemonSet"
    }
}

/// Returns the objects in a document: the document itself or, if it is a list, its items. Nested lists are flattened.
///
/// Upstream: `cli-runtime/pkg/resource.FlattenListVisitor`; an item of a typed list without a kind of its own has the list's.
pub fn subjects(tree: &Tree<'_>) -> Vec<Subject> {
    let root = tree.root();
    let mut found = Vec::new();
    if matches!(tree.value(root), Value::Null) {
        return found;
    }
    let mut count = 0;
    collect(tree, root, None, &mut count, &mut found, 0);
    found
}

/// Lists are flattened up to this depth. A list below it counts as an object of another kind.
const LIST_DEPTH: usize = 8;

fn collect(
    tree: &Tree<'_>,
    node: NodeId,
    inherited: Option<(&str, &str)>,
    count: &mut usize,
    found: &mut Vec<Subject>,
    depth: usize,
) {
    let mut api_version = tree.get_str(node, "apiVersion").unwrap_or_default();
    let mut kind = tree.get_str(node, "kind").unwrap_or_default();
    if let Some((list_version, item_kind)) = inherited
        && kind.is_empty()
        && api_version.is_empty()
    {
        (api_version, kind) = (list_version, item_kind);
    }
    let items = tree.get(node, "items").filter(|items| matches!(tree.value(*items), Value::Sequence(_)));
    if let (Some(items), Some(item_kind)) = (items, kind.strip_suffix("List"))
        && depth < LIST_DEPTH
    {
        let inherited = (!item_kind.is_empty()).then_some((api_version, item_kind));
        for item in tree.items(items) {
            collect(tree, *item, inherited, count, found, depth.saturating_add(1));
        }
        return;
    }
    let item = (depth > 0).then_some(*count);
    *count = count.saturating_add(1);
    let metadata = tree.get(node, "metadata");
    let text = |key: &str| metadata.and_then(|metadata| tree.get_str(metadata, key)).unwrap_or_default();
    let namespace = Some(text("namespace")).filter(|namespace| !namespace.is_empty()).unwrap_or("default");
    found.push(Subject {
        node,
        item,
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        namespace: namespace.to_owned(),
        name: Some(text("name"))
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| text("generateName"))
            .to_owned(),
    });
}
