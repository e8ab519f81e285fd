//! A look at the cluster takes at most about twice the work and the memory for twice as long a list, whatever it is filled with and whichever
//! filter reads it; and for twice as many nodes or pods.
//!
//! `GROWTH=N` is the size of the first list (more is slower and sharper), `PLACES=word` selects places by a part of their names.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::print_stdout)]

#[path = "growth/cluster.rs"]
mod cluster;
#[path = "growth/lists.rs"]
mod lists;
#[path = "growth/peers.rs"]
mod peers;

use std::sync::Mutex;

use daemonset_tests::growth::{Growth, PeakAlloc};
use daemonset_tests::setting;
use daemonset_validation::Server;
use daemonset_validation::placement::rollout::Before;
use daemonset_validation::placement::{Budget, Outcome, OverBudget, Snapshot, explain, explain_within};
use k8s_openapi::api::apps::v1::DaemonSet;
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// A DaemonSet of the pods of this spec, as the server would store it.
fn daemon_set(spec: &Value) -> DaemonSet {
    let mut spec = spec.clone();
    if spec["containers"].is_null() {
        spec["containers"] = json!([{ "name": "main", "image": "agent:1" }]);
    }
    let labels = json!({ "app": "new", "tier": "node" });
    serde_json::from_value(json!({
        "metadata": { "name": "new", "namespace": "team" },
        "spec": { "selector": { "matchLabels": { "app": "new" } }, "template": { "metadata": { "labels": labels }, "spec": spec } }
    }))
    .unwrap()
}

fn size(default: u64) -> usize {
    usize::try_from(setting("GROWTH", default)).unwrap()
}

fn selected(name: &str) -> bool {
    std::env::var("PLACES").map_or(true, |word| name.contains(&word))
}

/// Fails with all faults, after all was measured.
fn report(all: &[Growth]) {
    let faults: Vec<String> = all.iter().filter_map(Growth::fault).collect();
    for growth in all {
        println!("{}", growth.row());
    }
    assert!(faults.is_empty(), "{} of {} places:\n{}", faults.len(), all.len(), faults.join("\n"));
}

/// The memory of the whole process is counted, so the tests run one after the other.
static ALONE: Mutex<()> = Mutex::new(());

#[test]
fn a_look_grows_with_its_input_and_not_faster() {
    let _alone = ALONE.lock();
    let server = Server::newest();
    let (nodes, first) = (600, size(250));
    let snapshot = cluster::of(nodes, 3 * nodes, 4 * first);
    let mut all = Vec::new();
    for (name, list) in lists::ALL.iter().filter(|(name, _)| selected(name)) {
        all.push(Growth::measure(
            *name,
            first,
            |count| daemon_set(&list(count)),
            |daemon_set| explain(daemon_set, &snapshot, &server),
        ));
    }
    for (name, list) in lists::ON_GROWING_CLUSTERS.iter().filter(|(name, _)| selected(name)) {
        let daemon_set = daemon_set(&list(24));
        let look = |snapshot: &Snapshot| explain(&daemon_set, snapshot, &server);
        let nodes = |nodes: usize| cluster::of(nodes, nodes, 24);
        all.push(Growth::measure(format!("{name}, nodes"), first, nodes, look));
        let pods = |pods: usize| cluster::of(60, pods, 24);
        all.push(Growth::measure(format!("{name}, pods"), 4 * first, pods, look));
    }
    all.extend(peers::measure(first, selected));
    report(&all);
}

#[test]
fn what_is_kept_of_each_node_is_bounded() {
    let _alone = ALONE.lock();
    let server = Server::newest();
    let snapshot = cluster::of(20, 60, 2_000);
    for (name, list) in lists::ALL {
        let preview = explain(&daemon_set(&list(2_000)), &snapshot, &server);
        for verdict in preview.verdicts {
            let reasons = verdict.outcome.reasons();
            assert!(reasons.len() <= 60, "{name}: {} reasons", reasons.len());
            let shown = format!("{reasons:?}").len();
            assert!(shown < 60_000, "{name}: {shown} bytes of one node");
        }
    }
}

#[test]
fn a_look_ends_at_its_budget_and_says_so() {
    let _alone = ALONE.lock();
    let server = Server::newest();
    let snapshot = cluster::of(200, 400, 200);
    for (name, list) in lists::ALL {
        let daemon_set = daemon_set(&list(200));
        let within =
            |budget: &Budget| explain_within(&daemon_set, Before::Snapshot, &snapshot, &server, budget);
        let whole = Budget::of_work(u64::MAX);
        let preview = within(&whole).unwrap();
        let needed = u64::MAX - whole.left();
        assert!(needed >= 200, "{name}: {needed} units for 200 nodes");
        // With what it needs it says the same; with less it says nothing.
        let same = within(&Budget::of_work(needed)).unwrap();
        let runs = |verdicts: &[daemonset_validation::placement::NodeVerdict]| {
            verdicts.iter().filter(|one| one.outcome == Outcome::Runs).count()
        };
        assert_eq!(runs(&same.verdicts), runs(&preview.verdicts), "{name}");
        for part in [0, 1, needed / 3, needed - 1] {
            let over = within(&Budget::of_work(part)).map(|_| ());
            assert_eq!(over, Err(OverBudget::Work), "{name}: {part} of {needed} units");
        }
        let over = within(&Budget::new(u64::MAX, || true)).map(|_| ());
        assert!(over == Err(OverBudget::Time) || needed < 5_000, "{name}");
    }
}
