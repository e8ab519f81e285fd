//! The DaemonSet of a random case: what the plugins read of a template.

use serde_json::{Map, Value, json};

use super::chosen::{Chosen, put};

/// Where the token of an account is mounted.
const TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

pub(crate) const CPU: &[&str] = &["0", "50m", "100m", "0.25", "500m", "1e0", "1", "1500m", "2", "3"];
pub(crate) const MEMORY: &[&str] =
    &["0", "1e6", "32Mi", "64Mi", "100M", "128974848", "0.5Gi", "600Mi", "1G", "1.5Gi", "2Gi"];
const DISK: &[&str] = &["0", "10Mi", "1Gi", "2G"];
const DEVICES: &[&str] = &["1", "2"];
pub(crate) const SECRETS: &[&str] = &["pull", "token", "keys", "other"];
pub(crate) const TAINTS: &[&str] = &[
    "dedicated",
    "kata",
    "node.kubernetes.io/not-ready",
    "node.kubernetes.io/unreachable",
    "node.kubernetes.io/disk-pressure",
];
pub(crate) const SELECTED: &[(&str, &[&str])] =
    &[("runtime", &["kata", "runc"]), ("disk", &["ssd", "hdd"]), ("zone", &["a"])];

/// The steps of a resource, from small to large; empty for one that is not used.
pub(crate) fn steps(resource: &str) -> &'static [&'static str] {
    match resource {
        "cpu" => CPU,
        "memory" => MEMORY,
        "ephemeral-storage" => DISK,
        "example.com/gpu" => DEVICES,
        _ => &[],
    }
}

/// A DaemonSet as a user writes it. Not all of them are valid.
pub(crate) fn daemon_set(choose: &mut Chosen<'_>, namespace: &str) -> Value {
    let mut labels = Map::from_iter([("app".to_owned(), json!("agent"))]);
    if choose.percent(20) {
        put(&mut labels, "tier", choose.of(&["a", "b"]));
    }
    let mut metadata = Map::from_iter([("labels".to_owned(), Value::Object(labels))]);
    if choose.percent(15) {
        let key = choose.of(&["example.com/note", "kubernetes.io/limit-ranger"]);
        put(&mut metadata, "annotations", json!({ key: "text" }));
    }
    let name = if choose.percent(98) { "agent".to_owned() } else { "a".repeat(40 + choose.below(214)) };
    json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet",
        "metadata": { "name": name, "namespace": namespace },
        "spec": {
            "selector": { "matchLabels": { "app": "agent" } },
            "template": { "metadata": metadata, "spec": spec(choose) },
        },
    })
}

fn spec(choose: &mut Chosen<'_>) -> Value {
    let mut spec = Map::new();
    let count = 1 + choose.below(3);
    put(&mut spec, "containers", (0..count).map(|place| container(choose, place, false)).collect::<Vec<_>>());
    if choose.percent(35) {
        let count = 1 + choose.below(3);
        put(
            &mut spec,
            "initContainers",
            (0..count).map(|place| container(choose, place, true)).collect::<Vec<_>>(),
        );
    }
    if choose.percent(15) {
        put(&mut spec, "hostNetwork", true);
    }
    if choose.percent(12) {
        put(&mut spec, "resources", resources(choose, &["cpu", "memory"]));
    }
    if choose.percent(5) {
        put(&mut spec, "hostPID", true);
    }
    if choose.percent(10) {
        put(&mut spec, "securityContext", json!({ "runAsNonRoot": choose.percent(70) }));
    }
    account(choose, &mut spec);
    volumes(choose, &mut spec);
    classes(choose, &mut spec);
    if choose.percent(30) {
        put(&mut spec, "nodeSelector", selector(choose));
    }
    if choose.percent(40) {
        put(&mut spec, "tolerations", tolerations(choose));
    }
    Value::Object(spec)
}

