//! Which changes are safe to make without review: those after which the document means what it meant to the server, or what its author
//! certainly meant.
//!
//! A change that a rule or a help line calls safe is safe. Here are those for which the document has to be looked at. A change that is
//! not here needs a person: it guesses a value, moves a block, or deletes what was written.

use crate::edit::{Edit, NewValue};
use crate::finding::Finding;
use crate::generated::Struct;
use crate::help::shape::{Shape, shape_at, shape_of};
use crate::path::{FieldPath, PathSegment};
use crate::tree::{NodeId, Tree, Value};

/// Marks the fixes that are safe.
pub(super) fn mark(tree: &Tree<'_>, root: NodeId, findings: &mut [Finding]) {
    let page = Page { tree, root };
    for finding in findings {
        let Some(fix) = &finding.fix else { continue };
        if !fix.safe
            && !fix.edits.is_empty()
            && fix.edits.iter().all(|edit| page.is_safe(finding, edit))
            && let Some(fix) = &mut finding.fix
        {
            fix.safe = true;
        }
    }
}

struct Page<'p> {
    tree: &'p Tree<'p>,
    root: NodeId,
}

impl Page<'_> {
    fn is_safe(&self, finding: &Finding, edit: &Edit) -> bool {
        match edit {
            Edit::Rename { path, key } => is_misspelt(finding, path, key),
            Edit::Replace { path, value } => self.is_same_value(finding, path, value),
            Edit::Insert { path, key, value } => self.is_certain(finding, path, key, value),
            Edit::Remove { path } => finding.rule == "api/duplicate-key" && self.is_repeated(path),
            Edit::Move { path, to } => is_label_of_selector(path, to) || is_header(path, to),
            Edit::Enlist { path } => {
                matches!(self.value(path), Some(Value::Mapping(_)))
                    && matches!(shape_of(path), Some(Shape::List(_)))
            }
            Edit::Unlist { path } => matches!(shape_of(path), Some(Shape::Struct(_) | Shape::Scalar(_))),
            Edit::Append { .. } | Edit::Nest { .. } | Edit::Separate { .. } => false,
        }
    }

    fn node(&self, path: &[PathSegment]) -> Option<NodeId> {
        path.iter().try_fold(self.root, |node, segment| match segment {
            PathSegment::Field(name) | PathSegment::Key(name) => self.tree.get(node, name),
            PathSegment::Index(index) => self.tree.items(node).get(*index).copied(),
        })
    }

    fn value(&self, path: &FieldPath) -> Option<&Value<'_>> {
        self.node(path.segments()).map(|node| self.tree.value(node))
    }

    /// Whether the value is written in another form and means the same.
    fn is_same_value(&self, finding: &Finding, path: &FieldPath, value: &NewValue) -> bool {
        let new = match value {
            NewValue::Text(text) => text.clone(),
            NewValue::Number(number) => number.to_string(),
            NewValue::Bool(value) => value.to_string(),
            NewValue::List(_) | NewValue::Map(_) => return false,
        };
        let name = last_name(path);
        let old = match self.value(path) {
            Some(Value::Bool(value)) => value.to_string(),
            Some(Value::Number(text) | Value::String(text)) => text.to_string(),
            _ => return false,
        };
        // A number in quotes, or a number without them.
        if old == new {
            return true;
        }
        match finding.rule {
            // A DaemonSet has no other.
            "api/not-supported" if name == Some("restartPolicy") => true,
            "api/not-supported" => is_near(&old, &new),
            "api/invalid" if name == Some("operator") => is_near(&old, &new),
            "api/invalid" if name == Some("name") => self.is_name_of_container(path, &old, &new),
            "api/invalid" | "api/decode" if matches!(name, Some("mode" | "defaultMode")) => {
                is_octal(&old, value)
            }
            "api/decode" => {
                let compact: String = old.chars().filter(|character| !character.is_whitespace()).collect();
                let unit =
                    |text: &str| text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
                let is_quantity = matches!(value, NewValue::Text(_));
                old.strip_suffix('s') == Some(&*new)
                    || is_quantity && compact == new
                    || is_quantity && compact.eq_ignore_ascii_case(&new) && unit(&new) == 2
            }
            _ => false,
        }
    }

    /// Whether a container's name gets hyphens and small letters, and nothing else in the object names it.
    fn is_name_of_container(&self, path: &FieldPath, old: &str, new: &str) -> bool {
        let [.., PathSegment::Field(list), PathSegment::Index(_), _] = path.segments() else { return false };
        let same = old.replace('_', "-").eq_ignore_ascii_case(new);
        same && matches!(&**list, "containers" | "initContainers") && !self.is_named(old)
    }

    /// Whether an annotation or a reference to a container's resources has the name of the container.
    fn is_named(&self, name: &str) -> bool {
        let mut open = vec![self.root];
        let mut left = NODES;
        while let Some(node) = open.pop() {
            left = match left.checked_sub(1) {
                Some(left) => left,
                None => return true,
            };
            open.extend(self.tree.items(node));
            for entry in self.tree.entries(node) {
                let refers = entry.key == "containerName"
                    && matches!(self.tree.value(entry.value), Value::String(text) if *text == *name);
                let of_container = entry.key.strip_suffix(name).is_some_and(|rest| rest.ends_with('/'));
                if refers || of_container {
                    return true;
                }
                open.push(entry.value);
            }
        }
        false
    }

    /// Whether what is added can be nothing else.
    fn is_certain(&self, finding: &Finding, path: &FieldPath, key: &str, value: &NewValue) -> bool {
        match (path.to_string().as_str(), key) {
            // Whose selector lacks, or has labels that the pods lack.
            ("spec", "selector")
            | ("spec.selector", "matchLabels")
            | ("spec.template.metadata.labels", _) => {
                finding.field == "spec.template.metadata.labels" || finding.field.starts_with("spec.selector")
            }
            ("spec.updateStrategy.rollingUpdate", "maxUnavailable") => *value == NewValue::Number(0),
            // Without a key, a toleration can only be one of everything.
            (_, "operator") if *value == NewValue::from("Exists") => {
                let Some(toleration) = self.node(path.segments()) else { return false };
                self.tree.get(toleration, "value").is_none() && finding.field.contains("tolerations")
            }
            ("", "apiVersion" | "kind") => finding.rule == "api/unknown-kind",
            _ => false,
        }
    }

    /// Whether the last entry of a key has the value of the one before it.
    fn is_repeated(&self, path: &FieldPath) -> bool {
        let (Some(name), Some((_, above))) = (last_name(path), path.segments().split_last()) else {
            return false;
        };
        let Some(mapping) = self.node(above) else { return false };
        let mut same = self.tree.entries(mapping).iter().rev().filter(|entry| entry.key == *name);
        let (Some(last), Some(before)) = (same.next(), same.next()) else { return false };
        let mut left = NODES;
        self.is_equal(last.value, before.value, &mut left)
    }

    fn is_equal(&self, one: NodeId, other: NodeId, left: &mut usize) -> bool {
        let Some(rest) = left.checked_sub(1) else { return false };
        *left = rest;
        match (self.tree.value(one), self.tree.value(other)) {
            (Value::Sequence(_), Value::Sequence(_)) => {
                let (one, other) = (self.tree.items(one), self.tree.items(other));
                one.len() == other.len()
                    && one.iter().zip(other).all(|(one, other)| self.is_equal(*one, *other, left))
            }
            (Value::Mapping(_), Value::Mapping(_)) => {
                let (one, other) = (self.tree.entries(one), self.tree.entries(other));
                one.len() == other.len()
                    && one.iter().zip(other).all(|(one, other)| {
                        one.key == other.key && self.is_equal(one.value, other.value, left)
                    })
            }
            (one, other) => one == other,
        }
    }
}

