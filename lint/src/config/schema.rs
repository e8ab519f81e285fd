//! Checks a config against its JSON Schema, with a sentence for each violation.

use std::sync::LazyLock;

use daemonset_validation::did_you_mean;
use daemonset_validation::rules::{Family, Fixed, RULES, RuleKey};
use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{ValidationError, Validator};
use serde_json::Value as Json;

/// The published schema.
pub(crate) const SCHEMA: &str = include_str!("../../schema/config.schema.json");

/// The compiled schema. It is never `None`; a test checks that the schema is valid.
static VALIDATOR: LazyLock<Option<Validator>> =
    LazyLock::new(|| jsonschema::validator_for(&serde_json::from_str(SCHEMA).ok()?).ok());

/// The most characters of a value in a message.
const MOST_CHARACTERS: usize = 60;

/// A place where a config does not fit.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Violation {
    /// The JSON pointer of the value.
    pub(super) pointer: String,
    /// Whether the key is at fault, not the value.
    pub(super) of_key: bool,
    /// What is wrong.
    pub(super) message: String,
    /// What to do.
    pub(super) help: Option<String>,
}

impl Violation {
    pub(super) fn new(pointer: &str, message: impl Into<String>, help: Option<String>) -> Self {
        Self { pointer: pointer.to_owned(), of_key: false, message: message.into(), help }
    }
}

/// All places where a value does not fit the schema.
pub(super) fn violations(value: &Json) -> Vec<Violation> {
    let Some(validator) = VALIDATOR.as_ref() else {
        return vec![Violation::new("", "the schema of daemonset-lint is invalid; this is a bug", None)];
    };
    validator.iter_errors(value).flat_map(|error| of_error(&error)).collect()
}

fn of_error(error: &ValidationError<'_>) -> Vec<Violation> {
    let pointer = error.instance_path().to_string();
    let value = error.instance();
    let (message, help) = match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            return unexpected.iter().map(|key| unknown_key(&pointer, key)).collect();
        }
        ValidationErrorKind::Required { property } => {
            (format!("the key `{}` is missing", text(property)), None)
        }
        ValidationErrorKind::Enum { options } => not_an_option(value, options, &pointer),
        ValidationErrorKind::Type { kind: TypeKind::Single(wanted) } => {
            let wanted = match wanted.to_string().as_str() {
                "object" => "a mapping",
                "array" => "a list",
                _ => "a text",
            };
            (format!("{} stands where {wanted} has to be", of_type(value)), None)
        }
        ValidationErrorKind::MinItems { .. } => ("the list is empty".to_owned(), None),
        ValidationErrorKind::MinLength { .. } => ("the text is empty".to_owned(), None),
        ValidationErrorKind::Pattern { .. } => unknown_version(&text(value)),
        // A test checks that the schema uses no other keyword.
        _ => (error.masked().to_string(), None),
    };
    vec![Violation::new(&pointer, message, help)]
}

/// What is said of a Kubernetes version that is not supported.
pub(super) fn unknown_version(version: &str) -> (String, Option<String>) {
    let known = daemonset_validation::Server::supported().join(", ");
    (format!("Kubernetes {version} is not supported"), Some(format!("supported versions are {known}")))
}

fn is_of_levels(pointer: &str) -> bool {
    pointer.ends_with("/levels")
}

fn unknown_key(pointer: &str, key: &str) -> Violation {
    let (message, help) = if is_of_levels(pointer) { unknown_rule(key) } else { unknown_name(pointer, key) };
    let key = key.replace('~', "~0").replace('/', "~1");
    Violation { pointer: format!("{pointer}/{key}"), of_key: true, message, help: Some(help) }
}

fn unknown_name(pointer: &str, key: &str) -> (String, String) {
    let known: &[&str] = match pointer {
        "" => &["exclude", "failOn", "kubernetesVersion", "levels", "overrides"],
        _ => &["levels", "paths"],
    };
    let help = match did_you_mean(key, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the keys here are {}", known.join(", ")),
    };
    (format!("there is no key `{}`", cut(key)), help)
}

