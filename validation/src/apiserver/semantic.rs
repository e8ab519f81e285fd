//! Semantic equality: an absent list equals an empty one, and `1` equals `1000m`.
//!
//! Upstream: `apimachinery/api/equality.Semantic`.

mod pointers;
mod value;

use std::borrow::Cow;

use k8s_openapi::api::apps::v1::DaemonSetSpec;
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use serde::Serialize;

use crate::apiserver::internal::InternalFields;
use crate::generated::{DAEMON_SET, Kind, Struct, Type};
use crate::quantity::Quantity;
use pointers::{IN_PLACE, POINTERS};
use value::Value;

/// Whether two pod templates are semantically equal.
pub(super) fn same_template(left: &PodTemplateSpec, right: &PodTemplateSpec) -> bool {
    same(left, right, &["spec", "template"], Quantities::ByAmount)
}

/// Whether two pod templates are semantically equal, and their quantities are printed alike.
pub(super) fn is_written_alike(left: &PodTemplateSpec, right: &PodTemplateSpec) -> bool {
    same(left, right, &["spec", "template"], Quantities::AsPrinted)
}

/// When two quantities are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quantities {
    /// They are the same amount.
    ByAmount,
    /// The server prints them alike: `1` and `1000m`, but not `1Gi` and `1073741824`.
    AsPrinted,
}

/// Whether two specs are semantically equal, including the fields of the internal type.
pub(super) fn same_spec(
    left: (&DaemonSetSpec, InternalFields),
    right: (&DaemonSetSpec, InternalFields),
) -> bool {
    left.1 == right.1 && same(left.0, right.0, &["spec"], Quantities::ByAmount)
}

/// Whether two selectors are semantically equal.
pub(super) fn same_selector(left: &LabelSelector, right: &LabelSelector) -> bool {
    same(left, right, &["spec", "selector"], Quantities::ByAmount)
}

/// Compares field by field first, which is fast and usually enough.
fn same<T: Serialize + PartialEq>(left: &T, right: &T, place: &[&str], quantities: Quantities) -> bool {
    if left == right {
        return true;
    }
    let mut shape = &DAEMON_SET;
    for name in place {
        match shape.field(name).map(|field| &field.holds.kind) {
            Some(Kind::Struct(below)) => shape = below,
            _ => return false,
        }
    }
    match (value::of(left), value::of(right)) {
        (Some(left), Some(right)) => same_struct(&left, &right, shape, quantities),
        _ => false,
    }
}

fn same_struct(left: &Value, right: &Value, shape: &Struct, quantities: Quantities) -> bool {
    shape.fields.iter().all(|field| {
        let (left, right) = (left.get(field.name), right.get(field.name));
        match &field.holds.kind {
            // The typed object only keeps whether a time is set, and nothing of raw JSON.
            Kind::Time => left.is_some() == right.is_some(),
            Kind::Raw => true,
            Kind::List(_) | Kind::Map(_) => same_value(left, right, &field.holds, quantities),
            Kind::Struct(_) if IN_PLACE.contains(&(shape.name, field.name)) => {
                same_value(left, right, &field.holds, quantities)
            }
            Kind::Quantity if IN_PLACE.contains(&(shape.name, field.name)) => {
                same_value(left, right, &field.holds, quantities)
            }
            Kind::Struct(_) | Kind::Quantity => {
                left.is_some() == right.is_some() && same_value(left, right, &field.holds, quantities)
            }
            _ if is_pointer(shape.name, field.name) => left == right,
            _ => same_value(left, right, &field.holds, quantities),
        }
    })
}

fn is_pointer(owner: &str, field: &str) -> bool {
    POINTERS.iter().any(|(name, fields)| *name == owner && fields.contains(&field))
}

/// Compares two values. For fields that are not pointers in Go, absent equals the zero value.
fn same_value(left: Option<&Value>, right: Option<&Value>, holds: &Type, quantities: Quantities) -> bool {
    const EMPTY: &Value = &Value::Map(Vec::new());
    match &holds.kind {
        Kind::Struct(shape) => same_struct(left.unwrap_or(EMPTY), right.unwrap_or(EMPTY), shape, quantities),
        Kind::List(item) => {
            let (left, right) = (items(left), items(right));
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| same_value(Some(left), Some(right), item, quantities))
        }
        Kind::Map(item) => {
            let (left, right) = (entries(left), entries(right));
            left.len() == right.len()
                && left.iter().zip(right).all(|((key, left), (other, right))| {
                    key == other && same_value(Some(left), Some(right), item, quantities)
                })
        }
        Kind::Quantity => same_quantity(left, right, quantities),
        Kind::Time | Kind::Raw => true,
        Kind::String | Kind::Bool | Kind::Int32 | Kind::Int64 | Kind::IntOrString => {
            left == right || left.is_none_or(Value::is_zero) && right.is_none_or(Value::is_zero)
        }
    }
}

fn items(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::List(items)) => items,
        _ => &[],
    }
}

fn entries(value: Option<&Value>) -> &[(Cow<'static, str>, Value)] {
    match value {
        Some(Value::Map(entries)) => entries,
        _ => &[],
    }
}

fn same_quantity(left: Option<&Value>, right: Option<&Value>, quantities: Quantities) -> bool {
    let amount = |value: Option<&Value>| match value {
        Some(Value::Text(text)) => Quantity::decode(text).unwrap_or_default(),
        _ => Quantity::default(),
    };
    if left == right {
        return true;
    }
    let (left, right) = (amount(left), amount(right));
    match quantities {
        Quantities::ByAmount => left == right,
        Quantities::AsPrinted => left.to_string() == right.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use k8s_openapi::api::core::v1::{Container, PodSpec, ResourceRequirements, SecurityContext};
    use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

    use super::*;

    fn template(container: Container) -> PodTemplateSpec {
        let spec = PodSpec { containers: vec![container], ..PodSpec::default() };
        PodTemplateSpec { spec: Some(spec), ..PodTemplateSpec::default() }
    }

    fn limited(cpu: &str) -> Container {
        let limits = BTreeMap::from([(String::from("cpu"), Quantity(cpu.to_owned()))]);
        let resources = ResourceRequirements { limits: Some(limits), ..ResourceRequirements::default() };
        Container { resources: Some(resources), ..Container::default() }
    }

    #[test]
    fn semantic_equality_matches_the_servers() {
        let plain = Container::default;
        let context = |context: SecurityContext| Container { security_context: Some(context), ..plain() };
        for (left, right, same) in [
            (Container { args: Some(Vec::new()), ..plain() }, plain(), true),
            (Container { stdin: Some(false), ..plain() }, plain(), true),
            (Container { working_dir: Some(String::new()), ..plain() }, plain(), true),
            (Container { resources: Some(ResourceRequirements::default()), ..plain() }, plain(), true),
            (limited("1"), limited("1000m"), true),
            (limited("1"), limited("1001m"), false),
            (limited("0"), plain(), false),
            // For pointers, absent differs from empty.
            (Container { restart_policy: Some(String::new()), ..plain() }, plain(), false),
            (context(SecurityContext::default()), plain(), false),
            (
                context(SecurityContext { run_as_user: Some(0), ..SecurityContext::default() }),
                context(SecurityContext::default()),
                false,
            ),
        ] {
            assert_eq!(same_template(&template(left.clone()), &template(right)), same, "{left:?}");
        }
    }
}