/// The nodes of an object that are looked at. None that a person writes has more.
const NODES: usize = 10_000;

fn last_name(path: &FieldPath) -> Option<&str> {
    match path.segments().last()? {
        PathSegment::Field(name) | PathSegment::Key(name) => Some(name),
        PathSegment::Index(_) => None,
    }
}

/// Whether a field's name is a misspelt one of exactly one field.
fn is_misspelt(finding: &Finding, path: &FieldPath, key: &str) -> bool {
    let (Some(old), Some((_, above))) = (last_name(path), path.segments().split_last()) else { return false };
    match finding.rule {
        // `strategy` of a Deployment, whose content was tried.
        "api/unknown-field" if (old, key) == ("strategy", "updateStrategy") => true,
        "api/unknown-field" => match shape_at(above) {
            Some(Shape::Struct(owner)) => is_only_near(owner, old, key),
            _ => false,
        },
        "api/unknown-kind" => true,
        _ => false,
    }
}

fn is_only_near(owner: &'static Struct, old: &str, key: &str) -> bool {
    let far = distance(old, key);
    if far > allowed(old) {
        return false;
    }
    let others = owner.fields.iter().filter(|field| field.name != key);
    far == 0 || others.map(|field| distance(old, field.name)).all(|other| other > far)
}

