//! The Helm chart has the program's flags, config, metrics and versions. `UPDATE=1` writes the README's tables and the config's part of
//! the values' schema again. `tests/chart.sh` checks what needs helm.

use std::path::PathBuf;

use clap::{CommandFactory, Parser};
use daemonset_certs::Validity;
use daemonset_tests::{compare_with_file, root, values};
use daemonset_webhook::args::Args;
use daemonset_webhook::cache::Watched;
use daemonset_webhook::metrics::Metrics;
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
            "/properties/extraEnv/items/properties/valueFrom",
            "/properties/extraVolumes/items",
            "/properties/serviceMonitor/properties/tlsConfig",
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
        ("/cache", json!(true)),
        ("/admission/limitRanges", json!("yes")),
        ("/admission", json!({ "quotas": true })),
        ("/config/podSecurity", json!({ "exemptions": { "usernames": ["a"] } })),
        ("/image/digest", json!("sha256:abc")),
        ("/server/tlsMinVersion", json!(1.3)),
        ("/server/port", json!(443)),
        ("/server/logLevel", json!("verbose")),
        ("/server/maxBodyBytes", json!(1_000_000)),
        ("/server/logLevel", json!("info;debug")),
        ("/replicas", json!("two")),
        ("/replicas", json!(0)),
        ("/podDisruptionBudget/maxUnavailable", json!(0)),
        ("/podDisruptionBudget/maxUnavailable", json!("100%")),
        ("/image/architectures", json!([])),
        // Tokens would go over the network in the clear.
        ("/server/metricsAuth", json!("token")),
        ("/server/opsTLS", json!("yes")),
        ("/clientCA", json!({ "configMap": "a", "secret": "b", "key": "ca.crt" })),
        ("/clientCA/key", json!("")),
        ("/clientCA/key", json!("../ca.crt")),
        // Without a CA nobody shows a certificate.
        ("/clientCA/names", json!(["kube-apiserver"])),
        ("/extraArgs", json!(["log-level=debug"])),
        ("/extraEnv", json!([{ "name": "A=B", "value": "c" }])),
        ("/extraEnv", json!([{ "name": "A", "values": "c" }])),
        ("/extraVolumes", json!([{ "name": "config", "emptyDir": {} }])),
        ("/extraVolumeMounts", json!([{ "name": "a" }])),
        ("/networkPolicy/reviewsFrom", json!([{}])),
        ("/networkPolicy/reviewsFrom", json!([{ "ipBlock": { "cidr": "10.0.0.1" } }])),
        ("/networkPolicy/opsFrom", json!([{ "ipBlock": { "cidr": "10.0.0.0/8" }, "namespaceSelector": {} }])),
        // Without apiServerTo egress is not limited, so a further rule would do nothing.
        ("/networkPolicy/egress", json!([{ "to": [{ "ipBlock": { "cidr": "10.0.0.0/8" } }] }])),
        (
            "/networkPolicy",
            json!({ "enabled": true, "apiServerPorts": [443], "egress": [{ "ports": [{ "port": 53 }] }],
            "apiServerTo": [{ "ipBlock": { "cidr": "10.0.0.0/8" } }] }),
        ),
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
    let config = std::fs::read_to_string(root().join("webhook/schema/config.schema.json")).unwrap();
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

/// The arguments that the chart gives by default, as they stand in the plain manifests.
fn default_args() -> Vec<String> {
    let text = std::fs::read_to_string(root().join("charts/plain/daemonset-webhook.yaml")).unwrap();
    let objects = values::read_all(&text);
    let deployment = objects.iter().find(|object| object["kind"] == "Deployment").unwrap();
    let args = &deployment["spec"]["template"]["spec"]["containers"][0]["args"];
    serde_json::from_value(args.clone()).unwrap()
}

/// The flags of a command of the program, each with its default.
fn flags(command: &str) -> Vec<(String, Option<String>)> {
    let program = Args::command();
    let command = program.find_subcommand(command).unwrap();
    let default =
        |arg: &clap::Arg| arg.get_default_values().first().map(|value| value.to_string_lossy().into_owned());
    command.get_arguments().filter_map(|arg| Some((arg.get_long()?.to_owned(), default(arg)))).collect()
}

