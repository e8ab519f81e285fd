//! What YAML holds and JSON cannot. It is wrong only if it is still there in the end: a later duplicate key may have replaced it.

use std::collections::HashSet;

use daemonset_validation::{NodeId, Span, Tree};

use super::problem::{Fault, Problem};

/// What cannot become JSON.
#[derive(Clone, Copy, Debug)]
pub(super) enum Site {
    /// A value by itself.
    Value(NodeId),
    /// A mapping, because of one of its keys.
    Mapping(NodeId),
}

/// Problems that wait for the end of the document.
#[derive(Debug, Default)]
pub(super) struct Deferred {
    problems: Vec<(NodeId, Problem, Span)>,
}

impl Deferred {
    pub(super) fn add(&mut self, site: Site, problem: Problem, place: Span) {
        let (Site::Value(node) | Site::Mapping(node)) = site;
        self.problems.push((node, problem, place));
    }

    /// The first problem that is part of the document.
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

/// All nodes that a decoder sees, for which a later duplicate replaces an earlier one.
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
