//! Random pods and quotas.

use serde_json::{Map, Value, json};

use crate::random::Random;

const CONTAINERS: &[&str] = &["main", "proxy", "log"];
const CLASSES: &[&str] = &["", "", "high", "low", "system-node-critical"];
const RESOURCES: &[&str] = &[
    "cpu",
    "cpu",
    "memory",
    "memory",
    "ephemeral-storage",
    "hugepages-2Mi",
    "example.com/gpu",
    "kubernetes.io/x",
];
const WHOLE: &[&str] = &["cpu", "memory", "hugepages-2Mi"];
const SCOPES: &[&str] = &[
    "Terminating",
    "NotTerminating",
    "BestEffort",
    "NotBestEffort",
    "PriorityClass",
    "CrossNamespacePodAffinity",
    "VolumeAttributesClass",
];
const LIMITED: &[&str] = &[
    "pods",
    "pods",
    "count/pods",
    "cpu",
    "requests.cpu",
    "requests.cpu",
    "limits.cpu",
    "limits.cpu",
    "memory",
    "requests.memory",
    "limits.memory",
    "ephemeral-storage",
    "requests.ephemeral-storage",
    "limits.ephemeral-storage",
    "hugepages-2Mi",
    "requests.hugepages-2Mi",
    "requests.hugepages-a/b",
    "requests.example.com/gpu",
    "requests.kubernetes.io/x",
    "example.com/gpu",
    "services",
    "requests.storage",
    "count/configmaps",
    "requests.deviceclass.resource.kubernetes.io/gpu",
];
const AMOUNTS: &[&str] = &[
    "0",
    "1",
    "2",
    "3",
    "10",
    "100m",
    "0.1",
    "250m",
    "1500m",
    "1.5",
    "100Mi",
    "1Gi",
    "1.5Gi",
    "128974848",
    "129e6",
    "129M",
    "1k",
    "1e3",
    "1024",
    "1Ki",
];
const LARGE: &[&str] =
    &["0", "1", "5", "10", "20", "2500m", "10Gi", "1.5Gi", "2000Mi", "30k", "64Gi", "1e9", "1Ei"];

