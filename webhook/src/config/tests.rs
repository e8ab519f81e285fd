//! Config files and their errors.

use daemonset_validation::Server;
use serde_json::Value;

use super::*;

fn errors(text: &str) -> Vec<String> {
    let errors = Config::parse(text.as_bytes(), "config.json").expect_err(text);
    assert_eq!(errors.file, "config.json");
    errors.errors.iter().map(ToString::to_string).collect()
}

#[test]
fn a_full_file_is_read() {
    let minor = Server::newest().minor();
    let text = format!(
        r#"{{"schemaVersion": 1, "kubernetesVersion": "{minor}",
            "levels": {{"api/*": "deny", "api/required": "warn", "host-port-clash": "off"}},
            "placement": {{"namedNodes": 5}}, "selfProbeSeconds": 60}}"#
    );
    let config = Config::parse(text.as_bytes(), "config.json").unwrap();
    assert_eq!(config.kubernetes_version, KubernetesVersion::Minor(Server::newest()));
    assert_eq!(config.placement.named_nodes, 5);
    assert_eq!(config.self_probe_seconds, 60);
    assert_eq!(config.levels.len(), 3);
    assert_eq!(config.level("api/required"), Level::Warn);
    assert_eq!(config.level("api/invalid"), Level::Deny);
    assert_eq!(config.level("api/warning"), Level::Off);
    assert_eq!(config.level("host-port-clash"), Level::Off);
    assert_eq!(config.level("skips-nodes"), Level::Warn);
}

