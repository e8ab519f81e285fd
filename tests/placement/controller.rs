//! The preview's first stage agrees with the controller's `NodeShouldRunDaemonPod` on random DaemonSets and nodes.
//!
//! The recorded answers are in `corpus/controller.jsonl`. Where `ORACLE_BIN` names the folder of the built oracles, fresh cases are
//! compared as well (`CASES`, 20,000 by default; `SEED`), and `UPDATE=1` records again.

use daemonset_tests::differential::Oracle;
use daemonset_tests::random::Random;
use daemonset_tests::{root, setting, update};
use daemonset_validation::Server;
use daemonset_validation::apiserver::strategy::admit_create;
use daemonset_validation::placement::{Kind, Outcome, SnapshotBuilder, explain};
use k8s_openapi::api::apps::v1::DaemonSet;
use serde_json::{Value, json};

/// How many cases are recorded.
const RECORDED: u64 = 400;
const RECORDED_SEED: u64 = 1;

const KEYS: &[&str] = &["color", "zone", "kubernetes.io/os", "size", "node-role.kubernetes.io/control-plane"];
const VALUES: &[&str] = &["", "green", "blue", "linux", "1", "10", "-3", "007", "x1"];
const TAINTS: &[&str] = &[
    "node.kubernetes.io/not-ready",
    "node.kubernetes.io/unreachable",
    "node.kubernetes.io/disk-pressure",
    "node.kubernetes.io/unschedulable",
    "node.kubernetes.io/network-unavailable",
    "node-role.kubernetes.io/control-plane",
    "dedicated",
];
const EFFECTS: &[&str] = &["NoSchedule", "NoExecute", "PreferNoSchedule"];
const OPERATORS: &[&str] = &["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"];

