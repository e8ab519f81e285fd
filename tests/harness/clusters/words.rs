//! The few names that nodes, pods and volumes of a random cluster share, so that they refer to each other.

use serde_json::{Map, Value, json};

use super::Plan;
use crate::random::Random;

pub(crate) const HOSTNAME: &str = "kubernetes.io/hostname";
pub(crate) const ZONE: &str = "topology.kubernetes.io/zone";
pub(crate) const ZONES: &[&str] = &["a", "b", "c"];
pub(crate) const NAMESPACES: &[&str] = &["default", "default", "team-a", "team-b"];
pub(crate) const NODE_LABELS: &[(&str, &[&str])] =
    &[("color", &["", "green", "blue"]), ("size", &["1", "5", "10", "-3", "x"]), ("rack", &["r1", "r2"])];
pub(crate) const POD_LABELS: &[(&str, &[&str])] =
    &[("app", &["web", "db"]), ("tier", &["front", "back"]), ("track", &["stable", "canary"])];
pub(crate) const TAINTS: &[&str] = &[
    "dedicated",
    "load",
    "node.kubernetes.io/not-ready",
    "node.kubernetes.io/disk-pressure",
    "node.kubernetes.io/network-unavailable",
    "node-role.kubernetes.io/control-plane",
];
pub(crate) const TAINT_VALUES: &[&str] = &["", "yes", "5", "10", "-1"];
pub(crate) const EFFECTS: &[&str] = &["NoSchedule", "NoSchedule", "NoExecute", "PreferNoSchedule"];

/// CPU quantities from small to large.
pub(crate) const CPU: &[&str] = &["0", "100m", "250m", "0.3", "500m", "1e0", "1", "1500m", "2", "2.5"];
/// Bytes from small to large.
pub(crate) const MEMORY: &[&str] =
    &["0", "1e3", "64Mi", "129e6", "128974848", "200M", "256Mi", "0.5Gi", "1G", "1Gi", "1.5Gi"];

/// The namespaces of the cluster, with labels.
pub(crate) fn namespaces(random: &mut Random) -> Vec<Value> {
    let mut all = Vec::new();
    for name in ["default", "team-a", "team-b"] {
        if name != "default" && random.percent(10) {
            continue;
        }
        let mut labels = Map::from_iter([("kubernetes.io/metadata.name".to_owned(), json!(name))]);
        if random.percent(60) {
            labels.insert("team".to_owned(), json!(random.pick(&["a", "b"])));
        }
        all.push(json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name, "labels": labels } }));
    }
    all
}

/// Some of the labels that are known.
pub(crate) fn labels(plan: &mut Plan<'_>, known: &[(&str, &[&str])], percent: usize) -> Map<String, Value> {
    let mut labels = Map::new();
    for (key, values) in known {
        if plan.percent(percent) {
            labels.insert((*key).to_owned(), json!(plan.pick(values)));
        }
    }
    labels
}

/// A selector of pods by labels that are known.
pub(crate) fn label_selector(plan: &mut Plan<'_>, known: &[(&str, &[&str])]) -> Value {
    let mut selector = Map::new();
    let kind = plan.below(10);
    if kind < 7 {
        let (key, values) = known[plan.below(known.len())];
        selector.insert("matchLabels".to_owned(), json!({ key: plan.pick(values) }));
    }
    if (6..9).contains(&kind) {
        let expressions: Vec<Value> = (0..1 + plan.below(2)).map(|_| expression(plan, known)).collect();
        selector.insert("matchExpressions".to_owned(), json!(expressions));
    }
    Value::Object(selector)
}

fn expression(plan: &mut Plan<'_>, known: &[(&str, &[&str])]) -> Value {
    let (key, values) = known[plan.below(known.len())];
    match plan.pick(&["In", "NotIn", "Exists", "DoesNotExist"]) {
        operator @ ("In" | "NotIn") => {
            let chosen: Vec<&str> = (0..1 + plan.below(2)).map(|_| plan.pick(values)).collect();
            json!({ "key": key, "operator": operator, "values": chosen })
        }
        operator => json!({ "key": key, "operator": operator }),
    }
}
