//! Random DaemonSets whose templates are mostly valid, with what a server looks at in a pod and not in a template.

use crate::cases::Generator;
use crate::json::Json;
use crate::json_read::read_json;
use crate::random::Random;

const POD: &[&str] = &["spec", "template", "spec"];
const METADATA: &[&str] = &["spec", "template", "metadata"];
const PORTS: &[&str] = &["80", "443", "9100", "9100", "65535"];
const PROTOCOLS: &[&str] = &["", "TCP", "UDP", "SCTP"];
const ADDRESSES: &[&str] = &["", "", "", "127.0.0.1", "10.0.0.1"];
const RESOURCES: &[&str] =
    &["cpu", "cpu", "memory", "memory", "ephemeral-storage", "hugepages-2Mi", "example.com/gpu"];
const WHOLE: &[&str] = &["cpu", "cpu", "memory", "memory", "hugepages-2Mi", "hugepages-1Gi"];
const FINALIZERS: &[&str] =
    &["example.com/keep", "kubernetes", "keep", "orphan", "foregroundDeletion", "a b", "a/b/c"];
const PROFILES: &[&str] =
    &["runtime/default", "unconfined", "localhost/agent", "localhost/", "localhost/ x", ""];
const KEYS: &[&str] = &["app", "tier", "controller-revision-hash", "pod-template-generation", "absent"];

/// The case `number` of the stream `seed`.
pub fn document(generator: &Generator, seed: u64, number: u64) -> Json {
    let mut random = Random::of_case(seed, number);
    let random = &mut random;
    let mut document = match random.below(10) {
        0..2 => generator.case(seed ^ 0x5EED, number).document,
        _ => generator.sound(random),
    };
    if document.at(POD).is_none() {
        return document;
    }
    let changes = match random.below(10) {
        0 => 0,
        1..6 => 1,
        6..9 => 2,
        _ => 4,
    };
    for _ in 0..changes {
        change(&mut document, random);
    }
    document
}

fn change(document: &mut Json, random: &mut Random) {
    match random.below(16) {
        0..3 => ports(document, random),
        3..5 => resources(document, random),
        5..8 => pod_level(document, random),
        8 => image(document, random),
        9 => finalizers(document, random),
        10..12 => label_keys(document, random),
        12 => app_armor(document, random),
        13 => grace_period(document, random),
        14 => lone(document, random),
        _ => mirror(document, random),
    }
}

