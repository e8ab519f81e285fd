//! Placeholders: values that `envsubst`, `sed`, Flux, an operator or a person fills in before the object reaches a server.

use daemonset_validation::{Finding, NodeId, PathSegment, Tree, Value};

/// The findings that do not come from a placeholder, and how many do.
pub(super) fn without_placeholders(
    findings: Vec<Finding>,
    tree: &Tree<'_>,
    root: NodeId,
    text: &str,
) -> (Vec<Finding>, usize) {
    if findings.is_empty() {
        return (findings, 0);
    }
    let before = findings.len();
    let completed = is_completed_by_program(tree, root);
    let kept: Vec<Finding> = findings
        .into_iter()
        .filter(|finding| {
            !(comes_from_placeholder(finding, tree, root, text) || completed && is_absence(finding))
        })
        .collect();
    let dropped = before.saturating_sub(kept.len());
    (kept, dropped)
}

/// Says of each finding that comes from a placeholder what to do about that. The value is not the one that the server will see, so advice
/// about it is of no use.
pub(super) fn advise(findings: Vec<Finding>, tree: &Tree<'_>, root: NodeId, text: &str) -> Vec<Finding> {
    let advised = |finding: Finding| match comes_from_placeholder(&finding, tree, root, text) {
        true => Finding { label: None, fix: None, ..finding }.help(ADVICE),
        false => finding,
    };
    findings.into_iter().map(advised).collect()
}

const ADVICE: &str =
    "a placeholder has not been filled in: fill it in first, and pipe the result into `daemonset-lint -`";

/// Whether the finding says that something is missing, which a program that fills in the object can add.
fn is_absence(finding: &Finding) -> bool {
    matches!(finding.cause, Some("FieldValueRequired" | "FieldValueNotFound"))
}

fn comes_from_placeholder(finding: &Finding, tree: &Tree<'_>, root: NodeId, text: &str) -> bool {
    let mut node = root;
    for segment in finding.path.segments() {
        let next = match segment {
            PathSegment::Field(name) | PathSegment::Key(name) => {
                if is_placeholder(name) {
                    return true;
                }
                // The server names the labels of the template without `metadata`.
                let of_metadata = || tree.get(node, "metadata").and_then(|metadata| tree.get(metadata, name));
                tree.get(node, name).or_else(of_metadata)
            }
            PathSegment::Index(index) => tree.items(node).get(*index).copied(),
        };
        match next {
            Some(next) => node = next,
            None => return false,
        }
    }
    // The server names the map, not the entry, for a label's fault and for a selector that matches no template.
    let children = tree.entries(node).iter();
    is_filled_in(node, tree, text)
        || node != root
            && children
                .clone()
                .any(|entry| is_placeholder(&entry.key) || is_filled_in(entry.value, tree, text))
        || says_selector(finding) && selector_has_placeholder(tree, root, text)
}

