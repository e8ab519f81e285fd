//! Pods that draw the pod near, and pods that keep it away.

mod reasons;
mod tally;
mod term;

use k8s_openapi::api::core::v1::PodAffinityTerm;

use super::{Cluster, Site};
use crate::matching::Labels;
use crate::placement::by_shape::ByShape;
use crate::placement::reason::Reason;
use crate::placement::snapshot::NodeIndex;
use crate::placement::topology::{Topologies, Topology};
use tally::{Number, Other, Tallies};
use term::{Meant, Term};

/// The pods that matter, by the domains in which they matter.
///
/// Upstream: `scheduler/framework/plugins/interpodaffinity.preFilterState`.
#[derive(Debug)]
pub(super) struct InterPodAffinity<'c> {
    topologies: Topologies<'c>,
    /// The pod's terms of affinity.
    to: Vec<Own>,
    /// Whether the pod is what its own terms of affinity want.
    wants_itself: Meant,
    /// How many pods are wanted, wherever they are; a pod counts once for each term.
    wanted: Number,
    /// The pod's terms of anti-affinity.
    against: Vec<Own>,
    /// Where pods are whose anti-affinity means this pod, a tally for each topology.
    repelled: Vec<Tallies>,
    /// The places in `repelled` where the pod, once placed, keeps its like away.
    repels_itself: Vec<(usize, Meant)>,
    /// What the pod's own terms say of the pods that are there.
    meant: ByShape<OfOwn>,
    /// What the anti-affinity of the pods that are there says of the pod.
    repelling: ByShape<Vec<Repelling>>,
}

/// Whether a pod is wanted, and by which terms of anti-affinity it is meant.
type OfOwn = (Meant, Vec<Meant>);

/// The place in `repelled` of a term of another pod that means the pod, its place among the other's terms, and how certain that is.
type Repelling = (usize, usize, Meant);

/// The pods that were taken away from a node, as they were counted.
#[derive(Debug)]
struct Gone {
    wanted: Number,
    against: Vec<Number>,
    repelled: Vec<Number>,
}

/// One of the pod's own terms.
#[derive(Debug)]
struct Own {
    tallies: Tallies,
    /// Whether it means the pod itself.
    means_itself: Meant,
    /// The term, for people.
    term: PodAffinityTerm,
}

/// What a term says of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Admits,
    Unknown,
    Refuses,
}

impl<'c> InterPodAffinity<'c> {
    /// Counts the pods that are there; `None` where nothing speaks for or against any node.
    ///
    /// Upstream: `scheduler/framework/plugins/interpodaffinity.PreFilter`.
    pub(super) fn new(cluster: &Cluster<'c>) -> Option<Self> {
        let [to, against] = term::stored_terms(cluster);
        if to.is_empty() && against.is_empty() && cluster.snapshot.repelling.is_empty() {
            return None;
        }
        let mut affinity = Self {
            topologies: Topologies::new(cluster.snapshot.nodes()),
            to: Vec::new(),
            wants_itself: Meant::No,
            wanted: Number::default(),
            against: Vec::new(),
            repelled: Vec::new(),
            repels_itself: Vec::new(),
            meant: ByShape::new(),
            repelling: ByShape::new(),
        };
        affinity.count_repelling(cluster);
        if !to.is_empty() || !against.is_empty() {
            affinity.count_meant(cluster, &to, &against);
        }
        let any = !affinity.to.is_empty() || !affinity.against.is_empty() || !affinity.repelled.is_empty();
        any.then_some(affinity)
    }

    /// The tallies of those who keep the pod away within the domains of a label.
    fn repelled_within(&mut self, key: &str) -> usize {
        let topology = self.topologies.place(key);
        if let Some(place) = self.repelled.iter().position(|tallies| tallies.topology == topology) {
            return place;
        }
        if let Some(made) = self.topologies.get(topology) {
            self.repelled.push(Tallies::new(topology, made));
        }
        self.repelled.len().saturating_sub(1)
    }

    /// Counts a pod among those who keep the pod away.
    fn count_repelled(&mut self, place: usize, node: NodeIndex, meant: Meant, other: Other) {
        if let Some(tallies) = self.repelled.get_mut(place)
            && let Some(topology) = self.topologies.get(tallies.topology)
        {
            tallies.count(topology, node, meant, other);
        }
    }

