//! Selectors that also match the pods of another DaemonSet.

use std::collections::{HashMap, HashSet};

use super::alternatives::Alternatives;
use super::{Peer, Peers};

/// The DaemonSets whose pods can be confused with those of one, by place, in the order of [`Peers`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overlap {
    /// Their pods match its selector.
    pub selected: Vec<usize>,
    /// Their selectors match its pods, but not the reverse. Only those of the cluster: one that is checked has an overlap of its own.
    pub selecting: Vec<usize>,
}

/// The overlaps of each DaemonSet that is checked, in order. Of each kind at most `limit` others are looked for, first by name. The same
/// object given twice does not overlap itself, and a selector without requirements, which the server rejects, selects nothing.
///
/// Upstream: none. The controllers tell their pods apart by owner references; everything else that selects by label cannot.
pub fn overlaps(peers: &Peers<'_>, limit: usize) -> Vec<Overlap> {
    let index = Index::new(peers);
    let alternatives = Alternatives::of(peers);
    let most = MOST_COMPARED.max(COMPARED_IN_ALL.checked_div(peers.len()).unwrap_or(0));
    (0..peers.checked())
        .filter_map(|place| Some((place, peers.get(place)?)))
        .map(|(_, one)| {
            // An object that several files hold is named once.
            let mut known: HashSet<(&str, &str)> = HashSet::new();
            let selector = one.selector.prepare();
            let size = selector.len();
            let mut selected: Vec<usize> = index
                .candidates(one)
                .take(most)
                .take_while(|_| peers.spend(size))
                .filter(|other| {
                    peers.get(*other).is_some_and(|other| {
                        are_distinct(one, other)
                            && selector.selects(&other.labels)
                            && alternatives.are_together(one, other)
                    })
                })
                .filter(|other| {
                    peers.get(*other).is_some_and(|other| known.insert((&other.namespace, &other.name)))
                })
                .take(limit)
                .collect();
            selected.sort_unstable();
            let stored = index.stored_in(&one.namespace).iter().copied().take(most);
            let selecting = stored.filter(|place| !selected.contains(place)).filter(|other| {
                peers.get(*other).is_some_and(|other| {
                    let selector = other.selector.prepare();
                    peers.spend(selector.len()) && are_distinct(other, one) && selector.selects(&one.labels)
                })
            });
            Overlap { selecting: selecting.take(limit).collect(), selected }
        })
        .collect()
}

/// Whether the pods of two DaemonSets can be confused: the selector of one matches the pods of the other.
pub fn overlap(one: &Peer, other: &Peer) -> bool {
    let selects = |one: &Peer, other: &Peer| one.selector.prepare().selects(&other.labels);
    are_distinct(one, other) && (selects(one, other) || selects(other, one))
}

/// Whether these are two DaemonSets of one namespace.
fn are_distinct(one: &Peer, other: &Peer) -> bool {
    one.namespace == other.namespace && one.name != other.name
}

/// With this number of others each DaemonSet is compared, even if there are very many.
const MOST_COMPARED: usize = 64;

/// If there are fewer DaemonSets, each is compared with more, up to this number of comparisons in all.
const COMPARED_IN_ALL: usize = 500_000;

/// Finds DaemonSets by namespace and by the labels of their pods, so that each is compared with few others. The places are sorted by name:
/// one object may be given many times, and is then passed over at once.
struct Index<'p> {
    peers: &'p Peers<'p>,
    members: HashMap<&'p str, Vec<usize>>,
    /// Those that only the cluster has.
    stored: HashMap<&'p str, Vec<usize>>,
    carriers: HashMap<(&'p str, &'p str, &'p str), Vec<usize>>,
}

impl<'p> Index<'p> {
    fn new(peers: &'p Peers<'p>) -> Self {
        let mut index =
            Self { peers, members: HashMap::new(), stored: HashMap::new(), carriers: HashMap::new() };
        for (place, one) in peers.in_their_namespaces() {
            index.members.entry(&one.namespace).or_default().push(place);
            if peers.is_stored(place) {
                index.stored.entry(&one.namespace).or_default().push(place);
            }
            for (key, value) in one.labels.iter() {
                index.carriers.entry((&one.namespace, key, value)).or_default().push(place);
            }
        }
        for places in index.members.values_mut().chain(index.carriers.values_mut()) {
            places.sort_by_key(|place| name(peers, *place));
        }
        index
    }

    /// The DaemonSets of the namespace that only the cluster has.
    fn stored_in(&self, namespace: &str) -> &[usize] {
        self.stored.get(namespace).map(Vec::as_slice).unwrap_or_default()
    }

    /// The DaemonSets of other names in the namespace whose pods carry the rarest label that the selector names.
    fn candidates(&self, one: &'p Peer) -> impl Iterator<Item = usize> {
        let mut candidates = self.members.get(one.namespace.as_str()).map(Vec::as_slice).unwrap_or_default();
        for (key, value) in one.selector.match_labels.iter() {
            let carrying = self.carriers.get(&(one.namespace.as_str(), key, value));
            let carrying = carrying.map(Vec::as_slice).unwrap_or_default();
            if carrying.len() < candidates.len() {
                candidates = carrying;
            }
        }
        let start = candidates.partition_point(|place| name(self.peers, *place) < one.name.as_str());
        let end = candidates.partition_point(|place| name(self.peers, *place) <= one.name.as_str());
        let (before, behind) = (candidates.get(..start), candidates.get(end..));
        before.into_iter().chain(behind).flatten().copied()
    }
}

fn name<'p>(peers: &'p Peers<'_>, place: usize) -> &'p str {
    peers.get(place).map(|one| one.name.as_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};

    use super::*;
    use crate::matching::Labels;
    use crate::peers::labels::{CompactLabels, CompactSelector};

    fn peer(name: &str, selector: &[(&str, &str)], labels: &[(&str, &str)]) -> Peer {
        let map = |pairs: &[(&str, &str)]| -> Labels {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        Peer {
            namespace: "default".to_owned(),
            name: name.to_owned(),
            selector: CompactSelector::new(&LabelSelector {
                match_labels: Some(map(selector)),
                match_expressions: None,
            }),
            labels: CompactLabels::new(Some(&map(labels))),
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
        let nil = Peer { name: "nil".to_owned(), selector: CompactSelector::default(), ..empty.clone() };
        let wide = peer("wide", &[("app", "a")], &[("app", "a")]);
        assert_eq!(selected(&[&empty, &nil, &wide]), [vec![], vec![], vec![0, 1]]);
    }

    /// A million DaemonSets must not be compared with a million others.
    #[test]
    fn very_many_are_compared_with_few_each() {
        let same = vec![peer("same", &[("app", "a")], &[("app", "a")]); 50_000];
        assert!(selected(&same.iter().collect::<Vec<_>>()).iter().all(Vec::is_empty));
        let expression = |name: &str| {
            let requirement = LabelSelectorRequirement {
                key: "app".to_owned(),
                operator: "In".to_owned(),
                values: Some(vec!["b".to_owned()]),
            };
            let selector = LabelSelector { match_labels: None, match_expressions: Some(vec![requirement]) };
            Peer { selector: CompactSelector::new(&selector), ..peer(name, &[], &[("app", "a")]) }
        };
        let many: Vec<Peer> = (0..50_000).map(|number| expression(&number.to_string())).collect();
        assert!(selected(&many.iter().collect::<Vec<_>>()).iter().all(Vec::is_empty));
    }
}
