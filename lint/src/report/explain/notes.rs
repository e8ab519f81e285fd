//! The findings about previews: those of one DaemonSet in its block, and those that hold for several once, at the end.

use std::collections::{HashMap, HashSet};

use daemonset_validation::rules::{self, Check};
use daemonset_validation::words::count::counted;
use daemonset_validation::{Finding, Severity};

use super::standing::Standing;
use crate::engine::outcome::{DocumentReport, Located};
use crate::shown::shown;

/// Rules whose findings say what the block of the DaemonSet says with its nodes.
const TOLD: &[&str] = &["lands-nowhere", "pending", "placement-unknown"];

/// The findings that the block says in its own words.
pub(super) fn told(document: &DocumentReport) -> impl Iterator<Item = &Located> {
    document.notes().filter(|located| TOLD.contains(&located.finding.rule))
}

/// The findings about this DaemonSet alone.
pub(super) fn of_block(document: &DocumentReport) -> impl Iterator<Item = &Located> {
    document
        .notes()
        .filter(|located| !TOLD.contains(&located.finding.rule) && !is_about_snapshot(&located.finding))
}

/// Whether it is a fact of the snapshot, the same for every DaemonSet.
pub(crate) fn is_about_snapshot(finding: &Finding) -> bool {
    matches!(rules::find(finding.rule).map(|rule| &rule.check), Some(Check::Snapshot(_)))
}

/// `note[pods-not-read]: no pods were read …`.
pub(super) fn sentence(finding: &Finding) -> String {
    let help = finding.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
    let text = format!("{}: {}{help}", label(finding), finding.sentence());
    shown(&text).into_owned()
}

/// `warning[pending]`.
pub(super) fn label(finding: &Finding) -> String {
    let severity = match finding.severity {
        Severity::Info => "note",
        severity => severity.as_str(),
    };
    format!("{severity}[{}]", finding.rule)
}

/// A sentence that is said at the end, and the DaemonSets that it is about.
pub(super) struct Last {
    sentence: String,
    names: Vec<String>,
    is_about_snapshot: bool,
}

/// What is said of several DaemonSets in the same words.
pub(super) fn shared(standings: &[Standing<'_>]) -> HashSet<String> {
    let (mut known, mut twice) = (HashSet::new(), HashSet::new());
    for located in standings.iter().flat_map(|standing| of_block(standing.document)) {
        // A warning stays where the trouble is.
        if located.finding.severity == Severity::Info {
            let sentence = sentence(&located.finding);
            if !known.insert(sentence.clone()) {
                twice.insert(sentence);
            }
        }
    }
    twice
}

/// The sentences for the end: the facts of the snapshot, what several DaemonSets share, and what those without a block
/// have to say. Each is there once.
pub(super) fn last<'r>(
    standings: impl Iterator<Item = (&'r Standing<'r>, bool)>,
    shared: &HashSet<String>,
) -> Vec<Last> {
    let mut last: Vec<Last> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for (standing, has_block) in standings {
        let document = standing.document;
        for located in document.notes() {
            let is_about_snapshot = is_about_snapshot(&located.finding);
            let sentence = sentence(&located.finding);
            if has_block && !is_about_snapshot && !shared.contains(&sentence) {
                continue;
            }
            let place = *known.entry(sentence.clone()).or_insert(last.len());
            let name = format!("{}/{}", document.namespace, document.name);
            match last.get_mut(place) {
                Some(one) => one.names.push(name),
                None => last.push(Last { sentence, names: vec![name], is_about_snapshot }),
            }
        }
    }
    last
}

/// The number of DaemonSets that are named.
const NAMED: usize = 3;

impl Last {
    /// The sentence, with the DaemonSets that it is about where these are not all of `all`.
    pub(super) fn text(&self, all: usize) -> String {
        let about = self.names.len();
        if about == all || self.is_about_snapshot {
            return self.sentence.clone();
        }
        let names = match about {
            0..=NAMED => self.names.join(", "),
            _ => counted(about, "DaemonSet"),
        };
        format!("{} ({})", self.sentence, shown(&names))
    }
}
