//! Changes for a value of the wrong type: the same value as the right type, or at another place.

use crate::edit::{Edit, NewValue};
use crate::finding::Finding;
use crate::generated::{Kind, Struct, Type};
use crate::help::shape::{Shape, shape_of};
use crate::path::{FieldPath, PathSegment};
use crate::quantity::Quantity;
use crate::tree::{NodeId, Value};

use super::candidate::{Candidate, Rank};
use super::homes::homes;
use super::invalid::octal;
use super::look::{Look, below, last_name, path, short};
use super::swallowed;

/// Fields of a struct that a bare value may stand for, the most plausible first.
const MAIN_FIELDS: &[&str] = &[
    "name",
    "path",
    "secretName",
    "claimName",
    "type",
    "port",
    "key",
    "fieldPath",
    "resource",
    "command",
    "driver",
    "sizeLimit",
    "nodeSelectorTerms",
    "matchLabels",
    "matchExpressions",
    "add",
    "items",
    "sources",
    "nodeAffinity",
];

/// Adds what may resolve the finding.
pub(super) fn candidates(finding: &Finding, all: &[Finding], look: &Look<'_>, found: &mut Vec<Candidate>) {
    let place = &finding.path;
    let (Some(shape), Some(node)) = (shape_of(place), look.node(place.segments())) else { return };
    displaced(finding, all, look, found);
    if let Some("mode" | "defaultMode") = last_name(place.segments()) {
        octal(place, look, found);
    }
    let mut add = |rank: Rank, edits: Vec<Edit>, help: String| found.push(Candidate::new(rank, edits, help));
    match (shape, look.tree.value(node)) {
        (Shape::List(item), Value::Sequence(_)) => {
            let _ = item;
        }
        (Shape::List(item), Value::Mapping(_)) => list_from_mapping(place, item, node, look, &mut add),
        (Shape::List(item), _) => list_from_scalar(place, item, node, look, &mut add),
        (Shape::Struct(_) | Shape::Map(_), Value::Sequence(_)) => {
            mapping_from_list(place, shape, node, look, &mut add);
        }
        (Shape::Struct(structure), _) => struct_from_scalar(place, structure, node, look, &mut add),
        (Shape::Scalar(_), Value::Sequence(_)) => {
            if let [item] = look.tree.items(node)
                && let Some(value) = look.copy(*item)
            {
                let help = format!("write one value without `[ ]` or `- `: `{}`", shown(place, &value));
                add(Rank::Near, vec![Edit::Unlist { path: place.clone() }], help);
                scalar_from(place, shape, *item, look, &mut add);
            }
        }
        (Shape::Scalar(holds), Value::Mapping(_)) => scalar_from_mapping(place, holds, node, look, &mut add),
        (Shape::Scalar(_), _) => scalar_from(place, shape, node, look, &mut add),
        (Shape::Map(_), _) => {}
    }
}

type Add<'a> = dyn FnMut(Rank, Vec<Edit>, String) + 'a;

/// `key: value`, or the value alone for an item of a list.
fn shown(place: &FieldPath, value: &NewValue) -> String {
    match last_name(place.segments()) {
        Some(name) => format!("{name}: {value}"),
        None => value.to_string(),
    }
}

fn replace(place: &FieldPath, value: NewValue, rank: Rank, add: &mut Add<'_>) {
    let help = format!("write `{}`", shown(place, &value));
    add(rank, vec![Edit::Replace { path: place.clone(), value }], help);
}