fn container(choose: &mut Chosen<'_>, place: usize, init: bool) -> Value {
    let kind = if init { "init" } else { "main" };
    let mut container = Map::new();
    put(&mut container, "name", format!("{kind}-{place}"));
    put(&mut container, "image", "example.com/agent:1");
    if choose.percent(75) {
        let all = ["cpu", "memory", "ephemeral-storage", "example.com/gpu"];
        put(&mut container, "resources", resources(choose, &all));
    }
    if choose.percent(8) {
        let context = match choose.below(3) {
            0 => json!({ "privileged": true }),
            1 => json!({ "capabilities": { "add": ["NET_ADMIN"] } }),
            _ => json!({ "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] } }),
        };
        put(&mut container, "securityContext", context);
    }
    if init && choose.percent(50) {
        put(&mut container, "restartPolicy", "Always");
    }
    if !init && choose.percent(15) {
        let port = choose.of(&[80, 443, 9100]);
        let port = match choose.below(3) {
            0 => json!({ "containerPort": port, "hostPort": port }),
            _ => json!({ "containerPort": port }),
        };
        put(&mut container, "ports", json!([port]));
    }
    if choose.percent(12) {
        let reference = json!({ "name": choose.of(SECRETS), "key": "k" });
        put(
            &mut container,
            "env",
            json!([
                { "name": "PLAIN", "value": "x" },
                { "name": "SECRET", "valueFrom": { "secretKeyRef": reference } },
            ]),
        );
    }
    if choose.percent(8) {
        put(
            &mut container,
            "envFrom",
            json!([
                { "configMapRef": { "name": "settings" } },
                { "secretRef": { "name": choose.of(SECRETS) } },
            ]),
        );
    }
    if choose.percent(6) {
        put(&mut container, "volumeMounts", json!([{ "name": "mine", "mountPath": TOKEN }]));
    }
    Value::Object(container)
}

/// Requests and limits, mostly so that no request exceeds its limit.
fn resources(choose: &mut Chosen<'_>, known: &[&str]) -> Value {
    let (mut requests, mut limits) = (Map::new(), Map::new());
    for resource in known {
        let steps = steps(resource);
        let percent = if matches!(*resource, "cpu" | "memory") { 60 } else { 8 };
        if !choose.percent(percent) {
            continue;
        }
        let limit = choose.below(steps.len());
        let request = choose.below(limit + 1);
        let request = if resource.contains('/') { limit } else { request };
        let which = choose.below(10);
        if which < 7 {
            put(&mut requests, resource, steps[request]);
        }
        if which > 3 || resource.contains('/') {
            put(&mut limits, resource, steps[limit]);
        }
    }
    let mut resources = Map::new();
    if !requests.is_empty() {
        put(&mut resources, "requests", requests);
    }
    if !limits.is_empty() {
        put(&mut resources, "limits", limits);
    }
    Value::Object(resources)
}

fn account(choose: &mut Chosen<'_>, spec: &mut Map<String, Value>) {
    match choose.below(10) {
        0..5 => {}
        5 => put(spec, "serviceAccountName", "default"),
        6 | 7 => put(spec, "serviceAccountName", "agent"),
        8 => put(spec, "serviceAccountName", "robot"),
        _ => put(spec, "serviceAccount", "agent"),
    }
    if choose.percent(15) {
        put(spec, "automountServiceAccountToken", choose.percent(50));
    }
    if choose.percent(12) {
        let names: Vec<Value> =
            (0..1 + choose.below(2)).map(|_| json!({ "name": choose.of(SECRETS) })).collect();
        put(spec, "imagePullSecrets", names);
    }
}

/// The volume `mine` is there for the containers that mount one.
fn volumes(choose: &mut Chosen<'_>, spec: &mut Map<String, Value>) {
    let mut volumes = vec![json!({ "name": "mine", "emptyDir": {} })];
    if choose.percent(15) {
        volumes.push(json!({ "name": "secret", "secret": { "secretName": choose.of(SECRETS) } }));
    }
    if choose.percent(8) {
        volumes.push(json!({ "name": "host", "hostPath": { "path": "/var/log" } }));
    }
    if choose.percent(4) {
        let name = choose.of(&["kube-api-access-mine", "kube-api-access", "kube-api-access-xxxxx"]);
        volumes.push(json!({ "name": name, "emptyDir": {} }));
    }
    put(spec, "volumes", volumes);
}

fn classes(choose: &mut Chosen<'_>, spec: &mut Map<String, Value>) {
    if choose.percent(40) {
        let classes = ["high", "high", "low", "system-node-critical", "system-cluster-critical", "gone"];
        put(spec, "priorityClassName", choose.of(&classes));
    }
    if choose.percent(7) {
        put(spec, "priority", choose.of(&[0, 0, 1000, -10, 2_000_001_000]));
    }
    if choose.percent(8) {
        put(spec, "preemptionPolicy", choose.of(&["Never", "PreemptLowerPriority"]));
    }
    if choose.percent(40) {
        put(spec, "runtimeClassName", choose.of(&["kata", "kata", "kata", "kata", "kata", "gone"]));
    }
    if choose.percent(6) {
        put(spec, "overhead", overhead(choose));
    }
}

/// The overhead of a pod or of its class.
pub(crate) fn overhead(choose: &mut Chosen<'_>) -> Value {
    let mut overhead = Map::new();
    if choose.percent(90) {
        put(&mut overhead, "cpu", choose.of(&["250m", "0.25"]));
    }
    if choose.percent(30) {
        put(&mut overhead, "memory", choose.of(&["64Mi", "120Mi"]));
    }
    Value::Object(overhead)
}

/// The node selector of a pod or of its class.
pub(crate) fn selector(choose: &mut Chosen<'_>) -> Value {
    let mut selector = Map::new();
    for (key, values) in SELECTED {
        if choose.percent(40) {
            put(&mut selector, key, choose.of(values));
        }
    }
    Value::Object(selector)
}

/// The tolerations of a pod or of its class.
pub(crate) fn tolerations(choose: &mut Chosen<'_>) -> Value {
    let count = 1 + choose.below(4);
    (0..count).map(|_| toleration(choose)).collect()
}

fn toleration(choose: &mut Chosen<'_>) -> Value {
    let mut toleration = Map::new();
    let exists = choose.percent(60);
    if !exists || choose.percent(90) {
        put(&mut toleration, "key", choose.of(TAINTS));
    }
    if exists {
        put(&mut toleration, "operator", "Exists");
    } else {
        if choose.percent(70) {
            put(&mut toleration, "operator", "Equal");
        }
        put(&mut toleration, "value", choose.of(&["", "x", "y"]));
    }
    let effect = choose.of(&["", "NoSchedule", "NoExecute", "NoExecute", "NoExecute"]);
    if !effect.is_empty() {
        put(&mut toleration, "effect", effect);
    }
    if effect == "NoExecute" && choose.percent(50) {
        put(&mut toleration, "tolerationSeconds", choose.of(&[30, 300, 600]));
    }
    Value::Object(toleration)
}
