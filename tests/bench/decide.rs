//! How long the decision for one DaemonSet takes on all nodes of a cluster that is in memory.

use std::time::Instant;

use daemonset_validation::Server;
use daemonset_validation::placement::{Kind, Outcome, SnapshotBuilder, explain};
use serde_json::{Value, json};

use super::objects::{node, pod};

/// Prints the best and the middle of eleven rounds for each DaemonSet.
pub(crate) fn measure(nodes: usize, pods: usize) {
    let server = Server::newest();
    let mut builder = SnapshotBuilder::new(server);
    for number in 0..nodes {
        builder.add(Kind::Node, node(number)).expect("a node");
    }
    for number in 0..pods {
        builder.add(Kind::Pod, pod(number, nodes)).expect("a pod");
    }
    let snapshot = builder.finish();
    for (name, spec) in daemon_sets() {
        let daemon_set = json!({
            "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": { "name": "new", "namespace": "team-1" },
            "spec": { "selector": { "matchLabels": { "app": "new" } }, "template": { "metadata": { "labels": { "app": "new" } }, "spec": spec } }
        });
        let daemon_set = serde_json::from_value(daemon_set).expect("a DaemonSet");
        let mut times = Vec::new();
        let mut runs = 0;
        for _ in 0..11 {
            let start = Instant::now();
            let preview = explain(&daemon_set, &snapshot, &server);
            times.push(start.elapsed().as_secs_f64() * 1e3);
            runs = preview.verdicts.iter().filter(|verdict| verdict.outcome == Outcome::Runs).count();
        }
        times.sort_by(f64::total_cmp);
        println!(
            "{nodes} nodes, {pods} pods, {name}: best {:.2} ms, middle {:.2} ms; runs on {runs}",
            times[0], times[5]
        );
    }
}

fn daemon_sets() -> [(&'static str, Value); 3] {
    let container = |more: Value| {
        let mut container = json!({ "name": "main", "image": "agent:1" });
        container.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        json!([container])
    };
    let term = json!([{ "labelSelector": { "matchLabels": { "app.kubernetes.io/name": "service-31" } }, "topologyKey": "kubernetes.io/hostname", "namespaceSelector": {} }]);
    [
        ("plain", json!({ "containers": container(json!({})) })),
        (
            "ports and resources",
            json!({ "containers": container(json!({
                "ports": [{ "containerPort": 9100, "hostPort": 9100, "protocol": "TCP" }],
                "resources": { "requests": { "cpu": "6", "memory": "8Gi" } }
            })) }),
        ),
        (
            "affinity",
            json!({
                "containers": container(json!({})),
                "affinity": {
                    "nodeAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": { "nodeSelectorTerms": [{ "matchExpressions": [{ "key": "topology.kubernetes.io/zone", "operator": "In", "values": ["eu-west-1a", "eu-west-1b"] }] }] } },
                    "podAntiAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": term }
                }
            }),
        ),
    ]
}
