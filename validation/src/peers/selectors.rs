//! Selectors that also match the pods of another DaemonSet.

use std::collections::{HashMap, HashSet};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::alternatives::Alternatives;
use super::{Peer, Peers};
use crate::matching::label_selector;

/// The DaemonSets whose pods can be confused with those of one, by place, in the order of [`Peers`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overlap {
    /// Their pods match its selector.
    pub selected: Vec<usize>,
    /// Their selectors match its pods, but not the reverse. Only those of the cluster: one that is checked has an overlap of its own.
    pub selecting: Vec<usize>,
}

/// The overlaps of each DaemonSet that is checked, in order. Of each kind at most `limit` others are looked for. The same object given
/// twice does not overlap itself, and a selector without requirements, which the server rejects, selects nothing.
///
/// Upstream: none. The controllers tell their pods apart by owner references; everything else that selects by label cannot.
pub fn overlaps(peers: &Peers<'_>, limit: usize) -> Vec<Overlap> {
    let index = Index::new(peers);
    let alternatives = Alternatives::of(peers);
    (0..peers.checked())
        .filter_map(|place| Some((place, peers.get(place)?)))
        .map(|(_, one)| {
            // An object that several files hold is named once.
            let mut known: HashSet<(&str, &str)> = HashSet::new();
            let selected: Vec<usize> = index
                .candidates(one)
                .iter()
                .copied()
                .filter(|other| {
                    peers
                        .get(*other)
                        .is_some_and(|other| selects(one, other) && alternatives.are_together(one, other))
                })
                .filter(|other| {
                    peers.get(*other).is_some_and(|other| known.insert((&other.namespace, &other.name)))
                })
                .take(limit)
                .collect();
            let stored = index.of_namespace(&one.namespace).iter().copied();
            let stored = stored.filter(|place| peers.is_stored(*place) && !selected.contains(place));
            let selecting = stored.filter(|other| peers.get(*other).is_some_and(|other| selects(other, one)));
            Overlap { selecting: selecting.take(limit).collect(), selected }
        })
        .collect()
}

/// Whether the selector of `one` matches the pods of `other`, another DaemonSet of the namespace.
fn selects(one: &Peer, other: &Peer) -> bool {
    one.namespace == other.namespace
        && one.name != other.name
        && !is_empty(&one.selector)
        && label_selector::matches(&one.selector, &other.labels).unwrap_or(false)
}

fn is_empty(selector: &LabelSelector) -> bool {
    selector.match_labels.as_ref().is_none_or(|labels| labels.is_empty())
        && selector.match_expressions.as_ref().is_none_or(|expressions| expressions.is_empty())
}

/// Finds DaemonSets by namespace and by the labels of their pods, so that each is compared with few others.
struct Index<'p> {
    members: HashMap<&'p str, Vec<usize>>,
    carriers: HashMap<(&'p str, &'p str, &'p str), Vec<usize>>,
}

impl<'p> Index<'p> {
    fn new(peers: &'p Peers<'_>) -> Self {
        let mut index = Self { members: HashMap::new(), carriers: HashMap::new() };
        for (place, one) in peers.in_their_namespaces() {
            index.members.entry(&one.namespace).or_default().push(place);
            for (key, value) in &one.labels {
                index.carriers.entry((&one.namespace, key, value)).or_default().push(place);
            }
        }
        index
    }

    fn of_namespace(&self, namespace: &str) -> &[usize] {
        self.members.get(namespace).map(Vec::as_slice).unwrap_or_default()
    }

    /// The DaemonSets of the namespace whose pods carry the rarest label that the selector names.
    fn candidates(&self, one: &'p Peer) -> &[usize] {
        let mut candidates = self.of_namespace(&one.namespace);
        for (key, value) in one.selector.match_labels.iter().flatten() {
            let carrying = self.carriers.get(&(one.namespace.as_str(), key.as_str(), value.as_str()));
            let carrying = carrying.map(Vec::as_slice).unwrap_or_default();
            if carrying.len() < candidates.len() {
                candidates = carrying;
            }
        }
        candidates
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::Labels;

    fn peer(name: &str, selector: &[(&str, &str)], labels: &[(&str, &str)]) -> Peer {
        let map = |pairs: &[(&str, &str)]| -> Labels {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        Peer {
            namespace: "default".to_owned(),
            name: name.to_owned(),
            selector: LabelSelector { match_labels: Some(map(selector)), match_expressions: None },
            labels: map(labels),
            ..Peer::default()
        }
    }

    fn selected(peers: &[&Peer]) -> Vec<Vec<usize>> {
        let overlaps = overlaps(&Peers::without_cluster(peers.to_vec()), 8);
        overlaps.into_iter().map(|overlap| overlap.selected).collect()
    }

    #[test]
    fn a_selector_selects_other_pods_of_its_namespace() {
        let narrow = peer("narrow", &[("app", "a"), ("tier", "x")], &[("app", "a"), ("tier", "x")]);
        let wide = peer("wide", &[("app", "a")], &[("app", "a")]);
        let elsewhere = Peer { namespace: "other".to_owned(), ..wide.clone() };
        assert_eq!(selected(&[&narrow, &wide, &elsewhere]), [vec![], vec![0], vec![]]);
        assert!(selected(&[&wide, &wide]).iter().all(Vec::is_empty), "the same object twice");
    }

    #[test]
    fn an_empty_selector_selects_nothing() {
        let empty = peer("empty", &[], &[("app", "a")]);
        let nil = Peer { name: "nil".to_owned(), selector: LabelSelector::default(), ..empty.clone() };
        let wide = peer("wide", &[("app", "a")], &[("app", "a")]);
        assert_eq!(selected(&[&empty, &nil, &wide]), [vec![], vec![], vec![0, 1]]);
    }
}
