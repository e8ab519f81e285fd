//! Objects of a document, as the snapshot's builder takes them.

use daemonset_validation::{NodeId, Tree, Value};
use serde_json::{Map, Number, Value as Json};

/// The JSON value of a part of a document. Numbers that JSON does not know count as absent.
pub(crate) fn json(tree: &Tree<'_>, root: NodeId) -> Json {
    match tree.value(root) {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::String(text) => Json::String(text.to_string()),
        Value::Sequence(_) => Json::Array(tree.items(root).iter().map(|item| json(tree, *item)).collect()),
        Value::Mapping(_) => {
            let entries = tree.entries(root).iter();
            let pairs = entries.map(|entry| (entry.key.to_string(), json(tree, entry.value)));
            Json::Object(pairs.collect::<Map<_, _>>())
        }
        Value::Number(text) => text.parse::<Number>().map(Json::Number).unwrap_or(Json::Null),
    }
}

/// Whether an object without a kind is a node: it has a name, and a status that only nodes have.
pub(crate) fn looks_like_node(tree: &Tree<'_>, root: NodeId) -> bool {
    let below = |keys: &[&str]| keys.iter().try_fold(root, |node, key| tree.get(node, key));
    let only_nodes = [&["status", "nodeInfo"][..], &["status", "allocatable"][..], &["spec", "podCIDR"][..]];
    below(&["metadata", "name"]).is_some() && only_nodes.iter().any(|keys| below(keys).is_some())
}
