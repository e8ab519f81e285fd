//! The Helm chart says what the program says: flags, config, metrics and versions. `UPDATE=1` writes the README's tables and the config's
//! part of the values' schema again. What needs helm itself is in `tests/chart.sh`.

use std::path::PathBuf;

use daemonset_tests::{compare_with_file, root, values};
use serde_json::{Value, json};

fn chart(file: &str) -> PathBuf {
    root().join("charts/daemonset-webhook").join(file)
}

fn text(file: &str) -> String {
    std::fs::read_to_string(chart(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn templates() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut pending = vec![chart("templates")];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                pending.push(path);
            } else {
                found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

fn schema() -> Value {
    serde_json::from_str(&text("values.schema.json")).unwrap()
}

fn faults(schema: &Value, values: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(schema).unwrap();
    validator.iter_errors(values).map(|error| format!("{error} at {}", error.instance_path())).collect()
}

#[test]
fn the_readme_tells_every_value() {
    let entries = values::entries(&text("values.yaml"));
    let untold: Vec<&str> =
        entries.iter().filter(|entry| entry.comment.is_empty()).map(|entry| entry.path.as_str()).collect();
    assert!(untold.is_empty(), "values without a comment: {untold:?}");
    let readme = text("README.md");
    let mark = "<!-- The rest is written by";
    let head = readme.find(mark).unwrap_or_else(|| panic!("README.md lacks {mark}"));
    let line = readme[head..].lines().next().unwrap();
    let wanted = format!("{}{line}\n{}", &readme[..head], values::tables(&entries));
    compare_with_file(&chart("README.md"), &wanted);
}

#[test]
fn the_schema_knows_every_value_and_no_other() {
    let schema = schema();
    let defaults = values::read(&text("values.yaml"));
    assert_eq!(faults(&schema, &defaults), [""; 0]);
    let mut known: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    known.retain(|name| *name != "global");
    known.sort();
    let mut there: Vec<&String> = defaults.as_object().unwrap().keys().collect();
    there.sort();
    assert_eq!(known, there);
    let mut open = Vec::new();
    find_open("", &schema, &mut open);
    // Kubernetes' own types, which it checks itself.
    open.retain(|path| {
        ![
            "/properties/global",
            "/properties/networkPolicy/properties/opsFrom/items",
            "/properties/networkPolicy/properties/egress/items",
            "/properties/resources/properties/claims/items",
            "/properties/affinity/properties/nodeAffinity",
            "/properties/affinity/properties/podAffinity",
            "/properties/affinity/properties/podAntiAffinity",
            "/properties/podSecurityContext",
            "/properties/securityContext",
        ]
        .contains(&path.as_str())
    });
    assert!(open.is_empty(), "objects that take any key: {open:#?}");
}

fn find_open(path: &str, schema: &Value, open: &mut Vec<String>) {
    let Value::Object(parts) = schema else {
        if let Value::Array(items) = schema {
            for (position, item) in items.iter().enumerate() {
                find_open(&format!("{path}/{position}"), item, open);
            }
        }
        return;
    };
    let is_object = match parts.get("type") {
        Some(Value::Array(kinds)) => kinds.contains(&json!("object")),
        kind => kind == Some(&json!("object")),
    };
    if is_object && !parts.contains_key("additionalProperties") {
        open.push(path.to_owned());
    }
    for (name, part) in parts {
        find_open(&format!("{path}/{name}"), part, open);
    }
}

#[test]
fn the_schema_refuses_what_is_wrong() {
    let schema = schema();
    let defaults = values::read(&text("values.yaml"));
    for (pointer, wrong) in [
        ("/webhook/failurePolicy", json!("fail")),
        ("/webhook/timeoutSeconds", json!(30)),
        ("/webhook/timeoutSeconds", json!(1)),
        ("/webhook/exemptNamespaces", json!(["Kube System"])),
        ("/certificates/mode", json!("cert-manager")),
        ("/certificates/mode", json!("existingSecret")),
        ("/certificates/existingSecret/caBundle", json!("LS0tLS1CRUdJTi")),
        ("/certificates/managed/caLifetime", json!("10 years")),
        ("/cache", json!(false)),
        ("/image/digest", json!("sha256:abc")),
        ("/server/tlsMinVersion", json!(1.3)),
        ("/server/port", json!(443)),
        ("/server/logLevel", json!("verbose")),
        ("/server/maxBodyBytes", json!(1_000_000)),
        ("/replicas", json!("two")),
        ("/podDisruptionBudget/maxUnavailable", json!(0)),
        ("/serviceAccount/create", json!(false)),
        ("/fullnameOverride", json!("dotted.name")),
        ("/image", json!({ "repository": "a", "pullPolicy": "Always", "tags": "1" })),
        ("/resources", json!({ "limit": {} })),
    ] {
        let mut values = defaults.clone();
        *values.pointer_mut(pointer).unwrap_or_else(|| panic!("no value {pointer}")) = wrong.clone();
        assert!(!faults(&schema, &values).is_empty(), "{pointer}: {wrong} is let pass");
    }
}

#[test]
fn versions_agree() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let version =
        manifest.lines().find_map(|line| line.strip_prefix("version = ")).unwrap().trim_matches('"');
    let chart = values::read(&text("Chart.yaml"));
    assert_eq!(chart["version"], version);
    assert_eq!(chart["appVersion"], version);
    let oldest = daemonset_validation::Server::supported().iter().min().unwrap();
    assert_eq!(chart["kubeVersion"], format!(">={oldest}.0-0"), "the oldest minor that we know");
}

#[test]
fn the_chart_renders_the_same_every_time() {
    for (path, text) in templates() {
        for word in
            ["lookup", "genCA", "genSignedCert", "genSelfSigned", "genPrivateKey", "rand", "uuidv4", "now"]
        {
            let calls = |line: &str| {
                line.contains("{{")
                    && line.split(|c: char| !c.is_ascii_alphanumeric()).any(|token| token == word)
            };
            if let Some(line) = text.lines().find(|line| calls(line)) {
                panic!("{path} calls {word}: {line}");
            }
        }
    }
}

/// The config's schema as a part of the values' schema, in the text of both.
fn config_part(config: &str) -> String {
    // An `off` without quotes is the truth value false to YAML 1.1; the ConfigMap's template says `off` for it.
    let levels = r#""enum": ["deny", "warn", "off"]"#;
    assert_eq!(config.matches(levels).count(), 1, "the schema names the levels in another way now");
    let config = config
        .replace(levels, r#""enum": ["deny", "warn", "off", false]"#)
        .replace("\"#/$defs/", "\"#/properties/config/$defs/");
    let lines: Vec<&str> = config.trim().lines().filter(|line| !line.contains("\"$schema\":")).collect();
    format!("    \"config\": {},\n", lines.join("\n    "))
}

#[test]
fn the_config_is_checked_by_its_own_schema() {
    // The schema lands with the webhook's config.
    let Ok(config) = std::fs::read_to_string(root().join("webhook/schema/config.schema.json")) else {
        return;
    };
    let file = text("values.schema.json");
    let start = file.find("    \"config\": {").unwrap();
    // The next property, with the same indentation.
    let length = file[start + 5..].find("\n    \"").map(|at| at + 6).unwrap();
    let wanted = format!("{}{}{}", &file[..start], config_part(&config), &file[start + length..]);
    compare_with_file(&chart("values.schema.json"), &wanted);
    let own: Value = serde_json::from_str(&config).unwrap();
    let defaults = values::read(&text("values.yaml"));
    assert_eq!(faults(&own, &defaults["config"]), [""; 0], "the config that the chart installs");
}
