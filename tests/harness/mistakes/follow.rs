//! Follows the advice of a finding: applies its edits to the document, as a person or an editor would.

use daemonset_validation::edit::NewValue;
use daemonset_validation::{Edit, FieldPath, NodeId, PathSegment, Tree, Value};

use crate::json::Json;

/// The object at a node of a tree.
pub fn document(tree: &Tree<'_>, node: NodeId) -> Json {
    match tree.value(node) {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Number(text) => Json::Number(text.to_string()),
        Value::String(text) => Json::text(text),
        Value::Sequence(_) => Json::List(tree.items(node).iter().map(|item| document(tree, *item)).collect()),
        Value::Mapping(_) => {
            let entries = tree.entries(node).iter();
            Json::Map(entries.map(|entry| (entry.key.to_string(), document(tree, entry.value))).collect())
        }
    }
}

/// The document with the edits applied; `None` if one of them does not fit the document.
pub fn follow(document: &Json, edits: &[Edit]) -> Option<Json> {
    let mut changed = document.clone();
    for edit in edits {
        one(&mut changed, edit)?;
    }
    Some(changed)
}

fn one(document: &mut Json, edit: &Edit) -> Option<()> {
    match edit {
        Edit::Remove { path } => take(document, path).map(drop),
        Edit::Replace { path, value } => {
            *at(document, path.segments())? = json(value);
            Some(())
        }
        Edit::Rename { path, key } => {
            let (last, above) = path.segments().split_last()?;
            let old = key_of(last)?;
            let Json::Map(entries) = at(document, above)? else { return None };
            if entries.iter().any(|(name, _)| name == key) {
                return None;
            }
            entries.iter_mut().rev().find(|(name, _)| name == old)?.0 = key.clone();
            Some(())
        }
        Edit::Insert { path, key, value } => {
            let segments = [path.segments(), &[PathSegment::Field(key.clone().into())]].concat();
            put(document, &segments, json(value))
        }
        Edit::Append { path, value } => {
            let Json::List(items) = at(document, path.segments())? else { return None };
            items.push(json(value));
            Some(())
        }
        Edit::Move { path, to } => {
            let moved = take(document, path)?;
            put(document, to.segments(), moved)
        }
        Edit::Nest { path, key } => {
            let place = at(document, path.segments())?;
            *place = Json::Map(vec![(key.clone(), std::mem::replace(place, Json::Null))]);
            Some(())
        }
        Edit::Enlist { path } => {
            let place = at(document, path.segments())?;
            *place = Json::List(vec![std::mem::replace(place, Json::Null)]);
            Some(())
        }
        Edit::Unlist { path } => {
            let place = at(document, path.segments())?;
            let Json::List(items) = place else { return None };
            (items.len() == 1).then_some(())?;
            *place = items.remove(0);
            Some(())
        }
        Edit::Separate { path } => take(document, path).map(drop),
    }
}

fn key_of(segment: &PathSegment) -> Option<&str> {
    match segment {
        PathSegment::Field(name) | PathSegment::Key(name) => Some(name),
        PathSegment::Index(_) => None,
    }
}

fn at<'d>(document: &'d mut Json, path: &[PathSegment]) -> Option<&'d mut Json> {
    path.iter().try_fold(document, |place, segment| match segment {
        PathSegment::Field(name) | PathSegment::Key(name) => place.get_mut(name),
        PathSegment::Index(index) => place.items_mut().get_mut(*index),
    })
}

fn take(document: &mut Json, path: &FieldPath) -> Option<Json> {
    let (last, above) = path.segments().split_last()?;
    match (at(document, above)?, last) {
        (Json::List(items), PathSegment::Index(index)) if *index < items.len() => Some(items.remove(*index)),
        (Json::Map(entries), PathSegment::Field(name) | PathSegment::Key(name)) => {
            let position = entries.iter().rposition(|(key, _)| key == name)?;
            Some(entries.remove(position).1)
        }
        _ => None,
    }
}

/// Puts a value where nothing, or `null`, is.
fn put(document: &mut Json, path: &[PathSegment], value: Json) -> Option<()> {
    let Some((first, rest)) = path.split_first() else {
        if *document != Json::Null {
            return None;
        }
        *document = value;
        return Some(());
    };
    match first {
        PathSegment::Index(index) => {
            if *document == Json::Null {
                *document = Json::List(Vec::new());
            }
            let Json::List(items) = document else { return None };
            if rest.is_empty() || *index >= items.len() {
                items.push(Json::Null);
                return put(items.last_mut()?, rest, value);
            }
            put(items.get_mut(*index)?, rest, value)
        }
        PathSegment::Field(name) | PathSegment::Key(name) => {
            if *document == Json::Null {
                *document = Json::Map(Vec::new());
            }
            let Json::Map(entries) = document else { return None };
            if !entries.iter().any(|(key, _)| key == name) {
                entries.push((name.to_string(), Json::Null));
            }
            put(document.get_mut(name)?, rest, value)
        }
    }
}

fn json(value: &NewValue) -> Json {
    match value {
        NewValue::Text(text) => Json::text(text),
        NewValue::Number(number) => Json::int(*number),
        NewValue::Bool(value) => Json::Bool(*value),
        NewValue::List(items) => Json::List(items.iter().map(json).collect()),
        NewValue::Map(entries) => {
            Json::Map(entries.iter().map(|(key, value)| (key.clone(), json(value))).collect())
        }
    }
}