/// How many letters of a misspelt word may be wrong.
const fn allowed(word: &str) -> usize {
    match word.len() {
        0..=3 => 0,
        4..=5 => 1,
        _ => 2,
    }
}

/// The letters in which two words differ, without case, hyphens and underscores.
fn distance(one: &str, other: &str) -> usize {
    let plain = |text: &str| text.replace(['_', '-', ' '], "").to_lowercase();
    if one.len().abs_diff(other.len()) > 4 || one.len() > 64 {
        return usize::MAX;
    }
    strsim::damerau_levenshtein(&plain(one), &plain(other))
}

/// Whether a word of an enumeration is misspelt. No two words of one enumeration are so near.
fn is_near(old: &str, new: &str) -> bool {
    distance(old, new) <= allowed(old)
}

/// Permissions whose digits were not written as octal ones.
fn is_octal(old: &str, value: &NewValue) -> bool {
    let NewValue::Number(mode) = value else { return false };
    i64::from_str_radix(old.trim_start_matches('0'), 8).is_ok_and(|meant| meant == *mode)
}

/// A label beside `matchLabels` instead of in it.
fn is_label_of_selector(path: &FieldPath, to: &FieldPath) -> bool {
    let selector = FieldPath::of(&["spec", "selector"]);
    let labels = selector.clone().field("matchLabels");
    let (Some((last, above)), Some((last_to, above_to))) =
        (path.segments().split_last(), to.segments().split_last())
    else {
        return false;
    };
    let name = |segment: &PathSegment| match segment {
        PathSegment::Field(name) | PathSegment::Key(name) => Some(name.to_string()),
        PathSegment::Index(_) => None,
    };
    above == selector.segments() && above_to == labels.segments() && name(last) == name(last_to)
}

/// `apiVersion` or `kind` in `metadata`.
fn is_header(path: &FieldPath, to: &FieldPath) -> bool {
    matches!(to.to_string().as_str(), "apiVersion" | "kind")
        && matches!(path.to_string().as_str(), "metadata.apiVersion" | "metadata.kind")
}

#[cfg(test)]
mod tests {
    use super::{allowed, distance, is_near};

    #[test]
    fn words_are_near_if_they_are_misspelt() {
        for (old, new, near) in [
            ("tcp", "TCP", true),
            ("UPD", "UDP", false),
            ("Exist", "Exists", true),
            ("Equals", "Equal", true),
            ("always", "Always", true),
            ("IfNotPresnet", "IfNotPresent", true),
            ("Recreate", "RollingUpdate", false),
        ] {
            assert_eq!(is_near(old, new), near, "{old} {}", distance(old, new));
        }
        assert_eq!(allowed("In"), 0);
    }
}
