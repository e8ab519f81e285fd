//! Random updates: a cluster with other DaemonSets, and two versions of one DaemonSet.

use daemonset_validation::Server;
use daemonset_validation::apiserver::strategy::admit_create;
use daemonset_validation::placement::{KINDS, Kind, Snapshot, SnapshotBuilder};
use k8s_openapi::api::apps::v1::DaemonSet;
use serde_json::{Value, json};

use crate::clusters;
use crate::random::Random;

/// An update on a cluster.
#[derive(Clone, Debug)]
pub struct Update {
    /// The version that is stored.
    pub old: Value,
    /// The version that replaces it.
    pub new: Value,
    /// The objects of the cluster, as the server stores them. DaemonSets are last.
    pub objects: Vec<Value>,
}

/// The update with this number; `None` where the server would refuse one of the versions that chance made.
pub fn update(seed: u64, number: u64, server: &Server) -> Option<Update> {
    let random = &mut Random::of_case(seed, number);
    let of = |random: &mut Random| clusters::case(seed, random.bits() >> 8, server);
    let first = of(random)?;
    let mut old = first.daemon_set;
    named(&mut old, "agent");
    ported(&mut old, random);
    // Another DaemonSet altogether, or the same one with some parts of another.
    let other = of(random)?.daemon_set;
    let mut new = if random.percent(30) { other.clone() } else { old.clone() };
    named(&mut new, "agent");
    // The selector of a stored DaemonSet cannot be changed.
    new["spec"]["selector"] = old["spec"]["selector"].clone();
    for part in ["nodeSelector", "affinity", "tolerations", "volumes", "topologySpreadConstraints"] {
        if random.percent(25) {
            put(&mut new, part, &other);
        }
    }
    if random.percent(60) {
        ported(&mut new, random);
    }
    if random.percent(30) {
        labelled(&mut new, random);
    }
    let mut objects = first.objects;
    for place in 0..random.below(5) {
        let mut beside = of(random)?.daemon_set;
        named(&mut beside, &format!("other-{place}"));
        ported(&mut beside, random);
        labelled(&mut beside, random);
        let namespace = random.pick(&["default", "default", "team-a"]).copied().unwrap_or_default();
        beside["metadata"]["namespace"] = json!(namespace);
        beside["metadata"]["uid"] = json!(format!("daemon-set-{place}"));
        // By the one label it may find the pods of both versions, by the other those of one.
        let label = random.pick(&["name", "app"]).copied().unwrap_or_default();
        let value = beside["spec"]["template"]["metadata"]["labels"][label].clone();
        beside["spec"]["selector"] = json!({ "matchLabels": { label: value } });
        objects.push(beside);
    }
    let update = Update { old, new, objects };
    let is_valid = |value: &Value| {
        serde_json::from_value(value.clone())
            .is_ok_and(|typed| admit_create(typed, true, server).errors.is_empty())
    };
    (is_valid(&update.old) && is_valid(&update.new)).then_some(update)
}

/// The object as the server would store it.
///
/// # Panics
///
/// Where it is no DaemonSet.
pub fn stored(value: &Value, server: &Server) -> DaemonSet {
    match serde_json::from_value(value.clone()) {
        Ok(typed) => admit_create(typed, true, server).daemon_set,
        Err(error) => panic!("{error}: {value}"),
    }
}

/// A snapshot of the objects. `unread` is not read.
///
/// # Panics
///
/// Where an object cannot be read.
pub fn snapshot(objects: &[Value], unread: Option<Kind>, server: &Server) -> Snapshot {
    let mut builder = SnapshotBuilder::new(*server);
    KINDS.into_iter().filter(|kind| Some(*kind) != unread).for_each(|kind| builder.mark_read(kind));
    for object in objects {
        let word = |name: &str| object[name].as_str().unwrap_or_default();
        let Some(kind) = Kind::of(word("apiVersion"), word("kind")) else { continue };
        if Some(kind) == unread {
            continue;
        }
        let text = object.to_string();
        if let Err(error) = builder.add(kind, &mut serde_json::Deserializer::from_str(&text)) {
            panic!("{error}: {text}");
        }
    }
    builder.finish()
}

fn named(daemon_set: &mut Value, name: &str) {
    daemon_set["metadata"]["name"] = json!(name);
    daemon_set["metadata"]["namespace"] = json!("default");
}

/// A few host ports, on all addresses of the node or on one.
fn ported(daemon_set: &mut Value, random: &mut Random) {
    let ports: Vec<Value> = (0..random.below(4))
        .map(|place| {
            let number = random.pick(&[9100, 9101, 9102]).copied().unwrap_or_default();
            let protocol = random.pick(&["TCP", "TCP", "UDP"]).copied().unwrap_or_default();
            let mut port = json!({ "name": format!("p{place}"), "containerPort": number, "hostPort": number, "protocol": protocol });
            if random.percent(30) {
                port["hostIP"] = json!(random.pick(&["10.0.0.1", "10.0.0.2"]));
            }
            port
        })
        .collect();
    let spec = &mut daemon_set["spec"]["template"]["spec"];
    spec["hostNetwork"] = json!(false);
    spec["containers"][0]["ports"] = json!(ports);
}

/// Labels by which the selector of another DaemonSet may find the pods.
fn labelled(daemon_set: &mut Value, random: &mut Random) {
    let name = random.pick(&["agent", "one", "two"]).copied().unwrap_or_default();
    let is_agent = daemon_set["metadata"]["name"] == "agent";
    let labels = &mut daemon_set["spec"]["template"]["metadata"]["labels"];
    if !is_agent {
        labels["name"] = json!(name);
    }
    labels["app"] = json!(random.pick(&["web", "db"]));
}

fn put(daemon_set: &mut Value, part: &str, of: &Value) {
    let spec = &mut daemon_set["spec"]["template"]["spec"];
    match of["spec"]["template"]["spec"].get(part) {
        Some(value) => spec[part] = value.clone(),
        None => {
            spec.as_object_mut().map(|spec| spec.remove(part));
        }
    }
}