fn pick(random: &mut Random, choices: &[&'static str]) -> &'static str {
    random.pick(choices).copied().unwrap_or_default()
}

fn amounts(names: &[&'static str], random: &mut Random) -> Value {
    let mut list = Map::new();
    for _ in 0..random.below(4) {
        list.insert(pick(random, names).to_owned(), json!(pick(random, AMOUNTS)));
    }
    Value::Object(list)
}

fn resources(names: &[&'static str], random: &mut Random) -> Value {
    let mut resources = Map::new();
    for kind in ["limits", "requests"] {
        if random.percent(70) {
            resources.insert(kind.to_owned(), amounts(names, random));
        }
    }
    Value::Object(resources)
}

/// What a container of a careful author says.
fn full(random: &mut Random) -> Value {
    let cpu = pick(random, &["0", "100m", "0.1", "250m", "1"]);
    let memory = pick(random, &["0", "100Mi", "128974848", "129e6", "1Gi"]);
    let mut list = json!({ "cpu": cpu, "memory": memory });
    for other in ["ephemeral-storage", "hugepages-2Mi", "example.com/gpu", "kubernetes.io/x"] {
        if random.percent(20) {
            list[other] = json!(pick(random, &["1", "2", "1Gi"]));
        }
    }
    json!({ "limits": list, "requests": list })
}

fn container(name: &str, careful: bool, random: &mut Random) -> Value {
    let mut container = json!({ "name": name, "image": "i" });
    if careful {
        container["resources"] = full(random);
    } else if random.percent(80) {
        container["resources"] = resources(RESOURCES, random);
    }
    container
}

fn terms(random: &mut Random) -> Value {
    let mut term = json!({ "topologyKey": "zone" });
    match random.below(3) {
        0 => term["namespaces"] = json!(["other"]),
        1 => term["namespaceSelector"] = json!({}),
        _ => {}
    }
    if random.percent(50) {
        return json!({ "requiredDuringSchedulingIgnoredDuringExecution": [term] });
    }
    json!({ "preferredDuringSchedulingIgnoredDuringExecution": [{ "weight": 1, "podAffinityTerm": term }] })
}

/// The spec of a pod.
pub fn spec(random: &mut Random) -> Value {
    let careful = random.percent(65);
    let count = 1 + random.below(CONTAINERS.len());
    let containers: Vec<Value> =
        CONTAINERS.iter().take(count).map(|name| container(name, careful, random)).collect();
    let mut spec = json!({ "containers": containers });
    let init: Vec<Value> = ["first", "second"]
        .iter()
        .take(random.below(3))
        .map(|name| {
            let mut one = container(name, careful, random);
            if random.percent(40) {
                one["restartPolicy"] = json!("Always");
            }
            one
        })
        .collect();
    spec["initContainers"] = json!(init);
    if random.percent(20) {
        spec["resources"] = resources(WHOLE, random);
    }
    if random.percent(15) {
        spec["overhead"] = amounts(&["cpu", "memory"], random);
    }
    if random.percent(10) {
        spec["activeDeadlineSeconds"] = json!(60);
    }
    let class = pick(random, CLASSES);
    if !class.is_empty() {
        spec["priorityClassName"] = json!(class);
    }
    if random.percent(25) {
        let kind = pick(random, &["podAffinity", "podAntiAffinity"]);
        spec["affinity"] = json!({ kind: terms(random) });
    }
    spec
}

fn selector(random: &mut Random) -> Value {
    let scope = pick(random, SCOPES);
    if scope != "PriorityClass" {
        return json!({ "scopeName": scope, "operator": "Exists" });
    }
    match pick(random, &["In", "In", "NotIn", "Exists", "DoesNotExist"]) {
        operator @ ("In" | "NotIn") => {
            let values: Vec<&str> =
                (0..=random.below(2)).map(|_| pick(random, &["high", "low", "other"])).collect();
            json!({ "scopeName": scope, "operator": operator, "values": values })
        }
        operator => json!({ "scopeName": scope, "operator": operator }),
    }
}

/// A quota with a status.
pub fn quota(name: &str, random: &mut Random) -> Value {
    let (mut hard, mut used) = (Map::new(), Map::new());
    for _ in 0..=random.below(4) {
        let resource = pick(random, LIMITED);
        let largest = match resource {
            _ if random.percent(30) => pick(random, LARGE),
            name if name.ends_with("cpu") => pick(random, &["1", "2500m", "5", "10", "20"]),
            name if name.ends_with("memory") => pick(random, &["1.5Gi", "2000Mi", "3e9", "10Gi", "64Gi"]),
            _ => pick(random, &["3", "10", "20", "30k", "20Gi"]),
        };
        hard.insert(resource.to_owned(), json!(largest));
        if random.percent(97) {
            let amount = if random.percent(60) { "0" } else { pick(random, AMOUNTS) };
            used.insert(resource.to_owned(), json!(amount));
        }
    }
    let mut spec = json!({ "hard": hard });
    if random.percent(10) {
        spec["hard"] = json!({ "pods": "1" });
    }
    if random.percent(25) {
        let scopes: Vec<&str> = (0..=random.below(2)).map(|_| pick(random, SCOPES)).collect();
        spec["scopes"] = json!(scopes);
    }
    if random.percent(25) {
        let selectors: Vec<Value> = (0..=random.below(2)).map(|_| selector(random)).collect();
        spec["scopeSelector"] = json!({ "matchExpressions": selectors });
    }
    json!({ "metadata": { "name": name, "namespace": "agents" }, "spec": spec, "status": { "hard": hard, "used": used } })
}
