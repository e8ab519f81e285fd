//! A block that is indented too little stands at a place where it is valid, and takes keys that follow it into itself. They have the
//! findings; the block has the mistake.

use crate::edit::Edit;
use crate::finding::{Anchor, Finding};
use crate::help::shape::shape_of;
use crate::path::{FieldPath, PathSegment};

use super::candidate::{Candidate, Rank};
use super::homes::homes;
use super::look::{Look, below, last_name, path, short};

/// At most this many blocks around the finding are tried.
const BLOCKS: usize = 3;

/// Adds what may resolve the finding: the block goes to another mapping, and what it took goes beside it. `others` are the keys with the
/// same finding in the same mapping.
pub(super) fn candidates(finding: &Finding, others: &[&str], look: &Look<'_>, found: &mut Vec<Candidate>) {
    let Some((_, here)) = finding.path.segments().split_last() else { return };
    for length in (1..=here.len()).rev().take(BLOCKS) {
        let (Some(block), Some(inside)) = (here.get(..length), here.get(length..)) else { continue };
        let (Some(name), Some((_, above))) = (last_name(block), block.split_last()) else { continue };
        for home in homes(name, above, look) {
            let Some(structure) = look.structure(&home.mapping) else { continue };
            let Some(mapping) = look.node(&home.mapping) else { continue };
            let to = below(&home.mapping, name);
            let now = FieldPath::from_segments([to.segments(), inside].concat());
            let is_map = matches!(finding.path.segments().last(), Some(PathSegment::Key(_)));
            let fits =
                |key: &&str| look.has_field(structure, key) && look.lacks(mapping, key) && *key != name;
            let taken = others.iter().copied().filter(fits);
            let moves = taken.map(|key| {
                let last = key.to_owned().into();
                let last = if is_map { PathSegment::Key(last) } else { PathSegment::Field(last) };
                Edit::Move { path: now.join(last), to: below(&home.mapping, key) }
            });
            let mut edits = vec![Edit::Move { path: path(block), to: to.clone() }];
            edits.extend(moves);
            if edits.len() < 2 || shape_of(&to).is_none() {
                continue;
            }
            let place = short(&home.mapping);
            let candidate = Candidate::new(Rank::Far, edits, format!("move `{name}` to `{place}`"));
            let headline = format!("{} is indented too little, so it takes the keys behind it", path(block));
            let candidate = candidate.label(format!("this belongs to `{place}`")).headline(headline);
            found.push(candidate.at(path(block), Anchor::Key));
        }
    }
}
