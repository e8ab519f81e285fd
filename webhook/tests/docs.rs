//! docs/webhook-config.md matches the code: its tables are generated, its examples are executed. `UPDATE=1` writes the tables again.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use daemonset_certs::Validity;
use daemonset_validation::Server;
use daemonset_webhook::config::{Config, rules};
use daemonset_webhook::metrics::Metrics;

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/webhook-config.md")
}

fn page() -> Result<String, std::io::Error> {
    std::fs::read_to_string(path())
}

fn rules_table() -> String {
    let mut table = String::from("| rule | what it finds | default |\n|---|---|---|\n");
    for (rule, default) in rules::all() {
        let _ = writeln!(table, "| `{}` | {} | {default} |", rule.id, rule.summary);
    }
    table
}

fn metrics_table() -> String {
    let metrics = Metrics::new();
    metrics.certificate(Validity { not_before: 0, not_after: 0 });
    metrics.self_probe(true);
    metrics.kubernetes(Server::supported().last().copied().unwrap_or_default(), true);
    metrics.cache_age("nodes", 0.0);
    metrics.cache_objects("nodes", 0);
    let text = metrics.render();
    let (mut help, mut kinds, mut labels) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let mut order = Vec::new();
    for line in text.lines() {
        let mut words = line.splitn(4, ' ');
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("#"), Some("HELP"), Some(name), Some(rest)) => {
                help.insert(name, rest.trim_end_matches('.'));
                order.push(name);
            }
            (Some("#"), Some("TYPE"), Some(name), Some(kind)) => {
                kinds.insert(name, kind);
            }
            (Some("#"), ..) => {}
            _ => {
                let sample = line.rsplit_once(' ').map_or(line, |(sample, _)| sample);
                if let Some((name, rest)) = sample.split_once('{') {
                    let family = order.last().copied().unwrap_or_default();
                    assert!(name.starts_with(family), "{line}");
                    let keys: Vec<&str> = rest
                        .trim_end_matches('}')
                        .split("\",")
                        .filter_map(|pair| pair.split('=').next())
                        .filter(|key| *key != "le")
                        .collect();
                    labels.insert(family, keys.join(", "));
                }
            }
        }
    }
    let mut table = String::from("| metric | type | labels | meaning |\n|---|---|---|---|\n");
    for name in order {
        let kind = kinds.get(name).copied().unwrap_or_default();
        let suffix = match kind {
            "counter" => "_total",
            "info" => "_info",
            _ => "",
        };
        let labels = labels.get(name).map(String::as_str).unwrap_or_default();
        let help = help.get(name).copied().unwrap_or_default();
        let _ = writeln!(table, "| `{name}{suffix}` | {kind} | {labels} | {help} |");
    }
    table
}

/// The page with a new table between the marks.
fn with_table(page: &str, name: &str, table: &str) -> Option<String> {
    let (before, rest) = page.split_once(&format!("<!-- {name}: "))?;
    let (mark, rest) = rest.split_once("-->\n")?;
    let (_, after) = rest.split_once("<!-- end -->")?;
    Some(format!("{before}<!-- {name}: {mark}-->\n{table}<!-- end -->{after}"))
}

#[test]
fn tables_say_what_the_code_says() {
    let page = page().unwrap();
    let made = with_table(&page, "rules", &rules_table()).unwrap();
    let made = with_table(&made, "metrics", &metrics_table()).unwrap();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path(), made).unwrap();
    } else {
        assert_eq!(page, made, "docs/webhook-config.md: make its tables again with UPDATE=1");
    }
}

fn schema_path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("schema/config.schema.json")
}

/// The schema's entries for the rules, as they stand below `api/*`.
fn schema_entries() -> String {
    let entries = rules::all().map(|(rule, default)| {
        let mut summary = rule.summary.chars();
        let capital = summary.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
        let summary = serde_json::Value::from(format!("{capital}{}.", summary.as_str()));
        format!(
            "        \"{}\": {{\n          \"$ref\": \"#/$defs/level\",\n          \"description\": {summary},\n          \"default\": \"{default}\"\n        }}",
            rule.id
        )
    });
    entries.collect::<Vec<_>>().join(",\n")
}

/// The schema with its entries for the rules made again.
fn with_entries(schema: &str) -> Option<String> {
    let (before, rest) = schema.split_once("        \"api/*\": {\n")?;
    let (all, rest) = rest.split_once("\n        },\n")?;
    let (_, after) = rest.split_once("\n      }\n")?;
    Some(format!(
        "{before}        \"api/*\": {{\n{all}\n        }},\n{}\n      }}\n{after}",
        schema_entries()
    ))
}

#[test]
fn the_schema_has_every_rule() {
    let schema = std::fs::read_to_string(schema_path()).unwrap();
    let made = with_entries(&schema).unwrap();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(schema_path(), made).unwrap();
    } else {
        assert_eq!(schema, made, "webhook/schema/config.schema.json: make its entries again with UPDATE=1");
    }
}

/// The text of the first code block with this info string.
fn block<'p>(page: &'p str, opening: &str) -> Option<&'p str> {
    let (_, rest) = page.split_once(&format!("```{opening}\n"))?;
    Some(rest.split_once("```")?.0)
}

#[test]
fn examples_do_what_the_page_says() {
    let page = page().unwrap();
    Config::parse(block(&page, "json").unwrap().as_bytes(), "config.json").unwrap();
    let errors = Config::parse(block(&page, "json bad").unwrap().as_bytes(), "config.json").unwrap_err();
    assert_eq!(format!("{errors}\n"), block(&page, "text errors").unwrap());
}

/// Every metric that the page names exists, and every key of the config file is explained.
#[test]
fn names_of_the_page_are_there() {
    let page = page().unwrap();
    let metrics = Metrics::new().render();
    let known = metrics_table();
    for word in page.split(|character: char| !(character.is_ascii_alphanumeric() || character == '_')) {
        if word.starts_with("daemonset_webhook_") && word != "daemonset_webhook_" {
            assert!(known.contains(&format!("`{word}`")) || metrics.contains(word), "{word}");
        }
    }
    let schema: serde_json::Value = serde_json::from_str(daemonset_webhook::config::SCHEMA).unwrap();
    let keys = schema.get("properties").and_then(serde_json::Value::as_object).unwrap();
    for key in keys.keys().filter(|key| *key != "placement") {
        assert!(page.contains(&format!("| `{key}` |")), "{key} is not explained");
    }
}
