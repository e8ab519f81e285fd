//! Disruption budgets, which decide which pods preemption spares.

use serde_json::{Value, json};

use super::{Plan, Theme, words};

/// Budgets of some clusters, and the pods that some of them are about. They come last, so that they change nothing else of a case.
pub(crate) fn budgets(plan: &mut Plan<'_>) -> Vec<Value> {
    if plan.about(Theme::Resources) && plan.percent(30) {
        return overlapping(plan);
    }
    if !plan.percent(20) {
        return Vec::new();
    }
    let count = 1 + plan.below(2);
    (0..count).map(|number| budget(plan, number)).collect()
}

/// Budgets that guard the same pods of one namespace, the first of them used up: whether the budgets behind it count a pod decides
/// which of the next pods are spared. The pods are less important than any others, and there are so many that some may be spared.
fn overlapping(plan: &mut Plan<'_>) -> Vec<Value> {
    let namespace = plan.pick(words::NAMESPACES);
    let mut objects = Vec::new();
    for position in 0..plan.nodes.len() {
        for _ in 0..3 + plan.below(3) {
            objects.push(guarded(plan, namespace, position));
        }
    }
    let selectors = [
        json!({ "matchExpressions": [{ "key": "app", "operator": "Exists" }] }),
        json!({ "matchLabels": { "app": plan.pick(&["web", "db"]) } }),
        json!({ "matchExpressions": [{ "key": "none", "operator": "DoesNotExist" }] }),
    ];
    let first = plan.below(selectors.len());
    for place in 0..2 + plan.below(2) {
        let mut one = budget(plan, place);
        one["metadata"]["namespace"] = json!(namespace);
        one["spec"]["selector"] = selectors[(first + place) % selectors.len()].clone();
        one["status"]["disruptionsAllowed"] = json!(if place == 0 { 0 } else { plan.pick(&[1, 1, 2]) });
        one["status"]["disruptedPods"] = json!({});
        objects.push(one);
    }
    objects
}

/// A pod that such budgets may guard.
fn guarded(plan: &mut Plan<'_>, namespace: &str, position: usize) -> Value {
    let number = plan.next();
    let start = format!("2026-01-{:02}T{:02}:00:00Z", 1 + number / 24 % 28, number % 24);
    let requests = json!({ "cpu": plan.pick(&["250m", "500m", "500m", "900m", "1"]) });
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": format!("p{number}"), "namespace": namespace, "uid": format!("pod-{number}"),
            "labels": words::labels(plan, words::POD_LABELS, 70), "creationTimestamp": start,
        },
        "spec": {
            "nodeName": plan.nodes[position], "priority": plan.pick(&[-100, -100, -200, -300]),
            "containers": [{ "name": "c", "image": "i", "resources": { "requests": requests } }],
        },
        "status": { "phase": "Running", "startTime": start },
    })
}

fn budget(plan: &mut Plan<'_>, number: usize) -> Value {
    let labels = words::labels(plan, words::POD_LABELS, 40);
    let mut disrupted = json!({});
    if plan.percent(20) {
        let pod = format!("p{}", 1 + plan.below(8));
        disrupted[pod] = json!("2026-01-01T00:00:00Z");
    }
    let mut spec = json!({ "maxUnavailable": 1 });
    // Without a selector it guards nothing, and with an empty one neither.
    if plan.percent(90) {
        spec["selector"] = json!({ "matchLabels": labels });
    }
    json!({
        "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
        "metadata": { "name": format!("b{number}"), "namespace": plan.pick(words::NAMESPACES) },
        "spec": spec,
        "status": {
            "disruptionsAllowed": plan.pick(&[0, 0, 1, 2]), "disruptedPods": disrupted,
            "currentHealthy": 1, "desiredHealthy": 1, "expectedPods": 1,
        },
    })
}
