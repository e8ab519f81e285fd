//! A value of the wrong type.

use crate::apiserver::decode::Fault;
use crate::finding::{Finding, Severity};
use crate::tree::JsonKind;

/// The decoder's message, with how to write the value instead.
pub(super) fn finding(fault: &Fault, wanted: &str, found: JsonKind) -> Finding {
    let finding = Finding::new("api/decode", Severity::Error, fault.path.clone(), fault.message.clone())
        .because("DecodeError")
        .label(label(wanted));
    match help(wanted, found) {
        Some(help) => finding.help(help),
        None => finding,
    }
}

fn label(wanted: &str) -> String {
    let name = wanted.trim_start_matches("v1.");
    if wanted == "string" {
        "this must be a string".to_owned()
    } else if wanted == "bool" {
        "this must be `true` or `false`".to_owned()
    } else if wanted.starts_with("int") && wanted != "intstr.IntOrString" {
        "this must be a whole number".to_owned()
    } else if wanted == "resource.Quantity" {
        "this must be a quantity".to_owned()
    } else if wanted == "intstr.IntOrString" {
        "this must be a whole number or a string".to_owned()
    } else if wanted.starts_with("[]") {
        "this must be a list".to_owned()
    } else if wanted.starts_with("map[")
        || wanted.starts_with("v1.") && name.chars().next().is_some_and(char::is_uppercase)
    {
        "this must be a mapping".to_owned()
    } else {
        format!("this must be a {name}")
    }
}

fn help(wanted: &str, found: JsonKind) -> Option<String> {
    match wanted {
        "string" if matches!(found, JsonKind::Bool | JsonKind::Number) => Some(
            "put the value in quotes: YAML reads `yes`, `on`, `true` and unquoted numbers as other types"
                .to_owned(),
        ),
        "bool" if found == JsonKind::String => Some("write `true` or `false` without quotes".to_owned()),
        "int32" | "int64" if found == JsonKind::String => Some("write the number without quotes".to_owned()),
        "int32" | "int64" if found == JsonKind::Number => {
            Some(format!("write a whole number that fits into {wanted}"))
        }
        "resource.Quantity" => Some("quantities look like `500m`, `2`, `128Mi` or `1.5Gi`".to_owned()),
        "v1.Time" => Some("delete this field: the server sets it".to_owned()),
        _ if wanted.starts_with("[]") && found != JsonKind::Array => {
            Some("start each item of the list with `- `".to_owned())
        }
        _ if wanted.starts_with("v1.") && found == JsonKind::Array => {
            Some("remove the `- `: this must be one mapping, not a list".to_owned())
        }
        _ => None,
    }
}
