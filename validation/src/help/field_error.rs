//! Turns a field error of the server's validation into a finding with a rule id and help.

use crate::apiserver::error::{ErrorKind, FieldError, Origin};
use crate::content::Format;
use crate::did_you_mean::did_you_mean;
use crate::edit::{Edit, NewValue};
use crate::finding::{Anchor, Finding, Severity};
use crate::path::{FieldPath, PathSegment};
use crate::tree::{NodeId, Tree};

use super::context::HelpContext;
use super::headline::headline;
use super::place::place;

/// Turns the error into a finding.
pub(crate) fn from_field_error(error: FieldError, cx: &HelpContext<'_>) -> Finding {
    let whole = error.body();
    let real = place(&error, cx);
    let at = real.as_ref().map_or(&error.path, |(path, _)| path);
    let headline = headline(&error, at, text_at(cx.tree, cx.root, at));
    let FieldError { kind, path, value, detail, supported, origin } = error;
    let has_detail = !detail.is_empty();
    let message = if detail.is_empty() { whole.clone().into() } else { detail };
    let mut finding = Finding::new(kind.rule(), Severity::Error, path, message).because(kind.cause());
    finding.whole = Some(whole);
    finding.headline = headline;
    if let Some(real) = real {
        (finding.path, finding.anchor) = real;
    }
    let shown = value.as_deref().map(|value| value.trim_matches('"')).unwrap_or_default();
    let cause = Cause { kind, origin, shown, supported: &supported, has_detail };
    advise(finding, &cause, cx)
}

/// The last field name of a path.
fn last_field(path: &FieldPath) -> &str {
    let name = path.segments().iter().rev().find_map(|segment| match segment {
        PathSegment::Field(name) => Some(&**name),
        _ => None,
    });
    name.unwrap_or_default()
}

/// Whether the path contains the field `name`.
fn has_field(path: &FieldPath, name: &str) -> bool {
    path.segments().iter().any(|segment| matches!(segment, PathSegment::Field(field) if field == name))
}

/// The parts of a field error that help depends on.
struct Cause<'e> {
    kind: ErrorKind,
    origin: Option<Origin>,
    /// The bad value.
    shown: &'e str,
    /// The values that the server lists as supported.
    supported: &'e [String],
    /// Whether the server says more than the kind.
    has_detail: bool,
}

fn advise(finding: Finding, cause: &Cause<'_>, cx: &HelpContext<'_>) -> Finding {
    let finding = match cause.origin {
        Some(origin) => return advise_by_origin(finding, origin, cause.shown, cx),
        None => finding,
    };
    match (finding.path.to_string().as_str(), cause.kind) {
        ("spec.template.spec.restartPolicy", ErrorKind::NotSupported) => {
            let edit = Edit::Replace { path: finding.path.clone(), value: "Always".into() };
            return finding
                .label("a DaemonSet always restarts its pods")
                .help("use `restartPolicy: Always`, or delete `restartPolicy`; to run something once on every node, use an init container or one Job per node")
                .fix(false, vec![edit]);
        }
        ("spec.updateStrategy.rollingUpdate.maxUnavailable", ErrorKind::Required) => {
            return finding
                .help("set one of the two: `maxUnavailable: 1`, or `maxSurge: 1` with `maxUnavailable: 0`");
        }
        _ => {}
    }
    let field = last_field(&finding.path);
    match (field, cause.kind) {
        ("operator", ErrorKind::Invalid | ErrorKind::NotSupported) => operator(finding, cause.shown),
        ("values", ErrorKind::Forbidden) => {
            let edit = Edit::Remove { path: finding.path.clone() };
            finding
                .at(Anchor::Key)
                .help("delete `values`, or use `operator: In` or `NotIn` to compare with them")
                .fix(false, vec![edit])
        }
        ("values", ErrorKind::Required) => {
            finding.help("add `values: [ … ]`, or use `operator: Exists` if any value will do")
        }
        (_, ErrorKind::NotSupported) => supported(finding, cause, cx),
        ("name", ErrorKind::NotFound) if has_field(&finding.path, "volumeMounts") => {
            volume_mount(finding, cause.shown, cx)
        }
        (name, ErrorKind::Required) if !name.is_empty() && !cause.has_detail => {
            let help = format!("add `{name}`");
            finding.help(help)
        }
        _ => finding,
    }
}

