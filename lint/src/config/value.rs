//! A config as a value for its schema, within bounds: what a person writes is small, and aliases could make it large.

use daemonset_validation::{FieldPath, NodeId, PathSegment, Span, Tree, Value};
use serde_json::{Map, Number, Value as Json};

/// More values than this are not read, with aliases expanded.
const MOST_VALUES: usize = 50_000;

/// Deeper values than this are not read. The schema has four levels.
const DEEPEST: usize = 16;

/// What is wrong with a config before its schema is asked.
#[derive(Debug)]
pub(super) enum Problem {
    /// It has too many values or is nested too deep.
    TooLarge,
    /// A key stands twice in a mapping.
    Duplicate(String, Span),
}

/// Makes the value of a tree.
///
/// # Errors
///
/// If it is too large.
pub(super) fn of(tree: &Tree<'_>, text: &str) -> Result<(Json, Vec<Problem>), Problem> {
    let mut reader = Reader { tree, text, left: MOST_VALUES, problems: Vec::new() };
    let value = reader.value(tree.root(), 0)?;
    Ok((value, reader.problems))
}

struct Reader<'r> {
    tree: &'r Tree<'r>,
    text: &'r str,
    left: usize,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn value(&mut self, node: NodeId, depth: usize) -> Result<Json, Problem> {
        self.left = self.left.checked_sub(1).ok_or(Problem::TooLarge)?;
        if depth > DEEPEST {
            return Err(Problem::TooLarge);
        }
        let below = depth.saturating_add(1);
        Ok(match self.tree.value(node) {
            Value::Null => Json::Null,
            // YAML 1.1 has `off` for false. Here it is a level.
            Value::Bool(value) => match written(self.tree, node, self.text) {
                "true" | "false" => Json::Bool(*value),
                word => Json::String(word.to_owned()),
            },
            Value::Number(number) => {
                number.parse::<Number>().map_or_else(|_| Json::String(number.to_string()), Json::Number)
            }
            Value::String(text) => Json::String(text.to_string()),
            Value::Sequence(_) => {
                let items = self.tree.items(node);
                Json::Array(items.iter().map(|item| self.value(*item, below)).collect::<Result<_, _>>()?)
            }
            Value::Mapping(_) => {
                let mut map = Map::new();
                for entry in self.tree.entries(node) {
                    if entry.duplicate {
                        self.problems.push(Problem::Duplicate(entry.key.to_string(), entry.key_span));
                    }
                    map.insert(entry.key.to_string(), self.value(entry.value, below)?);
                }
                Json::Object(map)
            }
        })
    }
}

/// The text of a scalar as it is written.
pub(super) fn written<'t>(tree: &Tree<'_>, node: NodeId, text: &'t str) -> &'t str {
    let Span { start, end } = tree.node(node).span;
    text.get(start as usize..end as usize).unwrap_or_default()
}

/// The node and the path of a JSON pointer; of one that leads nowhere, those of the nearest node above.
pub(super) fn at(tree: &Tree<'_>, pointer: &str) -> (NodeId, FieldPath) {
    let mut node = tree.root();
    let mut segments = Vec::new();
    for part in pointer.split('/').skip(1) {
        let key = part.replace("~1", "/").replace("~0", "~");
        let next = match tree.value(node) {
            Value::Sequence(_) => {
                let index = key.parse::<usize>().ok();
                index.and_then(|index| Some((*tree.items(node).get(index)?, PathSegment::Index(index))))
            }
            _ => tree.get(node, &key).map(|value| (value, PathSegment::Key(key.into()))),
        };
        let Some((value, segment)) = next else { break };
        node = value;
        segments.push(segment);
    }
    (node, FieldPath::from_segments(segments))
}
