//! What an update of a DaemonSet adds to what was true of the stored one, on the same cluster.

mod added;
mod words;

use std::cell::OnceCell;

use super::check::Previewed;
use super::levels::Levels;
use super::run::{check_peers, check_preview};
use crate::facts::Facts;
use crate::finding::Finding;
use crate::peers::Peers;

/// One version of a DaemonSet on a cluster.
#[derive(Debug)]
pub struct Placed<'p> {
    previewed: Previewed<'p>,
    /// It is the only one that is checked.
    peers: &'p Peers<'p>,
    levels: &'p Levels,
    /// Made when they are asked for.
    findings: OnceCell<Vec<Finding>>,
}

impl<'p> Placed<'p> {
    /// A DaemonSet with its preview, as the only one of `peers` that is checked.
    pub const fn new(previewed: Previewed<'p>, peers: &'p Peers<'p>, levels: &'p Levels) -> Self {
        Self { previewed, peers, levels, findings: OnceCell::new() }
    }

    /// What the rules about peers, previews and the cluster find.
    pub fn findings(&self) -> &[Finding] {
        self.findings.get_or_init(|| {
            let peers = check_peers(self.peers, self.levels);
            let mut findings: Vec<Finding> = peers.into_iter().map(|(_, finding)| finding).collect();
            findings.extend(check_preview(&self.previewed, self.levels));
            findings
        })
    }

    /// What a finding about this version says that does not hold for `old`, the stored version; `None` where all of it holds for `old`, or
    /// may hold for all that is known.
    ///
    /// A finding without facts is compared by its rule, field and message.
    pub fn added(&self, finding: &Finding, old: &Self) -> Added {
        added::added(finding, old)
    }

    /// The finding of an update with a sentence that names what the update adds.
    pub fn told(&self, finding: Finding, added: &Facts, old: &Self) -> Finding {
        words::told(self, finding, added, old)
    }
}

/// What an update adds to a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Added {
    /// Nothing: the stored version has it as well, or may have it.
    Nothing,
    /// All of it.
    All,
    /// These facts, which are some of its own.
    Some(Facts),
}
