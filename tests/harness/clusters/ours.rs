//! What our own engine says of a case.

use daemonset_validation::Server;
use daemonset_validation::apiserver::strategy::admit_create;
use daemonset_validation::placement::{Node, Snapshot, explain};
use serde_json::Value;

use super::Case;
use super::answer::NodeAnswer;

/// Our answer for each node, in the order of the nodes.
///
/// # Errors
///
/// Where an object cannot be read.
pub fn ours(case: &Case, server: &Server) -> Result<Vec<NodeAnswer>, String> {
    let typed = serde_json::from_value(case.daemon_set.clone()).map_err(|error| error.to_string())?;
    let stored = admit_create(typed, true, server).daemon_set;
    let nodes = case.objects.iter().filter(|object| object["kind"] == "Node").map(node);
    let snapshot = Snapshot { nodes: nodes.collect::<Result<_, _>>()?, pods: 0 };
    let verdicts = explain(&stored, &snapshot, server);
    Ok(snapshot
        .nodes
        .into_iter()
        .zip(verdicts)
        .map(|(node, verdict)| {
            let first = verdict.outcome.reasons().first();
            NodeAnswer {
                name: node.name,
                verdict: verdict.outcome.as_str().to_owned(),
                plugin: first.map(|reason| reason.filter.to_owned()).unwrap_or_default(),
                reasons: verdict.outcome.reasons().iter().map(|reason| reason.message.clone()).collect(),
                ..NodeAnswer::default()
            }
        })
        .collect())
}

fn node(object: &Value) -> Result<Node, String> {
    let read = || -> serde_json::Result<Node> {
        Ok(Node {
            name: serde_json::from_value(object["metadata"]["name"].clone())?,
            labels: serde_json::from_value::<Option<_>>(object["metadata"]["labels"].clone())?
                .unwrap_or_default(),
            taints: serde_json::from_value::<Option<_>>(object["spec"]["taints"].clone())?
                .unwrap_or_default(),
            unschedulable: object["spec"]["unschedulable"].as_bool().unwrap_or_default(),
        })
    };
    read().map_err(|error| error.to_string())
}
