//! Which errors of validation follow from a value that the decoder left out.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use crate::path::PathSegment;

/// The places of values that were left out because of their type. A place takes a few bytes, since there may be very many.
#[derive(Clone, Debug, Default)]
pub struct Consequences {
    hasher: RandomState,
    /// The places.
    holes: HashSet<u64>,
    /// What is above them.
    above: HashSet<u64>,
}

impl Consequences {
    /// Adds the place of a value that was left out.
    pub(super) fn insert<'s>(&mut self, path: impl IntoIterator<Item = Step<'s>>) {
        let mut last = None;
        for hash in hashes(&self.hasher, path) {
            if let Some(above) = last.replace(hash) {
                self.above.insert(above);
            }
        }
        self.holes.extend(last);
    }

    /// Whether what validation says of this place follows from a value that was left out: it is at the place, above or below it.
    pub(super) fn contain(&self, path: &[PathSegment]) -> bool {
        if self.holes.is_empty() {
            return false;
        }
        let steps = path.iter().map(|segment| match segment {
            PathSegment::Field(name) => Step::Field(name),
            PathSegment::Index(index) => Step::Index(*index),
            PathSegment::Key(key) => Step::Key(key),
        });
        let mut last = None;
        hashes(&self.hasher, steps).any(|hash| {
            last = Some(hash);
            self.holes.contains(&hash)
        }) || last.is_some_and(|hash| self.above.contains(&hash))
    }
}

/// One step of a path.
#[derive(Clone, Copy, Debug, Hash)]
pub(super) enum Step<'s> {
    /// A field.
    Field(&'s str),
    /// An item of a list.
    Index(usize),
    /// A value of a map.
    Key(&'s str),
}

/// The hash of each part of the path that begins at the root.
fn hashes<'s>(hasher: &RandomState, path: impl IntoIterator<Item = Step<'s>>) -> impl Iterator<Item = u64> {
    let mut hasher = hasher.build_hasher();
    path.into_iter().map(move |step| {
        step.hash(&mut hasher);
        hasher.finish()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::FieldPath;

    #[test]
    fn errors_at_above_and_below_a_hole_follow_from_it() {
        let mut consequences = Consequences::default();
        let env = FieldPath::of(&["spec", "env"]);
        assert!(!consequences.contain(env.segments()));
        consequences.insert([Step::Field("spec"), Step::Field("env"), Step::Index(3)]);
        for (path, follows) in [
            (FieldPath::of(&["spec"]), true),
            (env.clone(), true),
            (env.clone().index(3), true),
            (env.clone().index(3).field("name"), true),
            (env.clone().index(4), false),
            (env.key("3"), false),
            (FieldPath::of(&["metadata"]), false),
        ] {
            assert_eq!(consequences.contain(path.segments()), follows, "{path}");
        }
    }
}
