//! An `apiVersion` and `kind` that kubectl or the server does not accept.

use std::borrow::Cow;

use crate::edit::{Edit, NewValue};
use crate::finding::{Anchor, Finding, Severity};
use crate::path::{FieldPath, PathSegment};
use crate::subject::Subject;
use crate::tree::{Entry, NodeId, Tree, Value};

const RULE: &str = "api/unknown-kind";

/// A key of interest is not longer, in bytes.
const LONGEST: usize = 20;

fn error(place: FieldPath, message: String) -> Finding {
    Finding::new(RULE, Severity::Error, place, message).because("UnknownKind")
}

fn field(name: &'static str) -> FieldPath {
    FieldPath::of(&[name])
}

/// An object that is meant to be a DaemonSet: `no matches for kind …`, as kubectl prints it.
pub(crate) fn unknown_kind(tree: &Tree<'_>, subject: &Subject) -> Finding {
    if let Some(finding) = headless(tree, subject) {
        return finding;
    }
    let Subject { kind, api_version, .. } = subject;
    let message = if api_version.matches('/').count() > 1 {
        format!("unexpected GroupVersion string: {api_version}")
    } else {
        format!("no matches for kind \"{kind}\" in version \"{api_version}\"")
    };
    let known_kind = subject.has_our_kind();
    let finding = error(field(if known_kind { "apiVersion" } else { "kind" }), message);
    let replace = |name: &'static str, value: &str| Edit::Replace { path: field(name), value: value.into() };
    if !known_kind && api_version == "apps/v1" {
        return finding.help("did you mean `kind: DaemonSet`?").fix(true, vec![replace("kind", "DaemonSet")]);
    }
    let spec = tree.get(subject.node, "spec");
    let has_selector = spec.and_then(|spec| tree.get(spec, "selector")).is_some();
    let labels = if has_selector { None } else { template_labels(tree, subject.node) };
    let more = match (&labels, has_selector) {
        (_, true) => String::new(),
        (Some(labels), _) => {
            format!(", and add `selector: {labels}` to `spec`, which apps/v1 requires")
        }
        (None, _) => ", and add `spec.selector`, which apps/v1 requires".to_owned(),
    };
    // Before apps/v1, the labels of the template were the selector.
    let selector =
        labels.map(|value| Edit::Insert { path: field("spec"), key: "selector".to_owned(), value });
    if !known_kind {
        let edits = vec![replace("kind", "DaemonSet"), replace("apiVersion", "apps/v1")];
        return finding
            .help(format!("did you mean `kind: DaemonSet`? Its version is `apiVersion: apps/v1`{more}"))
            .fix(false, edits.into_iter().chain(selector).collect());
    }
    let help: Cow<'static, str> = match api_version.as_str() {
        "extensions/v1beta1" | "apps/v1beta2" | "apps/v1beta1" => {
            format!("{api_version} was removed in Kubernetes 1.16: write `apiVersion: apps/v1`{more}").into()
        }
        _ => format!("DaemonSets are in `apps/v1`: write `apiVersion: apps/v1`{more}").into(),
    };
    finding
        .label("no server serves DaemonSets in this version")
        .help(help)
        .fix(true, std::iter::once(replace("apiVersion", "apps/v1")).chain(selector).collect())
}

/// The labels of the pods as a selector; `None` if there are none.
fn template_labels(tree: &Tree<'_>, object: NodeId) -> Option<NewValue> {
    // No selector has more.
    const LABELS: usize = 64;
    let way = ["spec", "template", "metadata", "labels"];
    let labels = way.iter().try_fold(object, |node, key| tree.get(node, key))?;
    let text = |entry: &Entry<'_>| match tree.value(entry.value) {
        Value::String(text) => Some((entry.key.to_string(), NewValue::from(&**text))),
        _ => None,
    };
    let entries: Vec<_> = tree.entries(labels).iter().take(LABELS).map(text).collect::<Option<_>>()?;
    (!entries.is_empty()).then(|| NewValue::entry("matchLabels", NewValue::Map(entries)))
}

