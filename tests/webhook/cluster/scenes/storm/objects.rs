//! Hostile objects: each makes one list or map of a DaemonSet long. Some are valid and pass through the API server; the others go straight
//! to the replicas, as a pod on the network would send them.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::load::daemon_set;

/// What a generator makes of a DaemonSet's pod.
type Change = fn(usize) -> Value;

/// Valid objects: what is long, how long, and the fields of the pod.
const VALID: [(&str, usize, Change); 12] = [
    ("terms of node affinity", 1_000, terms),
    ("terms of node affinity", 5_000, terms),
    ("values of node affinity", 100_000, values),
    ("tolerations", 10_000, tolerations),
    ("node selectors", 10_000, node_selector),
    ("environment variables", 20_000, environment),
    ("arguments", 100_000, arguments),
    ("volumes", 4_000, volumes),
    ("containers", 1_000, containers),
    ("host ports", 10_000, host_ports),
    ("terms of pod anti-affinity", 2_000, anti_affinity),
    ("spread constraints", 500, spread),
];

/// An object that the API server lets through.
pub struct Hostile {
    /// What is long, and how long.
    pub what: String,
    /// The object.
    pub object: Value,
}

/// All valid objects.
pub fn valid() -> Vec<Hostile> {
    let hostile = |(what, length, change): &(&str, usize, Change)| {
        let mut object = daemon_set("hostile");
        let pod = &mut object["spec"]["template"]["spec"];
        if let (Some(pod), Value::Object(fields)) = (pod.as_object_mut(), change(*length)) {
            pod.extend(fields);
        }
        Hostile { what: format!("{length} {what}"), object }
    };
    VALID.iter().map(hostile).collect()
}

fn list(length: usize, item: impl Fn(usize) -> Value) -> Value {
    Value::Array((0..length).map(item).collect())
}

fn terms(length: usize) -> Value {
    let term = |number| json!({ "matchExpressions": [{ "key": format!("k{number}"), "operator": "In", "values": ["v"] }] });
    required(&list(length, term))
}

fn values(length: usize) -> Value {
    let values = list(length / 10, |number| json!(format!("v{number}")));
    let term = |number| json!({ "matchExpressions": [{ "key": format!("k{number}"), "operator": "In", "values": values }] });
    required(&list(10, term))
}

fn required(terms: &Value) -> Value {
    json!({ "affinity": { "nodeAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": { "nodeSelectorTerms": terms } } } })
}

fn tolerations(length: usize) -> Value {
    json!({ "tolerations": list(length, |number| json!({ "key": format!("k{number}"), "operator": "Exists" })) })
}

fn node_selector(length: usize) -> Value {
    let pairs = (0..length).map(|number| (format!("k{number}"), json!("v")));
    json!({ "nodeSelector": pairs.collect::<Map<String, Value>>() })
}

fn container() -> Value {
    json!({ "name": "agent", "image": "registry.example/agent:1" })
}

fn environment(length: usize) -> Value {
    let mut container = container();
    container["env"] = list(length, |number| json!({ "name": format!("A{number}") }));
    json!({ "containers": [container] })
}

fn arguments(length: usize) -> Value {
    let mut container = container();
    container["args"] = list(length, |_| json!("$(A)"));
    json!({ "containers": [container] })
}

fn volumes(length: usize) -> Value {
    json!({ "volumes": list(length, |number| json!({ "name": format!("v{number}"), "emptyDir": {} })) })
}

fn containers(length: usize) -> Value {
    json!({ "containers": list(length, |number| {
        let mut container = container();
        container["name"] = json!(format!("c{number}"));
        container
    }) })
}

fn host_ports(length: usize) -> Value {
    let mut container = container();
    let port = |number| json!({ "containerPort": number + 1, "hostPort": number + 1 });
    container["ports"] = list(length, port);
    json!({ "containers": [container] })
}

fn anti_affinity(length: usize) -> Value {
    let term = |number| json!({ "topologyKey": "kubernetes.io/hostname", "labelSelector": { "matchLabels": { "a": format!("v{number}") } } });
    json!({ "affinity": { "podAntiAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": list(length, term) } } })
}

fn spread(length: usize) -> Value {
    let constraint = |number| {
        json!({ "maxSkew": 1, "topologyKey": format!("k{number}"), "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": { "matchLabels": { "a": "b" } } })
    };
    json!({ "topologySpreadConstraints": list(length, constraint) })
}

/// A body that goes straight to a replica.
pub struct Body {
    /// What it is.
    pub what: &'static str,
    /// The text.
    pub text: Arc<Vec<u8>>,
}

/// Bodies that no API server would send: invalid objects up to the largest size, and broken texts.
pub fn bodies() -> Vec<Body> {
    let bad = |count: usize, letter: char| {
        let mut names = String::with_capacity(count * 14);
        for number in 0..count {
            let comma = if number == 0 { "" } else { "," };
            let _ = write!(names, "{comma}{{\"name\":\"{letter}=\"}}");
        }
        object("", &names)
    };
    let labels: String = (0..200_000).map(|number| format!(",\"k{number}\":\"!\"")).collect();
    let nested = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    let body = |what, text: String| Body { what, text: Arc::new(text.into_bytes()) };
    vec![
        body("an update, 80,000 bad names on both sides", review(&bad(80_000, 'a'), Some(&bad(80_000, 'b')))),
        body("a create of 7 MB with bad names", review(&bad(500_000, 'a'), None)),
        body("200,000 bad labels", review(&object(&labels, ""), None)),
        body("a million levels", review(&nested, None)),
        body(
            "an annotation of 3 MiB",
            review(&object(&format!(",\"a\":\"{}\"", "x".repeat(3 << 20)), ""), None),
        ),
        body("no JSON", "x".repeat(1 << 20)),
    ]
}

/// A DaemonSet as text, with more labels and environment variables.
fn object(labels: &str, environment: &str) -> String {
    format!(
        r#"{{"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{{"name":"hostile","namespace":"load","labels":{{"app":"hostile"{labels}}}}},"spec":{{"selector":{{"matchLabels":{{"app":"hostile"}}}},"template":{{"metadata":{{"labels":{{"app":"hostile"}}}},"spec":{{"containers":[{{"name":"c","image":"i","env":[{environment}]}}]}}}}}}}}"#
    )
}

/// A review of the tenant's.
fn review(object: &str, old: Option<&str>) -> String {
    let (operation, old) = old.map_or(("CREATE", "null"), |old| ("UPDATE", old));
    format!(
        r#"{{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{{"uid":"hostile","kind":{{"group":"apps","version":"v1","kind":"DaemonSet"}},"resource":{{"group":"apps","version":"v1","resource":"daemonsets"}},"name":"hostile","namespace":"load","operation":"{operation}","userInfo":{{"username":"{}"}},"object":{object},"oldObject":{old},"dryRun":true}}}}"#,
        super::TENANT
    )
}
