//! The JSON report is valid by `lint/schema/report.schema.json`.

use daemonset_tests::command::lint;
use daemonset_tests::root;
use serde_json::Value;

fn run(arguments: &[&str], input: &str) -> Value {
    lint([&["--format", "json"], arguments].concat(), input.as_bytes()).json().unwrap()
}

fn assert_valid(report: &Value) {
    let schema = std::fs::read_to_string(root().join("lint/schema/report.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(report)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}\n{report:#}");
}

#[test]
fn reports_of_the_tutorial_are_valid() {
    let tutorial = root().join("tests/tutorial");
    let (cluster, folder) = (tutorial.join("cluster.yaml"), tutorial.to_str().unwrap().to_owned());
    assert_valid(&run(&[&folder], ""));
    assert_valid(&run(&["--explain", "--nodes", cluster.to_str().unwrap(), &folder], ""));
    let stored = tutorial.join("fluentd-logging.yaml");
    let update = run(&["--against", stored.to_str().unwrap(), &folder], "");
    assert_valid(&update);
    assert!(update.to_string().contains("\"operation\":\"update\""));
}

#[test]
fn reports_of_odd_inputs_are_valid() {
    for input in [
        "",
        "---\n---\n",
        "- 1\n",
        "a: [",
        "{{ if }}\n",
        "kind: DaemonSet\n",
        "\u{feff}{}",
        "kind: [1]\nmetadata: 3\n",
    ] {
        let report = run(&["-"], input);
        assert_valid(&report);
        assert_eq!(report["files"].as_array().unwrap().len(), 1, "{input:?}");
    }
}

#[test]
fn a_schema_that_lacks_a_key_is_noticed() {
    let schema = std::fs::read_to_string(root().join("lint/schema/report.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let mut report = run(&["-"], "kind: DaemonSet\napiVersion: apps/v1\n");
    assert!(validator.is_valid(&report));
    report["files"][0]["surprise"] = Value::Bool(true);
    assert!(!validator.is_valid(&report));
}
