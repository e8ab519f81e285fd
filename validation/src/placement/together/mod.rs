//! What DaemonSets mean to each other: those that are looked at together, and those that the cluster has already.

mod clashes;
mod host_ports;
mod selectors;
mod variants;

use std::collections::HashSet;

use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::filter::Filter;
use super::host_port::{self, HostPort};
use super::note::Note;
use super::preview::Preview;
use super::snapshot::{Node, Snapshot};
use super::verdict::Outcome;
use crate::matching::Labels;
use crate::server::Server;

pub use clashes::{PortClash, port_clashes};

/// For each DaemonSet as many others are looked at; more would help nobody, and a folder of thousands must not take minutes.
const MOST_LOOKED_AT: usize = 32;

/// What of a DaemonSet concerns others.
#[derive(Clone, Debug, Default)]
pub struct Party {
    namespace: String,
    name: String,
    selector: LabelSelector,
    /// The template's labels.
    labels: Labels,
    /// The image of the first container.
    image: Option<String>,
    ports: Vec<HostPort>,
    /// What would become of each node, in the snapshot's order.
    standings: Vec<Standing>,
}

/// What would become of a node, in few bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Runs,
    Unknown,
    /// It does not run there; the first filter that says so.
    Kept(Filter),
}

impl Party {
    /// Keeps of a DaemonSet and its preview what concerns others.
    pub fn new(daemon_set: &DaemonSet, preview: &Preview) -> Self {
        let template = &daemon_set.spec.template;
        let spec = template.spec.as_ref();
        let labels = template.metadata.as_ref().and_then(|metadata| metadata.labels.clone());
        let ports = spec.map(host_port::of_template).unwrap_or_default();
        let standing = |outcome: &Outcome| match outcome {
            Outcome::Runs => Standing::Runs,
            Outcome::Unknown(_) => Standing::Unknown,
            Outcome::Pending(reasons) | Outcome::NotWanted(reasons) => {
                reasons.first().map_or(Standing::Unknown, |reason| Standing::Kept(reason.filter))
            }
        };
        Self {
            namespace: daemon_set.metadata.namespace.clone().unwrap_or_else(|| "default".to_owned()),
            name: daemon_set.metadata.name.clone().unwrap_or_default(),
            selector: daemon_set.spec.selector.clone(),
            labels: labels.unwrap_or_default(),
            image: spec.and_then(|spec| spec.containers.first()).and_then(|one| one.image.clone()),
            ports: ports.into_iter().map(|port| port.port).collect(),
            standings: preview.verdicts.iter().map(|verdict| standing(&verdict.outcome)).collect(),
        }
    }

    fn is(&self, other: &Self) -> bool {
        self.namespace == other.namespace && self.name == other.name
    }

    fn runs(&self, node: usize) -> bool {
        self.standings.get(node) == Some(&Standing::Runs)
    }
}

/// All that are looked at: first those that get notes, then those that are only in the cluster.
struct Gathering<'g> {
    parties: Vec<&'g Party>,
    given: usize,
    nodes: &'g [Node],
}

impl<'g> Gathering<'g> {
    fn given(&self) -> impl Iterator<Item = (usize, &'g Party)> {
        self.parties.iter().copied().take(self.given).enumerate()
    }

    fn get(&self, place: usize) -> Option<&'g Party> {
        self.parties.get(place).copied()
    }

    /// Where a DaemonSet is to be found, if that is not among those given.
    fn whereabouts(&self, place: usize) -> &'static str {
        if place < self.given { "" } else { ", which is in the cluster," }
    }

    /// The names of the nodes for which something holds.
    fn nodes_where(&self, holds: impl Fn(usize) -> bool) -> Vec<&'g str> {
        self.nodes.iter().enumerate().filter(|(node, _)| holds(*node)).map(|(_, node)| &*node.name).collect()
    }
}

/// For each DaemonSet the notes on what it means to the others and to those that the cluster has already. A DaemonSet that is given
/// takes the place of the cluster's of the same name.
pub fn facts(given: &[&Party], snapshot: &Snapshot, server: &Server) -> Vec<Vec<Note>> {
    let replaced: HashSet<(&str, &str)> = given.iter().map(|one| (&*one.namespace, &*one.name)).collect();
    let stays = |stored: &&DaemonSet| !replaced.contains(&name_of(stored));
    let stored: Vec<Party> = snapshot
        .daemon_sets()
        .iter()
        .filter(stays)
        .map(|stored| Party::new(stored, &super::explain(stored, snapshot, server)))
        .collect();
    let parties = given.iter().copied().chain(&stored).collect();
    let all = Gathering { parties, given: given.len(), nodes: snapshot.nodes() };
    let mut notes = vec![Vec::new(); given.len()];
    for found in [host_ports::notes(&all), selectors::notes(&all), variants::notes(&all)] {
        for (place, note) in found {
            if let Some(notes) = notes.get_mut(place) {
                notes.push(note);
            }
        }
    }
    notes
}

/// Namespace and name.
fn name_of(daemon_set: &DaemonSet) -> (&str, &str) {
    let metadata = &daemon_set.metadata;
    (metadata.namespace.as_deref().unwrap_or("default"), metadata.name.as_deref().unwrap_or_default())
}
