//! The objects of a random case: the namespace, limit ranges, accounts and classes.

use serde_json::{Map, Value, json};

use super::chosen::{Chosen, put};
use super::plugins_pod::{SECRETS, overhead, selector, steps, tolerations};

/// The objects around the pods of a DaemonSet in this namespace.
pub(crate) fn objects(choose: &mut Chosen<'_>, namespace: &str) -> Vec<Value> {
    let mut objects = Vec::new();
    // The server waits a moment for a namespace that is not there, and long for an account `default`: few cases can afford that.
    if choose.below(500) > 0 {
        let phase = if choose.percent(98) { "Active" } else { "Terminating" };
        objects.push(json!({
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": { "name": namespace, "labels": labels(choose) }, "status": { "phase": phase },
        }));
    }
    if choose.below(20_000) > 0 {
        objects.push(account(choose, namespace, "default"));
    }
    for name in ["agent", "robot"] {
        if choose.percent(90) {
            objects.push(account(choose, namespace, name));
        }
    }
    for number in 0..choose.of(&[0, 0, 0, 1, 1, 1, 2, 3]) {
        let elsewhere = choose.percent(5);
        let namespace = if elsewhere { "elsewhere" } else { namespace };
        objects.push(limit_range(choose, namespace, number));
    }
    for number in 0..choose.of(&[0, 0, 0, 0, 1, 1, 2]) {
        objects.push(quota(choose, namespace, number));
    }
    priority_classes(choose, &mut objects);
    if choose.percent(92) {
        objects.push(runtime_class(choose));
    }
    objects
}

/// What the namespace says of pod security; mostly nothing.
fn labels(choose: &mut Chosen<'_>) -> Value {
    let mut labels = Map::new();
    if choose.percent(25) {
        let level = choose.of(&["privileged", "baseline", "baseline", "restricted", "none"]);
        put(&mut labels, "pod-security.kubernetes.io/enforce", level);
        if choose.percent(40) {
            let version = choose.of(&["latest", "v1.22", "v1.30", "v1.34", "v1.99", "1.30"]);
            put(&mut labels, "pod-security.kubernetes.io/enforce-version", version);
        }
    }
    Value::Object(labels)
}

/// A quota that is mostly wide. It has its status: the engine reads one that its controller has not seen yet as if it had.
fn quota(choose: &mut Chosen<'_>, namespace: &str, number: usize) -> Value {
    let (mut hard, mut used) = (Map::new(), Map::new());
    for (resource, percent, much, little) in [
        ("pods", 60, "100", "3"),
        ("count/pods", 10, "100", "3"),
        ("requests.cpu", 15, "100", "900m"),
        ("cpu", 5, "100", "0.9"),
        ("requests.memory", 15, "100Gi", "1Gi"),
        ("limits.cpu", 8, "100", "2"),
        ("limits.memory", 8, "100Gi", "1G"),
        ("requests.example.com/gpu", 8, "100", "1"),
        ("requests.ephemeral-storage", 3, "100Gi", "1Gi"),
    ] {
        if choose.percent(percent) {
            put(&mut hard, resource, if choose.percent(75) { much } else { little });
            put(&mut used, resource, choose.of(&["0", "0", "1", "3", "500m"]));
        }
    }
    let status = json!({ "hard": hard, "used": used });
    let mut spec = json!({ "hard": hard });
    if choose.percent(25) {
        let scope = choose.of(&["BestEffort", "NotBestEffort", "NotTerminating", "Terminating"]);
        spec["scopes"] = json!([scope]);
    } else if choose.percent(15) {
        let operator = choose.of(&["In", "NotIn"]);
        spec["scopeSelector"] = json!({ "matchExpressions": [
            { "scopeName": "PriorityClass", "operator": operator, "values": ["high", "middle"] },
        ] });
    }
    json!({
        "apiVersion": "v1", "kind": "ResourceQuota",
        "metadata": { "name": format!("quota-{number}"), "namespace": namespace },
        "spec": spec, "status": status,
    })
}

