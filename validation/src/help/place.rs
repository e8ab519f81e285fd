//! Where the value at fault is, if the server names another place.

use crate::apiserver::error::{ErrorKind, FieldError};
use crate::finding::Anchor;
use crate::path::{FieldPath, PathSegment};
use crate::tree::{NodeId, Tree};

use super::context::HelpContext;

/// The path of the value; `None` if it is the server's.
pub(super) fn place(error: &FieldError, cx: &HelpContext<'_>) -> Option<(FieldPath, Anchor)> {
    if let Some(entry) = entry(error, cx) {
        return Some(entry);
    }
    field(error, cx).map(|path| (path, Anchor::Value))
}

/// The entry of a map whose key or value is wrong: the server names the map and the text.
fn entry(error: &FieldError, cx: &HelpContext<'_>) -> Option<(FieldPath, Anchor)> {
    let PathSegment::Field(map) = error.path.segments().last()? else { return None };
    if !MAPS.contains(&&**map) {
        return None;
    }
    let text = error.value.as_deref()?.trim_matches('"');
    let map = node(cx.tree, cx.root, error.path.segments())?;
    let at = |key: &str| error.path.clone().key(key);
    if cx.tree.get(map, text).is_some() {
        return Some((at(text), Anchor::Key));
    }
    cx.entry_with_value(map, text).map(|entry| (at(&entry.key), Anchor::Value))
}

/// Maps of labels and the like.
const MAPS: &[&str] = &["labels", "annotations", "matchLabels", "nodeSelector"];

fn field(error: &FieldError, cx: &HelpContext<'_>) -> Option<FieldPath> {
    let (tree, root) = (cx.tree, cx.root);
    let segments = error.path.segments();
    match segments {
        // The server leaves out `metadata`.
        [spec @ PathSegment::Field(_), PathSegment::Field(template), PathSegment::Field(map), key @ ..]
            if template == "template" && map == "annotations" =>
        {
            let mut path = FieldPath::from_segments(vec![spec.clone()])
                .field("template")
                .field("metadata")
                .field("annotations");
            for segment in key {
                path = path.join(segment.clone());
            }
            node(tree, root, path.segments())?;
            Some(path)
        }
        // The server leaves out which mount it is.
        [container @ .., PathSegment::Field(list), PathSegment::Field(name)]
            if list == "volumeMounts" && name == "mountPropagation" =>
        {
            let above = FieldPath::from_segments(container.to_vec()).field("volumeMounts");
            let mounts = node(tree, root, above.segments())?;
            let shown = error.value.as_deref().map(|value| value.trim_matches('"'));
            let wrong = |mount: &NodeId| {
                let value = tree.get_str(*mount, name);
                value.is_some() && (shown == value || (shown.is_none() && value == Some("Bidirectional")))
            };
            let what = format!("{name} {}", shown.unwrap_or_default());
            let position = cx.first_item(mounts, what, wrong)?;
            Some(above.index(position).field("mountPropagation"))
        }
        // The server leaves out which file it is.
        [volume @ .., PathSegment::Field(list), PathSegment::Field(name)]
            if list == "downwardAPI" && name == "path" =>
        {
            let items = FieldPath::from_segments(volume.to_vec()).field("downwardAPI").field("items");
            let lacks = |item: &NodeId| tree.get(*item, "path").is_none();
            let list = node(tree, root, items.segments())?;
            let position = cx.first_item(list, "path".to_owned(), lacks)?;
            Some(items.index(position).field("path"))
        }
        [.., PathSegment::Field(name)] if name == "downwardAPI" && error.kind == ErrorKind::Required => {
            let items = error.path.clone().field("items");
            let lacks = |item: &NodeId| {
                tree.get(*item, "fieldRef").is_none() && tree.get(*item, "resourceFieldRef").is_none()
            };
            let list = node(tree, root, items.segments())?;
            let position = cx.first_item(list, "fieldRef".to_owned(), lacks)?;
            Some(items.index(position).field("fieldRef"))
        }
        // The value is in the field `type`.
        [.., PathSegment::Field(name)]
            if name == "updateStrategy" && error.kind == ErrorKind::NotSupported =>
        {
            let strategy = node(tree, root, segments)?;
            tree.get(strategy, "type")?;
            Some(error.path.clone().field("type"))
        }
        // The value that must be empty.
        [toleration @ .., PathSegment::Field(name)]
            if name == "operator"
                && error.kind == ErrorKind::Invalid
                && error.origin.is_none()
                && matches!(toleration, [.., PathSegment::Field(list), _] if list == "tolerations") =>
        {
            let node = node(tree, root, toleration)?;
            tree.get(node, "value")?;
            Some(FieldPath::from_segments(toleration.to_vec()).field("value"))
        }
        _ => None,
    }
}

fn node(tree: &Tree<'_>, root: NodeId, path: &[PathSegment]) -> Option<NodeId> {
    path.iter().try_fold(root, |node, segment| match segment {
        PathSegment::Field(name) | PathSegment::Key(name) => tree.get(node, name),
        PathSegment::Index(index) => tree.items(node).get(*index).copied(),
    })
}