/// An entry of a map that is a field of a struct elsewhere: its block is indented too far.
fn displaced(finding: &Finding, all: &[Finding], look: &Look<'_>, found: &mut Vec<Candidate>) {
    let Some((PathSegment::Key(key), here)) = finding.path.segments().split_last() else { return };
    let beside = all.iter().filter(|other| {
        other.rule == finding.rule && other.path.segments().split_last().map(|(_, here)| here) == Some(here)
    });
    let others: Vec<&str> = beside.filter_map(|other| last_name(other.path.segments())).collect();
    swallowed::candidates(finding, &others, look, found);
    for home in homes(key, here, look).into_iter().filter(|home| home.above) {
        let Some(structure) = look.structure(&home.mapping) else { continue };
        let Some(mapping) = look.node(&home.mapping) else { continue };
        let edit = |name: &str| Edit::Move {
            path: path(here).join(PathSegment::Key(name.to_owned().into())),
            to: below(&home.mapping, name),
        };
        let place = short(&home.mapping);
        let fits = |name: &&str| look.has_field(structure, name) && look.lacks(mapping, name);
        let together: Vec<&str> = others.iter().copied().filter(fits).collect();
        let label = format!("this belongs to `{place}`");
        if together.len() > 1 {
            let names: Vec<String> = together.iter().map(|name| format!("`{name}`")).collect();
            let edits = together.iter().map(|name| edit(name)).collect();
            let help = format!("move {} to `{place}`", names.join(" and "));
            found.push(Candidate::new(Rank::Near, edits, help).label(label.clone()));
        }
        let help = format!("move `{key}` to `{place}`");
        found.push(Candidate::new(Rank::Near, vec![edit(key)], help).label(label));
    }
}

fn list_from_mapping(
    place: &FieldPath,
    item: &'static Type,
    node: NodeId,
    look: &Look<'_>,
    add: &mut Add<'_>,
) {
    let dashes = || match look.tree.entries(node).first() {
        Some(first) => format!("this is a list: begin its item with `- {}:`", first.key),
        None => "write a list: `[]`".to_owned(),
    };
    match &item.kind {
        Kind::Struct(structure) => {
            if structure.field("name").is_some() && structure.field("value").is_some() {
                let pairs = look.tree.entries(node).iter().map(|entry| {
                    let value = NewValue::Text(look.scalar(entry.value)?);
                    Some(NewValue::Map(vec![
                        ("name".to_owned(), NewValue::from(&*entry.key)),
                        ("value".to_owned(), value),
                    ]))
                });
                if let Some(items) = pairs.collect::<Option<Vec<_>>>()
                    && let Some(first) = items.first()
                {
                    let help = format!("this is a list: write each entry as `- {first}`");
                    let value = NewValue::List(items);
                    add(Rank::Far, vec![Edit::Replace { path: place.clone(), value }], help);
                }
            }
            add(Rank::Near, vec![Edit::Enlist { path: place.clone() }], dashes());
        }
        Kind::String => {
            if let [only] = look.tree.entries(node)
                && let Some(text) = look.scalar(only.value)
            {
                let text = NewValue::Text(format!("{}: {text}", only.key));
                replace(place, NewValue::List(vec![text]), Rank::Near, add);
            }
        }
        _ => {}
    }
}

fn list_from_scalar(
    place: &FieldPath,
    item: &'static Type,
    node: NodeId,
    look: &Look<'_>,
    add: &mut Add<'_>,
) {
    match &item.kind {
        Kind::Struct(structure) => {
            for field in MAIN_FIELDS.iter().filter_map(|name| structure.field(name)) {
                if let Some(value) = scalar_as(&field.holds, node, look) {
                    let value = NewValue::List(vec![NewValue::Map(vec![(field.name.to_owned(), value)])]);
                    replace(place, value, Rank::Near, add);
                }
            }
        }
        _ => {
            if let Some(value) = scalar_as(item, node, look) {
                replace(place, NewValue::List(vec![value]), Rank::Near, add);
            }
        }
    }
}

