//! Nodes: labels, zones, taints and allocatable resources.

use serde_json::{Map, Value, json};

use super::words::{self, HOSTNAME, ZONE};
use super::{Plan, Theme};

/// The nodes of the plan.
pub(crate) fn nodes(plan: &mut Plan<'_>) -> Vec<Value> {
    (0..plan.nodes.len()).map(|position| node(plan, position)).collect()
}

fn node(plan: &mut Plan<'_>, position: usize) -> Value {
    let name = plan.nodes[position].clone();
    let mut labels = words::labels(plan, words::NODE_LABELS, 50);
    if plan.percent(96) {
        labels.insert(HOSTNAME.to_owned(), json!(name));
    }
    if plan.percent(if plan.about(Theme::Spread) { 96 } else { 88 }) {
        labels.insert(ZONE.to_owned(), json!(plan.pick(words::ZONES)));
    }
    if plan.percent(15) {
        labels.insert("topology.kubernetes.io/region".to_owned(), json!(plan.pick(&["r", "s"])));
    }
    let mut spec = Map::new();
    let taints = taints(plan);
    if plan.percent(5) {
        spec.insert("unschedulable".to_owned(), json!(true));
    }
    if !taints.is_empty() {
        spec.insert("taints".to_owned(), json!(taints));
    }
    let allocatable = allocatable(plan);
    let mut status = json!({ "allocatable": allocatable, "capacity": allocatable });
    if plan.percent(3) {
        status["declaredFeatures"] = json!(["UserNamespacesHostNetworkSupport"]);
    }
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": { "name": name, "uid": format!("node-{name}"), "labels": labels },
        "spec": spec, "status": status,
    })
}

fn taints(plan: &mut Plan<'_>) -> Vec<Value> {
    let often = if plan.about(Theme::Where) { 50 } else { 10 };
    let mut taints: Vec<Value> = Vec::new();
    for key in words::TAINTS {
        if !plan.percent(often / 4) {
            continue;
        }
        let mut taint = json!({ "key": key, "effect": plan.pick(words::EFFECTS) });
        if plan.percent(60) {
            taint["value"] = json!(plan.pick(words::TAINT_VALUES));
        }
        taints.push(taint);
    }
    if plan.about(Theme::Spread) && plan.percent(15) {
        taints.push(json!({ "key": "dedicated", "value": "yes", "effect": "NoSchedule" }));
        taints.dedup_by(|left, right| left["key"] == right["key"] && left["effect"] == right["effect"]);
    }
    taints
}

fn allocatable(plan: &mut Plan<'_>) -> Map<String, Value> {
    let mut all = Map::new();
    let tight = plan.about(Theme::Resources) && plan.percent(75);
    let mut put = |name: &str, value: &str| all.insert(name.to_owned(), json!(value));
    if tight {
        put("cpu", plan.pick(&["1", "1500m", "2", "0.9", "3", "4e0", "900m"]));
        put("memory", plan.pick(&["512Mi", "1Gi", "0.5Gi", "2Gi", "1e9", "1500Mi"]));
        put("pods", plan.pick(&["2", "3", "5", "110", "110", "110"]));
        if plan.percent(70) {
            put("ephemeral-storage", plan.pick(&["1Gi", "2G", "10Gi", "0.5Gi"]));
        }
        if plan.percent(50) {
            put("hugepages-2Mi", plan.pick(&["0", "4Mi", "16Mi", "1Gi"]));
        }
        if plan.percent(60) {
            put("nvidia.com/gpu", plan.pick(&["0", "1", "2", "8"]));
        }
        if plan.percent(30) {
            put("example.com/widget", plan.pick(&["1", "3", "1k"]));
        }
    } else {
        put("cpu", plan.pick(&["64", "96", "128000m"]));
        put("memory", plan.pick(&["256Gi", "1Ti", "500e9"]));
        put("pods", plan.pick(&["110", "250"]));
        put("ephemeral-storage", "2Ti");
        put("hugepages-2Mi", "8Gi");
        put("nvidia.com/gpu", "64");
        put("example.com/widget", "100");
    }
    all
}
