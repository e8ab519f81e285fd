//! The findings about an object, and what of them an update introduces.

use daemonset_validation::rules::Levels;
use daemonset_validation::{
    Bounds, Checked, Finding, Fingerprints, Rest, Server, ServerVerdict, Stored, Subject, TooLarge, Tree,
    check_within,
};
use k8s_openapi::api::apps::v1::DaemonSet;

use super::context::Context;
use super::decision::SortedFindings;
use crate::config::Level;

/// An object of a review in its tree.
pub(super) type InTree<'b> = (Tree<'b>, Subject);

/// So many findings of a rule are made in full. An answer shows a few of them.
const IN_FULL: usize = 100;

/// The result of validation.
pub(super) struct Found {
    /// The object as it would be stored; `None` if the API server would refuse it.
    daemon_set: Option<DaemonSet>,
    /// The findings that the request introduces.
    introduced: Vec<Finding>,
    /// The findings that the stored object already had.
    kept: Vec<Finding>,
    /// The findings that are only counted; `known` are those that the stored object already had.
    more: Rest,
}

impl Found {
    /// Adds the findings to others; returns the object as it would be stored, if the API server would not refuse it.
    pub(super) fn sort_into(self, sorted: &mut SortedFindings, context: &Context<'_>) -> Option<DaemonSet> {
        let Self { daemon_set, introduced, kept, more } = self;
        sorted.add(introduced, context.levels, Level::Deny);
        sorted.add(kept, context.levels, Level::Warn);
        sorted.count(&more.counts, context.levels, Level::Deny);
        sorted.count(&more.known, context.levels, Level::Warn);
        daemon_set
    }
}

/// Checks an object that is created, or the update of an old one. Each may take so much memory, in bytes.
///
/// # Errors
///
/// [`TooLarge`] if one of them takes more.
pub(super) fn find(
    new: &InTree<'_>,
    old: Option<&InTree<'_>>,
    server: &Server,
    levels: &Levels,
    memory: usize,
) -> Result<Found, TooLarge> {
    let stored = old.map(|(tree, subject)| Stored::Document { tree, subject });
    let check = |bounds: Bounds| check_within(&new.0, &new.1, stored, server, levels, bounds.memory(memory));
    let Checked { verdict, findings, rest, daemon_set } = check(Bounds::first(IN_FULL))?;
    let daemon_set = daemon_set.filter(|_| verdict == ServerVerdict::Accepted);
    let Some((tree, subject)) = old.filter(|_| !findings.is_empty()) else {
        return Ok(Found { daemon_set, introduced: findings, kept: Vec::new(), more: rest });
    };
    let prints = Fingerprints::default();
    let bounds = Bounds::fingerprints(prints.clone()).memory(memory);
    let had = check_within(tree, subject, None, server, levels, bounds)?.rest.prints;
    let mut known = had.clone();
    let (introduced, kept) =
        findings.into_iter().partition(|finding: &Finding| !known.take(prints.of(finding)));
    if rest.is_empty() {
        return Ok(Found { daemon_set, introduced, kept, more: rest });
    }
    // There are more findings than are made in full, and the first ones may be those that the old object had. The object is not in memory
    // twice meanwhile.
    drop(daemon_set);
    let Checked { findings: introduced, rest: mut more, daemon_set, .. } =
        check(Bounds::introduced(IN_FULL, prints, had))?;
    for finding in &kept {
        if let Some(count) = more.known.get_mut(finding.rule) {
            *count = count.saturating_sub(1);
        }
    }
    let daemon_set = daemon_set.filter(|_| verdict == ServerVerdict::Accepted);
    Ok(Found { daemon_set, introduced, kept, more })
}
