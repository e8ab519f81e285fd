//! A preview from a saved snapshot is the preview from the objects themselves, on random clusters.

use daemonset_tests::clusters::{Case, case};
use daemonset_tests::command::lint;
use daemonset_validation::Server;
use daemonset_validation::placement::KINDS;
use serde_json::{Value, json};

const SEED: u64 = 20;
const CASES: usize = 150;

fn explain(arguments: &[&str]) -> Value {
    let output = lint([&["--explain", "--format", "json"], arguments].concat(), b"");
    // 1 where the API server would refuse the pods, for example in a namespace that is not there.
    assert!(matches!(output.code, 0 | 1) && output.stderr.is_empty(), "{} {}", output.code, output.stderr);
    output.json().unwrap()
}

/// The objects, and an empty list of each kind: every other object was asked for and is not there.
fn list(case: &Case) -> Value {
    let empty = KINDS.map(|kind| {
        json!({ "apiVersion": kind.api_version(), "kind": format!("{}List", kind.as_str()), "items": [] })
    });
    json!({ "apiVersion": "v1", "kind": "List", "items": case.objects.iter().cloned().chain(empty).collect::<Vec<_>>() })
}

#[test]
fn a_saved_snapshot_gives_the_same_preview() {
    let server = Server::newest();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (cluster, saved, manifest) = (path("cluster.json"), path("saved.json"), path("agent.json"));
    let mut reasons = 0;
    for case in (0..).filter_map(|number| case(SEED, number, &server)).take(CASES) {
        std::fs::write(&cluster, list(&case).to_string()).unwrap();
        std::fs::write(&manifest, case.daemon_set.to_string()).unwrap();
        let given = explain(&["--nodes", &cluster, "--snapshot", &saved, &manifest]);
        let again = explain(&["--nodes", &saved, &manifest]);
        assert_eq!(given["daemonSets"], again["daemonSets"], "{}", case.question(0));
        let nodes = given["daemonSets"][0]["nodes"].as_array().unwrap();
        reasons += nodes.iter().filter(|node| node["reasons"] != json!([])).count();
    }
    // Previews without a word would prove nothing.
    assert!(reasons > CASES, "{reasons}");
}
