//! Where the value at fault is, if the server names another place.

use crate::apiserver::error::{ErrorKind, FieldError};
use crate::finding::Anchor;
use crate::path::{FieldPath, PathSegment};
use crate::tree::{NodeId, Tree, Value};

/// The path of the value; `None` if it is the server's.
pub(super) fn place(error: &FieldError, tree: &Tree<'_>, root: NodeId) -> Option<(FieldPath, Anchor)> {
    if let Some(entry) = entry(error, tree, root) {
        return Some(entry);
    }
    field(error, tree, root).map(|path| (path, Anchor::Value))
}

/// The entry of a map whose key or value is wrong: the server names the map and the text.
fn entry(error: &FieldError, tree: &Tree<'_>, root: NodeId) -> Option<(FieldPath, Anchor)> {
    let PathSegment::Field(map) = error.path.segments().last()? else { return None };
    if !MAPS.contains(&&**map) {
        return None;
    }
    let text = error.value.as_deref()?.trim_matches('"');
    let entries = tree.entries(node(tree, root, error.path.segments())?);
    let at = |key: &str| error.path.clone().key(key);
    if let Some(entry) = entries.iter().find(|entry| entry.key == text) {
        return Some((at(&entry.key), Anchor::Key));
    }
    let value = |value: NodeId| matches!(tree.value(value), Value::String(written) if *written == text);
    entries.iter().find(|entry| value(entry.value)).map(|entry| (at(&entry.key), Anchor::Value))
}

/// Maps of labels and the like.
const MAPS: &[&str] = &["labels", "annotations", "matchLabels", "nodeSelector"];

fn field(error: &FieldError, tree: &Tree<'_>, root: NodeId) -> Option<FieldPath> {
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
            let position = tree.items(mounts).iter().position(wrong)?;
            Some(above.index(position).field("mountPropagation"))
        }
        // The server leaves out which file it is.
        [volume @ .., PathSegment::Field(list), PathSegment::Field(name)]
            if list == "downwardAPI" && name == "path" =>
        {
            let items = FieldPath::from_segments(volume.to_vec()).field("downwardAPI").field("items");
            let lacks = |item: &NodeId| tree.get(*item, "path").is_none();
            let position = tree.items(node(tree, root, items.segments())?).iter().position(lacks)?;
            Some(items.index(position).field("path"))
        }
        [.., PathSegment::Field(name)] if name == "downwardAPI" && error.kind == ErrorKind::Required => {
            let items = error.path.clone().field("items");
            let lacks = |item: &NodeId| {
                tree.get(*item, "fieldRef").is_none() && tree.get(*item, "resourceFieldRef").is_none()
            };
            let position = tree.items(node(tree, root, items.segments())?).iter().position(lacks)?;
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
