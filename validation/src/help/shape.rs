//! The API's types along a path.

use crate::generated::{DAEMON_SET, Kind, Struct, Type};
use crate::path::{FieldPath, PathSegment};

/// What the API has at a place.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// The DaemonSet, or another struct.
    Struct(&'static Struct),
    /// A list of such items.
    List(&'static Type),
    /// A map of such values.
    Map(&'static Type),
    /// A scalar.
    Scalar(&'static Type),
}

impl Shape {
    pub(crate) fn of(holds: &'static Type) -> Self {
        match &holds.kind {
            Kind::Struct(shape) => Self::Struct(shape),
            Kind::List(item) => Self::List(item),
            Kind::Map(item) => Self::Map(item),
            _ => Self::Scalar(holds),
        }
    }

    /// The shape below.
    pub(crate) fn below(self, segment: &PathSegment) -> Option<Self> {
        match (self, segment) {
            (Self::Struct(shape), PathSegment::Field(name) | PathSegment::Key(name)) => {
                shape.field(name).map(|field| Self::of(&field.holds))
            }
            (Self::List(item), PathSegment::Index(_)) => Some(Self::of(item)),
            (Self::Map(item), PathSegment::Field(_) | PathSegment::Key(_)) => Some(Self::of(item)),
            _ => None,
        }
    }
}

/// What the API has at the path; `None` if it knows no such place.
pub(crate) fn shape_at(path: &[PathSegment]) -> Option<Shape> {
    path.iter().try_fold(Shape::Struct(&DAEMON_SET), Shape::below)
}

/// The same for a whole path.
pub(crate) fn shape_of(path: &FieldPath) -> Option<Shape> {
    shape_at(path.segments())
}
