//! The webhook and the command have the same findings for the same DaemonSets on the same cluster.

use daemonset_tests::scenarios::explain_live;
use serde_json::{Value, json};

use crate::check::Outcome;
use crate::load::daemon_set;
use crate::world::{TRIED, World};

/// Plays it.
pub async fn play(world: &mut World) -> Result<(), String> {
    world.install(&json!({ "cache": "pods" })).await?;
    world.settled().await?;
    let mut counts = Vec::new();
    let mut faults = Vec::new();
    for (name, change) in variants() {
        let mut object = daemon_set(name);
        object["metadata"]["namespace"] = json!(TRIED);
        merge(&mut object["spec"]["template"]["spec"], &change);
        match one(world, &object).await {
            Ok(count) => counts.push(format!("{name} {count}")),
            Err(fault) => faults.push(format!("{name}: {fault}")),
        }
    }
    world.checks.note(
        "the webhook and daemonset-lint --explain agree on the same cluster",
        if faults.is_empty() {
            Ok(format!("runs on, by both: {}", counts.join(", ")))
        } else {
            Err(faults.join("; "))
        },
    );
    Ok(())
}

async fn one(world: &World, object: &Value) -> Outcome {
    let file = world.folder.join("same.json");
    std::fs::write(&file, object.to_string()).map_err(|error| error.to_string())?;
    // The command has a runtime of its own.
    let ours = tokio::task::block_in_place(|| explain_live(&world.kubeconfig, &file))?;
    let nodes = &ours.first().ok_or("the command says nothing")?.nodes;
    let runs = nodes.iter().filter(|node| node.verdict == "runs").count();
    let answer = world.dry_run(object).await?;
    if !answer.accepted() {
        return Err(answer.message());
    }
    // The sentence stands behind the place in the manifest.
    let said = answer.warnings.iter().flat_map(|warning| warning.split(": ")).find_map(|part| {
        let words: Vec<&str> = part.split([' ', ';', ':', ',']).collect();
        match words.as_slice() {
            ["runs", "on", "no" | "none", ..] | ["would", "be", "pending", "on", "all" | "the", ..] => {
                Some(0)
            }
            ["runs", "on", count, "of", _, ..] => count.parse().ok(),
            _ => None,
        }
    });
    let said = said.unwrap_or(nodes.len());
    if said == runs {
        Ok(format!("{runs} of {}", nodes.len()))
    } else {
        Err(format!("the command says {runs}, the webhook {:?}", answer.warnings))
    }
}

/// What differs from the plain DaemonSet's pods.
fn variants() -> Vec<(&'static str, Value)> {
    let affinity = |key: &str, operator: &str, values: Value| {
        json!({ "affinity": { "nodeAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": {
            "nodeSelectorTerms": [{ "matchExpressions": [{ "key": key, "operator": operator, "values": values }] }],
        } } } })
    };
    let container = |more: Value| {
        let mut container = json!({ "name": "agent", "image": "registry.example/agent:1" });
        merge(&mut container, &more);
        json!({ "containers": [container] })
    };
    vec![
        ("plain", json!({})),
        ("tolerant", json!({ "tolerations": [{ "operator": "Exists" }] })),
        ("gpu", json!({ "tolerations": [{ "key": "nvidia.com/gpu", "operator": "Exists" }] })),
        ("zone", json!({ "nodeSelector": { "topology.kubernetes.io/zone": "zone-1" } })),
        ("named", json!({ "nodeName": "node-07" })),
        ("not-zone", affinity("topology.kubernetes.io/zone", "NotIn", json!(["zone-0"]))),
        ("windows", affinity("kubernetes.io/os", "In", json!(["windows"]))),
        ("greedy", container(json!({ "resources": { "requests": { "cpu": "5" } } }))),
        ("nearly", container(json!({ "resources": { "requests": { "cpu": "3960m" } } }))),
        ("port", container(json!({ "ports": [{ "containerPort": 80, "hostPort": 80 }] }))),
        ("device", container(json!({ "resources": { "limits": { "nvidia.com/gpu": "1" } } }))),
    ]
}

fn merge(into: &mut Value, from: &Value) {
    for (key, value) in from.as_object().into_iter().flatten() {
        into[key] = value.clone();
    }
}