fn mapping_from_list(place: &FieldPath, shape: Shape, node: NodeId, look: &Look<'_>, add: &mut Add<'_>) {
    let items = look.tree.items(node);
    if items.len() == 1 {
        let help = "remove the `- `: this is one mapping, not a list".to_owned();
        add(Rank::Near, vec![Edit::Unlist { path: place.clone() }], help);
    } else {
        let merged = items.iter().map(|item| match look.copy(*item)? {
            NewValue::Map(entries) => Some(entries),
            _ => None,
        });
        if let Some(entries) = merged.collect::<Option<Vec<_>>>() {
            let value = NewValue::Map(entries.concat());
            let help = "remove the `- `: this is one mapping, not a list".to_owned();
            add(Rank::Near, vec![Edit::Replace { path: place.clone(), value }], help);
        }
    }
    let Shape::Struct(structure) = shape else { return };
    for field in MAIN_FIELDS.iter().filter_map(|name| structure.field(name)) {
        if matches!(field.holds.kind, Kind::List(_)) {
            let help = format!("write `{}:` above the list, and indent the list below it", field.name);
            add(Rank::Near, vec![Edit::Nest { path: place.clone(), key: field.name.to_owned() }], help);
        }
    }
}

fn struct_from_scalar(
    place: &FieldPath,
    structure: &'static Struct,
    node: NodeId,
    look: &Look<'_>,
    add: &mut Add<'_>,
) {
    let text = look.scalar(node);
    // `value: x` in one string, as `- name: x` without the space behind the colon becomes.
    if let Some((key, rest)) = text.as_deref().and_then(|text| text.split_once(':'))
        && let Some(field) = structure.field(key)
    {
        let _ = field;
        let value = NewValue::entry(key, rest.trim());
        replace(place, value, Rank::Spelling, add);
    }
    for field in MAIN_FIELDS.iter().filter_map(|name| structure.field(name)) {
        if let Some(value) = scalar_as(&field.holds, node, look) {
            replace(place, NewValue::Map(vec![(field.name.to_owned(), value)]), Rank::Near, add);
        }
    }
}

fn scalar_from_mapping(
    place: &FieldPath,
    holds: &'static Type,
    node: NodeId,
    look: &Look<'_>,
    add: &mut Add<'_>,
) {
    let [only] = look.tree.entries(node) else { return };
    if matches!(holds.kind, Kind::String)
        && matches!(place.segments().last(), Some(PathSegment::Index(_)))
        && let Some(text) = look.scalar(only.value)
    {
        let value = NewValue::Text(format!("{}: {text}", only.key));
        let help = format!("put it in quotes: `{value}`");
        add(Rank::Near, vec![Edit::Replace { path: place.clone(), value }], help);
    }
    if let Some(value) = scalar_as(holds, only.value, look) {
        replace(place, value, Rank::Far, add);
    }
}

fn scalar_from(place: &FieldPath, shape: Shape, node: NodeId, look: &Look<'_>, add: &mut Add<'_>) {
    let Shape::Scalar(holds) = shape else { return };
    if let Some(value) = scalar_as(holds, node, look) {
        if matches!(look.tree.value(node), Value::Bool(_) | Value::Number(_))
            && matches!(value, NewValue::Text(_))
        {
            let help = format!("put it in quotes: `{}`", shown(place, &value));
            add(Rank::Near, vec![Edit::Replace { path: place.clone(), value }], help);
        } else {
            replace(place, value, Rank::Near, add);
        }
    }
    if let (Kind::Quantity, Some(text)) = (&holds.kind, look.scalar(node)) {
        let name = last_name(place.segments()).unwrap_or_default();
        for meant in quantities(&text, name) {
            replace(place, NewValue::Text(meant), Rank::Spelling, add);
        }
    }
}

/// The scalar as this type, if it can be read so.
fn scalar_as(holds: &'static Type, node: NodeId, look: &Look<'_>) -> Option<NewValue> {
    let text = look.scalar(node)?;
    let text = text.trim();
    match &holds.kind {
        Kind::String | Kind::Time => Some(NewValue::from(text)),
        Kind::Bool => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "y" | "on" | "1" | "enabled" => Some(NewValue::Bool(true)),
            "false" | "no" | "n" | "off" | "0" | "disabled" => Some(NewValue::Bool(false)),
            _ => None,
        },
        Kind::Int32 => {
            whole_number(text).filter(|number| i32::try_from(*number).is_ok()).map(NewValue::Number)
        }
        Kind::Int64 => whole_number(text).map(NewValue::Number),
        Kind::IntOrString => match whole_number(text) {
            Some(number) => Some(NewValue::Number(number)),
            None => Some(NewValue::from(text)),
        },
        Kind::Quantity => Quantity::parse(text).ok().map(|_| NewValue::from(text)),
        Kind::List(item) => Some(NewValue::List(vec![scalar_as(item, node, look)?])),
        Kind::Raw | Kind::Map(_) | Kind::Struct(_) => None,
    }
}

