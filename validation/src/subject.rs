//! What stands in a document: which objects, of what kind, and which of them are DaemonSets of ours to judge.

use crate::tree::{NodeId, Tree, Value};

/// The API groups whose DaemonSet is Kubernetes' own; other groups have kinds of the same name (OpenKruise's, for one).
const OUR_GROUPS: &[&str] = &["apps", "extensions", ""];

/// An object in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its node.
    pub node: NodeId,
    /// Its place in the list that holds it, from 0; `None` where the document is the object.
    pub item: Option<usize>,
    /// `apiVersion`, empty where there is none.
    pub api_version: String,
    /// `kind`, empty where there is none.
    pub kind: String,
    /// `metadata.namespace`, `default` where there is none.
    pub namespace: String,
    /// `metadata.name`, empty where there is none.
    pub name: String,
}

/// What to do with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectKind {
    /// A DaemonSet in a version that the server serves.
    DaemonSet,
    /// Meant as a DaemonSet, in a version or spelling that no server knows.
    Unknown,
    /// Something else.
    Other,
}

impl Subject {
    /// What to do with this object.
    pub fn classify(&self) -> SubjectKind {
        let (group, version) = self.api_version.split_once('/').unwrap_or(("", &self.api_version));
        if !OUR_GROUPS.contains(&group) {
            return SubjectKind::Other;
        }
        if self.kind == "DaemonSet" {
            let served = group == "apps" && version == "v1";
            return if served { SubjectKind::DaemonSet } else { SubjectKind::Unknown };
        }
        let resembles =
            self.kind.eq_ignore_ascii_case("daemonset") || self.kind.eq_ignore_ascii_case("daemonsets");
        if resembles { SubjectKind::Unknown } else { SubjectKind::Other }
    }
}

/// The objects in a document: the document itself, or the items of the list that it is, lists in lists included.
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

/// Lists nest at most this deep; a deeper one is an object of another kind to us.
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