fn pick(random: &mut Random, choices: &[&'static str]) -> &'static str {
    random.pick(choices).copied().unwrap_or_default()
}

fn labels(random: &mut Random) -> Value {
    let mut labels = serde_json::Map::new();
    for key in KEYS {
        if random.percent(45) {
            labels.insert((*key).to_owned(), json!(pick(random, VALUES)));
        }
    }
    Value::Object(labels)
}

fn requirement(random: &mut Random) -> Value {
    let operator = pick(random, OPERATORS);
    let count = match operator {
        "Exists" | "DoesNotExist" => 0,
        "Gt" | "Lt" => 1,
        _ => 1 + random.below(3),
    };
    let values: Vec<&str> = (0..count).map(|_| pick(random, VALUES)).collect();
    let values = if matches!(operator, "Gt" | "Lt") && random.percent(80) { vec!["5"] } else { values };
    json!({ "key": pick(random, KEYS), "operator": operator, "values": values })
}

fn term(random: &mut Random) -> Value {
    let expressions: Vec<Value> = (0..random.below(3)).map(|_| requirement(random)).collect();
    let fields: Vec<Value> = (0..usize::from(random.percent(20)))
        .map(|_| {
            let operator = if random.percent(60) { "In" } else { "NotIn" };
            json!({ "key": "metadata.name", "operator": operator, "values": [pick(random, &["n1", "n2"])] })
        })
        .collect();
    json!({ "matchExpressions": expressions, "matchFields": fields })
}

fn toleration(random: &mut Random) -> Value {
    let mut toleration = serde_json::Map::new();
    let operator = pick(random, &["", "Exists", "Equal", "Equal"]);
    if random.percent(85) {
        toleration.insert("key".to_owned(), json!(pick(random, TAINTS)));
    }
    if !operator.is_empty() {
        toleration.insert("operator".to_owned(), json!(operator));
    }
    if operator != "Exists" {
        toleration.insert("value".to_owned(), json!(pick(random, VALUES)));
    }
    if random.percent(70) {
        toleration.insert("effect".to_owned(), json!(pick(random, EFFECTS)));
    }
    Value::Object(toleration)
}

/// A DaemonSet and a node that have something to say to each other.
fn case(seed: u64, number: u64) -> Value {
    let random = &mut Random::of_case(seed, number);
    let mut pod = json!({ "containers": [{ "name": "c", "image": "i:1" }] });
    if random.percent(15) {
        pod["nodeName"] = json!(pick(random, &["n1", "n2"]));
    }
    if random.percent(35) {
        pod["nodeSelector"] = json!({ pick(random, KEYS): pick(random, VALUES) });
    }
    if random.percent(60) {
        let terms: Vec<Value> = (0..1 + random.below(3)).map(|_| term(random)).collect();
        let required = json!({ "nodeSelectorTerms": terms });
        pod["affinity"] =
            json!({ "nodeAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": required } });
    }
    if random.percent(50) {
        pod["tolerations"] = (0..1 + random.below(3)).map(|_| toleration(random)).collect();
    }
    if random.percent(30) {
        pod["hostNetwork"] = json!(true);
    }
    let taints: Vec<Value> = (0..random.below(4).saturating_sub(1))
        .map(|_| json!({ "key": pick(random, TAINTS), "value": pick(random, VALUES), "effect": pick(random, EFFECTS) }))
        .collect();
    json!({
        "daemonSet": {
            "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": { "name": "d", "namespace": "default" },
            "spec": {
                "selector": { "matchLabels": { "a": "b" } },
                "template": { "metadata": { "labels": { "a": "b" } }, "spec": pod },
            },
        },
        "node": {
            "apiVersion": "v1", "kind": "Node", "metadata": { "name": pick(random, &["n1", "n2"]), "labels": labels(random) },
            "spec": { "taints": taints, "unschedulable": random.percent(10) },
        },
    })
}

/// Whether we say that the controller makes a pod.
fn ours(case: &Value, server: &Server) -> bool {
    let daemon_set: DaemonSet = serde_json::from_value(case["daemonSet"].clone()).unwrap();
    let stored = admit_create(daemon_set, true, server).daemon_set;
    let mut builder = SnapshotBuilder::new(*server);
    builder.add(Kind::Node, &case["node"]).unwrap();
    let verdicts = explain(&stored, &builder.finish(), server).verdicts;
    !matches!(verdicts[0].outcome, Outcome::NotWanted(_))
}

/// What the controller decides in the cases.
fn theirs(minor: &str, cases: &[Value]) -> Vec<bool> {
    let questions = cases.iter().map(Value::to_string).collect();
    let answers: Vec<Value> = Oracle::ask_all(minor, "controller", questions).unwrap();
    let answers =
        answers.iter().map(|answer| answer["shouldRun"].as_bool().unwrap_or_else(|| panic!("{answer}")));
    answers.collect()
}

#[test]
fn recorded_decisions_are_the_controllers() {
    let path = root().join("tests/corpus/controller.jsonl");
    let cases: Vec<Value> = (0..RECORDED).map(|number| case(RECORDED_SEED, number)).collect();
    let newest = Server::newest().minor();
    if update() && Oracle::is_built(newest) {
        let answers = theirs(newest, &cases);
        let text: String = answers.iter().map(|run| format!("{run}\n")).collect();
        std::fs::write(&path, text).unwrap();
    }
    let recorded = std::fs::read_to_string(&path).unwrap();
    let mut runs = 0;
    for (case, wanted) in cases.iter().zip(recorded.lines()) {
        assert_eq!(ours(case, &Server::newest()).to_string(), wanted, "{case:#}");
        runs += u64::from(wanted == "true");
    }
    assert_eq!(recorded.lines().count() as u64, RECORDED);
    // Answers that are all the same would prove nothing.
    assert!(runs > RECORDED / 10 && runs < RECORDED * 9 / 10, "{runs} of {RECORDED} run");
}

#[test]
fn fresh_decisions_are_the_controllers() {
    let seed = setting("SEED", std::process::id().into());
    for minor in Server::supported() {
        if !Oracle::is_built(minor) {
            println!("skipped: no oracle for {minor} in ORACLE_BIN");
            continue;
        }
        let server = Server::of_version(minor).unwrap();
        let cases: Vec<Value> = (0..setting("CASES", 20_000)).map(|number| case(seed, number)).collect();
        for (case, wanted) in cases.iter().zip(theirs(minor, &cases)) {
            assert_eq!(ours(case, &server), wanted, "{minor}, seed {seed}: {case:#}");
        }
        println!("{minor}: {} decisions agree, seed {seed}", cases.len());
    }
}