fn advise_by_origin(finding: Finding, origin: Origin, shown: &str, cx: &HelpContext<'_>) -> Finding {
    match origin {
        Origin::SelectorMismatch => selector_mismatch(finding, cx),
        Origin::EmptySelector => {
            let labels = template_labels(cx).unwrap_or_else(|| "…".to_owned());
            finding.help(format!("write `matchLabels: {{ {labels} }}`"))
        }
        Origin::Immutable => finding.help(
            "keep the stored selector; to change it, delete the DaemonSet with `kubectl delete --cascade=orphan` and create it again",
        ),
        Origin::SurgeAndUnavailable => surge_and_unavailable(finding, cx),
        Origin::EmptyTolerationKey => {
            finding.help("add a `key`, or tolerate every taint with `operator: Exists`")
        }
        Origin::Format(format) => {
            let fixed = fixed_name(shown, format);
            if fixed.is_empty() || fixed == shown {
                return finding;
            }
            let edit = Edit::Replace { path: finding.path.clone(), value: fixed.clone().into() };
            finding.help(format!("use for example `{fixed}`")).fix(false, vec![edit])
        }
    }
}

/// The name, with what its format does not allow replaced by `-` or removed. May be empty.
fn fixed_name(name: &str, format: Format) -> String {
    let allowed = |character: char| match character {
        '.' if format == Format::DnsSubdomain => '.',
        _ if character.is_ascii_alphanumeric() => character.to_ascii_lowercase(),
        _ => '-',
    };
    let mapped: String = name.chars().map(allowed).collect();
    let labels = mapped.split('.').map(|label| label.trim_matches('-')).filter(|label| !label.is_empty());
    labels.collect::<Vec<_>>().join(".")
}

/// The template's labels in the form of a flow mapping; `None` if there are none.
fn template_labels(cx: &HelpContext<'_>) -> Option<String> {
    let labels = cx.daemon_set.spec.template.metadata.as_ref().and_then(|metadata| metadata.labels.as_ref());
    let pairs: Vec<String> = labels
        .into_iter()
        .flatten()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| format!("{key}: {value}"))
        .collect();
    (!pairs.is_empty()).then(|| pairs.join(", "))
}

/// More missing labels than this are not named.
const MISSING_LABELS: usize = 32;

fn selector_mismatch(finding: Finding, cx: &HelpContext<'_>) -> Finding {
    let spec = &cx.daemon_set.spec;
    let selector = cx.tree.get(cx.root, "spec").and_then(|spec| cx.tree.get(spec, "selector"));
    if selector.is_none() {
        let labels = template_labels(cx).unwrap_or_else(|| "…".to_owned());
        return finding
            .label("`spec.selector` is missing, so nothing matches")
            .help(format!("add to `spec`: `selector: {{ matchLabels: {{ {labels} }} }}`"));
    }
    let labels = spec.template.metadata.as_ref().and_then(|metadata| metadata.labels.as_ref());
    let wanted = spec.selector.match_labels.iter().flatten();
    let missing: Vec<(&String, &String)> =
        wanted.filter(|(key, value)| labels.and_then(|labels| labels.get(*key)) != Some(value)).collect();
    if missing.len() > MISSING_LABELS {
        return finding.help("copy the labels of `selector.matchLabels` to the labels of the pod template");
    }
    let lacking: Vec<String> = missing.iter().map(|(key, value)| format!("`{key}: {value}`")).collect();
    if lacking.is_empty() {
        return finding.help("change the labels so that `selector.matchExpressions` matches them");
    }
    let held = |key: &str| labels.is_some_and(|labels| labels.contains_key(key));
    let word = if missing.iter().all(|(key, _)| held(key)) { "write" } else { "add" };
    let edits = missing.iter().map(|(key, value)| {
        if held(key) {
            let path = finding.path.join(PathSegment::Key((*key).clone().into()));
            Edit::Replace { path, value: (*value).clone().into() }
        } else {
            Edit::Insert { path: finding.path.clone(), key: (*key).clone(), value: (*value).clone().into() }
        }
    });
    let edits = edits.collect();
    finding.help(format!("{word} {}", lacking.join(" and "))).fix(false, edits)
}

fn surge_and_unavailable(finding: Finding, cx: &HelpContext<'_>) -> Finding {
    let (tree, root) = (cx.tree, cx.root);
    let rolling =
        ["spec", "updateStrategy", "rollingUpdate"].iter().try_fold(root, |node, key| tree.get(node, key));
    let written = rolling.and_then(|rolling| tree.get(rolling, "maxUnavailable")).is_some();
    let mut segments = finding.path.segments().to_vec();
    segments.pop();
    let parent = FieldPath::from_segments(segments);
    let (key, value) = ("maxUnavailable".to_owned(), NewValue::Number(0));
    if written {
        let edit = Edit::Replace { path: parent.join(PathSegment::Field(key.into())), value };
        finding
            .help("set only one of the two: `maxSurge` (with `maxUnavailable: 0`) starts the new pod before the old one stops, `maxUnavailable` stops the old pod first")
            .fix(false, vec![edit])
    } else {
        let edit = Edit::Insert { path: parent, key, value };
        finding.help("add `maxUnavailable: 0`: the default is 1").fix(false, vec![edit])
    }
}

