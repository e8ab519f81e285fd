//! The preview's rollout agrees with the controller: a real `DaemonSetsController` syncs random nodes until nothing changes.
//!
//! The recorded answers are in `corpus/rollout.jsonl`. Where `ORACLE_BIN` names the folder of the built oracles, fresh cases are compared
//! as well (`CASES`, 5,000 by default; `SEED`), and `UPDATE=1` records again.
//!
//! The controller takes equal nodes in any order (its map has none), so the simulation gets the nodes in the controller's order. It gets
//! nothing else of the answer.

use std::collections::BTreeMap;

use daemonset_tests::differential::Oracle;
use daemonset_tests::random::Random;
use daemonset_tests::{root, setting, update};
use daemonset_validation::Server;
use daemonset_validation::apiserver::strategy::admit_create;
use daemonset_validation::placement::rollout::{Group, Limits, NodeState, PodState, Start, Wanted, simulate};
use k8s_openapi::api::apps::v1::DaemonSet;
use serde_json::{Value, json};

/// How many cases are recorded.
const RECORDED: u64 = 250;
const RECORDED_SEED: u64 = 1;

const WANTED: &[(&str, Wanted)] = &[("run", Wanted::Run), ("keep", Wanted::Keep), ("remove", Wanted::Remove)];
const PODS: &[(&str, PodState)] =
    &[("none", PodState::None), ("unavailable", PodState::Unavailable), ("available", PodState::Available)];
const STARTS: &[(&str, Start)] =
    &[("starts", Start::Starts), ("afterOld", Start::AfterOld), ("never", Start::Never)];

fn named<T: Copy>(table: &[(&str, T)], name: &Value) -> T {
    table.iter().find(|(known, _)| name == known).map(|(_, value)| *value).unwrap()
}

