//! A value of the wrong type.

use std::borrow::Cow;

use crate::apiserver::decode::Fault;
use crate::finding::{Finding, Severity};
use crate::generated::Struct;
use crate::help::shape::{Shape, shape_of};
use crate::tree::JsonKind;

/// The decoder's message, with how to write the value instead.
pub(super) fn finding(fault: &Fault, wanted: &str, found: JsonKind) -> Finding {
    let noun = noun(wanted);
    let mut headline = format!("{} must be {noun}", fault.path);
    if wanted != "resource.Quantity" {
        headline.push_str(", not ");
        headline.push_str(found_noun(wanted, found));
    }
    let finding = Finding::new("api/decode", Severity::Error, fault.path.clone(), fault.message.clone())
        .because("DecodeError")
        .headline(headline)
        .label(format!("this must be {noun}"));
    match help(wanted, found, shape_of(&fault.path)) {
        Some(help) => finding.help(help),
        None => finding,
    }
}

/// Types whose values are some words.
const WORDS: &[(&str, &[&str])] = &[
    ("v1.PullPolicy", &["Always", "IfNotPresent", "Never"]),
    ("v1.DaemonSetUpdateStrategyType", &["RollingUpdate", "OnDelete"]),
    ("v1.TolerationOperator", &["Exists", "Equal"]),
    ("v1.TaintEffect", &["NoSchedule", "PreferNoSchedule", "NoExecute"]),
    ("v1.Protocol", &["TCP", "UDP", "SCTP"]),
    ("v1.URIScheme", &["HTTP", "HTTPS"]),
    ("v1.RestartPolicy", &["Always"]),
    ("v1.DNSPolicy", &["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"]),
    ("v1.MountPropagationMode", &["None", "HostToContainer", "Bidirectional"]),
    ("v1.TerminationMessagePolicy", &["File", "FallbackToLogsOnError"]),
    ("v1.UnsatisfiableConstraintAction", &["DoNotSchedule", "ScheduleAnyway"]),
    ("v1.NodeSelectorOperator", &["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]),
    ("v1.LabelSelectorOperator", &["In", "NotIn", "Exists", "DoesNotExist"]),
    ("v1.SeccompProfileType", &["RuntimeDefault", "Unconfined", "Localhost"]),
    (
        "v1.HostPathType",
        &["Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket", "CharDevice", "BlockDevice"],
    ),
    ("v1.StorageMedium", &["Memory"]),
];

fn is_whole_number(wanted: &str) -> bool {
    matches!(wanted, "int32" | "int64")
}

/// What the server wants.
fn noun(wanted: &str) -> Cow<'static, str> {
    let name = wanted.trim_start_matches("v1.");
    match wanted {
        "string" => "a string".into(),
        "bool" => "`true` or `false`".into(),
        "resource.Quantity" => "a quantity".into(),
        "intstr.IntOrString" => "a whole number or a string".into(),
        "v1.Time" => "a time".into(),
        _ if is_whole_number(wanted) => "a whole number".into(),
        _ if wanted.starts_with("[]") => "a list".into(),
        _ if WORDS.iter().any(|(known, _)| *known == wanted) => "a string".into(),
        _ if wanted.starts_with("map[") => "a mapping".into(),
        _ if wanted.starts_with("v1.") && name.chars().next().is_some_and(char::is_uppercase) => {
            "a mapping".into()
        }
        _ => format!("a {name}").into(),
    }
}

/// What the document has.
fn found_noun(wanted: &str, found: JsonKind) -> &'static str {
    match found {
        JsonKind::Null => "null",
        JsonKind::Bool => "`true` or `false`",
        JsonKind::Number if is_whole_number(wanted) => "a fraction or a number that is too large",
        JsonKind::Number => "a number",
        JsonKind::String => "a string",
        JsonKind::Array => "a list",
        JsonKind::Object => "a mapping",
    }
}

fn help(wanted: &str, found: JsonKind, shape: Option<Shape>) -> Option<Cow<'static, str>> {
    if let Some((_, words)) = WORDS.iter().find(|(known, _)| *known == wanted) {
        let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
        return Some(match words.as_slice() {
            [only] => format!("write {only}").into(),
            all => format!("write one of {}", all.join(", ")).into(),
        });
    }
    Some(match (wanted, shape) {
        ("string", _) if matches!(found, JsonKind::Bool | JsonKind::Number) => {
            "put the value in quotes: YAML reads `yes`, `on`, `true` and unquoted numbers as other types"
                .into()
        }
        ("string", _) => "write one string".into(),
        ("bool", _) => "write `true` or `false` without quotes".into(),
        ("int32" | "int64", _) if found == JsonKind::Number => {
            format!("write a whole number that fits into {wanted}").into()
        }
        ("int32" | "int64", _) => "write a whole number without quotes and units".into(),
        ("intstr.IntOrString", _) => "write a whole number or a string".into(),
        ("resource.Quantity", _) => "quantities look like `500m`, `2`, `128Mi` or `1.5Gi`".into(),
        ("v1.Time", _) => "delete this field: the server sets it".into(),
        (_, Some(Shape::List(_))) => "begin each item of the list with `- `".into(),
        (_, Some(Shape::Map(_))) => "write pairs `key: value` on the lines below".into(),
        (_, Some(Shape::Struct(shape))) => fields(shape).into(),
        _ => return None,
    })
}

/// Fields that people know of a struct come first.
const KNOWN: &[&str] = &[
    "name",
    "image",
    "httpGet",
    "tcpSocket",
    "exec",
    "matchLabels",
    "matchExpressions",
    "type",
    "rollingUpdate",
    "requests",
    "limits",
    "fieldRef",
    "secretKeyRef",
    "configMapKeyRef",
    "containers",
    "volumes",
    "labels",
    "annotations",
    "template",
    "selector",
    "metadata",
    "spec",
    "path",
    "key",
    "privileged",
    "runAsUser",
    "nodeAffinity",
    "secretName",
    "claimName",
];

/// Names some fields of a struct.
fn fields(shape: &'static Struct) -> String {
    let known = KNOWN.iter().filter(|name| shape.field(name).is_some()).copied();
    let others = shape.fields.iter().map(|field| field.name).filter(|name| !KNOWN.contains(name));
    let names: Vec<String> = known.chain(others).take(3).map(|name| format!("`{name}:`")).collect();
    match names.as_slice() {
        [] => "write a mapping, for example `{}`".to_owned(),
        [only] => format!("write {only} on the line below, indented by 2"),
        all => format!("write its fields on the lines below, indented by 2, such as {}", all.join(", ")),
    }
}
