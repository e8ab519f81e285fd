//! The parts of pods and of the DaemonSet's template: containers with resources and ports, volumes, affinity to other pods.

use serde_json::{Map, Value, json};

use super::words::{self, HOSTNAME, ZONE};
use super::{Plan, Theme};

/// Whether the spec is a user's, or one that the server has stored and completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Written,
    Stored,
}

/// Requests and limits of a container.
pub(crate) fn resources(plan: &mut Plan<'_>, form: Form) -> Value {
    let (mut requests, mut limits) = (Map::new(), Map::new());
    let mut put = |plan: &mut Plan<'_>, name: &str, choices: &[&str]| {
        let low = plan.below(choices.len().div_ceil(2));
        let high = low + plan.below(choices.len() - low);
        let kind = plan.below(10);
        if kind < 7 {
            requests.insert(name.to_owned(), json!(choices[low]));
        }
        if kind >= 5 {
            limits.insert(name.to_owned(), json!(choices[high]));
            if kind >= 7 && form == Form::Stored {
                requests.insert(name.to_owned(), json!(choices[high]));
            }
        }
    };
    if plan.percent(80) {
        put(plan, "cpu", words::CPU);
    }
    if plan.percent(70) {
        put(plan, "memory", words::MEMORY);
    }
    if plan.percent(20) {
        put(plan, "ephemeral-storage", &["0", "100Mi", "256M", "1Gi", "2Gi"]);
    }
    let mut whole = |plan: &mut Plan<'_>, name: &str, choices: &[&str]| {
        let value = plan.pick(choices);
        limits.insert(name.to_owned(), json!(value));
        if form == Form::Stored || plan.percent(50) {
            requests.insert(name.to_owned(), json!(value));
        }
    };
    if plan.percent(12) {
        whole(plan, "nvidia.com/gpu", &["1", "1", "2"]);
    }
    if plan.percent(8) {
        whole(plan, "example.com/widget", &["1", "2", "1k"]);
    }
    if plan.percent(8) {
        whole(plan, "hugepages-2Mi", &["2Mi", "4Mi", "8Mi"]);
        if plan.percent(90) && !limits.contains_key("cpu") && !requests.contains_key("cpu") {
            requests.insert("cpu".to_owned(), json!("100m"));
        }
    }
    let mut all = Map::new();
    if !requests.is_empty() {
        all.insert("requests".to_owned(), Value::Object(requests));
    }
    if !limits.is_empty() {
        all.insert("limits".to_owned(), Value::Object(limits));
    }
    Value::Object(all)
}

fn container(plan: &mut Plan<'_>, name: &str, form: Form) -> Value {
    let mut container = json!({ "name": name, "image": "registry.example/image:1" });
    let demanding = if plan.about(Theme::Resources) { 85 } else { 15 };
    if plan.percent(demanding) {
        container["resources"] = resources(plan, form);
    }
    container
}

/// Containers, init containers, overhead, pod-level resources.
pub(crate) fn containers(plan: &mut Plan<'_>, spec: &mut Map<String, Value>, form: Form) {
    let about = plan.about(Theme::Resources);
    let count = 1 + usize::from(plan.percent(25));
    let containers: Vec<Value> =
        (0..count).map(|number| container(plan, &format!("c{number}"), form)).collect();
    spec.insert("containers".to_owned(), json!(containers));
    if plan.percent(if about { 35 } else { 8 }) {
        let init: Vec<Value> = (0..1 + plan.below(3))
            .map(|number| {
                let mut container = container(plan, &format!("i{number}"), form);
                if plan.percent(45) {
                    container["restartPolicy"] = json!("Always");
                }
                container
            })
            .collect();
        spec.insert("initContainers".to_owned(), json!(init));
    }
    if plan.percent(if about { 10 } else { 2 }) {
        let mut overhead = json!({ "cpu": plan.pick(&["50m", "0.1", "250m"]) });
        if plan.percent(50) {
            overhead["memory"] = json!(plan.pick(&["32Mi", "100M"]));
        }
        spec.insert("overhead".to_owned(), overhead);
    }
    if plan.percent(if about { 15 } else { 2 }) {
        spec.insert("resources".to_owned(), pod_level(plan, form));
    }
}

/// Resources of the pod as a whole, large enough for most sums of its containers.
fn pod_level(plan: &mut Plan<'_>, form: Form) -> Value {
    let mut all = json!({});
    for (name, choices) in
        [("cpu", &["1", "2", "4", "6500m"][..]), ("memory", &["512Mi", "1Gi", "2.5Gi", "6Gi"][..])]
    {
        if !plan.percent(75) {
            continue;
        }
        let low = plan.below(choices.len());
        let high = low + plan.below(choices.len() - low);
        let kind = plan.below(3);
        if kind < 2 || form == Form::Stored {
            all["requests"][name] = json!(choices[low]);
        }
        if kind > 0 {
            all["limits"][name] = json!(choices[high]);
        }
    }
    all
}

