//! The content of the config file.

use std::collections::BTreeMap;
use std::path::Path;

use daemonset_validation::Server;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::errors::{ConfigError, ConfigErrors};
use super::pod_security::PodSecurityConfig;
use super::{Level, document, rules, schema};
use crate::file::{self, ReadError};

/// The largest config file, in bytes: the limit of a ConfigMap.
const MAX_BYTES: u64 = 1 << 20;

/// The content of a config file. Without a file, [`Config::default`] is used.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    /// The version of the file format: 1.
    pub schema_version: u32,
    /// The Kubernetes version whose validation is repeated.
    #[serde(default)]
    pub kubernetes_version: KubernetesVersion,
    /// The levels in the file. [`Config::level`] adds the defaults.
    #[serde(default, deserialize_with = "levels")]
    pub levels: BTreeMap<String, Level>,
    /// Settings for findings about nodes.
    #[serde(default)]
    pub placement: PlacementConfig,
    /// What the API server's own configuration says of pod security.
    #[serde(default)]
    pub pod_security: PodSecurityConfig,
    /// Seconds between two dry runs of the self-probe; 0 is off.
    #[serde(default)]
    pub self_probe_seconds: u32,
}

fn levels<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, Level>, D::Error> {
    let words = BTreeMap::<String, String>::deserialize(deserializer)?;
    let level = |(id, word): (String, String)| Ok((id, word.parse().map_err(D::Error::custom)?));
    words.into_iter().map(level).collect()
}

impl Default for Config {
    fn default() -> Self {
        Self {
            schema_version: 1,
            kubernetes_version: KubernetesVersion::default(),
            levels: BTreeMap::new(),
            placement: PlacementConfig::default(),
            pod_security: PodSecurityConfig::default(),
            self_probe_seconds: 0,
        }
    }
}

/// The Kubernetes version whose validation is repeated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum KubernetesVersion {
    /// The version of the cluster's API server.
    #[default]
    Auto,
    /// This version.
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

/// Settings for findings about nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PlacementConfig {
    /// How many nodes a finding names for each reason.
    pub named_nodes: usize,
}

impl Default for PlacementConfig {
    fn default() -> Self {
        Self { named_nodes: 3 }
    }
}

impl Config {
    /// Parses the content of a config file. `file_name` is used in the errors only.
    ///
    /// # Errors
    ///
    /// All errors of the file, if it is not JSON or does not fit the schema.
    pub fn parse(bytes: &[u8], file_name: &str) -> Result<Self, ConfigErrors> {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(ConfigErrors::of_file(
                file_name,
                "the file is empty; the smallest valid file is {\"schemaVersion\": 1}",
            ));
        }
        let document = document::read(bytes).map_err(|error| not_json(bytes, file_name, &error))?;
        let mut errors: Vec<ConfigError> = document
            .duplicates
            .into_iter()
            .map(|place| ConfigError { place, sentence: "duplicate key; keep one of them".to_owned() })
            .collect();
        errors.extend(schema::errors(&document.value));
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
        // A file that fits the schema can be deserialized; a test checks that.
        serde_json::from_value(document.value)
            .map_err(|error| ConfigErrors::of_file(file_name, error.to_string()))
    }

    /// Reads and parses a config file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, and as [`Config::parse`].
    pub fn load(path: &Path) -> Result<Self, ConfigErrors> {
        let name = path.display().to_string();
        let bytes = read(path).map_err(|sentence| ConfigErrors::of_file(&name, sentence))?;
        Self::parse(&bytes, &name)
    }

    /// The level of a rule: the level in the file, or that of `api/*`, or the default. `api/*` does not apply to rules that are off by default.
    /// A rule that is not in [`rules::all`] warns.
    pub fn level(&self, rule: &str) -> Level {
        if let Some(level) = self.levels.get(rule) {
            return *level;
        }
        let default = rules::default_level(rule).unwrap_or(Level::Warn);
        // Rules that are off by default repeat what the API server says itself. `api/*` does not turn them on.
        match self.levels.get(rules::API_RULES) {
            Some(level) if default != Level::Off && rule.starts_with("api/") => *level,
            _ => default,
        }
    }
}

/// Reads a file.
///
/// # Errors
///
/// A message, if the file cannot be read or is too large.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, String> {
    match file::read(path, MAX_BYTES) {
        Ok(bytes) => Ok(bytes),
        Err(error @ ReadError::TooLarge(_)) => Err(format!("{error}; a config file is a few lines of JSON")),
        Err(error) => Err(error.to_string()),
    }
}

fn not_json(bytes: &[u8], file_name: &str, error: &serde_json::Error) -> ConfigErrors {
    let text = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    let what = text.strip_suffix(&position).unwrap_or(&text);
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    let hint = match first {
        Some(b'{') => "",
        Some(0xef) if bytes.starts_with(b"\xef\xbb\xbf") => "; save it without a byte order mark",
        _ => "; the file must hold one JSON object, {\"schemaVersion\": 1, …}",
    };
    let place = format!("line {}, column {}", error.line(), error.column());
    ConfigErrors::at(file_name, place, format!("not JSON: {what}{hint}"))
}
