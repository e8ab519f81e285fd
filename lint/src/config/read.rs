//! From the text of a config to what it sets, or to findings about the text.

use std::path::PathBuf;

use daemonset_validation::levels::Level;
use daemonset_validation::rules::RuleKey;
use daemonset_validation::{Anchor, FieldPath, Finding, NodeId, Server, Severity, Span, Tree, Value};

use super::globs::Globs;
use super::schema::{self, Violation};
use super::sets::{Config, Override, SetLevel};
use super::value::{self, Problem};
use crate::engine::locate::{Manifest, Place};
use crate::engine::outcome::{FileReport, Located};
use crate::source::{self, Content, LineIndex, SyntaxError};

/// The word in the first line of a finding, where others have their rule.
const RULE: &str = "config";

/// Reads a config. `base` is the folder where its globs start.
///
/// # Errors
///
/// The findings about it.
pub(super) fn read(
    name: String,
    base: PathBuf,
    bytes: Result<Vec<u8>, String>,
) -> Result<Config, Box<FileReport>> {
    let failed = |text: String, findings: Vec<Located>| {
        Box::new(FileReport { text, findings, ..FileReport::empty(name.clone()) })
    };
    let bytes = bytes.map_err(|reason| {
        failed(String::new(), vec![located(format!("it cannot be used: {reason}"), None, Place::default())])
    })?;
    let text = source::decode(bytes).map_err(|error| failed(String::new(), vec![of_syntax(error)]))?;
    match config(&name, base, &text) {
        Ok(config) => Ok(config.ready()),
        Err(findings) => Err(failed(text, findings)),
    }
}

fn config(name: &str, base: PathBuf, text: &str) -> Result<Config, Vec<Located>> {
    let lines = LineIndex::new(text);
    let mut trees: Vec<Tree<'_>> = Vec::new();
    for document in source::documents(text) {
        match document.content {
            Content::Empty => {}
            Content::Tree(tree) => trees.push(tree),
            Content::Broken(error) => return Err(vec![of_syntax(error)]),
        }
    }
    let nothing = || Globs::new(Vec::new()).map_err(|_| Vec::new());
    let mut trees = trees.iter();
    let Some(tree) = trees.next() else { return Ok(Config::new(name.to_owned(), base, nothing()?)) };
    let manifest = Manifest { tree, root: tree.root(), text, lines: &lines };
    if let Some(second) = trees.next() {
        let other = Manifest { tree: second, root: second.root(), text, lines: &lines };
        let place = other.place(&FieldPath::document(), Anchor::Value);
        return Err(vec![located(
            "a config is one document; a second one begins here".to_owned(),
            None,
            place,
        )]);
    }
    let mut findings = faults(&manifest);
    if findings.is_empty() {
        let reader = Reader { manifest: &manifest };
        match reader.config(name, base) {
            Ok(config) => return Ok(config),
            Err(found) => findings = found,
        }
    }
    findings.sort_by_key(|located| located.place.exact.start);
    Err(findings)
}

/// What is wrong with the config by its schema, and what a schema cannot say.
fn faults(manifest: &Manifest<'_>) -> Vec<Located> {
    let (value, problems) = match value::of(manifest.tree, manifest.text) {
        Ok(value) => value,
        Err(_) => {
            let message = "it is too large or nested too deep for a config".to_owned();
            return vec![located(message, None, manifest.place(&FieldPath::document(), Anchor::Key))];
        }
    };
    let mut found: Vec<Located> = Vec::new();
    for problem in problems {
        if let Problem::Duplicate(key, span) = problem {
            let place = Place { exact: span, frame: span };
            found.push(located(
                format!("the key `{key}` stands here twice"),
                Some("keep one of them".to_owned()),
                place,
            ));
        }
    }
    let mut violations = schema::violations(&value);
    let version = value.get("kubernetesVersion");
    if let Some(version) = version.and_then(serde_json::Value::as_str)
        && violations.iter().all(|one| one.pointer != "/kubernetesVersion")
        && Server::of_version(version).is_none()
    {
        let (message, help) = schema::unknown_version(version);
        violations.push(Violation::new("/kubernetesVersion", message, help));
    }
    for violation in violations {
        let (node, path) = value::at(manifest.tree, &violation.pointer);
        let anchor = if violation.of_key { Anchor::Key } else { Anchor::Value };
        let is_version = violation.pointer == "/kubernetesVersion";
        let help = match manifest.tree.value(node) {
            // A number loses its last zero: 1.30 is 1.3.
            Value::Number(_) if is_version => {
                Some(format!("put it in quotes: \"{}\"", value::written(manifest.tree, node, manifest.text)))
            }
            _ => violation.help,
        };
        found.push(located(violation.message, help, manifest.place(&path, anchor)));
    }
    found
}