fn pick(random: &mut Random, choices: &[&'static str]) -> &'static str {
    random.pick(choices).copied().unwrap_or_default()
}

fn json(text: &str) -> Json {
    read_json(text).unwrap_or(Json::Null)
}

fn push(object: &mut Json, key: &str, item: Json) {
    match object.get_mut(key) {
        Some(Json::List(items)) => items.push(item),
        _ => object.set(key, Json::List(vec![item])),
    }
}

fn each_container(document: &mut Json, mut visit: impl FnMut(&mut Json)) {
    for list in ["containers", "initContainers"] {
        let list = document.at_mut(POD).and_then(|pod| pod.get_mut(list));
        list.map(Json::items_mut).unwrap_or_default().iter_mut().for_each(&mut visit);
    }
}

fn ports(document: &mut Json, random: &mut Random) {
    if random.percent(80) {
        set(document, "hostNetwork", Json::Bool(true));
    }
    each_container(document, |container| {
        if random.percent(60) {
            let mut port = json(&format!(r#"{{"containerPort": {}}}"#, pick(random, PORTS)));
            if random.percent(20) {
                port.set("hostPort", json(pick(random, PORTS)));
            }
            let protocol = pick(random, PROTOCOLS);
            if !protocol.is_empty() {
                port.set("protocol", Json::text(protocol));
            }
            port.set("hostIP", Json::text(pick(random, ADDRESSES)));
            push(container, "ports", port);
        }
    });
}

fn amount(name: &str, random: &mut Random) -> Json {
    let number = 1 + random.below(9);
    Json::text(&match name {
        "cpu" => format!("{}m", number * 50),
        "memory" | "ephemeral-storage" => {
            format!("{}{}", number, pick(random, &["Mi", "Gi", "M", "00Ki", "e6"]))
        }
        "example.com/gpu" => number.to_string(),
        _ => format!("{}Gi", number),
    })
}

fn amounts(names: &[&'static str], random: &mut Random) -> Json {
    let mut list = Json::Map(Vec::new());
    for _ in 0..=random.below(3) {
        let name = pick(random, names);
        list.set(name, amount(name, random));
    }
    list
}

fn resources(document: &mut Json, random: &mut Random) {
    each_container(document, |container| {
        let mut resources = Json::Map(Vec::new());
        if random.percent(70) {
            resources.set("limits", amounts(RESOURCES, random));
        }
        if random.percent(30) {
            resources.set("requests", amounts(WHOLE, random));
        }
        container.set("resources", resources);
    });
}

/// Resources of the pod as a whole, and containers with few, so that the sums agree often.
fn pod_level(document: &mut Json, random: &mut Random) {
    each_container(document, |container| {
        if random.percent(70) {
            let name = pick(random, WHOLE);
            let kind = pick(random, &["limits", "requests"]);
            let mut list = Json::Map(Vec::new());
            list.set(name, amount(name, random));
            let mut resources = Json::Map(Vec::new());
            if name.starts_with("hugepages") {
                list.set("cpu", Json::text("50m"));
                resources.set("limits", list.clone());
            }
            resources.set(kind, list);
            container.set("resources", resources);
        }
    });
    let mut resources = Json::Map(Vec::new());
    for kind in ["limits", "requests"] {
        if random.percent(55) {
            let mut list = Json::Map(Vec::new());
            for _ in 0..random.below(3) {
                let name = pick(random, WHOLE);
                let large = match name {
                    "cpu" => pick(random, &["4", "2500m", "100m"]),
                    "memory" => pick(random, &["64Gi", "1Gi", "20000Mi"]),
                    _ => pick(random, &["64Gi", "2Gi"]),
                };
                list.set(name, Json::text(large));
            }
            resources.set(kind, list);
        }
    }
    set(document, "resources", resources);
}

fn set(document: &mut Json, key: &str, value: Json) {
    if let Some(pod) = document.at_mut(POD) {
        pod.set(key, value);
    }
}

fn metadata(document: &mut Json) -> Option<&mut Json> {
    document.at_mut(METADATA)
}

fn image(document: &mut Json, random: &mut Random) {
    each_container(document, |container| {
        if random.percent(40) {
            container
                .set("image", Json::text(pick(random, &[" agent:1", "agent:1 ", " ", "agent\t", "agent:1"])));
        }
    });
}

fn finalizers(document: &mut Json, random: &mut Random) {
    let list = (0..=random.below(3)).map(|_| Json::text(pick(random, FINALIZERS))).collect();
    if let Some(metadata) = metadata(document) {
        metadata.set("finalizers", Json::List(list));
    }
}

fn selector(random: &mut Random) -> Json {
    let labels = r#"{"matchLabels": {"app": "agent"}}"#;
    let expression = r#"{"matchExpressions": [{"key": "tier", "operator": "Exists"}]}"#;
    json(pick(random, &["null", "{}", labels, expression]))
}

fn label_keys(document: &mut Json, random: &mut Random) {
    if let Some(metadata) = metadata(document)
        && random.percent(60)
    {
        let mut labels = metadata.get("labels").cloned().unwrap_or(Json::Map(Vec::new()));
        labels.set("tier", Json::text("node"));
        metadata.set("labels", labels);
    }
    let mut term = json(r#"{"topologyKey": "kubernetes.io/hostname"}"#);
    term.set("labelSelector", selector(random));
    for key in ["matchLabelKeys", "mismatchLabelKeys"] {
        if random.percent(50) {
            let keys = (0..=random.below(2)).map(|_| Json::text(pick(random, KEYS))).collect();
            term.set(key, Json::List(keys));
        }
    }
    match random.below(3) {
        0 => {
            term.remove("mismatchLabelKeys");
            term.set("maxSkew", Json::int(1));
            term.set("whenUnsatisfiable", Json::text("DoNotSchedule"));
            set(document, "topologySpreadConstraints", Json::List(vec![term]));
        }
        kind => {
            let mut affinity = Json::Map(Vec::new());
            let mut terms = Json::Map(Vec::new());
            if random.percent(50) {
                let mut weighted = json(r#"{"weight": 5}"#);
                weighted.set("podAffinityTerm", term);
                terms.set("preferredDuringSchedulingIgnoredDuringExecution", Json::List(vec![weighted]));
            } else {
                terms.set("requiredDuringSchedulingIgnoredDuringExecution", Json::List(vec![term]));
            }
            affinity.set(if kind == 1 { "podAffinity" } else { "podAntiAffinity" }, terms);
            set(document, "affinity", affinity);
        }
    }
}

fn container_name(document: &Json) -> String {
    let containers = document.at(POD).and_then(|pod| pod.get("containers"));
    let first = containers.and_then(|containers| containers.items().first());
    first.and_then(|first| first.get("name")?.as_str()).unwrap_or("main").to_owned()
}

fn annotate(document: &mut Json, key: &str, value: &str) {
    if let Some(metadata) = metadata(document) {
        let mut annotations = metadata.get("annotations").cloned().unwrap_or(Json::Map(Vec::new()));
        annotations.set(key, Json::text(value));
        metadata.set("annotations", annotations);
    }
}

fn app_armor(document: &mut Json, random: &mut Random) {
    let name = container_name(document);
    let profile = pick(random, PROFILES);
    annotate(document, &format!("container.apparmor.security.beta.kubernetes.io/{name}"), profile);
    if random.percent(30) {
        let profile = pick(random, &["RuntimeDefault", "Unconfined"]);
        set(document, "securityContext", json(&format!(r#"{{"appArmorProfile": {{"type": "{profile}"}}}}"#)));
    }
    if random.percent(20) {
        annotate(document, "pod.beta.kubernetes.io/init-containers", "[]");
    }
}

fn grace_period(document: &mut Json, random: &mut Random) {
    set(document, "terminationGracePeriodSeconds", json(pick(random, &["-1", "-30", "0", "5"])));
}

/// A mirror pod has no claims.
fn mirror(document: &mut Json, random: &mut Random) {
    annotate(document, "kubernetes.io/config.mirror", "hash");
    set(document, "nodeName", Json::text("node-a"));
    if random.percent(80) {
        let claims =
            r#"[{"name": "one", "resourceClaimName": "c"}, {"name": "two", "resourceClaimName": "d"}]"#;
        set(document, "resourceClaims", json(claims));
    }
}

/// A field of which only a pod is asked.
fn lone(document: &mut Json, random: &mut Random) {
    match random.below(4) {
        0 => {
            set(document, "nodeName", Json::text("node-a"));
            set(document, "schedulingGates", json(r#"[{"name": "example.com/wait"}]"#));
        }
        1 => {
            let token = r#"{"name": "token", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}"#;
            if let Some(pod) = document.at_mut(POD) {
                pod.remove("serviceAccountName");
                pod.remove("serviceAccount");
                push(pod, "volumes", json(token));
            }
        }
        2 => {
            if let Some(pod) = document.at_mut(POD) {
                push(pod, "volumes", json(r#"{"name": "of-image", "image": {"pullPolicy": "Always"}}"#));
            }
        }
        _ => set(document, "enableServiceLinks", Json::Bool(random.percent(50))),
    }
}
