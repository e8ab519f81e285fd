//! Real manifests in `../shared/corpus` get the server's own verdicts. They are others' work, so none is in this repository. Without the
//! folder the test says that it is skipped.

use std::collections::BTreeMap;
use std::path::PathBuf;

use daemonset_tests::command::lint;
use daemonset_tests::root;
use serde_json::Value;

fn corpus() -> Option<PathBuf> {
    let folder = root().parent()?.join("shared/corpus");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: {} is absent", folder.display());
    None
}

fn report(arguments: &[&str]) -> (u8, Value) {
    let output = lint([&["--format", "json"], arguments].concat(), b"");
    (output.code, output.json().unwrap())
}

/// Verdicts that differ from the recorded ones, and why. One that vanished fails the test.
const KNOWN: &[(&str, &str)] = &[(
    "manifests/helm-stable/kiam.yaml",
    "apps/v1beta2: the recorder asked the codec, which still knows the type; no server serves it since 1.16",
)];

#[test]
fn every_real_daemon_set_gets_the_servers_verdict() {
    let Some(folder) = corpus() else { return };
    let manifests = folder.join("manifests");
    let (_, report) = report(&[manifests.to_str().unwrap()]);
    let mut ours = BTreeMap::new();
    for file in report["files"].as_array().unwrap() {
        let path = file["path"].as_str().unwrap();
        let path = path.split("shared/corpus/").nth(1).unwrap().to_owned();
        for document in file["documents"].as_array().unwrap() {
            if matches!(document["verdict"].as_str(), Some("accepted" | "rejected")) {
                let accepted = document["verdict"] == "accepted";
                ours.entry(path.clone()).or_insert_with(Vec::new).push((
                    document["index"].as_u64().unwrap(),
                    accepted,
                    document,
                ));
            }
        }
    }
    let recorded = std::fs::read_to_string(folder.join("verdicts-1.37.jsonl")).unwrap();
    let mut differing = Vec::new();
    let mut count = 0;
    for line in recorded.lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        let file = record["file"].as_str().unwrap();
        let valid = record["valid"].as_bool().unwrap();
        // The recorder numbers only the documents that hold something, so verdicts are compared in order.
        let Some(list) = ours.get_mut(file).filter(|list| !list.is_empty()) else {
            differing.push(format!("{file}: not judged"));
            continue;
        };
        let (_, accepted, document) = list.remove(0);
        count += 1;
        if accepted != valid && !KNOWN.iter().any(|(known, _)| *known == file) {
            differing.push(format!(
                "{file}: the server says valid={valid}: {record} we say {}",
                document["findings"]
            ));
        }
        if valid && accepted {
            let texts = |values: &Value, of: fn(&Value) -> Option<&str>| -> Vec<String> {
                let mut texts: Vec<String> =
                    values.as_array().into_iter().flatten().filter_map(of).map(str::to_owned).collect();
                texts.sort();
                texts
            };
            let theirs = texts(&record["warnings"], Value::as_str);
            let mine = texts(&document["findings"], |finding| {
                (finding["rule"] == "api/warning").then(|| finding["message"].as_str())?
            });
            if theirs != mine {
                differing.push(format!("{file}: the server warns {theirs:#?}, we warn {mine:#?}"));
            }
        }
        if let Some(errors) = record["errors"].as_array() {
            let field = |finding: &Value| {
                (finding["cause"].as_str().map(str::to_owned), finding["field"].as_str().map(str::to_owned))
            };
            let mine: Vec<_> = document["findings"].as_array().unwrap().iter().map(field).collect();
            for error in errors {
                let wanted =
                    (error["type"].as_str().map(str::to_owned), error["field"].as_str().map(str::to_owned));
                // The recorder judged apps/v1beta2 as well, which no server serves.
                if record["kind"] == "apps/v1/DaemonSet" && !mine.contains(&wanted) {
                    differing.push(format!("{file}: {wanted:?} is missing from {mine:?}"));
                }
            }
        }
    }
    for (file, list) in &ours {
        for (index, ..) in list {
            differing.push(format!("{file}: document {index} has no recorded verdict"));
        }
    }
    assert!(differing.is_empty(), "{count} compared; {differing:#?}");
    println!("{count} verdicts compared");
}

/// The systems that the product is for, each with a folder of the corpus.
const SYSTEMS: &[&str] = &[
    "rook",
    "openebs",
    "longhorn",
    "fluentd",
    "logstash",
    "opentelemetry-collector",
    "prometheus-node-exporter",
    "telegraf",
    "datadog",
];

#[test]
fn every_system_lints_and_explains_on_the_tutorials_cluster() {
    let Some(folder) = corpus() else { return };
    let cluster = root().join("tests/tutorial/cluster.yaml");
    for system in SYSTEMS {
        let manifests = folder.join("manifests").join(system);
        // Logstash ships none, so one of ours stands in for it.
        let ours = root().join(format!("tests/systems/{system}.yaml"));
        let mut arguments =
            vec!["--explain", "--nodes", cluster.to_str().unwrap(), manifests.to_str().unwrap()];
        arguments.extend(ours.to_str().filter(|_| ours.exists()));
        let (code, report) = report(&arguments);
        assert!(code < 2, "{system}");
        let daemon_sets = report["daemonSets"].as_array().unwrap();
        assert!(!daemon_sets.is_empty(), "{system} has no DaemonSet");
        let runs: u64 = daemon_sets.iter().filter_map(|one| one["summary"]["runs"].as_u64()).sum();
        println!("{system}: {} DaemonSets, {runs} pods on three nodes", daemon_sets.len());
        for one in daemon_sets.iter().filter(|one| one["verdict"] != "rejected") {
            assert_eq!(one["nodes"].as_array().unwrap().len(), 3, "{system}");
        }
    }
}

/// Configuration of a tool that makes nodes; there is no Node in it.
const NO_NODES: &[&str] = &["kwok-node-pending-output.yaml", "kwokctl-node-resource-template.yaml"];

#[test]
fn every_real_node_can_be_read() {
    let Some(folder) = corpus() else { return };
    let manifest = root().join("tests/tutorial/fluentd-logging.yaml");
    let mut count = 0;
    for entry in std::fs::read_dir(folder.join("nodes")).unwrap() {
        let path = entry.unwrap().path();
        if NO_NODES.iter().any(|name| path.ends_with(name)) {
            continue;
        }
        let (code, report) =
            report(&["--explain", "--nodes", path.to_str().unwrap(), manifest.to_str().unwrap()]);
        assert_eq!(code, 0, "{}", path.display());
        assert!(report["cluster"]["nodes"].as_u64().unwrap() > 0, "{}", path.display());
        count += 1;
    }
    assert!(count > 0);
}
