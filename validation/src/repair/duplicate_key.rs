//! Changes for a key that stands twice in a mapping.

use crate::edit::Edit;
use crate::finding::Finding;

use super::candidate::{Candidate, Rank};
use super::homes::homes;
use super::look::{Look, below, last_name, short};

/// Adds what may resolve the finding: the second entry belongs to another mapping, which lacks it.
pub(super) fn candidates(finding: &Finding, look: &Look<'_>, found: &mut Vec<Candidate>) {
    let segments = finding.path.segments();
    let (Some(name), Some((_, here))) = (last_name(segments), segments.split_last()) else { return };
    for home in homes(name, here, look) {
        if look.node(&home.mapping).is_none() {
            continue;
        }
        let place = short(&home.mapping);
        let edit = Edit::Move { path: finding.path.clone(), to: below(&home.mapping, name) };
        let help = format!("move the second `{name}` to `{place}`, which lacks it, or delete it");
        found.push(Candidate::new(Rank::Near, vec![edit], help).at(finding.path.clone(), finding.anchor));
    }
}