fn located(message: String, help: Option<String>, place: Place) -> Located {
    let finding = Finding::new(RULE, Severity::Error, FieldPath::document(), message);
    let finding = match help {
        Some(help) => finding.help(help),
        None => finding,
    };
    Located { finding, place }
}

fn of_syntax(error: SyntaxError) -> Located {
    let place = Place { exact: error.span, frame: error.span };
    located(error.message, error.help.map(String::from), place)
}

/// Reads a tree that fits the schema.
struct Reader<'r> {
    manifest: &'r Manifest<'r>,
}

impl Reader<'_> {
    fn config(&self, name: &str, base: PathBuf) -> Result<Config, Vec<Located>> {
        let tree = self.manifest.tree;
        let root = tree.root();
        let mut faults = Vec::new();
        let exclude = self.globs(tree.get(root, "exclude"), &mut faults);
        let mut overrides = Vec::new();
        for one in tree.get(root, "overrides").map(|list| tree.items(list)).unwrap_or_default() {
            let levels = self.levels(tree.get(*one, "levels"));
            if let Some(paths) = self.globs(tree.get(*one, "paths"), &mut faults) {
                overrides.push(Override { paths, levels });
            }
        }
        let Some(exclude) = exclude.filter(|_| faults.is_empty()) else { return Err(faults) };
        let config = Config::new(name.to_owned(), base, exclude);
        Ok(Config {
            kubernetes_version: self
                .word("kubernetesVersion")
                .and_then(|(word, line)| Some((Server::of_version(word)?, line))),
            fail_on: self
                .word("failOn")
                .and_then(|(word, line)| Some((word.parse::<Level>().ok()?.severity()?, line))),
            levels: self.levels(tree.get(root, "levels")),
            overrides,
            ..config
        })
    }

    fn line(&self, span: Span) -> usize {
        self.manifest.lines.line(span.start as usize)
    }

    /// A text of the config's own, and its line.
    fn word(&self, key: &str) -> Option<(&str, usize)> {
        let tree = self.manifest.tree;
        let entry = tree.entry(tree.root(), key)?;
        Some((self.text(entry.value)?, self.line(entry.key_span)))
    }

    fn text(&self, node: NodeId) -> Option<&str> {
        match self.manifest.tree.value(node) {
            Value::String(text) => Some(text),
            Value::Bool(_) => Some(value::written(self.manifest.tree, node, self.manifest.text)),
            _ => None,
        }
    }

    fn levels(&self, node: Option<NodeId>) -> Vec<SetLevel> {
        let entries = node.map(|node| self.manifest.tree.entries(node)).unwrap_or_default();
        let levels = entries.iter().filter_map(|entry| {
            let key = RuleKey::parse(&entry.key)?;
            let level = self.text(entry.value)?.parse().ok()?;
            Some(SetLevel { key, level, line: self.line(entry.key_span) })
        });
        levels.collect()
    }

    fn globs(&self, node: Option<NodeId>, faults: &mut Vec<Located>) -> Option<Globs> {
        let tree = self.manifest.tree;
        let items = node.map(|node| tree.items(node)).unwrap_or_default();
        let glob = |item: &NodeId| Some((self.text(*item)?.to_owned(), self.line(tree.node(*item).span)));
        match Globs::new(items.iter().filter_map(glob).collect()) {
            Ok(globs) => Some(globs),
            Err(errors) => {
                for (at, error) in errors {
                    let span = items.get(at).map(|item| tree.node(*item).span).unwrap_or_default();
                    let place = Place { exact: span, frame: span };
                    faults.push(located(format!("it is no glob: {error}"), None, place));
                }
                None
            }
        }
    }
}