/// The operators of label and node selector requirements.
const SELECTOR_OPERATORS: &[&str] = &["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"];

fn operator(finding: Finding, shown: &str) -> Finding {
    let tolerations = has_field(&finding.path, "tolerations");
    let candidates: &[&str] = if tolerations { &["Exists", "Equal"] } else { SELECTOR_OPERATORS };
    let meant = match shown {
        "NotExists" | "NotExist" if !tolerations => Some("DoesNotExist"),
        "==" | "=" | "Equals" | "Equal" if !tolerations => Some("In"),
        _ => did_you_mean(shown, candidates.iter().copied()),
    };
    match meant {
        Some(meant) if meant != shown => {
            let edit = Edit::Replace { path: finding.path.clone(), value: meant.into() };
            let label = format!("did you mean `{meant}`?");
            finding.label(label).help(format!("write `operator: {meant}`")).fix(false, vec![edit])
        }
        _ if tolerations && matches!(shown, "Gt" | "Lt") => finding
            .help("use `Equal` or `Exists`; an API server on which the gate is on accepts `Gt` and `Lt`"),
        _ if shown.is_empty() => finding.help(format!("one of {}", candidates.join(", "))),
        _ => finding,
    }
}

/// Suggests the nearest of the supported values.
fn supported(finding: Finding, cause: &Cause<'_>, cx: &HelpContext<'_>) -> Finding {
    let only = if let [only] = cause.supported { Some(only.as_str()) } else { None };
    // The server's message does not always have the value.
    let written = text_at(cx.tree, cx.root, &finding.path).unwrap_or(cause.shown);
    let supported = || cause.supported.iter().map(String::as_str);
    let begins =
        |value: &&str| written.len() > 2 && value.to_lowercase().starts_with(&written.to_lowercase());
    match did_you_mean(written, supported()).or_else(|| supported().find(begins)).or(only) {
        Some(meant) => {
            let edit = Edit::Replace { path: finding.path.clone(), value: meant.into() };
            finding.help(format!("write `{meant}`")).fix(false, vec![edit])
        }
        None => {
            let values: Vec<String> = supported().map(|value| format!("`{value}`")).collect();
            if values.is_empty() {
                finding
            } else {
                finding.help(format!("write one of {}", values.join(", ")))
            }
        }
    }
}

fn text_at<'t>(tree: &'t Tree<'_>, root: NodeId, path: &FieldPath) -> Option<&'t str> {
    let (last, above) = path.segments().split_last()?;
    let PathSegment::Field(name) = last else { return None };
    let node = above.iter().try_fold(root, |node, segment| match segment {
        PathSegment::Field(name) | PathSegment::Key(name) => tree.get(node, name),
        PathSegment::Index(index) => tree.items(node).get(*index).copied(),
    })?;
    tree.get_str(node, name)
}

/// The volumes with whose names a mount's is compared. No pod has more.
const VOLUMES: usize = 128;

fn volume_mount(finding: Finding, shown: &str, cx: &HelpContext<'_>) -> Finding {
    let pod = cx.daemon_set.spec.template.spec.as_ref();
    let volumes = pod.and_then(|pod| pod.volumes.as_ref()).into_iter().flatten();
    let names = volumes.take(VOLUMES).map(|volume| volume.name.as_str());
    match did_you_mean(shown, names) {
        Some(meant) => {
            let edit = Edit::Replace { path: finding.path.clone(), value: meant.into() };
            finding
                .label("no volume has this name")
                .help(format!("write `{meant}`, or add a volume `{shown}` to `spec.template.spec.volumes`"))
                .fix(false, vec![edit])
        }
        None => finding
            .label("no volume has this name")
            .help(format!("add a volume `{shown}` to `spec.template.spec.volumes`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_names_have_their_format() {
        for (name, label, subdomain) in
            [("My_App", "my-app", "my-app"), ("-a.B-", "a-b", "a.b"), ("a..b.", "a--b", "a.b"), ("_", "", "")]
        {
            assert_eq!(fixed_name(name, Format::DnsLabel), label, "{name}");
            assert_eq!(fixed_name(name, Format::DnsSubdomain), subdomain, "{name}");
        }
    }
}
