//! A Helm chart's `values.yaml` as a table: what each value is, its default and the comment above it.
//!
//! A line `## Title` opens a section. Comment lines directly above a key belong to it. A mapping of which some key has a comment is
//! told key by key; any other value is told whole.

use std::fmt::Write as _;

use daemonset_lint::source::{Content, documents};
use serde_json::Value;

use crate::go_json::to_json;

/// A value of the chart.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The section that it stands in.
    pub section: String,
    /// Where it is, such as `image.tag`.
    pub path: String,
    /// What it is by default; `None` for a mapping that is told key by key.
    pub default: Option<Value>,
    /// What the comment says, in one line.
    pub comment: String,
}

/// A key with its place in the text.
struct Key {
    path: Vec<String>,
    section: String,
    comment: String,
}

/// The values as the chart's templates see them.
///
/// # Panics
///
/// Where the text is not one YAML document.
pub fn read(text: &str) -> Value {
    let content = documents(text).map(|document| document.content).find(|it| !matches!(it, Content::Empty));
    match content {
        Some(Content::Tree(tree)) => match serde_json::from_str(&to_json(&tree)) {
            Ok(value) => value,
            Err(error) => panic!("the values are no JSON: {error}"),
        },
        other => panic!("the values cannot be read: {other:?}"),
    }
}

/// All documents of a stream of YAML, such as manifests.
///
/// # Panics
///
/// Where one of them cannot be read.
pub fn read_all(text: &str) -> Vec<Value> {
    let read = |content| match content {
        Content::Empty => None,
        Content::Tree(tree) => serde_json::from_str(&to_json(&tree)).ok(),
        Content::Broken(error) => panic!("the manifests cannot be read: {}", error.message),
    };
    documents(text).filter_map(|document| read(document.content)).collect()
}

/// All entries, in the order of the text.
pub fn entries(text: &str) -> Vec<Entry> {
    let values = read(text);
    let keys = keys(text);
    let mut entries = Vec::new();
    for key in &keys {
        let inside = |other: &&Key| other.path.len() > key.path.len() && other.path.starts_with(&key.path);
        // The nearest mapping above that is told whole speaks for this key.
        let told_whole = (1..key.path.len()).any(|length| {
            !keys.iter().any(|other| {
                other.path.len() > length
                    && other.path.starts_with(key.path.get(..length).unwrap_or_default())
                    && !other.comment.is_empty()
            })
        });
        if told_whole {
            continue;
        }
        let by_key = keys.iter().filter(inside).any(|other| !other.comment.is_empty());
        if by_key && key.comment.is_empty() {
            continue;
        }
        let pointer = key.path.iter().fold(String::new(), |pointer, part| format!("{pointer}/{part}"));
        entries.push(Entry {
            section: key.section.clone(),
            path: key.path.join("."),
            default: if by_key { None } else { values.pointer(&pointer).cloned() },
            comment: key.comment.clone(),
        });
    }
    entries
}

fn keys(text: &str) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    let mut open: Vec<(usize, String)> = Vec::new();
    let (mut section, mut comment) = (String::new(), String::new());
    for line in text.lines() {
        let trimmed = line.trim_start();
        let indent = line.len().saturating_sub(trimmed.len());
        if let Some(title) = trimmed.strip_prefix("## ") {
            section = title.to_owned();
            comment.clear();
        } else if let Some(words) = trimmed.strip_prefix("# ") {
            if !comment.is_empty() {
                comment.push(' ');
            }
            comment.push_str(words.trim());
        } else if let Some((name, _)) = trimmed.split_once(':')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        {
            open.retain(|(column, _)| *column < indent);
            open.push((indent, name.to_owned()));
            keys.push(Key {
                path: open.iter().map(|(_, name)| name.clone()).collect(),
                section: section.clone(),
                comment: std::mem::take(&mut comment),
            });
        } else {
            comment.clear();
        }
    }
    keys
}

/// The entries as tables in Markdown, a heading a section.
pub fn tables(entries: &[Entry]) -> String {
    let mut out = String::new();
    let mut section = None;
    for entry in entries {
        if section != Some(&entry.section) {
            let _ =
                write!(out, "\n## {}\n\n| value | default | what it is |\n|---|---|---|\n", entry.section);
            section = Some(&entry.section);
        }
        let default = match &entry.default {
            Some(value) => format!("`{value}`"),
            None => String::new(),
        };
        let comment = entry.comment.replace('|', "\\|");
        let _ = writeln!(out, "| `{}` | {} | {comment} |", entry.path, default.replace('|', "\\|"));
    }
    out
}
