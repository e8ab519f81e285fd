//! `daemonset-lint config`: what holds for a file, and which line of its config says so.

use std::io::{self, Write};

use daemonset_validation::Server;
use daemonset_validation::rules::{RuleKey, find};
use serde::Serialize;

use crate::config::{Config, Origin};
use crate::shown::shown;

/// The version of the JSON format.
const SCHEMA_VERSION: u32 = 1;

/// What holds for a file.
#[derive(Debug)]
pub(crate) struct Holding<'c> {
    /// The file, as it was given; `None` for the working folder.
    pub(crate) file: Option<String>,
    /// Its config, if it has one.
    pub(crate) config: Option<&'c Config>,
    /// The glob that excludes it, and its line.
    pub(crate) excluded: Option<(&'c str, usize)>,
    /// The rules whose level is set.
    pub(crate) levels: Vec<(&'static str, Origin<'c>)>,
}

/// A value and the line that sets it; `None` for a default.
type Value = (&'static str, Option<usize>);

impl Holding<'_> {
    /// The Kubernetes version and the severity at which the file fails.
    fn values(&self) -> (Value, Value) {
        let version = self.config.and_then(|config| config.kubernetes_version);
        let fail_on = self.config.and_then(|config| config.fail_on);
        (
            version.map_or((Server::newest().minor(), None), |(server, line)| (server.minor(), Some(line))),
            fail_on.map_or(("error", None), |(severity, line)| (severity.as_str(), Some(line))),
        )
    }
}

/// Prints it for people.
///
/// # Errors
///
/// If `out` cannot be written.
pub(crate) fn text(holding: &Holding<'_>, out: &mut dyn Write) -> io::Result<()> {
    let name = holding.config.map(|config| config.name.as_str());
    let at = |line: Option<usize>| match (name, line) {
        (Some(name), Some(line)) => format!("{name}:{line}"),
        _ => "default".to_owned(),
    };
    let (version, fail_on) = holding.values();
    writeln!(out, "{}", holding.file.as_deref().map_or("files in this folder".into(), shown))?;
    writeln!(out, "  config             {}", name.unwrap_or(NONE))?;
    match holding.excluded {
        Some((glob, line)) => writeln!(out, "  excluded           by {}  ({})", shown(glob), at(Some(line)))?,
        None => writeln!(out, "  excluded           no")?,
    }
    writeln!(out, "  kubernetesVersion  {}  ({})", version.0, at(version.1))?;
    writeln!(out, "  failOn             {}  ({})", fail_on.0, at(fail_on.1))?;
    writeln!(out)?;
    if holding.levels.is_empty() {
        return writeln!(out, "Every rule has its default level; `daemonset-lint rules` lists them.");
    }
    let width = holding.levels.iter().map(|(rule, _)| rule.len()).max().unwrap_or_default();
    for (rule, origin) in &holding.levels {
        let default = find(rule).map_or("", |rule| rule.level.as_str());
        let default = format!("(default {default})");
        let glob = origin.glob.map(|glob| format!(" for {}", shown(glob))).unwrap_or_default();
        let pattern = match origin.key {
            RuleKey::Family(family) => format!(" by {}", family.pattern()),
            RuleKey::Rule(_) => String::new(),
        };
        let (level, at) = (origin.level.as_str(), at(Some(origin.line)));
        writeln!(out, "  {rule:<width$}  {level:<7}  {default:<17}  {at}{pattern}{glob}")?;
    }
    writeln!(out)?;
    writeln!(out, "Every other rule has its default level; `daemonset-lint rules` lists them.")
}

const NONE: &str = "none: there is no .daemonset-lint.yaml from here up to the root of the git repository";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'h> {
    schema_version: u32,
    file: Option<&'h str>,
    config: Option<&'h str>,
    excluded: Option<ExcludedItem<'h>>,
    kubernetes_version: ValueItem,
    fail_on: ValueItem,
    levels: Vec<LevelItem<'h>>,
}

#[derive(Serialize)]
struct ExcludedItem<'h> {
    glob: &'h str,
    line: usize,
}

#[derive(Serialize)]
struct ValueItem {
    value: &'static str,
    /// The line of the config; absent for a default.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
}

#[derive(Serialize)]
struct LevelItem<'h> {
    rule: &'static str,
    level: &'static str,
    default: &'static str,
    line: usize,
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    glob: Option<&'h str>,
}

/// Prints it as one JSON object.
///
/// # Errors
///
/// If `out` cannot be written.
pub(crate) fn json(holding: &Holding<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (version, fail_on) = holding.values();
    let value = |(value, line)| ValueItem { value, line };
    let level = |(rule, origin): &(&'static str, Origin<'_>)| LevelItem {
        rule,
        level: origin.level.as_str(),
        default: find(rule).map_or("", |rule| rule.level.as_str()),
        line: origin.line,
        key: match origin.key {
            RuleKey::Family(family) => family.pattern(),
            RuleKey::Rule(rule) => rule.id.to_owned(),
        },
        glob: None,
    };
    let item = Item {
        schema_version: SCHEMA_VERSION,
        file: holding.file.as_deref(),
        config: holding.config.map(|config| config.name.as_str()),
        excluded: holding.excluded.map(|(glob, line)| ExcludedItem { glob, line }),
        kubernetes_version: value(version),
        fail_on: value(fail_on),
        levels: holding.levels.iter().map(|one| LevelItem { glob: one.1.glob, ..level(one) }).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &item)?;
    writeln!(out)
}
