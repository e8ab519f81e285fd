//! The config file: what the webhook does with its findings. Read, held to its schema, watched.

mod check;
mod document;
mod errors;
mod level;
pub mod rules;
mod schema;
mod watch;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use daemonset_validation::Server;
use serde::Deserialize;
use serde_json::Value;

pub use check::{Checked, check_config};
pub use errors::{ConfigError, ConfigErrors};
pub use level::Level;
pub use schema::SCHEMA;
pub use watch::watch;

/// No config file is larger, in bytes: a ConfigMap holds 1 MiB at most.
pub const MAX_BYTES: u64 = 1 << 20;

/// What a config file says. Without a file it is [`Config::default`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    /// The version of the format: 1.
    pub schema_version: u32,
    /// The API server whose rules are applied.
    #[serde(default)]
    pub kubernetes_version: KubernetesVersion,
    /// The levels that the file names; [`Config::level`] knows the others.
    #[serde(default)]
    pub levels: BTreeMap<String, Level>,
    /// How the webhook speaks about nodes.
    #[serde(default)]
    pub placement: Placement,
    /// Seconds between two probes of the webhook through the API server; 0 for never.
    #[serde(default)]
    pub self_probe_seconds: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            schema_version: 1,
            kubernetes_version: KubernetesVersion::default(),
            levels: BTreeMap::new(),
            placement: Placement::default(),
            self_probe_seconds: 0,
        }
    }
}

/// Whose rules are applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum KubernetesVersion {
    /// Those of the API server that the webhook runs under.
    #[default]
    Auto,
    /// Those of this one.
    Minor(Server),
}

impl TryFrom<String> for KubernetesVersion {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "auto" => Ok(Self::Auto),
            version => Server::of_version(version)
                .map(Self::Minor)
                .ok_or_else(|| schema::unknown_minor(&Value::from(version))),
        }
    }
}

/// How the webhook speaks about nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Placement {
    /// How many nodes a finding names for each reason.
    pub named_nodes: usize,
}

impl Default for Placement {
    fn default() -> Self {
        Self { named_nodes: 3 }
    }
}

impl Config {
    /// Reads a config file's content; `file_name` is only for the errors, which are all there are.
    ///
    /// # Errors
    /// When the content is not JSON, or does not fit the schema.
    pub fn parse(bytes: &[u8], file_name: &str) -> Result<Self, ConfigErrors> {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(ConfigErrors::of_file(
                file_name,
                "the file is empty; the least is {\"schemaVersion\": 1}",
            ));
        }
        let document = document::read(bytes).map_err(|error| not_json(bytes, file_name, &error))?;
        let mut errors: Vec<ConfigError> = document
            .duplicates
            .into_iter()
            .map(|place| ConfigError {
                place,
                sentence: "this key stands twice; keep one of them".to_owned(),
            })
            .collect();
        errors.extend(schema::faults(&document.value));
        if let Some(version @ Value::String(text)) = document.value.get("kubernetesVersion")
            && errors.iter().all(|error| error.place != "/kubernetesVersion")
            && KubernetesVersion::try_from(text.clone()).is_err()
        {
            let place = "/kubernetesVersion".to_owned();
            errors.push(ConfigError { place, sentence: schema::unknown_minor(version) });
        }
        if !errors.is_empty() {
            errors.sort_by(|one, other| one.place.cmp(&other.place));
            return Err(ConfigErrors { file: file_name.to_owned(), errors });
        }
        // What fits the schema is a Config; a test holds the two together.
        serde_json::from_value(document.value)
            .map_err(|error| ConfigErrors::of_file(file_name, error.to_string()))
    }

    /// Reads a config file.
    ///
    /// # Errors
    /// When it cannot be read, or as [`Config::parse`].
    pub fn load(path: &Path) -> Result<Self, ConfigErrors> {
        let name = path.display().to_string();
        let bytes = read(path).map_err(|sentence| ConfigErrors::of_file(&name, sentence))?;
        Self::parse(&bytes, &name)
    }

    /// The level of a rule: its own key, or its own default when that is off, or `api/*`, or its default. A rule that is not
    /// in [`rules::RULES`] warns.
    pub fn level(&self, rule: &str) -> Level {
        if let Some(level) = self.levels.get(rule) {
            return *level;
        }
        let default = rules::find(rule).map_or(Level::Warn, |rule| rule.default);
        // What is off by default is what the API server says itself; `api/*` does not make us say it twice.
        match self.levels.get(rules::API_RULES) {
            Some(level) if default != Level::Off && rule.starts_with("api/") => *level,
            _ => default,
        }
    }
}

/// The file's bytes, or a sentence that says why there are none.
fn read(path: &Path) -> Result<Vec<u8>, String> {
    let said = |error: std::io::Error| format!("cannot be read: {error}");
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(said)?;
    // One byte more than allowed tells a file that is too large from one that just fits.
    file.take(MAX_BYTES.saturating_add(1)).read_to_end(&mut bytes).map_err(said)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_BYTES) {
        return Err(format!("is larger than {MAX_BYTES} bytes; a config file is a few lines of JSON"));
    }
    Ok(bytes)
}

fn not_json(bytes: &[u8], file_name: &str, error: &serde_json::Error) -> ConfigErrors {
    let text = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    let what = text.strip_suffix(&position).unwrap_or(&text);
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    let hint = match first {
        Some(b'{') => "",
        Some(0xef) if bytes.starts_with(b"\xef\xbb\xbf") => "; save it without a byte order mark",
        _ => "; the file holds one JSON object, {\"schemaVersion\": 1, …}",
    };
    let place = format!("line {}, column {}", error.line(), error.column());
    ConfigErrors::at(file_name, place, format!("not JSON: {what}{hint}"))
}

#[cfg(test)]
mod tests;
