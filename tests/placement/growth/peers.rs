//! DaemonSets beside others: long selectors, labels and lists of ports, and many others.

use daemonset_tests::growth::Growth;
use daemonset_validation::Server;
use daemonset_validation::levels::Level;
use daemonset_validation::peers::{Peer, Peers};
use daemonset_validation::placement::{Budget, Kind, Snapshot, SnapshotBuilder, explain};
use daemonset_validation::rules::{Levels, check_peers};
use k8s_openapi::api::apps::v1::DaemonSet;
use serde_json::{Map, Value, json};

/// What is long, and how long it is made.
type Long = fn(&mut Value, usize);

const LISTS: &[(&str, Long)] = &[
    ("peers: labels of a selector", |daemon_set, count| {
        daemon_set["spec"]["selector"] = json!({ "matchLabels": labels(count) });
    }),
    ("peers: labels of a template", |daemon_set, count| {
        daemon_set["spec"]["template"]["metadata"]["labels"] = Value::Object(labels(count));
    }),
    ("peers: values of a selector", |daemon_set, count| {
        let values: Vec<String> = (0..count).map(|i| format!("no-{i}")).collect();
        let expressions = json!([{ "key": "app", "operator": "In", "values": values }]);
        daemon_set["spec"]["selector"] = json!({ "matchExpressions": expressions });
    }),
    ("peers: expressions of a selector", |daemon_set, count| {
        let one = |i: usize| json!({ "key": format!("k{i}"), "operator": "DoesNotExist" });
        daemon_set["spec"]["selector"] =
            json!({ "matchExpressions": (0..count).map(one).collect::<Vec<_>>() });
    }),
    ("peers: ports that nobody else needs", |daemon_set, count| ports(daemon_set, count, 20_000)),
    ("peers: ports that all need", |daemon_set, count| ports(daemon_set, count, 8_000)),
    ("peers: one port on many addresses", |daemon_set, count| {
        let one = |i: usize| json!({ "containerPort": 1, "hostPort": 8000, "hostIP": format!("10.{}.{}.1", i / 250, i % 250) });
        let ports = (0..count).map(one).collect();
        daemon_set["spec"]["template"]["spec"]["containers"][0]["ports"] = Value::Array(ports);
    }),
    ("peers: terms of node affinity", |daemon_set, count| {
        let one =
            |i: usize| json!({ "matchExpressions": [{ "key": format!("k{i}"), "operator": "Exists" }] });
        let terms: Vec<Value> = (0..count).map(one).collect();
        let required =
            json!({ "requiredDuringSchedulingIgnoredDuringExecution": { "nodeSelectorTerms": terms } });
        daemon_set["spec"]["template"]["spec"]["affinity"] = json!({ "nodeAffinity": required });
    }),
];

fn labels(count: usize) -> Map<String, Value> {
    (0..count).map(|i| (format!("k{i}"), json!("v"))).collect()
}

fn ports(daemon_set: &mut Value, count: usize, from: usize) {
    let one = |i: usize| json!({ "containerPort": 1, "hostPort": from + i });
    let ports = (0..count).map(one).collect();
    daemon_set["spec"]["template"]["spec"]["containers"][0]["ports"] = Value::Array(ports);
}

fn daemon_set(name: &str) -> Value {
    json!({
        "metadata": { "name": name, "namespace": "team" },
        "spec": {
            "selector": { "matchLabels": { "app": "web" } },
            "template": { "metadata": { "labels": { "app": "web" } }, "spec": { "containers": [{ "name": "main", "image": "agent:1" }] } }
        }
    })
}

/// A cluster with so many DaemonSets, each as long as `others` makes it.
fn cluster(daemon_sets: usize, others: impl Fn(&mut Value)) -> Snapshot {
    let mut builder = SnapshotBuilder::new(Server::newest());
    for number in 0..20 {
        let node = json!({ "metadata": { "name": format!("node-{number}"), "labels": { "os": "linux" } } });
        builder.add(Kind::Node, node).unwrap();
    }
    for number in 0..daemon_sets {
        let mut one = daemon_set(&format!("other-{number}"));
        others(&mut one);
        builder.add(Kind::DaemonSet, one).unwrap();
    }
    builder.finish()
}

fn judge(new: &DaemonSet, snapshot: &Snapshot) -> usize {
    let (server, budget) = (Server::newest(), Budget::unbounded());
    let preview = explain(new, snapshot, &server);
    let peer = Peer::new(new, Some(&preview));
    let peers = Peers::on_cluster_within(vec![&peer], snapshot, &server, 3, &budget);
    check_peers(&peers, &Levels::by(|_| Level::Warning)).len()
}

/// Each list long in the object, long in the others, and in a cluster with more others.
pub(super) fn measure(first: usize, selected: impl Fn(&str) -> bool) -> Vec<Growth> {
    let mut all = Vec::new();
    for (name, long) in LISTS.iter().filter(|(name, _)| selected(name)) {
        let made = |count: usize| {
            let mut made = daemon_set("new");
            long(&mut made, count);
            serde_json::from_value(made).unwrap()
        };
        let few = cluster(100, |other| long(other, 20));
        all.push(Growth::measure(*name, first, made, |new: &DaemonSet| judge(new, &few)));
        let new = made(20);
        let longer = |count: usize| cluster(40, |other| long(other, count));
        all.push(Growth::measure(format!("{name}, of others"), first, longer, |snapshot| {
            judge(&new, snapshot)
        }));
        let more = |count: usize| cluster(count, |other| long(other, 20));
        all.push(Growth::measure(format!("{name}, others"), first, more, |snapshot| judge(&new, snapshot)));
    }
    all
}