/// The number that a text begins with, in seconds if it is a duration.
fn whole_number(text: &str) -> Option<i64> {
    let digits =
        text.find(|character: char| !character.is_ascii_digit() && character != '-').unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits)?;
    let number: i64 = number.parse().ok()?;
    match unit.trim() {
        "" | "s" | "sec" | "secs" | "second" | "seconds" | "/TCP" | "/UDP" | "/tcp" | "/udp" | "%" => {
            Some(number)
        }
        "m" | "min" | "mins" | "minute" | "minutes" => number.checked_mul(60),
        "h" | "hour" | "hours" => number.checked_mul(3600),
        fraction if fraction.strip_prefix('.').is_some_and(|zeros| zeros.chars().all(|zero| zero == '0')) => {
            Some(number)
        }
        _ => None,
    }
}

/// Suffixes as people write them, and as the API reads them.
const SUFFIXES: &[(&str, &str)] = &[
    ("ki", "Ki"),
    ("kb", "k"),
    ("kib", "Ki"),
    ("mi", "Mi"),
    ("mb", "M"),
    ("mib", "Mi"),
    ("m", "M"),
    ("gi", "Gi"),
    ("gb", "G"),
    ("gib", "Gi"),
    ("g", "G"),
    ("ti", "Ti"),
    ("tb", "T"),
    ("tib", "Ti"),
    ("t", "T"),
    ("b", ""),
    ("k", "k"),
];

/// Quantities that the text may stand for.
fn quantities(text: &str, resource: &str) -> Vec<String> {
    let compact: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    let end = compact.find(|character: char| character.is_ascii_alphabetic()).unwrap_or(compact.len());
    let Some((number, unit)) = compact.split_at_checked(end) else { return Vec::new() };
    let number = number.replace(',', ".");
    let unit = unit.to_ascii_lowercase();
    let mut found = Vec::new();
    if resource.ends_with("cpu") {
        if ["m", "mi", "millicores", "milli", "mcpu", "mc"].contains(&unit.as_str()) {
            found.push(format!("{number}m"));
        }
        if ["", "c", "cpu", "cpus", "core", "cores", "vcpu"].contains(&unit.as_str()) {
            found.push(number.clone());
        }
    }
    let suffixes = SUFFIXES.iter().filter(|(written, _)| *written == unit);
    found.extend(suffixes.map(|(_, suffix)| format!("{number}{suffix}")));
    found.push(format!("{number}{unit}"));
    found.retain(|meant| Quantity::parse(meant).is_ok());
    found
}

#[cfg(test)]
mod tests {
    use super::{quantities, whole_number};

    #[test]
    fn amounts_are_read_as_they_are_meant() {
        for (text, resource, meant) in [
            ("128mi", "memory", "128Mi"),
            ("128 Mi", "memory", "128Mi"),
            ("128MB", "memory", "128M"),
            ("1,5Gi", "memory", "1.5Gi"),
            ("100mi", "cpu", "100m"),
            ("2 cores", "cpu", "2"),
            ("100 m", "cpu", "100m"),
        ] {
            assert_eq!(quantities(text, resource).first().map(String::as_str), Some(meant), "{text}");
        }
        assert!(quantities("lots", "memory").is_empty());
    }

    #[test]
    fn durations_are_seconds() {
        for (text, number) in [
            ("30s", Some(30)),
            ("5m", Some(300)),
            ("1h", Some(3600)),
            ("9100", Some(9100)),
            ("1.0", Some(1)),
            ("1.5", None),
            ("soon", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(whole_number(text), number, "{text}");
        }
    }
}
