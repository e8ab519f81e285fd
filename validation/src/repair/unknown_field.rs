//! Changes for a field that the server does not know: another name, another place.

use crate::edit::{Edit, NewValue};
use crate::finding::{Anchor, Finding};
use crate::generated::{Kind, Struct};
use crate::help::shape::{Shape, shape_at, shape_of};
use crate::path::PathSegment;
use crate::tree::{Entry, NodeId, Value};

use super::candidate::{Candidate, Rank};
use super::homes::{Home, homes};
use super::look::{Look, below, last_name, path, short};
use super::names::meant;
use super::swallowed;

/// Adds what may resolve the finding.
pub(super) fn candidates(finding: &Finding, all: &[Finding], look: &Look<'_>, found: &mut Vec<Candidate>) {
    let segments = finding.path.segments();
    let Some((_, here)) = segments.split_last() else { return };
    let (Some(name), Some(owner), Some(mapping)) =
        (last_name(segments), look.structure(here), look.node(here))
    else {
        return;
    };
    renames(finding, name, owner, mapping, look, found);
    let others = unknown_beside(finding, all);
    with_its_block(name, here, look, found);
    into_a_map(finding, &others, owner, here, look, found);
    for home in homes(name, here, look) {
        moves(finding, name, &home, &others, look, found);
    }
    as_name_and_value(name, owner, here, mapping, look, found);
    swallowed::candidates(finding, &others, look, found);
    of_a_deployment(finding, name, owner, found);
    found.push(Candidate::own(vec![Edit::Remove { path: finding.path.clone() }]).ranked(Rank::Removal));
}

/// The unknown fields in the same mapping, this one included, in the order of the document.
fn unknown_beside<'f>(finding: &Finding, all: &'f [Finding]) -> Vec<&'f str> {
    let here = finding.path.segments().split_last().map(|(_, here)| here);
    let beside = all.iter().filter(|other| {
        other.rule == finding.rule && other.path.segments().split_last().map(|(_, here)| here) == here
    });
    beside.filter_map(|other| last_name(other.path.segments())).collect()
}

fn renames(
    finding: &Finding,
    name: &str,
    owner: &'static Struct,
    mapping: NodeId,
    look: &Look<'_>,
    found: &mut Vec<Candidate>,
) {
    let known: Vec<&str> = owner
        .fields
        .iter()
        .map(|field| field.name)
        .filter(|field| look.has_field(owner, field) && look.tree.get(mapping, field).is_none())
        .collect();
    for meant in meant(owner.name, name, &known) {
        let edit = Edit::Rename { path: finding.path.clone(), key: meant.to_owned() };
        let candidate = Candidate::new(Rank::Spelling, vec![edit], format!("write `{meant}`"));
        found.push(candidate.label(format!("did you mean `{meant}`?")));
    }
}

/// Moves the field into the mapping of a home, alone and together with the other unknown fields that belong there too.
fn moves(
    finding: &Finding,
    name: &str,
    home: &Home,
    others: &[&str],
    look: &Look<'_>,
    found: &mut Vec<Candidate>,
) {
    let Some((_, here)) = finding.path.segments().split_last() else { return };
    let rank = if home.above || home.distance <= 2 { Rank::Near } else { Rank::Far };
    let inside = home.mapping.strip_prefix(here).filter(|inside| !inside.is_empty());
    let whole = short(&home.mapping);
    let place = match inside {
        Some(inside) if whole != path(&home.mapping).to_string() => path(inside).to_string(),
        _ => whole,
    };
    let label = format!("this belongs to `{place}`");
    let new = look.node(&home.mapping).is_none_or(|node| matches!(look.tree.value(node), Value::Null));
    let advice = |names: &str, it: &str| match inside {
        Some([PathSegment::Field(key)]) if new => {
            format!("write `{key}:` above {names}, and indent {it} by 2 more")
        }
        Some([PathSegment::Field(key), PathSegment::Index(0)]) if new => {
            format!("write `{key}:` above {names}, and make {it} its item: `- {name}:`")
        }
        _ => format!("move {names} to `{place}`"),
    };
    let edit = |name: &str| Edit::Move { path: below(here, name), to: below(&home.mapping, name) };
    let structure = look.structure(&home.mapping);
    let fits = |other: &&str| {
        let lacks = look.node(&home.mapping).is_none_or(|node| look.lacks(node, other));
        lacks && structure.is_some_and(|structure| look.has_field(structure, other))
    };
    let together: Vec<&str> = others.iter().copied().filter(fits).collect();
    if together.len() > 1 {
        let edits = together.iter().map(|name| edit(name)).collect();
        let names: Vec<String> = together.iter().map(|name| format!("`{name}`")).collect();
        let help = advice(&names.join(" and "), "them");
        found.push(Candidate::new(rank, edits, help).label(label.clone()));
    }
    let help = advice(&format!("`{name}`"), "it");
    if let Some(edits) = with_what_it_took(finding, name, home, look) {
        found.push(Candidate::new(rank, edits, help.clone()).label(label.clone()));
    }
    if let Some(edits) = with_items_behind(finding, home, look) {
        let help = format!("move `{name}` and the items below it to `{place}`");
        found.push(Candidate::new(rank, edits, help).label(label.clone()));
    }
    found.push(Candidate::new(rank, vec![edit(name)], help).label(label));
}