fn account(choose: &mut Chosen<'_>, namespace: &str, name: &str) -> Value {
    let mut account = Map::new();
    put(&mut account, "apiVersion", "v1");
    put(&mut account, "kind", "ServiceAccount");
    let mut metadata = json!({ "name": name, "namespace": namespace });
    if choose.percent(20) {
        let value = choose.of(&["true", "true", "true", "1", "t", "false", "yes", ""]);
        metadata["annotations"] = json!({ "kubernetes.io/enforce-mountable-secrets": value });
    }
    put(&mut account, "metadata", metadata);
    if choose.percent(15) {
        put(&mut account, "automountServiceAccountToken", choose.percent(40));
    }
    for list in ["secrets", "imagePullSecrets"] {
        if choose.percent(40) {
            let names = SECRETS.iter().filter(|_| choose.percent(60));
            put(&mut account, list, names.map(|name| json!({ "name": name })).collect::<Vec<_>>());
        }
    }
    Value::Object(account)
}

fn limit_range(choose: &mut Chosen<'_>, namespace: &str, number: usize) -> Value {
    let items: Vec<Value> = (0..1 + choose.below(2)).map(|_| limits(choose)).collect();
    json!({
        "apiVersion": "v1", "kind": "LimitRange",
        "metadata": { "name": format!("range-{number}"), "namespace": namespace },
        "spec": { "limits": items },
    })
}

fn limits(choose: &mut Chosen<'_>) -> Value {
    let kind = choose.of(&["Container", "Container", "Container", "Pod", "Pod", "PersistentVolumeClaim"]);
    let mut item = Map::from_iter([("type".to_owned(), json!(kind))]);
    let bounds: &[(&str, usize)] = match kind {
        "Container" => &[("min", 25), ("defaultRequest", 35), ("default", 35), ("max", 30)],
        "Pod" => &[("min", 30), ("max", 45)],
        _ => {
            put(&mut item, "max", json!({ "storage": "1Gi" }));
            return Value::Object(item);
        }
    };
    // A range is mostly wide, so that many pods keep it.
    let mut resources: Vec<&str> = Vec::new();
    for (resource, percent) in
        [("cpu", 60), ("memory", 60), ("ephemeral-storage", 8), ("example.com/gpu", 4), ("hugepages-2Mi", 2)]
    {
        if choose.percent(percent) {
            resources.push(resource);
        }
    }
    for resource in resources {
        let steps = if resource == "hugepages-2Mi" { &["2Mi", "4Mi"] } else { steps(resource) };
        let mut places: Vec<usize> = bounds.iter().map(|_| choose.below(steps.len())).collect();
        places.sort_unstable();
        if choose.percent(60)
            && let [first, .., last] = places.as_mut_slice()
        {
            *first = (*first).min(1);
            *last = steps.len() - 1;
        }
        for ((bound, percent), place) in bounds.iter().zip(places) {
            if choose.percent(*percent) {
                let list = item.entry(*bound).or_insert_with(|| json!({}));
                list[resource] = json!(steps[place]);
            }
        }
        if choose.percent(12) {
            let list = item.entry("maxLimitRequestRatio").or_insert_with(|| json!({}));
            list[resource] = json!(choose.of(&["1", "1.5", "2", "4", "10", "1001m"]));
        }
    }
    Value::Object(item)
}

fn priority_classes(choose: &mut Chosen<'_>, objects: &mut Vec<Value>) {
    for (name, value) in [("high", 1000), ("low", -10), ("middle", 1000)] {
        if !choose.percent(if name == "middle" { 20 } else { 92 }) {
            continue;
        }
        let mut class = json!({
            "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass",
            "metadata": { "name": name }, "value": value,
        });
        if choose.percent(10) {
            class["globalDefault"] = json!(true);
        }
        if choose.percent(25) {
            class["preemptionPolicy"] = json!(choose.of(&["Never", "PreemptLowerPriority"]));
        }
        objects.push(class);
    }
}

fn runtime_class(choose: &mut Chosen<'_>) -> Value {
    let mut class = json!({
        "apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass",
        "metadata": { "name": "kata" }, "handler": "kata",
    });
    if choose.percent(50) {
        class["overhead"] =
            if choose.percent(95) { json!({ "podFixed": overhead(choose) }) } else { json!({}) };
    }
    if choose.percent(60) {
        let mut scheduling = Map::new();
        if choose.percent(70) {
            put(&mut scheduling, "nodeSelector", selector(choose));
        }
        if choose.percent(60) {
            put(&mut scheduling, "tolerations", tolerations(choose));
        }
        class["scheduling"] = Value::Object(scheduling);
    }
    class
}
