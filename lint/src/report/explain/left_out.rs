//! The nodes that the manifest's own selection leaves out, in one line.

use std::collections::HashMap;

use daemonset_validation::placement::{Reason, is_selection};
use daemonset_validation::words::count::thousands;
use daemonset_validation::words::names;

use super::body;
use super::groups;
use super::standing::Standing;
use super::words::{Selection, StepKind, selection};
use crate::shown::shown;

/// The number of selections that are named.
const NAMED: usize = 3;

/// The names of so many nodes are said.
const NODES: usize = 3;

/// By what the manifest leaves nodes out, with how many nodes that is.
struct Found {
    selection: Selection,
    field: &'static str,
    line: Option<usize>,
    nodes: usize,
}

/// What leaves out most nodes is first.
fn found(standing: &Standing<'_>) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut known: HashMap<Selection, usize> = HashMap::new();
    for (_, node) in &standing.left_out {
        for located in &node.reasons {
            let Some((selection, field)) = selection(&located.reason.cause) else { continue };
            let place = *known.entry(selection.clone()).or_insert(found.len());
            match found.get_mut(place) {
                Some(one) => one.nodes = one.nodes.saturating_add(1),
                None => found.push(Found { selection, field, line: located.line, nodes: 1 }),
            }
        }
    }
    found.sort_by_key(|one| std::cmp::Reverse(one.nodes));
    found
}

/// `38 nodes lack gpu=true (nodeSelector, agents.yaml:56)`; `None` if it leaves no node out.
pub(super) fn sentence(standing: &Standing<'_>) -> Option<String> {
    let count = standing.left_out.len();
    let found = found(standing);
    let first = found.first()?;
    let names: Vec<&str> = standing.left_out.iter().map(|(_, node)| node.name.as_str()).collect();
    let nodes = match names.as_slice() {
        [one] => shown(one).into_owned(),
        _ => format!("{} nodes", thousands(count)),
    };
    let place = |one: &Found| match one.line {
        Some(line) if !standing.is_stored() => {
            format!("({}{})", one.field, body::place(&format!(", {}:{line}", standing.file.path)))
        }
        _ => format!("({})", one.field),
    };
    let mut sentence = if found.len() == 1 {
        format!("{nodes} {} {}", shown(&first.selection.predicate(count)), place(first))
    } else {
        let one = |one: &Found| {
            let predicate = one.selection.predicate(one.nodes);
            format!("{} {} {}", thousands(one.nodes), shown(&predicate), place(one))
        };
        let mut all: Vec<String> = found.iter().take(NAMED).map(one).collect();
        if found.len() > NAMED {
            all.push("…".to_owned());
        }
        format!("{nodes} {} not selected: {}", if count == 1 { "is" } else { "are" }, all.join(", "))
    };
    if (2..=NODES).contains(&count) && count < standing.counts.nodes {
        sentence.push_str(&format!(": {}", shown(&names::folded(&names))));
    }
    Some(sentence)
}

/// The same as plain text.
pub(crate) fn plain(standing: &Standing<'_>) -> Option<String> {
    sentence(standing).map(|sentence| body::without_marks(&sentence, true))
}

/// The same in a few words: `38 lack gpu=true`.
pub(super) fn short(standing: &Standing<'_>) -> Option<String> {
    let found = found(standing);
    let first = found.first()?;
    let more = if found.len() > 1 { ", …" } else { "" };
    let count = first.nodes;
    Some(format!("{} {}{more}", thousands(count), first.selection.short().predicate(count)))
}

/// What it selects, if no node has it: `no node has pool=genral`.
pub(super) fn nowhere(standing: &Standing<'_>) -> Option<String> {
    let found = found(standing);
    let all = standing.left_out.len();
    match found.as_slice() {
        [] => None,
        // A requirement that no node meets says more than others that some nodes meet.
        [first, ..] if first.nodes == all => Some(first.selection.short().nowhere()),
        _ => Some("no node matches what it selects".to_owned()),
    }
}

/// What would make the nodes of the largest group match, if no node matches.
pub(super) fn advice(standing: &Standing<'_>) -> Vec<Vec<(StepKind, String)>> {
    let groups = groups::group(standing.left_out.iter().copied());
    let largest = groups.iter().rev().max_by_key(|group| group.nodes.len());
    let selects = |reason: &Reason| is_selection(&reason.cause);
    let reasons = largest.map(|group| group.reasons_that(selects)).unwrap_or_default();
    reasons.into_iter().map(|reason| reason.steps).collect()
}