/// What kubectl says of a document that is no object, or an object without `apiVersion` or `kind`; `None` if it has both.
///
/// Upstream: `kubectl/pkg/validation.getObjectKind`.
pub fn headless(tree: &Tree<'_>, subject: &Subject) -> Option<Finding> {
    if !matches!(tree.value(subject.node), Value::Mapping(_)) {
        let found = match tree.value(subject.node) {
            Value::Sequence(_) => "a list; write each item as a document of its own, with `---` between them",
            _ => "a single value; is a `---`, a `#` or an indentation missing or wrong around it?",
        };
        let finding = error(FieldPath::document(), "invalid object to validate".to_owned());
        return Some(
            finding.help(format!("kubectl expects `apiVersion`, `kind` and so on here, but finds {found}")),
        );
    }
    let version = fault(tree, subject.node, "apiVersion", &subject.api_version);
    let kind = fault(tree, subject.node, "kind", &subject.kind);
    let is_daemon_set = looks_like_daemon_set(tree, subject.node);
    // One finding, at the first of the two, as kubectl has one error.
    let (name, message) = match (version, kind) {
        (None, None) => return None,
        (Some(version), Some(kind)) => ("apiVersion", format!("{version}, {kind}")),
        (Some(version), None) => ("apiVersion", version),
        (None, Some(kind)) => ("kind", kind),
    };
    let finding = error(field(name), message);
    let mut edits = Vec::new();
    let mut helps = Vec::new();
    let mut misspelt = None;
    for (name, value, known) in
        [("apiVersion", "apps/v1", &subject.api_version), ("kind", "DaemonSet", &subject.kind)]
    {
        if !known.is_empty() {
            continue;
        }
        let keys = tree.entries(subject.node).iter().map(|entry| &*entry.key);
        let absent = tree.get(subject.node, name).is_none();
        if let Some(key) = misspelt_key(name, keys).filter(|_| absent) {
            helps.push(format!("`{key}` must be written `{name}`"));
            let path = FieldPath::document().join(PathSegment::Field(key.to_owned().into()));
            misspelt.get_or_insert_with(|| path.clone());
            edits.push(Edit::Rename { path, key: name.to_owned() });
        } else if absent && in_metadata(tree, subject.node, name) {
            helps.push(format!("move `{name}` from `metadata` to the top of the object"));
            let path = FieldPath::of(&["metadata", name]);
            misspelt.get_or_insert_with(|| path.clone());
            edits.push(Edit::Move { path, to: field(name) });
        } else if is_daemon_set || subject.has_our_kind() {
            helps.push(format!("{} `{name}: {value}`", if absent { "add" } else { "write" }));
            edits.push(if absent {
                Edit::Insert { path: FieldPath::document(), key: name.to_owned(), value: value.into() }
            } else {
                Edit::Replace { path: field(name), value: value.into() }
            });
        }
    }
    let present = tree.get(subject.node, name).is_some();
    let finding = match misspelt {
        Some(path) => Finding { path, ..finding }.at(Anchor::Key),
        None if present => finding,
        None => finding.at(Anchor::Key),
    };
    if edits.is_empty() {
        return Some(finding.help("kubectl accepts only objects with `apiVersion` and `kind`; if the file is no manifest, leave it out"));
    }
    Some(finding.help(helps.join(" and ")).fix(false, edits))
}

/// Whether the key stands in `metadata`, one level too deep.
fn in_metadata(tree: &Tree<'_>, node: NodeId, name: &str) -> bool {
    tree.get(node, "metadata").and_then(|metadata| tree.get_str(metadata, name)).is_some()
}

/// What is wrong with `apiVersion` or `kind`, in kubectl's words. `known` is its value, which an item of a typed list has from the list.
fn fault(tree: &Tree<'_>, node: NodeId, name: &str, known: &str) -> Option<String> {
    if !known.is_empty() {
        return None;
    }
    match tree.get(node, name).map(|value| tree.value(value)) {
        None | Some(Value::Null | Value::String(_)) => Some(format!("{name} not set")),
        Some(_) => Some(format!("{name} isn't string type")),
    }
}

/// A key of the object that is probably a misspelt `apiVersion` or `kind`.
fn misspelt_key<'k>(name: &str, keys: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    // No object has so many keys, and a misspelt one is among the first.
    const KEYS: usize = 64;
    let plain = |text: &str| text.replace(['_', '-', ' '], "").to_lowercase();
    let wanted = plain(name);
    let near = |key: &&str| key.len() <= LONGEST && strsim::damerau_levenshtein(&plain(key), &wanted) <= 1;
    keys.take(KEYS).find(near)
}