    /// The pods whose anti-affinity means the pod.
    ///
    /// Upstream: `scheduler/framework/plugins/interpodaffinity.getExistingAntiAffinityCounts`.
    fn count_repelling(&mut self, cluster: &Cluster<'_>) {
        let mut known: ByShape<Vec<Repelling>> = ByShape::new();
        for index in &cluster.snapshot.repelling {
            let Some(pod) = cluster.snapshot.pod(*index) else { continue };
            let (Some(node), false) = (pod.node, cluster.is_own(*index)) else { continue };
            let repelling = known.get(pod, |shape| {
                let terms = shape.anti_affinity.iter().enumerate().filter_map(|(number, term)| {
                    let term = Term::new(term, &shape.namespace)?;
                    let meant = term.means(cluster.pod.namespace, &cluster.pod.labels, cluster.snapshot);
                    (meant != Meant::No).then(|| (self.repelled_within(term.topology_key), number, meant))
                });
                terms.collect()
            });
            for (place, number, meant) in repelling.into_iter().flatten() {
                if let Some(tallies) = self.repelled.get_mut(*place)
                    && let Some(topology) = self.topologies.get(tallies.topology)
                {
                    tallies.count(topology, node, *meant, Other::There(*index, *number));
                }
            }
        }
        self.repelling = known;
    }

    /// The pods that the pod's own terms mean.
    ///
    /// Upstream: `scheduler/framework/plugins/interpodaffinity.getIncomingAffinityAntiAffinityCounts`.
    fn count_meant(&mut self, cluster: &Cluster<'_>, to: &[PodAffinityTerm], against: &[PodAffinityTerm]) {
        let home = cluster.pod.namespace;
        let (to, against) = (read(to, home), read(against, home));
        let means = |term: &Term<'_>, namespace: &str, labels: &Labels| {
            term.of_new_pod_means(namespace, labels, cluster)
        };
        // A pod is wanted where all terms of affinity mean it.
        let wanted = |namespace: &str, labels: &Labels| {
            to.iter().map(|(term, _)| means(term, namespace, labels)).min().unwrap_or(Meant::No)
        };
        self.wants_itself = wanted(home, &cluster.pod.labels);
        for (term, written) in &to {
            let own = self.own(term, written, self.wants_itself);
            self.to.extend(own);
        }
        for (term, written) in &against {
            let own = self.own(term, written, means(term, home, &cluster.pod.labels));
            self.against.extend(own);
            // Once it is placed, the same term is that of a pod which is there.
            let meant = term.means(home, &cluster.pod.labels, cluster.snapshot);
            if meant != Meant::No {
                let place = self.repelled_within(term.topology_key);
                self.repels_itself.push((place, meant));
            }
        }
        let mut known = ByShape::new();
        for (index, pod) in (0..).zip(cluster.snapshot.pods()) {
            let Some(node) = pod.node else { continue };
            let of_own = known.get(pod, |shape| {
                let wanted = wanted(&shape.namespace, &shape.labels);
                let unwanted = against.iter().map(|(term, _)| means(term, &shape.namespace, &shape.labels));
                (wanted, unwanted.collect::<Vec<Meant>>())
            });
            let Some((wanted, unwanted)) = of_own else { continue };
            let nothing = *wanted == Meant::No && unwanted.iter().all(|meant| *meant == Meant::No);
            if nothing || cluster.is_own(index) {
                continue;
            }
            self.count_near(node, *wanted, Other::There(index, 0));
            for (own, meant) in self.against.iter_mut().zip(unwanted) {
                if let Some(topology) = self.topologies.get(own.tallies.topology) {
                    own.tallies.count(topology, node, *meant, Other::There(index, 0));
                }
            }
        }
        self.meant = known;
    }

    fn own(&mut self, term: &Term<'_>, written: &PodAffinityTerm, means_itself: Meant) -> Option<Own> {
        let place = self.topologies.place(term.topology_key);
        let tallies = Tallies::new(place, self.topologies.get(place)?);
        Some(Own { tallies, means_itself, term: written.clone() })
    }

    /// Counts a pod that is wanted.
    fn count_near(&mut self, node: NodeIndex, meant: Meant, other: Other) {
        for own in &mut self.to {
            if let Some(topology) = self.topologies.get(own.tallies.topology) {
                let counted = own.tallies.count(topology, node, meant, other);
                self.wanted.add(counted);
            }
        }
    }

    /// Counts the pod on a node; whether other nodes may see it.
    ///
    /// Upstream: `scheduler/framework/plugins/interpodaffinity.AddPod`.
    pub(super) fn place(&mut self, node: NodeIndex) -> bool {
        self.count_near(node, self.wants_itself, Other::New(node));
        let mut matters = self.wants_itself != Meant::No;
        for own in &mut self.against {
            if let Some(topology) = self.topologies.get(own.tallies.topology) {
                own.tallies.count(topology, node, own.means_itself, Other::New(node));
                matters |= own.means_itself != Meant::No;
            }
        }
        for number in 0..self.repels_itself.len() {
            if let Some((place, meant)) = self.repels_itself.get(number).copied() {
                self.count_repelled(place, node, meant, Other::New(node));
                matters = true;
            }
        }
        matters
    }

    /// Whether all terms let the pod onto a node.
    pub(super) fn admits(&self, node: NodeIndex) -> bool {
        let none = Number::default();
        let all = self.against.iter().map(|own| &own.tallies).chain(&self.repelled);
        self.affinity_admits(node, none) == Answer::Admits
            && all.map(|tallies| self.keeps_away(tallies, node, none)).all(|who| who.is_none())
    }

    /// The pods that were taken away from a node.
    ///
    /// Upstream: `scheduler/framework/plugins/interpodaffinity.RemovePod`.
    fn gone(&self, cluster: &Cluster<'_>, site: &Site<'_>) -> Gone {
        let none = Number::default();
        let mut gone = Gone {
            wanted: none,
            against: vec![none; self.against.len()],
            repelled: vec![none; self.repelled.len()],
        };
        for pod in site.gone.iter().filter_map(|index| cluster.snapshot.pod(*index)) {
            if let Some((wanted, unwanted)) = self.meant.known(pod) {
                gone.wanted.add(*wanted);
                for (number, meant) in gone.against.iter_mut().zip(unwanted) {
                    number.add(*meant);
                }
            }
            for (place, _, meant) in self.repelling.known(pod).into_iter().flatten() {
                if let Some(number) = gone.repelled.get_mut(*place) {
                    number.add(*meant);
                }
            }
        }
        gone
    }

    /// Who keeps the pod away from a node, and how certainly.
    fn keeps_away(&self, tallies: &Tallies, node: NodeIndex, gone: Number) -> Option<(Other, Meant)> {
        let tally = tallies.at(self.topology(tallies)?, node)?;
        match tally.without(gone) {
            Meant::No => None,
            meant => Some((tally.first()?, meant)),
        }
    }

    fn topology(&self, tallies: &Tallies) -> Option<&Topology> {
        self.topologies.get(tallies.topology)
    }

    /// Whether wanted pods are near by each term, or there is none at all and the pod is the first of its kind.
    ///
    /// Upstream: `scheduler/framework/plugins/interpodaffinity.satisfyPodAffinity`.
    fn affinity_admits(&self, node: NodeIndex, gone: Number) -> Answer {
        let mut near = Meant::Yes;
        for own in &self.to {
            let tally = self.topology(&own.tallies).and_then(|topology| own.tallies.at(topology, node));
            let Some(tally) = tally else { return Answer::Refuses };
            near = near.min(tally.without(gone));
        }
        let somewhere = self.wanted.without(gone.times(self.to.len()));
        match (near, self.wants_itself, somewhere) {
            (Meant::Yes, ..) | (_, Meant::Yes, Meant::No) => Answer::Admits,
            (Meant::No, Meant::No, _) | (Meant::No, _, Meant::Yes) => Answer::Refuses,
            _ => Answer::Unknown,
        }
    }
}