/// A key that is indented too little takes the keys behind it into its own block: they go back beside it.
fn with_what_it_took(finding: &Finding, name: &str, home: &Home, look: &Look<'_>) -> Option<Vec<Edit>> {
    let to = below(&home.mapping, name);
    let structure = look.structure(&home.mapping)?;
    let (mut block, mut inside) = (look.node(finding.path.segments())?, to.clone());
    let mut shape = shape_of(&to)?;
    if let Shape::List(item) = shape {
        let last = look.tree.items(block).len().checked_sub(1)?;
        block = *look.tree.items(block).get(last)?;
        inside = inside.index(last);
        shape = Shape::of(item);
    }
    let belongs = |entry: &&Entry<'_>| {
        let beside = look.has_field(structure, &entry.key) && *entry.key != *name;
        beside
            && match shape {
                Shape::Struct(own) => !look.has_field(own, &entry.key),
                Shape::Map(_) => look.scalar(entry.value).is_none(),
                _ => false,
            }
    };
    let taken: Vec<&str> = look.tree.entries(block).iter().filter(belongs).map(|entry| &*entry.key).collect();
    if taken.is_empty() {
        return None;
    }
    let mut edits = vec![Edit::Move { path: finding.path.clone(), to }];
    edits.extend(
        taken
            .into_iter()
            .map(|key| Edit::Move { path: below(inside.segments(), key), to: below(&home.mapping, key) }),
    );
    Some(edits)
}

/// A key without a value that ends up in an item of a list, while its own items follow as further items of that list.
fn with_items_behind(finding: &Finding, home: &Home, look: &Look<'_>) -> Option<Vec<Edit>> {
    let segments = finding.path.segments();
    let name = last_name(segments)?;
    let empty = matches!(look.value(segments)?, Value::Null);
    let above = segments.get(..segments.len().saturating_sub(2))?;
    let PathSegment::Index(index) = segments.get(above.len())? else { return None };
    let list = look.node(above)?;
    let to = below(&home.mapping, name);
    let is_list = matches!(shape_at(to.segments()), Some(Shape::List(_)));
    let behind =
        look.tree.items(list).len().checked_sub(index.saturating_add(1)).filter(|count| *count > 0)?;
    if !empty || !is_list {
        return None;
    }
    let first = path(above).index(index.saturating_add(1));
    let mut edits = vec![Edit::Move { path: finding.path.clone(), to: to.clone() }];
    edits.extend((0..behind).map(|number| Edit::Move { path: first.clone(), to: to.clone().index(number) }));
    Some(edits)
}

/// The whole block that the field is in stands at a place where a block of the same name has other fields.
fn with_its_block(name: &str, here: &[PathSegment], look: &Look<'_>, found: &mut Vec<Candidate>) {
    let (Some(block), Some((_, above))) = (last_name(here), here.split_last()) else { return };
    for home in homes(block, above, look) {
        let to = below(&home.mapping, block);
        let fits = matches!(shape_of(&to), Some(Shape::Struct(structure)) if look.has_field(structure, name));
        if !fits {
            continue;
        }
        let place = short(&home.mapping);
        let edit = Edit::Move { path: path(here), to };
        let help = format!("move `{block}` to `{place}`");
        let candidate = Candidate::new(Rank::Near, vec![edit], help);
        let label = format!("this belongs to the `{block}` of `{place}`");
        found.push(candidate.label(label).at(path(here), Anchor::Key));
    }
}

