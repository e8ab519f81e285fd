//! One node of a document.

use daemonset_validation::placement::Node;
use daemonset_validation::{NodeId, Tree, Value};
use k8s_openapi::api::core::v1::Taint;

/// What placement asks of the Node at `root`. A field of a wrong type counts as absent: a snapshot was printed by a server.
pub(crate) fn node(tree: &Tree<'_>, root: NodeId) -> Node {
    let below = |keys: &[&str]| keys.iter().try_fold(root, |node, key| tree.get(node, key));
    let text = |node: NodeId, key: &str| tree.get_str(node, key).unwrap_or_default().to_owned();
    let labels = below(&["metadata", "labels"]).map(|labels| tree.entries(labels)).unwrap_or_default();
    let labels = labels.iter().filter_map(|entry| match tree.value(entry.value) {
        Value::String(value) => Some((entry.key.to_string(), value.to_string())),
        _ => None,
    });
    let taints = below(&["spec", "taints"]).map(|taints| tree.items(taints)).unwrap_or_default();
    let taint = |taint: &NodeId| Taint {
        key: text(*taint, "key"),
        value: tree.get_str(*taint, "value").map(str::to_owned),
        effect: text(*taint, "effect"),
        time_added: None,
    };
    Node {
        name: below(&["metadata"]).map(|metadata| text(metadata, "name")).unwrap_or_default(),
        labels: labels.collect(),
        taints: taints.iter().map(taint).collect(),
        unschedulable: below(&["spec", "unschedulable"])
            .is_some_and(|value| *tree.value(value) == Value::Bool(true)),
    }
}

/// Whether an object without a kind is a node: it has a name, and a status that only nodes have.
pub(crate) fn looks_like_node(tree: &Tree<'_>, root: NodeId) -> bool {
    let below = |keys: &[&str]| keys.iter().try_fold(root, |node, key| tree.get(node, key));
    let only_nodes = [&["status", "nodeInfo"][..], &["status", "allocatable"][..], &["spec", "podCIDR"][..]];
    below(&["metadata", "name"]).is_some() && only_nodes.iter().any(|keys| below(keys).is_some())
}