/// Terms that can be asked, each with the one for people.
fn read<'t>(terms: &'t [PodAffinityTerm], home: &'t str) -> Vec<(Term<'t>, &'t PodAffinityTerm)> {
    terms.iter().filter_map(|term| Some((Term::new(term, home)?, term))).collect()
}

/// Wanted pods must be near, and no pod that the pod keeps away from, or that keeps it away.
///
/// Upstream: `scheduler/framework/plugins/interpodaffinity.Filter`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Vec<Reason>) {
    let Some(affinity) = &cluster.affinity else { return };
    let gone = affinity.gone(cluster, site);
    match affinity.affinity_admits(site.index, gone.wanted) {
        Answer::Admits => {}
        answer => reasons.extend(reasons::far(affinity, site, answer)),
    }
    let before = reasons.len();
    for ((index, own), gone) in affinity.against.iter().enumerate().zip(gone.against) {
        if let Some((other, meant)) = affinity.keeps_away(&own.tallies, site.index, gone) {
            reasons.push(reasons::unwanted(cluster, site, (index, &own.term), other, meant));
        }
    }
    let said = reasons.len() > before;
    for (tallies, gone) in affinity.repelled.iter().zip(gone.repelled) {
        if let Some((other, meant)) = affinity.keeps_away(tallies, site.index, gone)
            && let Some(topology) = affinity.topology(tallies)
            // What the pod's own anti-affinity says of its like was said already.
            && !(said && matches!(other, Other::New(_)))
        {
            reasons.push(reasons::repelled(cluster, site, &topology.key, other, meant));
        }
    }
}
