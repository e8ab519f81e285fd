//! The DaemonSet of a random cluster.

use serde_json::{Map, Value, json};

use super::pod_parts::{Form, containers, disk, pod_affinity, ports};
use super::words::{self, HOSTNAME, ZONE};
use super::{Plan, Theme, storage};

/// A DaemonSet, as a user writes it.
pub(crate) fn daemon_set(plan: &mut Plan<'_>) -> Value {
    let mut labels = words::labels(plan, words::POD_LABELS, 60);
    labels.insert("name".to_owned(), json!("agent"));
    plan.labels.clone_from(&labels);
    let mut spec = Map::new();
    containers(plan, &mut spec, Form::Written);
    ports(plan, &mut spec, Form::Written);
    wanted_nodes(plan, &mut spec);
    if plan.about(Theme::Affinity) {
        let mut affinity = spec.get("affinity").and_then(Value::as_object).cloned().unwrap_or_default();
        pod_affinity(plan, &mut affinity, &labels, Form::Written);
        if !affinity.is_empty() {
            spec.insert("affinity".to_owned(), Value::Object(affinity));
        }
    }
    if plan.about(Theme::Spread) || plan.percent(2) {
        let constraints: Vec<Value> = (0..1 + plan.below(2)).map(|_| spread(plan, &labels)).collect();
        spec.insert("topologySpreadConstraints".to_owned(), json!(constraints));
    }
    volumes(plan, &mut spec);
    priority(plan, &mut spec);
    if plan.percent(1) {
        spec.insert("schedulingGates".to_owned(), json!([{ "name": "example.com/gate" }]));
    }
    if plan.percent(2) {
        spec.insert("hostUsers".to_owned(), json!(false));
    }
    json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet",
        "metadata": { "name": plan.name, "namespace": plan.namespace },
        "spec": {
            "selector": { "matchLabels": { "name": "agent" } },
            "template": { "metadata": { "labels": labels }, "spec": spec },
        },
    })
}

/// Which nodes the controller wants.
fn wanted_nodes(plan: &mut Plan<'_>, spec: &mut Map<String, Value>) {
    let about = plan.about(Theme::Where);
    if plan.percent(if about { 8 } else { 1 }) {
        let node = plan.below(plan.nodes.len());
        spec.insert("nodeName".to_owned(), json!(plan.nodes[node]));
    }
    if plan.percent(if about { 25 } else { 4 }) {
        let (key, values) = words::NODE_LABELS[plan.below(words::NODE_LABELS.len())];
        spec.insert("nodeSelector".to_owned(), json!({ key: plan.pick(values) }));
    }
    if plan.percent(if about { 50 } else { 6 }) {
        let terms: Vec<Value> = (0..1 + plan.below(3)).map(|_| node_term(plan)).collect();
        let required = json!({ "nodeSelectorTerms": terms });
        spec.insert(
            "affinity".to_owned(),
            json!({ "nodeAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": required } }),
        );
    }
    if plan.percent(if about { 70 } else { 25 }) {
        let tolerations: Vec<Value> = (0..1 + plan.below(3)).map(|_| toleration(plan)).collect();
        spec.insert("tolerations".to_owned(), json!(tolerations));
    }
}

