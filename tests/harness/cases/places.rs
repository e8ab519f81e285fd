//! The places of a document that can be changed, each with its type.

use crate::json::Json;
use crate::schema::{Kind, Schema};

/// Which part of a field a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The field's value.
    Field,
    /// An item of the list that the field is.
    Item,
    /// A value of the map that the field is.
    Entry,
}

/// A place.
#[derive(Clone, Debug)]
pub(crate) struct Place<'s> {
    /// How to get there: positions from the root on.
    pub(crate) path: Vec<usize>,
    /// What it should hold.
    pub(crate) kind: &'s Kind,
    /// The positions of the struct and of its field; `None` for the document itself.
    pub(crate) field: Option<(usize, usize)>,
    /// Which part of the field it is.
    pub(crate) part: Part,
}

/// Everything in the document that the schema knows.
pub(crate) fn places<'s>(document: &Json, root: &'s Kind, schema: &'s Schema) -> Vec<Place<'s>> {
    let mut walk = Walk { schema, path: Vec::new(), found: Vec::with_capacity(128) };
    walk.visit(document, root, None, Part::Field);
    walk.found
}

struct Walk<'s> {
    schema: &'s Schema,
    path: Vec<usize>,
    found: Vec<Place<'s>>,
}

impl<'s> Walk<'s> {
    fn visit(&mut self, value: &Json, kind: &'s Kind, field: Option<(usize, usize)>, part: Part) {
        self.found.push(Place { path: self.path.clone(), kind, field, part });
        match (value, kind) {
            (Json::Map(entries), Kind::Struct(owner)) => {
                let Some(shape) = self.schema.get(*owner) else { return };
                for (position, (key, value)) in entries.iter().enumerate() {
                    let known = shape.fields.iter().enumerate().find(|(_, field)| field.name == *key);
                    if let Some((index, field)) = known {
                        self.below(position, value, &field.kind, Some((*owner, index)), Part::Field);
                    }
                }
            }
            (Json::Map(entries), Kind::Map(item)) => {
                for (position, (_, value)) in entries.iter().enumerate() {
                    self.below(position, value, item, field, Part::Entry);
                }
            }
            (Json::List(items), Kind::List(item)) => {
                for (position, value) in items.iter().enumerate() {
                    self.below(position, value, item, field, Part::Item);
                }
            }
            _ => {}
        }
    }

    fn below(
        &mut self,
        position: usize,
        value: &Json,
        kind: &'s Kind,
        field: Option<(usize, usize)>,
        part: Part,
    ) {
        self.path.push(position);
        self.visit(value, kind, field, part);
        self.path.pop();
    }
}

/// Takes out what the minors of the mask do not know.
pub(crate) fn prune(value: &mut Json, kind: &Kind, schema: &Schema, mask: u8) {
    match (value, kind) {
        (Json::Map(entries), Kind::Struct(owner)) => {
            let Some(shape) = schema.get(*owner) else { return };
            entries.retain(|(key, _)| shape.field(key).is_none_or(|field| field.minors & mask != 0));
            for (key, value) in entries {
                if let Some(field) = shape.field(key) {
                    prune(value, &field.kind, schema, mask);
                }
            }
        }
        (Json::Map(entries), Kind::Map(item)) => {
            entries.iter_mut().for_each(|(_, value)| prune(value, item, schema, mask));
        }
        (Json::List(items), Kind::List(item)) => {
            items.iter_mut().for_each(|value| prune(value, item, schema, mask));
        }
        _ => {}
    }
}
