//! Validates a config file against its JSON Schema, with an error message for each violation.

use std::sync::LazyLock;

use daemonset_validation::did_you_mean;
use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use super::document::below;
use super::errors::ConfigError;
use super::rules;

/// The published schema.
pub const SCHEMA: &str = include_str!("../../schema/config.schema.json");

/// The compiled schema. It is never `None`; a test checks that the schema is valid.
static VALIDATOR: LazyLock<Option<Validator>> =
    LazyLock::new(|| jsonschema::validator_for(&serde_json::from_str(SCHEMA).ok()?).ok());

/// The most characters of a value in a message.
const MAX_VALUE_CHARS: usize = 60;

/// All places where `value` does not fit the schema.
pub(super) fn errors(value: &Value) -> Vec<ConfigError> {
    let Some(validator) = VALIDATOR.as_ref() else {
        let sentence = "the webhook's own schema is invalid; this is a bug in the webhook".to_owned();
        return vec![ConfigError { place: String::new(), sentence }];
    };
    validator.iter_errors(value).flat_map(|error| sentences(&error)).collect()
}

fn sentences(error: &ValidationError<'_>) -> Vec<ConfigError> {
    let place = error.instance_path().to_string();
    let value = error.instance();
    let sentence = match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            return unexpected
                .iter()
                .map(|key| ConfigError { place: below(&place, key), sentence: unknown_key(&place, key) })
                .collect();
        }
        ValidationErrorKind::Required { property } => match property.as_str() {
            Some("schemaVersion") => "\"schemaVersion\" is missing; add \"schemaVersion\": 1".to_owned(),
            _ => format!("{} is missing", shown(property)),
        },
        ValidationErrorKind::Constant { expected_value } => {
            format!("{} is not known; allowed: {}", shown(value), shown(expected_value))
        }
        ValidationErrorKind::Enum { options } => not_an_option(value, options),
        ValidationErrorKind::Minimum { limit } => {
            format!("{} is too small; the minimum is {limit}", shown(value))
        }
        ValidationErrorKind::Maximum { limit } => {
            format!("{} is too large; the maximum is {limit}", shown(value))
        }
        ValidationErrorKind::Pattern { .. } if place == "/kubernetesVersion" => unknown_minor(value),
        ValidationErrorKind::Pattern { .. } => {
            format!(
                "{} is not a version of a level; allowed: \"latest\", or a minor version such as \"v1.30\"",
                shown(value)
            )
        }
        ValidationErrorKind::Type { .. } if place == "/kubernetesVersion" && value.is_number() => {
            format!("must be a string, not a number; put it in quotes: \"{}\"", shown(value))
        }
        ValidationErrorKind::Type { .. } => {
            format!("must be {}, not {}", wanted(error), of_type(value))
        }
        // A test checks that the schema uses no other keyword.
        _ => error.masked().to_string(),
    };
    vec![ConfigError { place, sentence }]
}

/// The message about a Kubernetes version that is not supported.
pub(super) fn unknown_minor(value: &Value) -> String {
    format!(
        "{} is not a Kubernetes version that this webhook supports; allowed: \"auto\", {}",
        shown(value),
        daemonset_validation::Server::supported()
            .iter()
            .map(|minor| format!("\"{minor}\""))
            .collect::<Vec<_>>()
            .join(", ")
    )
}

fn unknown_key(place: &str, key: &str) -> String {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap_or_default();
    // The schema has only objects with named keys, so `/levels` of a file is `/properties/levels` of the schema.
    let owner = format!("{}/properties", place.replace('/', "/properties/"));
    let known: Vec<&str> = schema
        .pointer(&owner)
        .and_then(Value::as_object)
        .map(|keys| keys.keys().map(String::as_str).collect())
        .unwrap_or_default();
    let what = if place == "/levels" { "no rule has this id" } else { "unknown key" };
    match did_you_mean(key, known.iter().copied()) {
        Some(candidate) => format!("{what}; did you mean \"{candidate}\"?"),
        None if place == "/levels" => {
            format!("{what}; the rules: {}", rules::keys().collect::<Vec<_>>().join(", "))
        }
        None => format!("{what}; allowed: {}", known.join(", ")),
    }
}

fn not_an_option(value: &Value, options: &Value) -> String {
    let options: Vec<&Value> = options.as_array().map(|all| all.iter().collect()).unwrap_or_default();
    let allowed: Vec<String> = options.iter().map(|option| option.to_string()).collect();
    let candidate = value
        .as_str()
        .and_then(|word| did_you_mean(word, options.iter().filter_map(|option| option.as_str())))
        .map(|word| format!("; did you mean \"{word}\"?"))
        .unwrap_or_default();
    format!("{} is not allowed here; allowed: {}{candidate}", shown(value), allowed.join(", "))
}

fn wanted(error: &ValidationError<'_>) -> String {
    use jsonschema::error::TypeKind;
    match error.kind() {
        ValidationErrorKind::Type { kind: TypeKind::Single(one) } => {
            with_article(&one.to_string()).to_owned()
        }
        _ => "of another type".to_owned(),
    }
}

const fn of_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "this number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn with_article(name: &str) -> &str {
    match name {
        "object" => "an object",
        "integer" => "a whole number",
        "number" => "a number",
        "string" => "a string",
        "array" => "a list",
        "boolean" => "true or false",
        other => other,
    }
}

/// The value as JSON, truncated. JSON escapes control characters, so it is one line.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(MAX_VALUE_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_valid() {
        let schema: Value = serde_json::from_str(SCHEMA).unwrap();
        assert!(jsonschema::meta::is_valid(&schema));
        assert!(VALIDATOR.is_some());
    }

    #[test]
    fn the_schema_has_the_rules_of_the_list() {
        let schema: Value = serde_json::from_str(SCHEMA).unwrap();
        let levels = schema["properties"]["levels"]["properties"].as_object().unwrap();
        let mut keys: Vec<&str> = levels.keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(keys, rules::keys().collect::<Vec<_>>());
        for (rule, default) in rules::all() {
            assert_eq!(levels[rule.id]["default"], default.as_str(), "{}", rule.id);
        }
    }

    /// Every property has a description, and each keyword of the schema has a message in this file.
    #[test]
    fn each_keyword_of_the_schema_has_a_message() {
        fn walk(schema: &Value, place: &str) {
            let Some(schema) = schema.as_object() else { return };
            for (keyword, value) in schema {
                match keyword.as_str() {
                    "properties" | "$defs" => {
                        for (name, inner) in value.as_object().unwrap() {
                            assert!(inner["description"].is_string(), "{place}/{name} has no description");
                            walk(inner, &format!("{place}/{name}"));
                        }
                    }
                    "items" => walk(value, &format!("{place}/items")),
                    "$schema"
                    | "title"
                    | "description"
                    | "type"
                    | "required"
                    | "additionalProperties"
                    | "const"
                    | "enum"
                    | "default"
                    | "minimum"
                    | "maximum"
                    | "pattern"
                    | "$ref" => {}
                    other => panic!("{place}: {other}"),
                }
            }
        }
        walk(&serde_json::from_str(SCHEMA).unwrap(), "");
    }
}
