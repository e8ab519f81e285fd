//! Paths to fields, printed exactly as Kubernetes prints them.
//!
//! A [`Path`] is built on the stack while the object is walked, without allocation. Only when there is something to report it is
//! turned into an owned [`FieldPath`].

use std::borrow::Cow;
use std::fmt;

/// One step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment<'p> {
    /// A field of a struct. A dot separates several fields: `securityContext.seccompProfile`.
    Field(&'p str),
    /// One field, whose name may contain dots.
    Name(&'p str),
    /// An index into a list, from 0.
    Index(usize),
    /// A key of a map, printed in brackets.
    Key(&'p str),
}

/// A borrowed path: a linked list of segments on the stack.
///
/// Upstream: `apimachinery/pkg/util/validation/field.Path`.
#[derive(Clone, Copy, Debug)]
pub struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    segment: Segment<'p>,
}

impl<'p> Path<'p> {
    /// A path that starts at a field of the document, as `field.NewPath(name)`.
    pub const fn root(name: &'p str) -> Self {
        Self { parent: None, segment: Segment::Field(name) }
    }

    /// The field `name` below this path. `a.b` adds two segments.
    pub const fn field<'c>(&'c self, name: &'c str) -> Path<'c> {
        Path { parent: Some(self), segment: Segment::Field(name) }
    }

    /// The field `name` below this path, where dots do not separate fields: upstream prints some map keys like fields.
    pub const fn name<'c>(&'c self, name: &'c str) -> Path<'c> {
        Path { parent: Some(self), segment: Segment::Name(name) }
    }

    /// The item at `index` (from 0) below this path.
    pub const fn index(&self, index: usize) -> Path<'_> {
        Path { parent: Some(self), segment: Segment::Index(index) }
    }

    /// The map entry `key` below this path.
    pub const fn key<'c>(&'c self, key: &'c str) -> Path<'c> {
        Path { parent: Some(self), segment: Segment::Key(key) }
    }

    /// Turns the path into an owned one.
    pub fn to_field_path(&self) -> FieldPath {
        let mut segments = Vec::with_capacity(8);
        self.collect(&mut segments);
        FieldPath { segments }
    }

    fn collect(&self, into: &mut Vec<PathSegment>) {
        if let Some(parent) = self.parent {
            parent.collect(into);
        }
        match self.segment {
            Segment::Field(names) => {
                into.extend(
                    names
                        .split('.')
                        .filter(|name| !name.is_empty())
                        .map(|name| PathSegment::Field(name.to_owned().into())),
                );
            }
            Segment::Name(name) => into.push(PathSegment::Field(name.to_owned().into())),
            Segment::Index(index) => into.push(PathSegment::Index(index)),
            Segment::Key(key) => into.push(PathSegment::Key(key.to_owned().into())),
        }
    }
}

/// One step of an owned path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathSegment {
    /// A field of a struct. Most names are constants and are not allocated.
    Field(Cow<'static, str>),
    /// An index into a list, from 0.
    Index(usize),
    /// A key of a map.
    Key(Cow<'static, str>),
}

/// An owned path. `Display` prints it as Kubernetes does, for example `spec.template.spec.containers[0].ports[1].name`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldPath {
    segments: Vec<PathSegment>,
}

impl FieldPath {
    /// The path of the whole document. It prints as an empty string.
    pub const fn document() -> Self {
        Self { segments: Vec::new() }
    }

    /// A path from its segments.
    pub const fn from_segments(segments: Vec<PathSegment>) -> Self {
        Self { segments }
    }

    /// The path of a field, from the names of the fields that lead to it.
    pub fn of(names: &[&'static str]) -> Self {
        // Most paths get a few more segments.
        let mut segments = Vec::with_capacity(names.len().saturating_add(6));
        segments.extend(names.iter().map(|name| PathSegment::Field(Cow::Borrowed(name))));
        Self { segments }
    }

    /// The field `name` below this path.
    #[must_use]
    pub fn field(self, name: &'static str) -> Self {
        self.step(PathSegment::Field(Cow::Borrowed(name)))
    }

    /// The item at `index` (from 0) below this path.
    #[must_use]
    pub fn index(self, index: usize) -> Self {
        self.step(PathSegment::Index(index))
    }

    /// The map entry `key` below this path.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.step(PathSegment::Key(key.to_owned().into()))
    }

    fn step(mut self, segment: PathSegment) -> Self {
        self.segments.push(segment);
        self
    }

    /// The segments, outermost first.
    pub fn segments(&self) -> &[PathSegment] {
        &self.segments
    }

    /// The path with one more segment.
    #[must_use]
    pub fn join(&self, segment: PathSegment) -> Self {
        let mut segments = self.segments.clone();
        segments.push(segment);
        Self { segments }
    }

    /// Whether `self` equals `other` or is a prefix of it.
    pub fn contains(&self, other: &Self) -> bool {
        other.segments.starts_with(&self.segments)
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.segments.iter().enumerate() {
            match segment {
                PathSegment::Field(name) if position == 0 => f.write_str(name)?,
                PathSegment::Field(name) => write!(f, ".{name}")?,
                PathSegment::Index(index) => write!(f, "[{index}]")?,
                PathSegment::Key(key) => write!(f, "[{key}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_kubernetes_does() {
        let spec = Path::root("spec");
        let containers = spec.field("template.spec").field("containers").to_field_path();
        assert_eq!(containers.to_string(), "spec.template.spec.containers");
        assert_eq!(containers.segments().len(), 4);
        let limits = spec.field("limits");
        assert_eq!(limits.key("nvidia.com/gpu").to_field_path().to_string(), "spec.limits[nvidia.com/gpu]");
        let dotted = limits.name("a..b/c.");
        assert_eq!(dotted.to_field_path().to_string(), "spec.limits.a..b/c.");
        assert_eq!(limits.index(3).field("x").to_field_path().to_string(), "spec.limits[3].x");
    }
}