fn name<T: Copy + PartialEq>(table: &[(&'static str, T)], value: T) -> &'static str {
    table.iter().find(|(_, known)| *known == value).map(|(name, _)| *name).unwrap()
}

/// A number or a percentage.
fn amount(random: &mut Random) -> Value {
    if random.percent(50) { json!(1 + random.below(6)) } else { json!(format!("{}%", 1 + random.below(100))) }
}

fn strategy(random: &mut Random) -> Value {
    match random.below(20) {
        0 => json!({ "type": "OnDelete" }),
        1 => json!({}),
        // The server refuses the next two, and the controller has an answer all the same.
        2 => json!({ "rollingUpdate": { "maxUnavailable": 0 } }),
        3 => json!({ "rollingUpdate": { "maxUnavailable": amount(random), "maxSurge": amount(random) } }),
        4..=11 => json!({ "rollingUpdate": { "maxUnavailable": amount(random) } }),
        _ => json!({ "rollingUpdate": { "maxUnavailable": 0, "maxSurge": amount(random) } }),
    }
}

fn node(random: &mut Random, calm: bool) -> Value {
    let choose = |random: &mut Random, usual: usize, first: &'static str, others: &[&'static str]| {
        if random.percent(usual) { first } else { random.pick(others).copied().unwrap() }
    };
    let usual = if calm { 97 } else { 60 };
    let old = choose(random, usual, "available", &["none", "unavailable"]);
    // Both pods at once are what an earlier rollout with surge left behind.
    let with_new = random.percent(if old == "none" { 80 } else { 8 });
    json!({
        "wanted": choose(random, usual + 3, "run", &["keep", "remove"]),
        "old": old,
        "new": if with_new { choose(random, 60, "available", &["unavailable"]) } else { "none" },
        "starts": choose(random, usual, "starts", &["afterOld", "never"]),
    })
}

fn case(seed: u64, number: u64) -> Value {
    let random = &mut Random::of_case(seed, number);
    let count = match random.below(40) {
        // More than the controller makes in one pass.
        0 if number > RECORDED => 260 + random.below(400),
        1..=10 => random.below(4),
        _ => random.below(30),
    };
    let calm = random.percent(40);
    let nodes: Vec<Value> = (0..count).map(|_| node(random, calm)).collect();
    json!({
        "daemonSet": {
            "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": { "name": "d", "namespace": "default" },
            "spec": {
                "selector": { "matchLabels": { "a": "b" } },
                "minReadySeconds": random.below(3),
                "updateStrategy": strategy(random),
                "template": {
                    "metadata": { "labels": { "a": "b" } },
                    "spec": { "containers": [{ "name": "c", "image": "i:1" }] },
                },
            },
        },
        "nodes": nodes,
    })
}

/// How often each state stands at the end.
fn tally(states: impl Iterator<Item = (String, usize)>) -> Value {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (state, nodes) in states {
        *counts.entry(state).or_default() += nodes;
    }
    json!(counts)
}

fn text(node: &Value) -> String {
    let word = |key: &str| node[key].as_str().unwrap().to_owned();
    [word("wanted"), word("old"), word("new"), word("starts")].join(" ")
}

/// What is compared of an answer, and the order in which the controller took the nodes.
fn digest(case: &Value, answer: &Value) -> Value {
    let surging = answer["maxSurge"].as_u64().unwrap_or_else(|| panic!("{answer}")) > 0;
    let places = |list: &Value| -> Vec<usize> {
        list.as_array()
            .unwrap()
            .iter()
            .map(|place| usize::try_from(place.as_u64().unwrap()).unwrap())
            .collect()
    };
    let nodes = case["nodes"].as_array().unwrap();
    let mut taken = vec![usize::MAX; nodes.len()];
    let mut step = 0;
    let mut rounds = Vec::new();
    for wave in answer["waves"].as_array().unwrap() {
        let (mut created, mut deleted) = (0, 0);
        for pass in wave.as_array().unwrap() {
            step += 1;
            let (new, old) = (places(&pass["created"]), places(&pass["deletedOld"]));
            for place in &old {
                if !surging || nodes[*place]["wanted"] != "run" {
                    taken[*place] = step;
                }
            }
            for place in new.iter().filter(|_| surging) {
                taken[*place] = step;
            }
            created += new.len();
            deleted += old.len() + places(&pass["deletedNew"]).len();
        }
        rounds.push(json!([created, deleted]));
    }
    let mut order: Vec<usize> = (0..nodes.len()).collect();
    order.sort_by_key(|place| taken[*place]);
    json!({
        "limits": [answer["desired"], answer["maxUnavailable"], answer["maxSurge"]],
        "order": order,
        "rounds": rounds,
        "end": tally(answer["end"].as_array().unwrap().iter().map(|node| (text(node), 1))),
    })
}

/// The same of our simulation.
fn ours(case: &Value, order: &Value) -> Value {
    let daemon_set: DaemonSet = serde_json::from_value(case["daemonSet"].clone()).unwrap();
    let stored = admit_create(daemon_set, true, &Server::newest()).daemon_set;
    let group = |place: &Value| {
        let node = &case["nodes"][usize::try_from(place.as_u64().unwrap()).unwrap()];
        let state = NodeState {
            wanted: named(WANTED, &node["wanted"]),
            old: named(PODS, &node["old"]),
            new: named(PODS, &node["new"]),
            start: named(STARTS, &node["starts"]),
        };
        Group { state, nodes: 1 }
    };
    let groups: Vec<Group> = order.as_array().unwrap().iter().map(group).collect();
    let desired = groups.iter().filter(|group| group.state.wanted == Wanted::Run).count();
    let limits = Limits::new(&stored, desired).unwrap();
    let simulation = simulate(&limits, groups);
    let state = |group: &Group| {
        let NodeState { wanted, old, new, start } = group.state;
        [name(WANTED, wanted), name(PODS, old), name(PODS, new), name(STARTS, start)].join(" ")
    };
    json!({
        "limits": [limits.desired, limits.max_unavailable, limits.max_surge],
        "order": order,
        "rounds": simulation.rounds.iter().map(|round| json!([round.created, round.deleted])).collect::<Vec<_>>(),
        "end": tally(simulation.end.iter().map(|group| (state(group), group.nodes))),
    })
}

/// What the controller of the newest minor does in the cases.
fn theirs(cases: &[Value]) -> Vec<Value> {
    let questions = cases.iter().map(Value::to_string).collect();
    let answers: Vec<Value> = Oracle::ask_all(Server::newest().minor(), "rollout", questions).unwrap();
    cases.iter().zip(&answers).map(|(case, answer)| digest(case, answer)).collect()
}

#[test]
fn recorded_rollouts_are_the_controllers() {
    let path = root().join("tests/corpus/rollout.jsonl");
    let cases: Vec<Value> = (0..RECORDED).map(|number| case(RECORDED_SEED, number)).collect();
    if update() && Oracle::is_built(Server::newest().minor()) {
        let text: String = theirs(&cases).iter().map(|answer| format!("{answer}\n")).collect();
        std::fs::write(&path, text).unwrap();
    }
    let recorded = std::fs::read_to_string(&path).unwrap();
    let mut long = 0;
    for (case, line) in cases.iter().zip(recorded.lines()) {
        let wanted: Value = serde_json::from_str(line).unwrap();
        assert_eq!(ours(case, &wanted["order"]), wanted, "{case:#}");
        long += u64::from(wanted["rounds"].as_array().unwrap().len() > 2);
    }
    assert_eq!(recorded.lines().count() as u64, RECORDED);
    // Rollouts that are over at once would prove nothing.
    assert!(long > RECORDED / 5, "{long} of {RECORDED} have more than two rounds");
}

#[test]
fn fresh_rollouts_are_the_controllers() {
    let seed = setting("SEED", std::process::id().into());
    let newest = Server::newest();
    if !Oracle::is_built(newest.minor()) {
        println!("skipped: no oracle for {} in ORACLE_BIN", newest.minor());
        return;
    }
    let cases: Vec<Value> = (0..setting("CASES", 5_000)).map(|number| case(seed, number)).collect();
    for (case, wanted) in cases.iter().zip(theirs(&cases)) {
        assert_eq!(ours(case, &wanted["order"]), wanted, "seed {seed}: {case:#}");
    }
    println!("{}: {} rollouts agree, seed {seed}", newest.minor(), cases.len());
}