/// What is said of a key of `levels` that no rule has, or only rules whose level is fixed.
fn unknown_rule(key: &str) -> (String, String) {
    let exclude = "`exclude` leaves out files that are not meant for the API server".to_owned();
    match RuleKey::parse(key) {
        Some(RuleKey::Rule(rule)) => match rule.fixed() {
            Some(Fixed::Verdict) => (
                format!(
                    "`{key}` has no level to set: what the API server rejects is an error, whatever a config says"
                ),
                exclude,
            ),
            _ => (format!("`{key}` has no level to set: there is no object that could be judged"), exclude),
        },
        Some(RuleKey::Family(family)) => {
            let free = if family == Family::Api { "api/warning" } else { "file/template" };
            (
                format!("`{key}` has no level to set: most of its rules are always errors"),
                format!("of these rules, only `{free}` has a level to set"),
            )
        }
        None => {
            let all: Vec<String> = keys().collect();
            let help = match did_you_mean(key, all.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    "`daemonset-lint rules` lists the rules; `placement/*` stands for a family".to_owned()
                }
            };
            (format!("there is no rule `{}`", cut(key)), help)
        }
    }
}

/// The keys that `levels` may have: the patterns of families without a fixed rule, and the rules that are not fixed.
pub(crate) fn keys() -> impl Iterator<Item = String> {
    let is_free = |family: Family| RULES.iter().all(|rule| rule.family != family || rule.fixed().is_none());
    RuleKey::all().filter(move |key| match RuleKey::parse(key) {
        Some(RuleKey::Rule(rule)) => rule.fixed().is_none(),
        Some(RuleKey::Family(family)) => is_free(family),
        None => false,
    })
}

fn not_an_option(value: &Json, options: &Json, pointer: &str) -> (String, Option<String>) {
    let options: Vec<&str> = options.as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    let shown = text(value);
    // `warn` is a word of the webhook.
    let begins =
        |word: &str| options.iter().copied().find(|option| word.len() > 2 && option.starts_with(word));
    let near = value.as_str().and_then(|word| did_you_mean(word, options.iter().copied()).or(begins(word)));
    let help = match (near, value) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, Json::Bool(false)) if options.contains(&"off") => "write `off`".to_owned(),
        (None, _) => format!("write one of {}", options.join(", ")),
    };
    let what = if pointer == "/failOn" { "severity" } else { "level" };
    (format!("`{shown}` is no {what}"), Some(help))
}

const fn of_type(value: &Json) -> &'static str {
    match value {
        Json::Null => "nothing",
        Json::Bool(_) => "true or false",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "a list",
        Json::Object(_) => "a mapping",
    }
}

/// A value in a message.
fn text(value: &Json) -> String {
    cut(&value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Json {
        serde_json::from_str(SCHEMA).unwrap_or_default()
    }

    #[test]
    fn the_schema_is_valid_and_has_the_keys_of_the_list() {
        assert!(jsonschema::meta::is_valid(&schema()) && VALIDATOR.is_some());
        let levels = schema().pointer("/$defs/levels/properties").and_then(Json::as_object).cloned();
        let mut found: Vec<String> = levels.unwrap_or_default().keys().cloned().collect();
        let mut expected: Vec<String> = keys().collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "UPDATE=1 cargo test -p daemonset-tests --test config");
    }

    /// Every property has a description, and each keyword of the schema has a sentence in this file.
    #[test]
    fn each_keyword_of_the_schema_has_a_sentence() {
        fn walk(schema: &Json, place: &str, faults: &mut Vec<String>) {
            for (keyword, value) in schema.as_object().into_iter().flatten() {
                match keyword.as_str() {
                    "properties" | "$defs" => {
                        for (name, inner) in value.as_object().into_iter().flatten() {
                            if inner.get("description").is_none() {
                                faults.push(format!("{place}/{name} has no description"));
                            }
                            walk(inner, &format!("{place}/{name}"), faults);
                        }
                    }
                    "items" => walk(value, &format!("{place}/items"), faults),
                    "$schema"
                    | "title"
                    | "description"
                    | "type"
                    | "required"
                    | "additionalProperties"
                    | "enum"
                    | "default"
                    | "minItems"
                    | "minLength"
                    | "pattern"
                    | "$ref" => {}
                    other => faults.push(format!("{place}: {other}")),
                }
            }
        }
        let mut faults = Vec::new();
        walk(&schema(), "", &mut faults);
        assert_eq!(faults, [""; 0]);
    }
}