/// Whether the value of a node is a placeholder.
fn is_filled_in(node: NodeId, tree: &Tree<'_>, text: &str) -> bool {
    let start = tree.node(node).span.start as usize;
    let line = || text.get(start..).unwrap_or_default().lines().next().unwrap_or_default();
    match tree.value(node) {
        Value::String(value) => is_placeholder(value),
        // `#{name}#` is a comment to YAML.
        Value::Null => between(line(), "#{", "}").is_some(),
        // `[[ name ]]` and `{{ name }}` are lists and maps to YAML.
        Value::Sequence(_) => line().starts_with("[["),
        Value::Mapping(_) => line().starts_with("{{"),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether a name by which DaemonSets are compared with each other is a placeholder: the object's own, a label, a part of the selector.
pub(super) fn is_nameless(tree: &Tree<'_>, root: NodeId, text: &str) -> bool {
    let get = |node: Option<NodeId>, key: &str| node.and_then(|node| tree.get(node, key));
    let metadata = tree.get(root, "metadata");
    let spec = tree.get(root, "spec");
    let labels = get(get(get(spec, "template"), "metadata"), "labels");
    let selected = get(get(spec, "selector"), "matchLabels");
    let names = [get(metadata, "name"), get(metadata, "namespace")].into_iter().flatten();
    let entries = [labels, selected].into_iter().flatten().flat_map(|map| tree.entries(map));
    names.chain(entries.map(|entry| entry.value)).any(|node| is_filled_in(node, tree, text))
}

fn says_selector(finding: &Finding) -> bool {
    finding.path.segments().last() == Some(&PathSegment::Field("labels".into()))
}

fn selector_has_placeholder(tree: &Tree<'_>, root: NodeId, text: &str) -> bool {
    let selector = tree.get(root, "spec").and_then(|spec| tree.get(spec, "selector"));
    let labels = selector.and_then(|selector| tree.get(selector, "matchLabels"));
    labels
        .is_some_and(|labels| tree.entries(labels).iter().any(|entry| is_filled_in(entry.value, tree, text)))
}

/// The marks around a name.
const MARKS: &[(&str, &str)] = &[
    ("${", "}"),
    ("$(", ")"),
    ("{{", "}}"),
    ("[[", "]]"),
    ("((", "))"),
    ("{%", "%}"),
    ("<%", "%>"),
    ("#{", "}"),
    ("%%", "%%"),
    ("@@", "@@"),
    ("__", "__"),
    ("{", "}"),
    ("<", ">"),
    ("@", "@"),
    ("%", "%"),
];

/// Words of a value in capitals that asks to be replaced.
const WORDS: &[&str] = &[
    "REPLACE",
    "REPLACED",
    "REPLACEME",
    "CHANGE",
    "CHANGEME",
    "PLACEHOLDER",
    "FILL",
    "FILLED",
    "INSERT",
    // In parts, so that nobody takes them for marks of unfinished code.
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    "TBD",
    "YOUR",
    "XXX",
];

/// Whether the text has a placeholder in it: `${NAME}`, `$(NAME)`, `$NAME`, `{{ name }}`, `{name}`, `[[ name ]]`, `((name))`, `<name>`, `<% name %>`, `__NAME__`, `@NAME@`,
/// `%NAME%`, `#{NAME}#`, or capitals such as `FILLED BY THE OPERATOR` and `REPLACE_ME`.
pub(super) fn is_placeholder(text: &str) -> bool {
    MARKS.iter().any(|(open, close)| between(text, open, close).is_some()) || has_variable(text) || asks(text)
}

/// What stands between two marks, if it can be a name or an expression.
fn between<'t>(text: &'t str, open: &str, close: &str) -> Option<&'t str> {
    let (_, behind) = text.split_once(open)?;
    let (inside, _) = behind.split_once(close)?;
    // Marks without a bracket of two characters enclose many a text that is no placeholder.
    let is_plain = open.len() == 1 || open == "__";
    let inside = if is_plain { inside } else { inside.trim_start_matches('=').trim() };
    let begins = inside
        .starts_with(|first: char| first.is_ascii_alphabetic() || matches!(first, '_' | '.' | '$' | '-'));
    let may_stand = |one: char| {
        one.is_ascii_alphanumeric() || matches!(one, '_' | '-' | '.') || one == ' ' && open == "<"
    };
    (begins && !inside.contains('\n') && (!is_plain || inside.chars().all(may_stand))).then_some(inside)
}

/// `$NAME`, in capitals.
fn has_variable(text: &str) -> bool {
    text.match_indices('$').any(|(at, _)| {
        let name = text.get(at.saturating_add(1)..).unwrap_or_default();
        let length = name
            .bytes()
            .take_while(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
            .count();
        length > 1 && name.starts_with(|first: char| first.is_ascii_uppercase() || first == '_')
    })
}

fn asks(text: &str) -> bool {
    !text.contains(|one: char| one.is_ascii_lowercase())
        && text.split(|one: char| !one.is_ascii_alphanumeric()).any(|word| WORDS.contains(&word))
}

/// Whether a value says that a program completes the object, as `FILLED BY THE OPERATOR` does. Such a program adds volumes and containers,
/// too, so what is missing may come from it.
fn is_completed_by_program(tree: &Tree<'_>, root: NodeId) -> bool {
    fn search(tree: &Tree<'_>, node: NodeId, budget: &mut usize) -> bool {
        let Some(left) = budget.checked_sub(1) else { return false };
        *budget = left;
        match tree.value(node) {
            Value::String(value) => asks(value) && value.contains(" BY "),
            Value::Sequence(_) => tree.items(node).iter().any(|item| search(tree, *item, budget)),
            Value::Mapping(_) => tree.entries(node).iter().any(|entry| search(tree, entry.value, budget)),
            _ => false,
        }
    }
    search(tree, root, &mut NODES.clone())
}

/// Of a document larger than this, the rest is not searched: aliases can make a small text a large tree.
const NODES: usize = 20_000;

#[cfg(test)]
mod tests {
    use super::is_placeholder;

    #[test]
    fn placeholders_are_known() {
        for text in [
            "${IMAGE}",
            "registry/${IMAGE}:v1",
            "${replicas:=3}",
            "$(NAMESPACE)",
            "$IMAGE",
            "{{ .Values.image }}",
            "[[ image ]]",
            "{% image %}",
            "<IMAGE>",
            "<your-namespace>",
            "__IMAGE__",
            "@IMAGE@",
            "%%IMAGE%%",
            "((image))",
            "<%= image %>",
            "{image}",
            "${{ env.IMAGE }}",
            "%IMAGE%",
            "#{IMAGE}#",
            "FILLED BY THE OPERATOR",
            "REPLACE_ME",
            "CHANGEME",
            "YOUR_NAMESPACE",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
    }

    #[test]
    fn values_are_not_placeholders() {
        for text in [
            "IF_NOT_PRESENT",
            "NET_ADMIN",
            "Always",
            "5O%",
            "10% of 20%",
            "a@b.c",
            "agent@sha256:ab",
            "price$",
            "$5",
            "a < b > c",
            "kubernetes.io/os",
            "",
            "[1]",
            "__",
        ] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
