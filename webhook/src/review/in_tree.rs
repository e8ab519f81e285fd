//! An object of a review in its tree.

use daemonset_validation::{SubjectKind, subjects};

use super::find::InTree;
use super::tree;
use super::weight::Weight;
use super::wire::Malformed;

/// Reads the object in the text. `field` is where it is in the request.
///
/// # Errors
///
/// [`Malformed`] if it is not a DaemonSet.
pub(super) fn in_tree<'b>(
    field: &'static str,
    text: &'b str,
    weight: Option<Weight>,
) -> Result<InTree<'b>, Malformed> {
    let tree = tree::parse(text, weight).map_err(|error| Malformed::Object { field, error })?;
    match subjects(&tree).pop() {
        Some(subject) if subject.node == tree.root() && subject.classify() == SubjectKind::DaemonSet => {
            Ok((tree, subject))
        }
        _ => Err(Malformed::NoDaemonSet { field }),
    }
}