/// The flags that a template gives.
fn given(template: &str) -> Vec<String> {
    let text = text(template);
    // An argument with a text of the user's is quoted.
    let lines = text.lines().map(str::trim);
    let lines =
        lines.filter_map(|line| line.strip_prefix("- --").or_else(|| line.strip_prefix("- {{ printf \"--")));
    lines.map(|line| line.split('=').next().unwrap().to_owned()).collect()
}

#[test]
fn the_program_takes_the_charts_arguments() {
    let args = default_args();
    let parsed = Args::try_parse_from(std::iter::once("daemonset-webhook".to_owned()).chain(args.clone()));
    if let Err(error) = parsed {
        panic!("{args:?}: {error}");
    }
    for (template, command) in
        [("templates/deployment.yaml", "serve"), ("templates/tests/self-test.yaml", "self-test")]
    {
        let known = flags(command);
        for flag in given(template) {
            assert!(known.iter().any(|(name, _)| *name == flag), "{template}: {command} has no --{flag}");
        }
    }
    // A kubeconfig is for those who are not in the cluster.
    let mut missing: Vec<String> = flags("serve").into_iter().map(|(name, _)| name).collect();
    missing.retain(|name| name != "kubeconfig" && !given("templates/deployment.yaml").contains(name));
    assert!(missing.is_empty(), "flags that no value sets: {missing:?}");
}

#[test]
fn the_charts_defaults_are_the_programs() {
    let args = default_args();
    for (flag, default) in flags("serve") {
        let Some(default) = default else { continue };
        let prefix = format!("--{flag}=");
        let value = args.iter().find_map(|arg| arg.strip_prefix(&prefix));
        assert_eq!(value, Some(default.as_str()), "--{flag}");
    }
}

#[test]
fn alerts_speak_of_metrics_that_there_are() {
    let metrics = Metrics::new();
    // These are there only once there is something to say.
    metrics.certificate(Validity { not_before: 0, not_after: 1 });
    metrics.kubernetes(daemonset_validation::Server::supported().last().unwrap(), true);
    metrics.self_probe(true);
    metrics.cache_age("nodes", 1.0);
    let rendered = metrics.render();
    let there = |name: &str| {
        // A histogram has its samples under other names.
        let is_sample = |rest: &str| rest.starts_with([' ', '{']) || rest.starts_with("_bucket{");
        rendered.lines().any(|line| line.strip_prefix(name).is_some_and(is_sample))
    };
    let text = text("templates/monitoring.yaml");
    let mut names: Vec<&str> = text
        .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
        .filter(|word| word.starts_with("daemonset_webhook_"))
        .collect();
    names.sort_unstable();
    names.dedup();
    assert!(names.len() >= 7, "{names:?}");
    let missing: Vec<&&str> = names.iter().filter(|name| !there(name)).collect();
    assert!(missing.is_empty(), "{missing:?} are not among\n{rendered}");
}

#[test]
fn drains_end_before_the_kubelet_loses_patience() {
    let text = std::fs::read_to_string(root().join("charts/plain/daemonset-webhook.yaml")).unwrap();
    let objects = values::read_all(&text);
    let deployment = objects.iter().find(|object| object["kind"] == "Deployment").unwrap();
    let grace = deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"].as_u64().unwrap();
    let defaults = values::read(&self::text("values.yaml"));
    let drain = |key: &str| defaults["server"][key].as_u64().unwrap();
    assert!(grace > drain("drainDelaySeconds") + drain("drainTimeoutSeconds"));
}

#[test]
fn the_account_may_read_what_the_cache_watches() {
    let text = std::fs::read_to_string(root().join("charts/plain/daemonset-webhook.yaml")).unwrap();
    let objects = values::read_all(&text);
    let role = objects.iter().find(|object| object["kind"] == "ClusterRole").unwrap();
    let list = |value: &Value| -> Vec<String> { serde_json::from_value(value.clone()).unwrap() };
    let mut allowed = Vec::new();
    for rule in role["rules"].as_array().unwrap() {
        if list(&rule["verbs"]) == ["list", "watch"] {
            let groups = list(&rule["apiGroups"]);
            let named = |resource| format!("{}/{resource}", groups[0]);
            allowed.extend(list(&rule["resources"]).into_iter().map(named));
        }
    }
    let watched = Watched::default();
    let mut watched: Vec<String> =
        watched.kinds().map(|kind| format!("{}/{}", kind.group(), kind.plural())).collect();
    allowed.sort();
    watched.sort();
    assert_eq!(allowed, watched);
}
