//! Applies changes and checks the document again.

use std::collections::HashMap;

use crate::check::check_within;
use crate::edit::{Edit, apply};
use crate::finding::{Finding, Severity};
use crate::ledger::Bounds;
use crate::path::FieldPath;
use crate::rules::Levels;
use crate::server::Server;
use crate::stored::{MEMORY, Stored};
use crate::subject::{Subject, subjects};
use crate::tree::Tree;

use super::consequence;
use super::look::Look;

/// The number of trials of a document.
const TRIALS: usize = 160;

/// The work that all trials of a document may do, in nodes that are checked.
const WORK: usize = 300_000;

/// The work of a finding, in nodes: its help is searched for.
const FINDING: usize = 200;

/// What a change does.
#[derive(Debug)]
pub(super) struct Outcome {
    /// Whether its finding is gone and no error is new.
    pub(super) resolves: bool,
    /// The findings that are gone.
    pub(super) gone: Vec<usize>,
    /// The number of new warnings.
    pub(super) warnings: usize,
}

/// What makes two findings the same: rule, field and message.
type Key = (&'static str, String, String);

fn key(finding: &Finding) -> Key {
    (finding.rule, finding.field.clone(), finding.server_sentence().to_owned())
}

/// The trials of one document.
pub(super) struct Trials<'t, 'a> {
    tree: &'t Tree<'a>,
    subject: &'t Subject,
    stored: Option<Stored<'t>>,
    server: &'t Server,
    levels: &'t Levels,
    before: Vec<(Key, FieldPath)>,
    trials: usize,
    work: usize,
    tried: Vec<bool>,
}

impl<'t, 'a> Trials<'t, 'a> {
    pub(super) fn new(
        tree: &'t Tree<'a>,
        subject: &'t Subject,
        stored: Option<Stored<'t>>,
        server: &'t Server,
        levels: &'t Levels,
        findings: &[Finding],
    ) -> Self {
        let before: Vec<(Key, FieldPath)> =
            findings.iter().map(|finding| (key(finding), finding.path.clone())).collect();
        let tried = vec![false; before.len()];
        Self { tree, subject, stored, server, levels, before, trials: TRIALS, work: WORK, tried }
    }

    /// Whether a change for this finding was tried.
    pub(super) fn was_tried(&self, position: usize) -> bool {
        self.tried.get(position).copied().unwrap_or_default()
    }

    /// What the change for the finding does; `None` if it cannot be applied or the budget is spent.
    pub(super) fn outcome(&mut self, edits: &[Edit], position: usize) -> Option<Outcome> {
        self.trials = self.trials.checked_sub(1)?;
        let findings = self.before.len().saturating_mul(FINDING);
        self.work = self.work.checked_sub(self.tree.len().saturating_add(findings))?;
        if matches!(edits, [Edit::Separate { .. }]) {
            return None;
        }
        if let Some(tried) = self.tried.get_mut(position) {
            *tried = true;
        }
        let changed = apply(self.tree, self.subject.node, edits)?;
        let node = self.subject.node;
        let subject = subjects(&changed).into_iter().find(|subject| subject.node == node)?;
        let bounds = Bounds::all().memory(MEMORY);
        let checked = check_within(&changed, &subject, self.stored, self.server, self.levels, bounds).ok()?;
        let mut after = checked.findings;
        if let Some(daemon_set) = &checked.daemon_set {
            let look = Look { tree: &changed, root: node, daemon_set, server: self.server };
            consequence::mark(&mut after, &look);
        }
        let mut left: HashMap<Key, Vec<(FieldPath, Severity)>> = HashMap::with_capacity(after.len());
        for finding in &after {
            // What follows from a finding that is known is not new.
            let severity = if finding.is_shown() { finding.severity } else { Severity::Info };
            left.entry(key(finding)).or_default().push((finding.path.clone(), severity));
        }
        // The server's own path may lack the index of an item, so equal findings are told apart by ours. A finding at another index is
        // the same one if the change moved its item.
        let mut unmatched = Vec::new();
        for (number, (key, place)) in self.before.iter().enumerate() {
            let same = left.get_mut(key).and_then(|found| {
                let position = found.iter().position(|(path, _)| path == place)?;
                Some(found.swap_remove(position))
            });
            if same.is_none() {
                unmatched.push((number, key));
            }
        }
        let mut gone = Vec::new();
        for (number, key) in unmatched {
            if left.get_mut(key).and_then(Vec::pop).is_none() {
                gone.push(number);
            }
        }
        let new = |wanted: fn(Severity) -> bool| {
            left.values().flatten().filter(|(_, severity)| wanted(*severity)).count()
        };
        let errors = new(|severity| severity == Severity::Error);
        let warnings = new(|severity| severity == Severity::Warning);
        Some(Outcome { resolves: errors == 0 && gone.contains(&position), gone, warnings })
    }
}
