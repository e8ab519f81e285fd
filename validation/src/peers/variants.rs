//! Variants of one agent: nodes that run two of them, and nodes that run none.
//!
//! DaemonSets of one namespace are variants where two of these three are equal, so that unrelated agents are not taken for variants:
//! the label that names the application (with `app.kubernetes.io/instance` and `component`), the first container's image without
//! registry, tag and digest, and the name without the operating systems and architectures at its end (`agent-linux-amd64` is
//! `agent`).

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{MAX_COMPARED, OnNode, Peer, Peers};
use crate::placement::Filter;

/// The labels that name the application; the first that is present counts.
const NAMING: &[&str] = &["app.kubernetes.io/name", "k8s-app", "app", "name"];

/// What the end of a name may say about its nodes: values of `GOOS` and `GOARCH`, and common spellings of them.
const PLATFORMS: &[&str] = &[
    "amd64", "x86", "x64", "i386", "386", "arm64", "aarch64", "arm", "armv7", "ppc64le", "s390x", "riscv64",
    "linux", "windows", "win",
];

/// The variants that run on the same nodes as one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// The others, by place in [`Peers`], each with the nodes that run both.
    pub others: Vec<(usize, Vec<usize>)>,
    /// The nodes that run it and at least one of the others.
    pub nodes: Vec<usize>,
}

/// Nodes that no variant runs on, for the same reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uncovered {
    /// For each variant of the family, the filter that rejects the nodes.
    pub filters: Vec<Filter>,
    /// The nodes.
    pub nodes: Vec<usize>,
}

/// The families of variants, each with at least two members, by place, in ascending order.
pub fn families(peers: &Peers<'_>) -> Vec<Vec<usize>> {
    // What is asked of a family is asked of the nodes.
    if peers.node_count() == 0 {
        return Vec::new();
    }
    let mut agreeing: HashMap<(&str, u8, String, String), usize> = HashMap::new();
    let mut sets = Sets { parents: Vec::with_capacity(peers.len()) };
    for (place, peer) in peers.iter() {
        sets.parents.push(place);
        if !peers.spend(4) {
            continue;
        }
        let (label, image, stem) = (application(peer), repository(peer), stem(&peer.name));
        let pairs = [(0, &label, &image), (1, &label, &stem), (2, &image, &stem)];
        for (kind, first, second) in pairs {
            let (Some(first), Some(second)) = (first, second) else { continue };
            let key = (&*peer.namespace, kind, first.clone(), second.clone());
            sets.join(*agreeing.entry(key).or_insert(place), place);
        }
    }
    let mut families: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    // The same object in two files is one.
    let mut known: HashSet<(&str, &str)> = HashSet::new();
    for (place, peer) in peers.iter() {
        if known.insert((&peer.namespace, &peer.name)) {
            families.entry(sets.first(place)).or_default().push(place);
        }
    }
    families.into_values().filter(|members| members.len() > 1).collect()
}

/// Places that belong together: each knows an earlier one of its family, the first one itself.
struct Sets {
    parents: Vec<usize>,
}

impl Sets {
    /// The first of the family of `place`.
    fn first(&mut self, mut place: usize) -> usize {
        while let Some(parent) = self.parents.get(place).copied().filter(|parent| *parent != place) {
            let above = self.parents.get(parent).copied().unwrap_or(parent);
            if let Some(known) = self.parents.get_mut(place) {
                *known = above;
            }
            place = above;
        }
        place
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.first(one), self.first(other));
        if let Some(parent) = self.parents.get_mut(one.max(other)) {
            *parent = one.min(other);
        }
    }
}

/// The variants of the family that run on nodes of the one at `place`, of the first [`MAX_COMPARED`]; `None` where there are none.
pub fn beside(peers: &Peers<'_>, family: &[usize], place: usize) -> Option<Beside> {
    let mut others = Vec::new();
    let mut shared = vec![false; peers.node_count()];
    for other in family.iter().copied().filter(|other| *other != place).take(MAX_COMPARED) {
        let nodes = peers.nodes_where(place, other, |one, two| one == OnNode::Runs && two == OnNode::Runs);
        for node in &nodes {
            if let Some(shared) = shared.get_mut(*node) {
                *shared = true;
            }
        }
        if !nodes.is_empty() {
            others.push((other, nodes));
        }
    }
    let nodes = shared.iter().enumerate().filter(|(_, shared)| **shared).map(|(node, _)| node).collect();
    (!others.is_empty()).then_some(Beside { others, nodes })
}

/// The nodes that no variant of the family runs on, those of the same reasons together, the largest group first.
pub fn uncovered(peers: &Peers<'_>, family: &[usize]) -> Vec<Uncovered> {
    let mut kinds: BTreeMap<Vec<Filter>, Vec<usize>> = BTreeMap::new();
    for node in 0..peers.node_count() {
        if !peers.spend(family.len()) {
            break;
        }
        let rejected = family.iter().map(|place| match peers.nodes(*place).get(node) {
            Some(OnNode::Rejected(filter)) => Some(*filter),
            Some(OnNode::NeedsPort) => Some(Filter::NodePorts),
            _ => None,
        });
        if let Some(filters) = rejected.collect::<Option<Vec<_>>>() {
            kinds.entry(filters).or_default().push(node);
        }
    }
    let mut kinds: Vec<Uncovered> =
        kinds.into_iter().map(|(filters, nodes)| Uncovered { filters, nodes }).collect();
    kinds.sort_by_key(|kind| std::cmp::Reverse(kind.nodes.len()));
    kinds
}

fn application(peer: &Peer) -> Option<String> {
    let name = NAMING.iter().find_map(|label| peer.labels.get(label))?;
    let instance = peer.labels.get("app.kubernetes.io/instance").unwrap_or_default();
    let component = peer.labels.get("app.kubernetes.io/component").unwrap_or_default();
    Some(format!("{name} {instance} {component}"))
}

/// The last part of the image's name, without tag and digest.
fn repository(peer: &Peer) -> Option<String> {
    let image = peer.image.as_deref()?;
    let last = image.split('@').next()?.rsplit('/').next()?;
    last.split(':').next().filter(|name| !name.is_empty()).map(str::to_owned)
}

/// The name without platforms at its end: `agent-linux-amd64` is `agent`.
fn stem(name: &str) -> Option<String> {
    let mut stem = name;
    while let Some((start, end)) = stem.rsplit_once('-')
        && PLATFORMS.contains(&end)
    {
        stem = start;
    }
    Some(stem.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stem_loses_platforms_only() {
        for (name, expected) in
            [("agent-linux-amd64", "agent"), ("agent-gpu", "agent-gpu"), ("amd64", "amd64"), ("a-win", "a")]
        {
            assert_eq!(stem(name).as_deref(), Some(expected));
        }
    }

    #[test]
    fn an_image_is_known_by_its_last_part() {
        let of = |image: &str| repository(&Peer { image: Some(image.to_owned()), ..Peer::default() });
        assert_eq!(of("reg:5000/a/agent:v1@sha256:ab").as_deref(), Some("agent"));
        assert_eq!(of("agent").as_deref(), Some("agent"));
    }
}