/// Whether an object without a kind has the fields of a DaemonSet.
pub fn looks_like_daemon_set(tree: &Tree<'_>, node: NodeId) -> bool {
    let is_mapping = |node: NodeId| matches!(tree.value(node), Value::Mapping(_));
    let template = tree
        .get(node, "spec")
        .and_then(|spec| tree.get(spec, "template").filter(|_| tree.get(spec, "replicas").is_none()));
    tree.get(node, "metadata").is_some_and(is_mapping) && template.is_some_and(is_mapping)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subject::{SubjectKind, subjects};
    use crate::tree::{Span, TreeBuilder};

    /// An object with these keys; a value in brackets is a number.
    fn object(entries: &[(&str, &str)]) -> Tree<'static> {
        let mut builder = TreeBuilder::default();
        let entries: Vec<Entry<'static>> = entries
            .iter()
            .map(|(key, value)| {
                let value = match value.strip_prefix('[') {
                    Some(number) => Value::Number(number.trim_end_matches(']').to_owned().into()),
                    None => Value::String((*value).to_owned().into()),
                };
                let value = builder.scalar(value, Span::default());
                Entry { key: (*key).to_owned().into(), key_span: Span::default(), value, duplicate: false }
            })
            .collect();
        let root = builder.mapping(entries, Span::default());
        builder.finish(root)
    }

    fn said(entries: &[(&str, &str)]) -> Option<(SubjectKind, String, String)> {
        let tree = object(entries);
        let subject = subjects(&tree).into_iter().next()?;
        let kind = subject.classify();
        let finding = if kind == SubjectKind::Unknown {
            Some(unknown_kind(&tree, &subject))
        } else {
            headless(&tree, &subject)
        }?;
        Some((kind, finding.message.to_string(), finding.help?.to_string()))
    }

    #[test]
    fn kubectl_names_what_is_missing() {
        for (entries, message, help) in [
            (&[("a", "b")][..], "apiVersion not set, kind not set", "leave it out"),
            (&[("apiVersion", "v1")], "kind not set", "leave it out"),
            (&[("kind", "Pod")], "apiVersion not set", "leave it out"),
            (&[("kind", "DaemonSet")], "apiVersion not set", "add `apiVersion: apps/v1`"),
            (
                &[("apiversion", "apps/v1"), ("kind", "DaemonSet")],
                "apiVersion not set",
                "`apiversion` must be written `apiVersion`",
            ),
            (
                &[("apiVersion", "apps/v1"), ("Kind", "DaemonSet")],
                "kind not set",
                "`Kind` must be written `kind`",
            ),
            (&[("apiVersion", "apps/v1"), ("kind", "")], "kind not set", "leave it out"),
            (
                &[("apiVersion", "[1]"), ("kind", "[2]")],
                "apiVersion isn't string type, kind isn't string type",
                "leave it out",
            ),
            (
                &[("apiVersion", "a/b/c"), ("kind", "DaemonSet")],
                "unexpected GroupVersion string: a/b/c",
                "apps/v1",
            ),
            (
                &[("apiVersion", "app/v1"), ("kind", "DaemonSet")],
                "no matches for kind \"DaemonSet\" in version \"app/v1\"",
                "write `apiVersion: apps/v1`",
            ),
            (
                &[("apiVersion", "apps/v1"), ("kind", "DaemonSet ")],
                "no matches for kind \"DaemonSet \" in version \"apps/v1\"",
                "did you mean `kind: DaemonSet`?",
            ),
            (
                &[("apiVersion", "app/v1"), ("kind", "Deamonset")],
                "no matches for kind \"Deamonset\" in version \"app/v1\"",
                "apiVersion: apps/v1",
            ),
        ] {
            let Some((_, said, helped)) = said(entries) else { return assert_eq!(message, "") };
            assert_eq!(said, message, "{entries:?}");
            assert!(helped.contains(help), "{entries:?} {helped}");
        }
        assert_eq!(said(&[("apiVersion", "v1"), ("kind", "Pod")]), None);
    }
}
