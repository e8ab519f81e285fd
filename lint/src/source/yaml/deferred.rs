//! Values that YAML has and JSON has not. They are an error only if they remain in the document: a later duplicate key may replace them.

use std::collections::HashSet;

use daemonset_validation::{NodeId, Span, Tree};

use super::problem::{Fault, Problem};

/// The place of something that JSON cannot represent.
#[derive(Clone, Copy, Debug)]
pub(super) enum Site {
    /// A value by itself.
    Value(NodeId),
    /// A mapping, because of one of its keys.
    Mapping(NodeId),
}

/// Problems that are decided at the end of the document.
#[derive(Debug, Default)]
pub(super) struct Deferred {
    problems: Vec<(NodeId, Problem, Span)>,
}

impl Deferred {
    pub(super) fn add(&mut self, site: Site, problem: Problem, place: Span) {
        let (Site::Value(node) | Site::Mapping(node)) = site;
        self.problems.push((node, problem, place));
    }

    /// The first problem whose place is still part of the document.
    pub(super) fn raise(&self, tree: &Tree<'_>) -> Result<(), Fault> {
        if self.problems.is_empty() {
            return Ok(());
        }
        let reachable = reachable(tree);
        match self.problems.iter().find(|(node, ..)| reachable.contains(node)) {
            Some((_, problem, place)) => {
                let offset = |place: u32| usize::try_from(place).unwrap_or(usize::MAX);
                Err(Fault::new(problem.clone(), offset(place.start), offset(place.end)))
            }
            None => Ok(()),
        }
    }
}

/// All nodes that a decoder reaches. A later duplicate key replaces an earlier one.
fn reachable(tree: &Tree<'_>) -> HashSet<NodeId> {
    let mut seen = HashSet::new();
    let mut waiting = vec![tree.root()];
    while let Some(node) = waiting.pop() {
        if !seen.insert(node) {
            continue;
        }
        waiting.extend(tree.items(node));
        let mut replaced = HashSet::new();
        for entry in tree.entries(node).iter().rev() {
            if !replaced.contains(&*entry.key) {
                waiting.push(entry.value);
            }
            if entry.duplicate {
                replaced.insert(&*entry.key);
            }
        }
    }
    seen
}
