//! What is found about the cluster, and what an update adds to it, takes work and memory by the number of nodes and of other DaemonSets, not
//! by their square.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::print_stdout)]

use std::collections::BTreeMap;

use daemonset_tests::growth::{Growth, PeakAlloc};
use daemonset_tests::updates::{snapshot, stored};
use daemonset_validation::Server;
use daemonset_validation::placement::{Budget, Snapshot};
use daemonset_validation::rules::RULES;
use daemonset_webhook::config::{Config, Level};
use daemonset_webhook::placement::{Judgement, Old, Question, judge_on};
use daemonset_webhook::policy::Levels;
use k8s_openapi::api::apps::v1::DaemonSet;
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

fn node(number: usize, more: Value) -> Value {
    let mut node = json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": { "name": format!("node-{number}"), "labels": { "zone": format!("z{}", number % 2) } },
        "spec": {}, "status": { "allocatable": { "cpu": "4", "memory": "8Gi", "pods": "110" } }
    });
    for (key, value) in more.as_object().unwrap() {
        node[key] = value.clone();
    }
    node
}

fn agent(name: &str, labels: Value, ports: &[u16]) -> Value {
    let ports: Vec<Value> = ports
        .iter()
        .map(|port| json!({ "containerPort": port, "hostPort": port, "protocol": "TCP" }))
        .collect();
    json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": { "name": name, "namespace": "default", "uid": name },
        "spec": {
            "selector": { "matchLabels": { "app": "agent" } },
            "template": {
                "metadata": { "labels": labels },
                "spec": { "containers": [{ "name": "c", "image": "i", "ports": ports }] }
            }
        }
    })
}

/// One update on a cluster.
struct Case {
    snapshot: Snapshot,
    new: DaemonSet,
    old: DaemonSet,
}

impl Case {
    fn new(objects: &[Value], new: &Value, old: &Value) -> Self {
        let server = Server::newest();
        Self {
            snapshot: snapshot(objects, None, &server),
            new: stored(new, &server),
            old: stored(old, &server),
        }
    }

    fn judge(&self) -> Judgement {
        let all = RULES.iter().filter(|rule| rule.admission.is_some());
        let levels = all.map(|rule| (rule.id.to_owned(), Level::Deny)).collect::<BTreeMap<_, _>>();
        let levels = Levels::new(&Config { levels, ..Config::default() });
        let (server, budget) = (Server::newest(), Budget::unbounded());
        let question = Question { server: &server, levels: &levels, named_nodes: 3, budget: &budget };
        judge_on(&self.new, &mut || Old::Object(Box::new(self.old.clone())), &self.snapshot, &question)
    }
}

fn labels() -> Value {
    json!({ "app": "agent" })
}

/// As many reasons as nodes: each has a taint of its own, which only the stored version tolerates.
fn reasons(count: usize) -> Case {
    let taint = |number| json!({ "spec": { "taints": [{ "key": format!("pool-{number}"), "effect": "NoSchedule" }] } });
    let nodes: Vec<Value> = (0..count).map(|number| node(number, taint(number))).collect();
    let new = agent("agent", labels(), &[]);
    let mut old = new.clone();
    old["spec"]["template"]["spec"]["tolerations"] = json!([{ "operator": "Exists" }]);
    Case::new(&nodes, &new, &old)
}

/// All nodes are exchanged.
fn exchanged(count: usize) -> Case {
    let nodes: Vec<Value> = (0..count).map(|number| node(number, json!({}))).collect();
    let (mut new, mut old) = (agent("agent", labels(), &[]), agent("agent", labels(), &[]));
    new["spec"]["template"]["spec"]["nodeSelector"] = json!({ "zone": "z0" });
    old["spec"]["template"]["spec"]["nodeSelector"] = json!({ "zone": "z1" });
    Case::new(&nodes, &new, &old)
}

/// As many other DaemonSets, whose pods match the selector and which need the same host port.
fn others(count: usize) -> Case {
    let mut objects: Vec<Value> = (0..20).map(|number| node(number, json!({}))).collect();
    objects.extend((0..count).map(|number| agent(&format!("other-{number}"), labels(), &[9100])));
    Case::new(&objects, &agent("agent", labels(), &[9100]), &agent("agent", labels(), &[9200]))
}

/// Another DaemonSet needs as many ports on as many nodes.
fn ports(count: usize) -> Case {
    let all: Vec<u16> = (0..count).map(|number| 10_000 + u16::try_from(number).unwrap()).collect();
    let mut objects: Vec<Value> = (0..20).map(|number| node(number, json!({}))).collect();
    objects.push(agent("other", json!({ "app": "agent", "tier": "x" }), &all));
    Case::new(&objects, &agent("agent", labels(), &all), &agent("agent", labels(), &all[..count / 2]))
}

/// What grows, its first size, and the case of a size.
type Shape = (&'static str, usize, fn(usize) -> Case);

#[test]
fn an_update_is_judged_in_linear_work() {
    let all: [Shape; 4] = [
        ("nodes with a reason each", 1_000, reasons),
        ("nodes that are exchanged", 2_000, exchanged),
        ("other DaemonSets of the same pods and ports", 500, others),
        ("ports that another DaemonSet needs as well", 250, ports),
    ];
    let measured: Vec<Growth> = all
        .into_iter()
        .map(|(name, first, case)| {
            let judged = case(first).judge();
            assert!(!judged.introduced.is_empty(), "{name}: nothing is introduced");
            Growth::measure(name, first, case, Case::judge)
        })
        .collect();
    measured.iter().for_each(|one| println!("{}", one.row()));
    let faults: Vec<String> = measured.iter().filter_map(Growth::fault).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}
