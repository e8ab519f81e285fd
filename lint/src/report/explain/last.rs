//! The findings about previews that are said once, at the end.

use std::collections::{HashMap, HashSet};

use daemonset_validation::Severity;
use daemonset_validation::words::count::counted;

use super::notes::{is_about_snapshot, of_block, sentence};
use super::standing::Standing;
use crate::shown::shown;

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
