//! What a review says about the nodes on which a DaemonSet's pods would run.

use std::sync::Arc;

use daemonset_validation::placement::{Budget, KINDS, Kind, Snapshot, SnapshotBuilder};
use daemonset_validation::{Finding, Server};
use daemonset_webhook::cache::{Missing, View, Why};
use daemonset_webhook::placement::{Old, Question, judge};
use daemonset_webhook::policy::Levels;
use k8s_openapi::api::apps::v1::DaemonSet;
use serde_json::{Value, json};

fn node(name: &str, more: Value) -> Value {
    let mut node = json!({
        "metadata": { "name": name, "uid": name, "labels": { "kubernetes.io/os": "linux" } },
        "spec": {},
        "status": { "allocatable": { "cpu": "4", "memory": "8Gi", "pods": "110" } }
    });
    merge(&mut node, &more);
    node
}

fn merge(into: &mut Value, more: &Value) {
    match (into, more) {
        (Value::Object(into), Value::Object(more)) => {
            for (key, value) in more {
                merge(into.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (into, more) => *into = more.clone(),
    }
}

fn tainted(name: &str) -> Value {
    let taints = json!([{ "key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule" }]);
    node(name, json!({ "spec": { "taints": taints } }))
}

fn daemon_set(name: &str, spec: Value) -> DaemonSet {
    let mut one = json!({
        "metadata": { "name": name, "namespace": "monitoring" },
        "spec": {
            "selector": { "matchLabels": { "app": name } },
            "template": {
                "metadata": { "labels": { "app": name } },
                "spec": { "containers": [{ "name": "main", "image": "agent:1" }] }
            }
        }
    });
    merge(&mut one["spec"]["template"]["spec"], &spec);
    serde_json::from_value(one).unwrap()
}

fn cluster(objects: &[(Kind, Value)], read: &[Kind]) -> Snapshot {
    let mut builder = SnapshotBuilder::new(Server::newest());
    for (kind, object) in objects {
        builder.add(*kind, object.clone()).unwrap();
    }
    read.iter().for_each(|kind| builder.mark_read(*kind));
    builder.finish()
}

fn nodes(nodes: Vec<Value>) -> Snapshot {
    cluster(&nodes.into_iter().map(|node| (Kind::Node, node)).collect::<Vec<_>>(), &KINDS)
}

fn told(daemon_set: &DaemonSet, view: &View) -> Vec<String> {
    let (server, levels, budget) = (Server::newest(), Levels::default(), Budget::unbounded());
    let question = Question { server: &server, levels: &levels, named_nodes: 3, budget: &budget };
    let findings: Vec<Finding> = judge(daemon_set, &mut || Old::None, view, &question).introduced;
    let line = |finding: &Finding| format!("{} {}: {}", finding.rule, finding.field, finding.message);
    findings.iter().map(line).collect()
}

fn lines(daemon_set: &DaemonSet, snapshot: &Snapshot) -> Vec<String> {
    told(daemon_set, &View::Ready(Arc::new(snapshot.clone())))
}

#[test]
fn a_daemon_set_that_runs_everywhere_says_nothing() {
    let snapshot = nodes((1..=44).map(|number| node(&format!("w-{number}"), json!({}))).collect());
    assert_eq!(lines(&daemon_set("agent", json!({})), &snapshot), [""; 0]);
    assert_eq!(lines(&daemon_set("agent", json!({})), &nodes(Vec::new())), [""; 0]);
}

#[test]
fn nodes_that_are_skipped_are_named_with_the_reason() {
    let mut all: Vec<Value> = (1..=41).map(|number| node(&format!("w-{number}"), json!({}))).collect();
    all.extend([10, 2, 1].map(|number| tainted(&format!("gpu-{number}"))));
    let path = "skips-nodes spec.template.spec.tolerations: ";
    assert_eq!(
        lines(&daemon_set("agent", json!({})), &nodes(all.clone())),
        [format!(
            "{path}runs on 41 of 44 nodes; not on gpu-1, gpu-2, gpu-10: taint nvidia.com/gpu is not tolerated"
        )]
    );
    all.extend((11..=22).map(|number| tainted(&format!("gpu-{number}"))));
    assert_eq!(
        lines(&daemon_set("agent", json!({})), &nodes(all)),
        [format!(
            "{path}runs on 41 of 56 nodes; not on gpu-1, gpu-2, gpu-10 and 12 others: taint nvidia.com/gpu is not tolerated"
        )]
    );
}

#[test]
fn pods_that_wait_are_told_apart_from_pods_that_are_not_made() {
    let small = |cpu: &str| json!({ "status": { "allocatable": { "cpu": cpu } } });
    let wants = json!({ "containers": [{ "name": "main", "image": "agent:1", "resources": { "requests": { "cpu": "3" } } }] });
    let all = vec![node("a-1", small("1")), node("b", json!({})), tainted("gpu-1"), node("c", json!({}))];
    assert_eq!(
        lines(&daemon_set("agent", wants.clone()), &nodes(all)),
        [
            "skips-nodes spec.template.spec.containers[0].resources.requests[cpu]: runs on 2 of 4 nodes; pending on a-1: needs 2 CPU more than is free; not on gpu-1: taint nvidia.com/gpu is not tolerated"
        ]
    );
    let all = vec![node("a", small("1")), node("b", small("2500m"))];
    assert_eq!(
        lines(&daemon_set("agent", wants), &nodes(all)),
        [
            "lands-nowhere spec.template.spec.containers[0].resources.requests[cpu]: would be pending on all 2 nodes: needs 500m to 2 CPU more than is free"
        ]
    );
}

#[test]
fn what_the_author_left_out_is_counted_by_the_selector() {
    let ssd = json!({ "metadata": { "labels": { "disktype": "ssd" } } });
    let mut all: Vec<Value> = (1..=41).map(|number| node(&format!("w-{number}"), json!({}))).collect();
    all.extend((1..=3).map(|number| node(&format!("s-{number}"), ssd.clone())));
    // A taint on a node that the author left out anyway is of no interest.
    all.push(tainted("gpu-1"));
    let agent = daemon_set("agent", json!({ "nodeSelector": { "disktype": "ssd" } }));
    assert_eq!(
        lines(&agent, &nodes(all.clone())),
        [
            "skips-nodes spec.template.spec.nodeSelector[disktype]: runs on 3 of 45 nodes; 42 do not match nodeSelector disktype: ssd"
        ]
    );
    let agent = daemon_set("agent", json!({ "nodeSelector": { "disktype": "tape" } }));
    assert_eq!(
        lines(&agent, &nodes(all)),
        [
            "lands-nowhere spec.template.spec.nodeSelector[disktype]: runs on no node: none of 45 matches nodeSelector disktype: tape"
        ]
    );
}

#[test]
fn lines_are_kept_short_and_hold_no_breaks() {
    let taint = |name: &str, key: &str| {
        node(name, json!({ "spec": { "taints": [{ "key": key, "effect": "NoSchedule" }] } }))
    };
    let mut all = vec![node("w", json!({}))];
    for number in 0..9 {
        let name = format!("ip-10-0-0-{number}.eu-west-1.compute.internal");
        all.push(taint(&name, &format!("team.example.com/pool-{}\n\t", number % 4)));
    }
    let said = lines(&daemon_set("agent", json!({})), &nodes(all));
    let message = said[0].split_once(": ").unwrap().1;
    assert_eq!(
        message,
        "runs on 1 of 10 nodes; not on ip-10-0-0-0.eu-west-1.compute.internal and 2 others: taint team.example.com/pool-0   is not tolerated; 6 more nodes for other reasons"
    );
}

#[test]
fn what_is_not_known_is_said() {
    let agent = daemon_set("agent", json!({}));
    assert_eq!(told(&agent, &View::Off), [""; 0]);
    let path = "placement-unknown spec.template.spec: placement is unknown";
    let missing = |why| View::Cold { missing: vec![Missing { kind: Kind::Node, why }] };
    assert_eq!(told(&agent, &missing(Why::NotReadYet)), [format!("{path}: nodes are not read yet")]);
    let refused = "the webhook may not list nodes (verb list, for all namespaces): 403: forbidden";
    assert_eq!(told(&agent, &missing(Why::Refused(refused.to_owned()))), [format!("{path}: {refused}")]);
    let claim = daemon_set(
        "agent",
        json!({ "volumes": [{ "name": "v", "persistentVolumeClaim": { "claimName": "c" } }] }),
    );
    let snapshot = cluster(&[(Kind::Node, node("a", json!({})))], &[Kind::Node]);
    assert_eq!(lines(&claim, &snapshot), [format!("{path}: not read: persistentvolumeclaims")]);
}

#[test]
fn daemon_sets_that_exist_are_compared_and_the_same_one_is_not() {
    let port = |host_port: i32| json!({ "containers": [{ "name": "main", "image": "agent:1", "ports": [{ "containerPort": 80, "hostPort": host_port, "protocol": "TCP" }] }] });
    let stored = |name: &str, port: Value| {
        let mut value = serde_json::to_value(daemon_set(name, port)).unwrap();
        value["metadata"]["uid"] = json!(name);
        (Kind::DaemonSet, value)
    };
    let mut objects: Vec<(Kind, Value)> =
        (1..=5).map(|number| (Kind::Node, node(&format!("w-{number}"), json!({})))).collect();
    objects.push((Kind::Node, tainted("gpu-1")));
    objects.push(stored("exporter", port(9100)));
    objects.push(stored("quiet", port(9101)));
    let snapshot = cluster(&objects, &KINDS);
    let skips = "skips-nodes spec.template.spec.tolerations: runs on 5 of 6 nodes; not on gpu-1: taint nvidia.com/gpu is not tolerated";
    let clash = "host-port-clash spec.template.spec.containers[0].ports[0].hostPort: host port 9100/TCP is also needed by DaemonSet monitoring/exporter on 5 of 6 nodes: only one of the two runs there";
    assert_eq!(lines(&daemon_set("agent", port(9100)), &snapshot), [clash, skips]);
    assert_eq!(lines(&daemon_set("exporter", port(9100)), &snapshot), [skips]);
    let mut agent = daemon_set("agent", json!({}));
    let labels = agent.spec.template.metadata.as_mut().unwrap().labels.as_mut().unwrap();
    labels.insert("app".to_owned(), "exporter".to_owned());
    agent.spec.selector.match_labels = Some(labels.clone());
    assert_eq!(
        lines(&agent, &snapshot),
        [
            "overlapping-selectors spec.selector: the selector also matches the pods of DaemonSet exporter in the cluster",
            skips
        ]
    );
}

#[test]
fn many_rivals_for_a_host_port_are_counted() {
    let port = json!({ "containers": [{ "name": "main", "image": "agent:1",
        "ports": [{ "containerPort": 9100, "hostPort": 9100 }] }] });
    let mut objects = vec![(Kind::Node, node("w-1", json!({})))];
    for number in 1..=40 {
        let rival = serde_json::to_value(daemon_set(&format!("rival-{number:02}"), port.clone())).unwrap();
        objects.push((Kind::DaemonSet, rival));
    }
    let told = lines(&daemon_set("agent", port), &cluster(&objects, &KINDS));
    assert_eq!(told.len(), 3, "{told:#?}");
    assert!(told[0].contains("rival-01") && told[2].contains("rival-03"), "{told:#?}");
    assert!(told[2].ends_with("; at least 29 other DaemonSets need its host ports as well"), "{told:#?}");
}
