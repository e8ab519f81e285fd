//! The pods that the cluster has before the DaemonSet.

use serde_json::{Map, Value, json};

use super::pod_parts::{Form, containers, disk, pod_affinity, ports};
use super::{Plan, Theme, storage, words};

/// Pods, most of them on nodes.
pub(crate) fn pods(plan: &mut Plan<'_>) -> Vec<Value> {
    let most = if plan.about(Theme::Resources) || plan.about(Theme::Spread) { 4 } else { 3 };
    let mut pods = Vec::new();
    for position in 0..plan.nodes.len() {
        for _ in 0..plan.below(most + 1) {
            pods.push(pod(plan, Some(position)));
        }
    }
    if plan.percent(8) {
        pods.push(pod(plan, None));
    }
    pods
}

fn pod(plan: &mut Plan<'_>, position: Option<usize>) -> Value {
    let number = plan.next();
    let near = plan.about(Theme::Spread) && plan.percent(75);
    let namespace = if near { plan.namespace } else { plan.pick(words::NAMESPACES) };
    let mut labels = words::labels(plan, words::POD_LABELS, 55);
    if near && plan.percent(60) {
        labels.clone_from(&plan.labels);
        labels.remove("name");
    }
    let own = plan.percent(10);
    if own {
        labels.insert("name".to_owned(), json!("agent"));
        labels.insert("controller-revision-hash".to_owned(), json!("before"));
    }
    let mut spec = Map::new();
    if let Some(position) = position {
        let elsewhere = plan.percent(1);
        spec.insert(
            "nodeName".to_owned(),
            if elsewhere { json!("gone") } else { json!(plan.nodes[position]) },
        );
    }
    containers(plan, &mut spec, Form::Stored);
    if plan.about(Theme::Ports) && plan.percent(60) {
        ports(plan, &mut spec, Form::Stored);
    }
    if plan.about(Theme::Affinity) && plan.percent(50) {
        let mut affinity = Map::new();
        pod_affinity(plan, &mut affinity, &labels, Form::Stored);
        if !affinity.is_empty() {
            spec.insert("affinity".to_owned(), Value::Object(affinity));
        }
    }
    if plan.percent(70) {
        let priority = plan.pick(&[0, 0, -10, 100, 1000, 2_000_001_000]);
        spec.insert("priority".to_owned(), json!(priority));
    }
    volumes(plan, &mut spec, namespace);
    let phase =
        plan.pick(&["Running", "Running", "Running", "Running", "Running", "Pending", "Succeeded", "Failed"]);
    // Distinct start times, since pods of the same age are preempted in no order at all.
    let start = format!("2026-01-{:02}T{:02}:00:00Z", 1 + number / 24 % 28, number % 24);
    let mut metadata = json!({
        "name": format!("p{number}"), "namespace": namespace, "uid": format!("pod-{number}"), "labels": labels,
        "creationTimestamp": start,
    });
    if own {
        let kind = if plan.percent(85) { "DaemonSet" } else { "ReplicaSet" };
        let name = if plan.percent(85) { plan.name } else { "other" };
        if plan.percent(85) {
            metadata["namespace"] = json!(plan.namespace);
        }
        metadata["ownerReferences"] = json!([{
            "apiVersion": "apps/v1", "kind": kind, "name": name, "uid": "u", "controller": plan.percent(95),
        }]);
    }
    if plan.percent(6) {
        metadata["deletionTimestamp"] = json!("2026-02-01T00:00:00Z");
        metadata["deletionGracePeriodSeconds"] = json!(30);
    }
    let mut status = json!({ "phase": phase, "startTime": start });
    if plan.about(Theme::Resources) && plan.percent(12) {
        resized(plan, &spec, &mut status);
    }
    json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status })
}

/// What kubelet reports of containers whose resources are or were being changed.
fn resized(plan: &mut Plan<'_>, spec: &Map<String, Value>, status: &mut Value) {
    let names: Vec<Value> = spec["containers"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|container| container["name"].clone())
        .collect();
    let statuses: Vec<Value> = names
        .into_iter()
        .map(|name| {
            let mut one = json!({
                "name": name, "ready": true, "restartCount": 0, "image": "i", "imageID": "i",
                "allocatedResources": { "cpu": plan.pick(words::CPU) },
            });
            if plan.percent(60) {
                let requests = json!({ "cpu": plan.pick(words::CPU), "memory": plan.pick(words::MEMORY) });
                one["resources"] = json!({ "requests": requests });
            }
            one
        })
        .collect();
    status["containerStatuses"] = json!(statuses);
    if plan.percent(20) {
        status["conditions"] = json!([{ "type": "PodResizePending", "status": "True", "reason": plan.pick(&["Infeasible", "Deferred"]) }]);
    }
}

fn volumes(plan: &mut Plan<'_>, spec: &mut Map<String, Value>, namespace: &'static str) {
    let mut volumes: Vec<Value> = Vec::new();
    if plan.about(Theme::Restrictions) && plan.percent(60) {
        for _ in 0..2 {
            volumes.push(disk(plan, false));
        }
    }
    if plan.about(Theme::Restrictions) && namespace == plan.namespace && plan.percent(15) {
        volumes.push(json!({ "persistentVolumeClaim": { "claimName": "single" } }));
    }
    if plan.about(Theme::Limits) && plan.percent(75) {
        volumes.push(storage::attached_claim_of(plan, namespace));
    }
    for (number, volume) in volumes.iter_mut().enumerate() {
        volume["name"] = json!(format!("v{number}"));
    }
    if !volumes.is_empty() {
        spec.insert("volumes".to_owned(), json!(volumes));
    }
}
