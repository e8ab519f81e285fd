//! The kinds of checks: what each reads, and where its findings go.

use std::cell::OnceCell;

use k8s_openapi::api::apps::v1::DaemonSet;

use super::groups::Groups;
use super::standing::Standing;
use crate::finding::{Finding, Severity};
use crate::ledger::Ledger;
use crate::peers::Peers;
use crate::placement::{Preview, Snapshot};
use crate::server::Server;
use crate::together::Together;
use crate::tree::{NodeId, Tree};

/// How a rule is decided.
#[derive(Debug)]
pub enum Check {
    /// The mirror of the API server decides (`apiserver/`), and `help/` writes the finding.
    Server,
    /// A reader of files decides.
    Reader,
    /// From one DaemonSet.
    Object(fn(&Object<'_>, &mut Findings)),
    /// From several DaemonSets: those that are checked, and those in the cluster.
    Peers(fn(&Peers<'_>, &mut PeerFindings)),
    /// From the DaemonSets of the files and the other objects of the files.
    Together(fn(&Together<'_>, &mut PeerFindings)),
    /// From the snapshot of the cluster: what it finds is the same for every DaemonSet.
    Snapshot(fn(&Previewed<'_>, &mut Findings)),
    /// From the preview of one DaemonSet on a cluster.
    Preview(fn(&Previewed<'_>, &mut Findings)),
}

/// What a check of one object reads.
#[derive(Clone, Copy, Debug)]
pub struct Object<'o> {
    /// The DaemonSet as the server would store it.
    pub daemon_set: &'o DaemonSet,
    /// The server that would store it.
    pub server: &'o Server,
    /// The document, for rules about what is written there and not stored; `None` where there is none.
    pub written: Option<Written<'o>>,
}

/// A DaemonSet in a document, without the server's defaults.
#[derive(Clone, Copy, Debug)]
pub struct Written<'o> {
    /// The document.
    pub tree: &'o Tree<'o>,
    /// The DaemonSet in it.
    pub node: NodeId,
}

impl<'o> Written<'o> {
    /// The value of a field, by the names that lead to it.
    pub fn get(&self, names: &[&str]) -> Option<NodeId> {
        names.iter().try_fold(self.node, |node, name| self.tree.get(node, name))
    }

    /// The same, if it is a string.
    pub fn text(&self, names: &[&str]) -> Option<&'o str> {
        let (last, parents) = names.split_last()?;
        self.tree.get_str(self.get(parents)?, last)
    }
}

/// What a check of a preview reads.
#[derive(Debug)]
pub struct Previewed<'p> {
    /// The DaemonSet as the server would store it.
    pub daemon_set: &'p DaemonSet,
    /// What would happen on each node.
    pub preview: &'p Preview,
    /// The cluster.
    pub snapshot: &'p Snapshot,
    /// How many nodes of a group a message names; at least one is named.
    pub named_nodes: usize,
    /// Several rules read them, so they are made once.
    groups: OnceCell<Groups<'p>>,
    standing: OnceCell<Standing>,
}

impl<'p> Previewed<'p> {
    /// The preview of `daemon_set` on the cluster of `snapshot`.
    pub const fn new(
        daemon_set: &'p DaemonSet,
        preview: &'p Preview,
        snapshot: &'p Snapshot,
        named_nodes: usize,
    ) -> Self {
        Self {
            daemon_set,
            preview,
            snapshot,
            named_nodes,
            groups: OnceCell::new(),
            standing: OnceCell::new(),
        }
    }

    /// The nodes by what becomes of the pod.
    pub(super) fn standing(&self) -> &Standing {
        self.standing.get_or_init(|| Standing::of(self.preview))
    }

    /// The nodes that do not run the pod, by reason.
    pub(super) fn groups(&self) -> &Groups<'p> {
        self.groups.get_or_init(|| Groups::of(self.preview, self.snapshot.nodes()))
    }
}

/// Receives the findings of one rule about one DaemonSet, and gives them the rule's level.
#[derive(Debug)]
pub struct Findings {
    pub(super) severity: Severity,
    pub(super) found: Vec<Finding>,
    /// Which findings are made in full.
    pub(super) ledger: Ledger,
}

impl Findings {
    /// Adds a finding.
    pub fn push(&mut self, finding: Finding) {
        if self.ledger.admits(finding.rule, &finding.field, &finding.message) {
            self.found.push(Finding { severity: self.severity, ..finding });
        }
    }
}

/// Receives the findings of one rule about several DaemonSets.
#[derive(Debug)]
pub struct PeerFindings {
    pub(super) severity: Severity,
    pub(super) found: Vec<(usize, Finding)>,
}

impl PeerFindings {
    /// Adds a finding on the DaemonSet at `place` among those that are checked.
    pub fn push(&mut self, place: usize, finding: Finding) {
        self.found.push((place, Finding { severity: self.severity, ..finding }));
    }
}