/// Ports of the first container and the node's own network.
pub(crate) fn ports(plan: &mut Plan<'_>, spec: &mut Map<String, Value>, form: Form) {
    let about = plan.about(Theme::Ports);
    let host_network = plan.percent(if about { 15 } else { 4 });
    if host_network {
        spec.insert("hostNetwork".to_owned(), json!(true));
    }
    let mut ports: Vec<Value> = Vec::new();
    for _ in 0..if about { 1 + plan.below(2) } else { usize::from(plan.percent(12)) } {
        let number = if about { plan.pick(&[80, 81, 443, 9100]) } else { 20_000 + plan.below(9000) };
        let mut port = json!({ "containerPort": number });
        if plan.percent(50) || form == Form::Stored {
            port["protocol"] = json!(plan.pick(&["TCP", "TCP", "UDP", "SCTP"]));
        }
        if (host_network && form == Form::Stored) || plan.percent(75) {
            port["hostPort"] =
                if host_network { json!(number) } else { json!(plan.pick(&[80, 81, 443, number])) };
        }
        if plan.percent(30) {
            port["hostIP"] = json!(plan.pick(&["", "0.0.0.0", "127.0.0.1", "10.0.0.1", "::", "::1"]));
        }
        ports.push(port);
    }
    if ports.is_empty() {
        return;
    }
    if plan.percent(8)
        && let Some(init) = spec.get_mut("initContainers").and_then(|init| init.get_mut(0))
    {
        init["ports"] = json!(ports);
    } else if let Some(container) = spec.get_mut("containers").and_then(|containers| containers.get_mut(0)) {
        container["ports"] = json!(ports);
    }
}

/// A volume that the scheduler compares with those of other pods.
pub(crate) fn disk(plan: &mut Plan<'_>, template: bool) -> Value {
    let number = plan.below(2);
    let read_only = plan.percent(60);
    match plan.below(4) {
        0 => {
            json!({ "gcePersistentDisk": { "pdName": format!("pd-{number}"), "readOnly": template || read_only } })
        }
        1 => {
            json!({ "awsElasticBlockStore": { "volumeID": format!("vol-{number}"), "readOnly": read_only } })
        }
        2 => json!({ "iscsi": {
            "targetPortal": format!("10.0.0.{}:3260", plan.below(2)), "iqn": format!("iqn.2001-04.com.example:disk{number}"),
            "lun": plan.below(2), "readOnly": read_only, "iscsiInterface": "default",
        } }),
        _ => {
            let monitors: &[&str] = plan.pick(&[&["a", "b"][..], &["b", "c"][..], &["c"][..]]);
            json!({ "rbd": {
                "monitors": monitors, "image": format!("image{number}"), "pool": plan.pick(&["rbd", "other"]),
                "readOnly": read_only, "user": "admin", "keyring": "/etc/ceph/keyring",
            } })
        }
    }
}

/// A required term of affinity between pods; `own` are labels that the pod has itself.
pub(crate) fn affinity_term(plan: &mut Plan<'_>, own: &Map<String, Value>, form: Form) -> Value {
    let key = plan.pick(&[ZONE, ZONE, HOSTNAME, HOSTNAME, "rack", "kubernetes.io/os"]);
    let mut term = json!({ "topologyKey": key });
    let mut selector = if plan.percent(25) && !own.is_empty() {
        json!({ "matchLabels": own })
    } else {
        words::label_selector(plan, words::POD_LABELS)
    };
    if plan.percent(12)
        && let Some((key, value)) = own.iter().next()
        && selector["matchLabels"].get(key).is_none()
        && selector["matchExpressions"]
            .as_array()
            .is_none_or(|list| list.iter().all(|item| item["key"] != **key))
    {
        let (field, operator) =
            if plan.percent(70) { ("matchLabelKeys", "In") } else { ("mismatchLabelKeys", "NotIn") };
        term[field] = json!([key]);
        if form == Form::Stored {
            let mut expressions = selector["matchExpressions"].as_array().cloned().unwrap_or_default();
            expressions.push(json!({ "key": key, "operator": operator, "values": [value] }));
            selector["matchExpressions"] = json!(expressions);
        }
    }
    if plan.percent(95) || term.get("matchLabelKeys").is_some() || term.get("mismatchLabelKeys").is_some() {
        term["labelSelector"] = selector;
    }
    if plan.percent(25) {
        term["namespaces"] = json!([plan.pick(words::NAMESPACES)]);
    }
    if plan.percent(25) {
        term["namespaceSelector"] = match plan.below(4) {
            0 => json!({}),
            1 => json!({ "matchLabels": { "kubernetes.io/metadata.name": plan.pick(words::NAMESPACES) } }),
            2 => json!({ "matchExpressions": [{ "key": "team", "operator": "DoesNotExist" }] }),
            _ => json!({ "matchLabels": { "team": plan.pick(&["a", "b"]) } }),
        };
    }
    term
}

/// Affinity to and against other pods, into an `affinity` object.
pub(crate) fn pod_affinity(
    plan: &mut Plan<'_>,
    affinity: &mut Map<String, Value>,
    own: &Map<String, Value>,
    form: Form,
) {
    let (to, against) = if form == Form::Written { (40, 60) } else { (15, 45) };
    for (name, percent) in [("podAffinity", to), ("podAntiAffinity", against)] {
        if plan.percent(percent) {
            let terms: Vec<Value> = (0..1 + plan.below(2)).map(|_| affinity_term(plan, own, form)).collect();
            affinity
                .insert(name.to_owned(), json!({ "requiredDuringSchedulingIgnoredDuringExecution": terms }));
        }
        if plan.percent(6) {
            let term = affinity_term(plan, own, form);
            let preferred = json!([{ "weight": 5, "podAffinityTerm": term }]);
            let entry = affinity.entry(name.to_owned()).or_insert_with(|| json!({}));
            entry["preferredDuringSchedulingIgnoredDuringExecution"] = preferred;
        }
    }
}
