//! Where in the object a field of some name may stand.

use crate::generated::Kind;
use crate::help::shape::Shape;
use crate::path::PathSegment;
use crate::tree::{NodeId, Value};

use super::look::Look;

/// A place where the field may stand.
#[derive(Clone, Debug)]
pub(super) struct Home {
    /// The mapping. It may not exist yet.
    pub(super) mapping: Vec<PathSegment>,
    /// Whether it is above the place where the field is now.
    pub(super) above: bool,
    /// How many steps it is away.
    pub(super) distance: usize,
}

/// At most this many mappings are looked at.
const MAPPINGS: usize = 400;

/// At most this many places are given.
const HOMES: usize = 8;

/// The places for a field that is in the mapping `here` now: mappings of the object whose struct has the field and that lack it, the nearest
/// first.
pub(super) fn homes(name: &str, here: &[PathSegment], look: &Look<'_>) -> Vec<Home> {
    let mut search = Search { name, here, look, found: Vec::new(), left: MAPPINGS };
    let root = Shape::Struct(&crate::generated::DAEMON_SET);
    search.visit(look.root, root, &mut Vec::new());
    let mut found = search.found;
    found.sort_by_key(|home| (!home.above, home.distance));
    found.truncate(HOMES);
    found
}

struct Search<'s, 'l> {
    name: &'s str,
    here: &'s [PathSegment],
    look: &'s Look<'l>,
    found: Vec<Home>,
    left: usize,
}

impl Search<'_, '_> {
    fn visit(&mut self, node: NodeId, shape: Shape, at: &mut Vec<PathSegment>) {
        let Some(left) = self.left.checked_sub(1) else { return };
        self.left = left;
        let tree = self.look.tree;
        match (shape, tree.value(node)) {
            (Shape::Struct(structure), Value::Mapping(_)) => {
                if self.look.has_field(structure, self.name)
                    && self.look.lacks(node, self.name)
                    && at != self.here
                {
                    self.add(at.clone());
                }
                for field in structure.fields {
                    let existing = tree.get(node, field.name);
                    let empty = existing.is_none_or(|value| matches!(tree.value(value), Value::Null));
                    at.push(PathSegment::Field(field.name.into()));
                    match existing {
                        Some(below) if !empty => self.visit(below, Shape::of(&field.holds), at),
                        // Something new is only made where the field is now.
                        _ if at.get(..at.len().saturating_sub(1)) == Some(self.here) => {
                            self.missing(Shape::of(&field.holds), at);
                        }
                        _ => {}
                    }
                    at.pop();
                }
            }
            (Shape::List(item), Value::Sequence(_)) => {
                for (index, below) in tree.items(node).iter().enumerate() {
                    at.push(PathSegment::Index(index));
                    self.visit(*below, Shape::of(item), at);
                    at.pop();
                }
            }
            _ => {}
        }
    }

    /// A mapping that does not exist yet.
    fn missing(&mut self, shape: Shape, at: &[PathSegment]) {
        match shape {
            Shape::Struct(structure) if self.look.has_field(structure, self.name) => self.add(at.to_vec()),
            Shape::List(item) => {
                if let Kind::Struct(structure) = &item.kind
                    && self.look.has_field(structure, self.name)
                {
                    self.add([at, &[PathSegment::Index(0)]].concat());
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, mapping: Vec<PathSegment>) {
        let shared = mapping.iter().zip(self.here).take_while(|(left, right)| left == right).count();
        let above = shared == mapping.len();
        let up = self.here.len().saturating_sub(shared);
        let down = mapping.len().saturating_sub(shared);
        // What exists comes before what would have to be made.
        let new = usize::from(self.look.node(&mapping).is_none());
        let distance = up.saturating_add(down.saturating_mul(2)).saturating_add(new);
        self.found.push(Home { mapping, above, distance });
    }
}