/// Moves fields with scalars into a map of the same struct: labels into `matchLabels`, amounts into `requests`.
fn into_a_map(
    finding: &Finding,
    others: &[&str],
    owner: &'static Struct,
    here: &[PathSegment],
    look: &Look<'_>,
    found: &mut Vec<Candidate>,
) {
    let Some(name) = last_name(finding.path.segments()) else { return };
    for field in owner.fields {
        let Kind::Map(_) = &field.holds.kind else { continue };
        let map = below(here, field.name);
        let node = look.node(map.segments());
        let free = |name: &&str| node.is_none_or(|node| look.lacks(node, name));
        let scalar = |name: &&str| {
            let value = look.value(below(here, name).segments());
            value.is_some_and(|value| !matches!(value, Value::Mapping(_) | Value::Sequence(_)))
        };
        let fitting: Vec<&str> = others.iter().copied().filter(|name| free(name) && scalar(name)).collect();
        if !fitting.contains(&name) {
            continue;
        }
        let edit = |name: &str| Edit::Move {
            path: below(here, name),
            to: map.join(PathSegment::Key(name.to_owned().into())),
        };
        let label = format!("this belongs to `{}`", field.name);
        let new = node.is_none_or(|node| matches!(look.tree.value(node), Value::Null));
        let advice = |names: &str, it: &str| {
            if new {
                format!("write `{}:` above {names}, and indent {it} by 2 more", field.name)
            } else {
                format!("move {names} into `{}`", field.name)
            }
        };
        if fitting.len() > 1 {
            let names: Vec<String> = fitting.iter().map(|name| format!("`{name}`")).collect();
            let edits = fitting.iter().map(|name| edit(name)).collect();
            let help = advice(&names.join(" and "), "them");
            found.push(Candidate::new(Rank::Near, edits, help).label(label.clone()));
        }
        let help = advice(&format!("`{name}`"), "it");
        found.push(Candidate::new(Rank::Near, vec![edit(name)], help).label(label));
    }
}

/// `- KEY: value` where `- name: KEY` with `value: value` is meant.
fn as_name_and_value(
    name: &str,
    owner: &'static Struct,
    here: &[PathSegment],
    mapping: NodeId,
    look: &Look<'_>,
    found: &mut Vec<Candidate>,
) {
    let fits = look.has_field(owner, "name") && look.has_field(owner, "value");
    let [only] = look.tree.entries(mapping) else { return };
    let Some(value) = look.scalar(only.value).filter(|_| fits && only.key == name) else { return };
    let value = NewValue::Map(vec![
        ("name".to_owned(), NewValue::from(name)),
        ("value".to_owned(), NewValue::from(value)),
    ]);
    let help = format!("write `- {value}`");
    let edit = Edit::Replace { path: path(here), value };
    found.push(Candidate::new(Rank::Near, vec![edit], help));
}

/// The strategy of a Deployment, whose values a DaemonSet does not take as they are.
fn of_a_deployment(finding: &Finding, name: &str, owner: &'static Struct, found: &mut Vec<Candidate>) {
    if (owner.name, name) != ("DaemonSetSpec", "strategy") {
        return;
    }
    let Some((_, spec)) = finding.path.segments().split_last() else { return };
    let strategy = below(spec, "updateStrategy");
    let rename = || Edit::Rename { path: finding.path.clone(), key: "updateStrategy".to_owned() };
    let rolling = strategy.clone().field("rollingUpdate");
    let help = "write `updateStrategy`, and delete `maxSurge`: a DaemonSet has either `maxUnavailable`, by default 1, or `maxSurge`";
    let edits = vec![rename(), Edit::Remove { path: rolling.field("maxSurge") }];
    found.push(Candidate::new(Rank::Near, edits, help));
    let kind = Edit::Replace { path: strategy.field("type"), value: NewValue::from("RollingUpdate") };
    let help = "write `updateStrategy` with `type: RollingUpdate`: a DaemonSet has no `Recreate`";
    found.push(Candidate::new(Rank::Near, vec![rename(), kind], help));
}
