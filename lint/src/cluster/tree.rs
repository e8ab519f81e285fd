//! Converts objects of a document to the JSON that the snapshot's builder takes.

use daemonset_validation::{NodeId, Tree, Value};
use serde_json::{Map, Number, Value as Json};

/// The maximum depth of values. Deeper ones are left out: the fields that placement reads are at less than half of it.
const MAX_DEPTH: usize = 128;

/// The JSON value of a part of a document. Numbers that JSON does not know count as absent.
pub(crate) fn json(tree: &Tree<'_>, root: NodeId) -> Json {
    value(tree, root, MAX_DEPTH)
}

fn value(tree: &Tree<'_>, node: NodeId, depth: usize) -> Json {
    let Some(below) = depth.checked_sub(1) else { return Json::Null };
    match tree.value(node) {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::String(text) => Json::String(text.to_string()),
        Value::Sequence(_) => {
            Json::Array(tree.items(node).iter().map(|item| value(tree, *item, below)).collect())
        }
        Value::Mapping(_) => {
            let entries = tree.entries(node).iter();
            let pairs = entries.map(|entry| (entry.key.to_string(), value(tree, entry.value, below)));
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

#[cfg(test)]
mod tests {
    use super::json;
    use crate::source::{Content, documents};

    #[test]
    fn deep_values_are_left_out() {
        for (depth, kept) in [(100, true), (9_000, false)] {
            let text = format!("{{name: a, deep: {}1{}}}", "[".repeat(depth), "]".repeat(depth));
            let contents: Vec<_> = documents(&text).map(|document| document.content).collect();
            let [Content::Tree(tree)] = contents.as_slice() else { unreachable!("one document") };
            let value = json(tree, tree.root());
            assert_eq!(value.get("name").and_then(|name| name.as_str()), Some("a"));
            assert_eq!(value.to_string().contains('1'), kept);
        }
    }
}