fn node_term(plan: &mut Plan<'_>) -> Value {
    let mut expressions = Vec::new();
    for _ in 0..plan.below(3) {
        let (key, values) = words::NODE_LABELS[plan.below(words::NODE_LABELS.len())];
        let operator = plan.pick(&["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]);
        expressions.push(match operator {
            "Exists" | "DoesNotExist" => json!({ "key": key, "operator": operator }),
            "Gt" | "Lt" => json!({ "key": "size", "operator": operator, "values": ["5"] }),
            _ => {
                let chosen: Vec<&str> = (0..1 + plan.below(2)).map(|_| plan.pick(values)).collect();
                json!({ "key": key, "operator": operator, "values": chosen })
            }
        });
    }
    let mut term = json!({ "matchExpressions": expressions });
    if plan.percent(15) {
        let node = plan.below(plan.nodes.len());
        let operator = plan.pick(&["In", "NotIn"]);
        term["matchFields"] =
            json!([{ "key": "metadata.name", "operator": operator, "values": [plan.nodes[node]] }]);
    }
    term
}

fn toleration(plan: &mut Plan<'_>) -> Value {
    let mut toleration = Map::new();
    let operator = match plan.below(8) {
        0 | 1 => "",
        2 | 3 => "Exists",
        4..=6 => "Equal",
        _ => plan.pick(&["Gt", "Lt"]),
    };
    if operator != "Exists" || plan.percent(85) {
        toleration.insert("key".to_owned(), json!(plan.pick(words::TAINTS)));
    }
    if !operator.is_empty() {
        toleration.insert("operator".to_owned(), json!(operator));
    }
    if operator != "Exists" {
        let values = if matches!(operator, "Gt" | "Lt") { &["5", "7"][..] } else { words::TAINT_VALUES };
        toleration.insert("value".to_owned(), json!(plan.pick(values)));
    }
    if plan.percent(70) {
        toleration.insert("effect".to_owned(), json!(plan.pick(words::EFFECTS)));
    }
    Value::Object(toleration)
}

fn spread(plan: &mut Plan<'_>, own: &Map<String, Value>) -> Value {
    let mut constraint = json!({
        "maxSkew": 1 + plan.below(2),
        "topologyKey": if plan.percent(6) { "rack" } else { plan.pick(&[ZONE, HOSTNAME]) },
        "whenUnsatisfiable": if plan.percent(85) { "DoNotSchedule" } else { "ScheduleAnyway" },
    });
    let selector = match plan.below(10) {
        0 => None,
        1..=5 => own.iter().next().map(|(key, value)| json!({ "matchLabels": { key: value } })),
        6 => Some(json!({ "matchLabels": { "name": "agent" } })),
        _ => Some(words::label_selector(plan, words::POD_LABELS)),
    };
    if let Some(selector) = selector {
        let free = |key: &str| {
            selector["matchLabels"].get(key).is_none()
                && selector["matchExpressions"]
                    .as_array()
                    .is_none_or(|list| list.iter().all(|item| item["key"] != *key))
        };
        let keys: Vec<&str> =
            ["app", "tier", "controller-revision-hash"].into_iter().filter(|key| free(key)).collect();
        if plan.percent(15) && !keys.is_empty() {
            constraint["matchLabelKeys"] = json!([plan.pick(&keys)]);
        }
        constraint["labelSelector"] = selector;
    }
    if constraint["whenUnsatisfiable"] == "DoNotSchedule" && plan.percent(20) {
        constraint["minDomains"] = json!(1 + plan.below(4));
    }
    // A daemon pod is pinned to its node, so unless affinity is ignored there is only one domain and never a skew.
    if plan.percent(80) {
        constraint["nodeAffinityPolicy"] =
            json!(plan.pick(&["Honor", "Ignore", "Ignore", "Ignore", "Ignore"]));
    }
    if plan.percent(30) {
        constraint["nodeTaintsPolicy"] = json!(plan.pick(&["Honor", "Ignore"]));
    }
    constraint
}

fn volumes(plan: &mut Plan<'_>, spec: &mut Map<String, Value>) {
    let mut volumes: Vec<Value> = Vec::new();
    if plan.about(Theme::Restrictions) {
        for _ in 0..1 + plan.below(2) {
            volumes.push(if plan.percent(80) {
                disk(plan, true)
            } else {
                storage::single_writer_claim(plan)
            });
        }
    }
    for (theme, make) in [
        (Theme::Limits, storage::attached_claim as fn(&mut Plan<'_>) -> Value),
        (Theme::Binding, storage::claim),
        (Theme::Zone, storage::zoned_claim),
    ] {
        if plan.about(theme) {
            for _ in 0..1 + usize::from(plan.percent(25)) {
                volumes.push(make(plan));
            }
        }
    }
    if plan.percent(10) {
        volumes.push(json!({ "emptyDir": {} }));
    }
    for (number, volume) in volumes.iter_mut().enumerate() {
        volume["name"] = json!(format!("v{number}"));
    }
    if !volumes.is_empty() {
        spec.insert("volumes".to_owned(), json!(volumes));
    }
}

fn priority(plan: &mut Plan<'_>, spec: &mut Map<String, Value>) {
    if plan.percent(55) {
        let class = plan.pick(&["system-node-critical", "high", "high", "low", "patient"]);
        spec.insert("priorityClassName".to_owned(), json!(class));
        if plan.percent(10) {
            let policy = if class == "patient" { "Never" } else { "PreemptLowerPriority" };
            spec.insert("preemptionPolicy".to_owned(), json!(policy));
        }
    }
    let default = plan.percent(15);
    for (name, value, policy) in [
        ("high", 1000, "PreemptLowerPriority"),
        ("low", -10, "PreemptLowerPriority"),
        ("patient", 500, "Never"),
    ] {
        plan.others.push(json!({
            "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": { "name": name },
            "value": value, "preemptionPolicy": policy, "globalDefault": default && name == "high",
        }));
    }
}
