//! One version of a DaemonSet on a cluster.

use std::cell::OnceCell;
use std::collections::HashMap;

use crate::finding::Finding;
use crate::peers::Peers;
use crate::rules::check::Previewed;
use crate::rules::levels::Levels;
use crate::rules::run::{check_peers, check_preview};

/// One version of a DaemonSet on a cluster.
#[derive(Debug)]
pub struct Placed<'p> {
    pub(super) previewed: Previewed<'p>,
    /// It is the only one that is checked.
    pub(super) peers: &'p Peers<'p>,
    levels: &'p Levels,
    /// Made when they are asked for.
    findings: OnceCell<Vec<Finding>>,
    /// The places of the others, by namespace and name. Made when they are asked for.
    places: OnceCell<HashMap<(&'p str, &'p str), usize>>,
}

impl<'p> Placed<'p> {
    /// A DaemonSet with its preview, as the only one of `peers` that is checked.
    pub const fn new(previewed: Previewed<'p>, peers: &'p Peers<'p>, levels: &'p Levels) -> Self {
        Self { previewed, peers, levels, findings: OnceCell::new(), places: OnceCell::new() }
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

    /// The place of another DaemonSet, of those that only the cluster has.
    pub(super) fn place(&self, namespace: &str, name: &str) -> Option<usize> {
        let places = self.places.get_or_init(|| {
            let stored = self.peers.iter().filter(|(place, _)| self.peers.is_stored(*place));
            stored.map(|(place, peer)| ((&*peer.namespace, &*peer.name), place)).collect()
        });
        places.get(&(namespace, name)).copied()
    }
}
