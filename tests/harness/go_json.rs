//! A document as Go's encoder would write it, so that answers can be compared byte by byte.

use std::collections::BTreeMap;

use daemonset_lint::source::{Content, documents, yaml};
use daemonset_validation::{NodeId, Tree, Value};

/// What the reader makes of a text that is one document: its JSON, and whether a strict decoder takes it, too.
pub fn answer(text: &str) -> Result<(String, bool), String> {
    let tree = yaml::parse(text, 0..text.len()).map_err(|error| error.message)?;
    Ok((to_json(&tree), !has_duplicates(&tree)))
}

/// What the reader makes of a stream: the JSON of each document, or why it cannot be read.
pub fn stream(text: &str) -> Vec<Result<String, String>> {
    let content = documents(text).map(|document| document.content);
    content
        .map(|content| match content {
            Content::Empty => Ok("null".to_owned()),
            Content::Tree(tree) => Ok(to_json(&tree)),
            Content::Broken(error) => Err(error.message),
        })
        .collect()
}

/// The tree as JSON: keys sorted, the last of several equal ones.
pub fn to_json(tree: &Tree<'_>) -> String {
    let mut out = String::new();
    write(tree, tree.root(), &mut out);
    out
}

fn write(tree: &Tree<'_>, id: NodeId, out: &mut String) {
    match tree.value(id) {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(text) => out.push_str(text),
        Value::String(text) => write_string(text, out),
        Value::Sequence(_) => {
            out.push('[');
            for (position, item) in tree.items(id).iter().enumerate() {
                out.push_str(if position > 0 { "," } else { "" });
                write(tree, *item, out);
            }
            out.push(']');
        }
        Value::Mapping(_) => {
            let last: BTreeMap<_, _> =
                tree.entries(id).iter().map(|entry| (&*entry.key, entry.value)).collect();
            out.push('{');
            for (position, (key, value)) in last.into_iter().enumerate() {
                out.push_str(if position > 0 { "," } else { "" });
                write_string(key, out);
                out.push(':');
                write(tree, value, out);
            }
            out.push('}');
        }
    }
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}

/// Whether a key stands twice in some mapping, those included that a later duplicate replaces.
fn has_duplicates(tree: &Tree<'_>) -> bool {
    let mut waiting = vec![tree.root()];
    let mut seen = std::collections::HashSet::new();
    while let Some(id) = waiting.pop() {
        if !seen.insert(id) {
            continue;
        }
        waiting.extend(tree.items(id));
        if tree.entries(id).iter().any(|entry| entry.duplicate) {
            return true;
        }
        waiting.extend(tree.entries(id).iter().map(|entry| entry.value));
    }
    false
}
