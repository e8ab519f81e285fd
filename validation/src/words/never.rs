//! The words for a term that no node matches.

use k8s_openapi::api::core::v1::NodeSelectorTerm;

use crate::matching::Labels;
use crate::matching::contradiction::{Never, current_key, pairs_of};
use crate::matching::node_selector::Place;
use crate::path::FieldPath;

/// So many values of a requirement, and so many requirements, are named.
const NAMED: usize = 3;

/// Why no node matches the term, and the place below its path.
pub(crate) fn sentence(
    never: &Never<'_>,
    term: &NodeSelectorTerm,
    pairs: Option<&Labels>,
    path: FieldPath,
) -> (FieldPath, String) {
    match never {
        Never::Empty => {
            (path, "an empty term matches no node (only an absent one asks for nothing)".to_owned())
        }
        Never::NotANumber { place, value } => (
            below(path, *place).field("values"),
            format!("`{value}` is no integer, so no node is compared with it"),
        ),
        Never::Contradiction { place, key } => {
            let asked = asked(term, pairs, key).join(" and ");
            (below(path, *place), format!("no value of `{key}` meets {asked}"))
        }
    }
}

fn below(path: FieldPath, place: Place<'_>) -> FieldPath {
    match place {
        Place::Expression { expression, .. } => path.field("matchExpressions").index(expression),
        Place::Field { field, .. } => path.field("matchFields").index(field),
        Place::Term(_) | Place::NodeSelector(_) => path,
    }
}

/// What is asked of a label: `In [linux]`, `windows in nodeSelector`.
fn asked(term: &NodeSelectorTerm, pairs: Option<&Labels>, key: &str) -> Vec<String> {
    let of_pairs = pairs.into_iter().flat_map(|pairs| pairs_of(pairs, key));
    let of_pairs = of_pairs.map(|(_, value)| format!("`{value}` (nodeSelector)"));
    let expressions = term.match_expressions.iter().flatten().chain(term.match_fields.iter().flatten());
    let same = expressions.filter(|one| current_key(&one.key) == current_key(key));
    let of_term = same.map(|one| match one.values.as_deref().unwrap_or_default() {
        [] => one.operator.clone(),
        values => {
            let more = if values.len() > NAMED { ", …" } else { "" };
            let named: Vec<&str> = values.iter().take(NAMED).map(String::as_str).collect();
            format!("{} [{}{more}]", one.operator, named.join(", "))
        }
    });
    of_pairs.chain(of_term).take(NAMED).collect()
}
