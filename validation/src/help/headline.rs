//! What people read of a field error, where the server's message is hard to understand.

use crate::apiserver::error::{ErrorKind, FieldError, Origin};
use crate::content::Format;
use crate::gates::Gate;
use crate::path::{FieldPath, PathSegment};

/// The sentence, with the path of the value; `None` if the server's message is clear.
pub(super) fn headline(error: &FieldError, place: &FieldPath, written: Option<&str>) -> Option<String> {
    let name = match place.segments().last() {
        Some(PathSegment::Field(name)) => &**name,
        _ => "",
    };
    let value = error.value.as_deref().unwrap_or_default();
    let has = |name: &str| {
        let is = |segment: &PathSegment| matches!(segment, PathSegment::Field(field) if field == name);
        place.segments().iter().any(is)
    };
    match (error.kind, error.origin, name) {
        (ErrorKind::Required, ..) if error.detail.is_empty() => Some(format!("{place} is missing")),
        (ErrorKind::Required, _, "livenessProbe" | "readinessProbe" | "startupProbe") => {
            Some(format!("{place} does not say how to probe the container"))
        }
        (ErrorKind::Required, _, "postStart" | "preStop") => Some(format!("{place} does not say what to do")),
        (ErrorKind::Required, _, "name") => Some(format!("{place} is missing")),
        (ErrorKind::NotFound, _, "name") if has("volumeMounts") => {
            Some(format!("{place}: no volume has the name {value}"))
        }
        (ErrorKind::Duplicate, ..) => Some(format!("{place}: {value} is there twice")),
        (ErrorKind::Invalid, Some(Origin::SelectorMismatch), _) => {
            Some("the labels of the pod template do not match `spec.selector`".to_owned())
        }
        (ErrorKind::Invalid, Some(Origin::EmptySelector), _) => {
            Some("spec.selector is empty, so it selects nothing".to_owned())
        }
        (ErrorKind::Invalid, Some(Origin::Format(format)), _) => Some(of_format(place, value, format)),
        (ErrorKind::Invalid, Some(Origin::EmptyTolerationKey), _) => {
            let toleration =
                place.segments().split_last().map(|(_, above)| above.to_vec()).unwrap_or_default();
            let toleration = FieldPath::from_segments(toleration);
            Some(format!("{toleration} has no `key`, so it must have `operator: Exists`"))
        }
        (ErrorKind::Invalid, None, "operator") if has("matchExpressions") || has("matchFields") => {
            Some(format!("{place} must be `In`, `NotIn`, `Exists` or `DoesNotExist`, not {value}"))
        }
        (ErrorKind::Invalid, _, "hostPort") if value.parse::<u16>().is_ok_and(|port| port > 0) => {
            Some(format!("{place} must be the same as `containerPort`, because `hostNetwork` is true"))
        }
        (ErrorKind::Invalid, _, "fieldPath") => Some(format!("{place}: a pod has no field {value}")),
        (ErrorKind::Invalid, None, "maxUnavailable" | "maxSurge") if value.starts_with('"') => {
            Some(format!("{place} must be a whole number or a percentage, not {value}"))
        }
        (ErrorKind::NotSupported, _, "operator")
            if has("tolerations") && matches!(value, "\"Gt\"" | "\"Lt\"") =>
        {
            Some(format!(
                "{place}: {value} needs the feature gate `{:?}`, which is off by default",
                Gate::TaintTolerationComparisonOperators
            ))
        }
        (ErrorKind::NotSupported, ..) => {
            let values: Vec<String> = error.supported.iter().map(|value| format!("`{value}`")).collect();
            let (last, first) = values.split_last()?;
            let list =
                if first.is_empty() { last.clone() } else { format!("{} or {last}", first.join(", ")) };
            Some(format!(
                "{place} must be {list}{}",
                match (value, written) {
                    ("", None) => String::new(),
                    ("", Some(written)) => format!(", not {written:?}"),
                    (value, _) => format!(", not {value}"),
                }
            ))
        }
        _ => None,
    }
}

fn of_format(place: &FieldPath, value: &str, format: Format) -> String {
    let allowed = match format {
        Format::DnsLabel => "lower-case letters, digits and `-`",
        Format::DnsSubdomain => "lower-case letters, digits, `-` and `.`",
    };
    format!("{place}: {value} must consist of {allowed}, and begin and end with a letter or digit")
}