#[test]
fn the_smallest_file_is_the_default() {
    assert_eq!(Config::parse(br#"{"schemaVersion": 1}"#, "x").unwrap(), Config::default());
    for (rule, default) in rules::all() {
        assert_eq!(Config::default().level(rule.id), default);
    }
}

#[test]
fn the_servers_configuration_of_pod_security_is_read_in_its_own_words() {
    let text = r#"{"schemaVersion": 1, "podSecurity": {
        "defaults": {"enforce": "baseline", "enforce-version": "v1.30", "warn": "restricted"},
        "exemptions": {"namespaces": ["storage"], "runtimeClasses": ["kata"]}}}"#;
    let engine = Config::parse(text.as_bytes(), "config.json").unwrap().pod_security.engine();
    assert_eq!(engine.labels["enforce"], "baseline");
    assert_eq!(engine.labels["enforce-version"], "v1.30");
    assert_eq!((engine.labels["warn"].as_str(), engine.labels.len()), ("restricted", 3));
    assert_eq!(
        (engine.exempt_namespaces, engine.exempt_runtime_classes),
        (vec!["storage".into()], vec!["kata".into()])
    );
    let of = |text: &str| errors(&format!(r#"{{"schemaVersion": 1, "podSecurity": {text}}}"#));
    assert_eq!(
        of(
            r#"{"defaults": {"enforce": "basline", "enforce-version": "1.30", "enforced": "baseline"}, "exemptions": {"usernames": [], "namespaces": "a"}}"#
        ),
        [
            "/podSecurity/defaults/enforce: \"basline\" is not allowed here; allowed: \"privileged\", \"baseline\", \"restricted\"; did you mean \"baseline\"?",
            "/podSecurity/defaults/enforce-version: \"1.30\" is not a version of a level; allowed: \"latest\", or a minor version such as \"v1.30\"",
            "/podSecurity/defaults/enforced: unknown key; did you mean \"enforce\"?",
            "/podSecurity/exemptions/namespaces: must be a list, not a string",
            "/podSecurity/exemptions/usernames: unknown key; allowed: namespaces, runtimeClasses",
        ]
    );
    assert_eq!(
        of(r#"{"exemptions": {"namespaces": [1]}}"#),
        ["/podSecurity/exemptions/namespaces/0: must be a string, not this number"]
    );
}

/// A value that fits the schema can be deserialized: every default and every limit of the schema, one at a time.
#[test]
fn a_file_that_fits_the_schema_is_a_config() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let mut count = 0;
    let mut take = |pointer: &[&str], value: &Value| {
        let mut config = value.clone();
        for key in pointer.iter().rev() {
            config = serde_json::json!({ *key: config });
        }
        config["schemaVersion"] = 1.into();
        Config::parse(config.to_string().as_bytes(), "x").unwrap();
        count += 1;
    };
    for (name, property) in schema["properties"].as_object().unwrap() {
        for keyword in ["default", "minimum", "maximum", "const"] {
            if let Some(value) = property.get(keyword) {
                take(&[name], value);
            }
        }
        for (inner, property) in property["properties"].as_object().into_iter().flatten() {
            for keyword in ["default", "minimum", "maximum"] {
                if let Some(value) = property.get(keyword) {
                    take(&[name, inner], value);
                }
            }
            if name == "levels" {
                for level in schema["$defs"]["level"]["enum"].as_array().unwrap() {
                    take(&[name, inner], level);
                }
            }
        }
    }
    for minor in Server::supported() {
        take(&["kubernetesVersion"], &Value::from(*minor));
    }
    assert!(count > 80, "{count}");
}

#[test]
fn all_errors_are_reported_at_once_with_their_places() {
    let text = r#"{
        "schemaVersion": 2,
        "kubernetesVersion": 1.5,
        "level": {},
        "levels": { "host-port-clahs": "deny", "lands-nowhere": "Deny", "lands-nowhere": "block", "x": "warn", "skips-nodes": 3 },
        "placement": { "namedNodes": -1, "nodes": 3 },
        "selfProbeSeconds": "60s"
    }"#;
    let mut said = errors(text);
    said.sort();
    let rules = rules::keys().collect::<Vec<_>>().join(", ");
    assert_eq!(
        said,
        [
            "/kubernetesVersion: must be a string, not a number; put it in quotes: \"1.5\"",
            "/level: unknown key; did you mean \"levels\"?",
            "/levels/host-port-clahs: no rule has this id; did you mean \"host-port-clash\"?",
            "/levels/lands-nowhere: \"block\" is not allowed here; allowed: \"deny\", \"warn\", \"off\"",
            "/levels/lands-nowhere: duplicate key; keep one of them",
            "/levels/skips-nodes: 3 is not allowed here; allowed: \"deny\", \"warn\", \"off\"",
            &format!("/levels/x: no rule has this id; the rules: {rules}"),
            "/placement/namedNodes: -1 is too small; the minimum is 0",
            "/placement/nodes: unknown key; allowed: namedNodes",
            "/schemaVersion: 2 is not known; allowed: 1",
            "/selfProbeSeconds: must be a whole number, not a string",
        ]
    );
}

#[test]
fn single_errors() {
    let supported = Server::supported().join("\", \"");
    for (text, said) in [
        ("", "the file is empty; the smallest valid file is {\"schemaVersion\": 1}"),
        (" \n", "the file is empty; the smallest valid file is {\"schemaVersion\": 1}"),
        ("{}", "\"schemaVersion\" is missing; add \"schemaVersion\": 1"),
        ("[]", "must be an object, not a list"),
        ("{\"schemaVersion\": 1,\n \"levels\" {}}", "line 2, column 11: not JSON: expected `:`"),
        (
            "schemaVersion: 1\n",
            "line 1, column 1: not JSON: expected value; the file must hold one JSON object, {\"schemaVersion\": 1, …}",
        ),
        ("{\"schemaVersion\": 1", "line 1, column 19: not JSON: EOF while parsing an object"),
        ("\u{feff}{}", "line 1, column 1: not JSON: expected value; save it without a byte order mark"),
        ("{\"schemaVersion\": 1, \"levels\": null}", "/levels: must be an object, not null"),
        (
            "{\"schemaVersion\": 1, \"levels\": {\"api/x\": \"off\"}}",
            "/levels/api~1x: no rule has this id; did you mean \"api/*\"?",
        ),
        (
            "{\"schemaVersion\": 1, \"levels\": {\"api/*\": \"warning\"}}",
            "/levels/api~1*: \"warning\" is not allowed here; allowed: \"deny\", \"warn\", \"off\"",
        ),
        (
            "{\"schemaVersion\": 1, \"levels\": {\"api/*\": \"dney\"}}",
            "/levels/api~1*: \"dney\" is not allowed here; allowed: \"deny\", \"warn\", \"off\"; did you mean \"deny\"?",
        ),
        (
            "{\"schemaVersion\": 1, \"placement\": {\"namedNodes\": 1.5}}",
            "/placement/namedNodes: must be a whole number, not this number",
        ),
        (
            "{\"schemaVersion\": 1, \"selfProbeSeconds\": 1e9}",
            "/selfProbeSeconds: 1000000000.0 is too large; the maximum is 86400",
        ),
    ] {
        assert_eq!(errors(text), [said], "{text}");
    }
    for version in ["1.2", "latest", "", "1"] {
        let text = format!("{{\"schemaVersion\": 1, \"kubernetesVersion\": \"{version}\"}}");
        assert_eq!(
            errors(&text),
            [format!(
                "/kubernetesVersion: \"{version}\" is not a Kubernetes version that this webhook supports; allowed: \"auto\", \"{supported}\""
            )]
        );
    }
}

#[test]
fn errors_are_one_line_in_the_log_and_several_for_people() {
    let errors = Config::parse(b"{\"schemaVersion\": 2, \"a\\nb\": 1}", "config.json").unwrap_err();
    assert_eq!(errors.to_string().lines().count(), 3, "{errors}");
    assert_eq!(errors.line().lines().count(), 1, "{}", errors.line());
    let long = format!("{{\"schemaVersion\": \"{}\"}}", "x".repeat(10_000));
    assert!(Config::parse(long.as_bytes(), "x").unwrap_err().to_string().len() < 200);
}
