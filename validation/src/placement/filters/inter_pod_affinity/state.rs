//! What affinity and anti-affinity between pods count.

use k8s_openapi::api::core::v1::PodAffinityTerm;

use super::tally::{Number, Other, Tallies};
use super::term::{Selected, Term, stored_terms};
use crate::matching::Labels;
use crate::placement::by_shape::ByShape;
use crate::placement::context::Context;
use crate::placement::site::Site;
use crate::placement::snapshot::{NodeIndex, Snapshot};
use crate::placement::topology::{Topologies, Topology};

/// The pods that matter, counted by topology domain.
///
/// Upstream: `scheduler/framework/plugins/interpodaffinity.preFilterState`.
#[derive(Debug)]
pub(in crate::placement) struct InterPodAffinity<'c> {
    topologies: Topologies<'c>,
    /// The pod's terms of affinity.
    pub(super) to: Vec<Own>,
    /// Whether the pod's terms of affinity select the pod itself.
    wants_itself: Selected,
    /// How many wanted pods there are in all domains; a pod counts once for each term.
    wanted: Number,
    /// The pod's terms of anti-affinity.
    pub(super) against: Vec<Own>,
    /// Where pods run whose anti-affinity selects the pod, a tally for each topology.
    pub(super) repelled: Vec<Tallies>,
    /// The indices in `repelled` of the pod's own terms that select the pod itself.
    repels_itself: Vec<(usize, Selected)>,
    /// Whether the pod's terms select the existing pods.
    selected: ByShape<OfOwn>,
    /// Whether the terms of anti-affinity of existing pods select the pod.
    repelling: ByShape<Vec<Repelling>>,
}

/// Whether a pod is wanted, and which terms of anti-affinity select it.
type OfOwn = (Selected, Vec<Selected>);

/// A term of another pod that selects the pod: its index in `repelled`, its index among the other pod's terms, and how certain it is.
type Repelling = (usize, usize, Selected);

/// The counts of the pods that were removed from a node.
#[derive(Debug)]
pub(super) struct Removed {
    pub(super) wanted: Number,
    pub(super) against: Vec<Number>,
    pub(super) repelled: Vec<Number>,
}

/// One of the pod's own terms.
#[derive(Debug)]
pub(super) struct Own {
    pub(super) tallies: Tallies,
    /// Whether it selects the pod itself.
    selects_itself: Selected,
    /// The term as the server stores it.
    pub(super) term: PodAffinityTerm,
}

/// Whether the terms admit a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Admits,
    Unknown,
    Refuses,
}

impl<'c> InterPodAffinity<'c> {
    /// Counts the existing pods; `None` where no affinity applies.
    ///
    /// Upstream: `scheduler/framework/plugins/interpodaffinity.PreFilter`.
    pub(in crate::placement) fn new(context: &Context<'c>) -> Option<Self> {
        let [to, against] = stored_terms(context);
        if to.is_empty() && against.is_empty() && context.snapshot.repelling.is_empty() {
            return None;
        }
        let mut affinity = Self {
            topologies: Topologies::new(context.snapshot.nodes()),
            to: Vec::new(),
            wants_itself: Selected::No,
            wanted: Number::default(),
            against: Vec::new(),
            repelled: Vec::new(),
            repels_itself: Vec::new(),
            selected: ByShape::new(),
            repelling: ByShape::new(),
        };
        affinity.count_repelling(context);
        if !to.is_empty() || !against.is_empty() {
            affinity.count_selected(context, &to, &against);
        }
        let any = !affinity.to.is_empty() || !affinity.against.is_empty() || !affinity.repelled.is_empty();
        any.then_some(affinity)
    }

    /// The index of the tallies of a label in `repelled`.
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

    /// Counts a pod whose anti-affinity selects the pod.
    fn count_repelled(&mut self, place: usize, node: NodeIndex, selected: Selected, other: Other) {
        if let Some(tallies) = self.repelled.get_mut(place)
            && let Some(topology) = self.topologies.get(tallies.topology)
        {
            tallies.count(topology, node, selected, other);
        }
    }

    /// Counts the pods whose anti-affinity selects the pod.
    ///
    /// Upstream: `scheduler/framework/plugins/interpodaffinity.getExistingAntiAffinityCounts`.
    fn count_repelling(&mut self, context: &Context<'_>) {
        let mut known: ByShape<Vec<Repelling>> = ByShape::new();
        for index in &context.snapshot.repelling {
            let Some(pod) = context.snapshot.pod(*index) else { continue };
            let (Some(node), false) = (pod.node, context.is_own(*index)) else { continue };
            let repelling = known.get(pod, |shape| {
                let terms = shape.anti_affinity.iter().enumerate().filter_map(|(number, term)| {
                    let term = Term::new(term, &shape.namespace)?;
                    let selected = term.selects(context.pod.namespace, &context.pod.labels, context.snapshot);
                    (selected != Selected::No)
                        .then(|| (self.repelled_within(term.topology_key), number, selected))
                });
                terms.collect()
            });
            for (place, number, selected) in repelling.into_iter().flatten() {
                if let Some(tallies) = self.repelled.get_mut(*place)
                    && let Some(topology) = self.topologies.get(tallies.topology)
                {
                    tallies.count(topology, node, *selected, Other::There(*index, *number));
                }
            }
        }
        self.repelling = known;
    }

    /// Counts the pods that the pod's own terms select.
    ///
    /// Upstream: `scheduler/framework/plugins/interpodaffinity.getIncomingAffinityAntiAffinityCounts`.
    fn count_selected(&mut self, context: &Context<'_>, to: &[PodAffinityTerm], against: &[PodAffinityTerm]) {
        let home = context.pod.namespace;
        let (to, against) = (read(to, home), read(against, home));
        let selects = |term: &Term<'_>, namespace: &str, labels: &Labels| {
            term.of_new_pod_selects(namespace, labels, context)
        };
        // A pod is wanted where all terms of affinity select it.
        let wanted = |namespace: &str, labels: &Labels| {
            to.iter().map(|(term, _)| selects(term, namespace, labels)).min().unwrap_or(Selected::No)
        };
        self.wants_itself = wanted(home, &context.pod.labels);
        for (term, written) in &to {
            let own = self.own(term, written, self.wants_itself);
            self.to.extend(own);
        }
        for (term, written) in &against {
            let own = self.own(term, written, selects(term, home, &context.pod.labels));
            self.against.extend(own);
            // Once the pod is placed, its term applies to the next ones.
            let selected = term.selects(home, &context.pod.labels, context.snapshot);
            if selected != Selected::No {
                let place = self.repelled_within(term.topology_key);
                self.repels_itself.push((place, selected));
            }
        }
        let mut known = ByShape::new();
        for (index, pod) in (0..).zip(context.snapshot.pods()) {
            let Some(node) = pod.node else { continue };
            let of_own = known.get(pod, |shape| {
                let wanted = wanted(&shape.namespace, &shape.labels);
                let unwanted = against.iter().map(|(term, _)| selects(term, &shape.namespace, &shape.labels));
                (wanted, unwanted.collect::<Vec<Selected>>())
            });
            let Some((wanted, unwanted)) = of_own else { continue };
            let nothing =
                *wanted == Selected::No && unwanted.iter().all(|selected| *selected == Selected::No);
            if nothing || context.is_own(index) {
                continue;
            }
            self.count_near(node, *wanted, Other::There(index, 0));
            for (own, selected) in self.against.iter_mut().zip(unwanted) {
                if let Some(topology) = self.topologies.get(own.tallies.topology) {
                    own.tallies.count(topology, node, *selected, Other::There(index, 0));
                }
            }
        }
        self.selected = known;
    }

    fn own(&mut self, term: &Term<'_>, written: &PodAffinityTerm, selects_itself: Selected) -> Option<Own> {
        let place = self.topologies.place(term.topology_key);
        let tallies = Tallies::new(place, self.topologies.get(place)?);
        Some(Own { tallies, selects_itself, term: written.clone() })
    }

    /// Counts a wanted pod.
    fn count_near(&mut self, node: NodeIndex, selected: Selected, other: Other) {
        for own in &mut self.to {
            if let Some(topology) = self.topologies.get(own.tallies.topology) {
                let counted = own.tallies.count(topology, node, selected, other);
                self.wanted.add(counted);
            }
        }
    }

    /// Counts the pod on a node. Returns whether that may change the answer for other nodes.
    ///
    /// Upstream: `scheduler/framework/plugins/interpodaffinity.AddPod`.
    pub(in crate::placement) fn place(&mut self, node: NodeIndex) -> bool {
        self.count_near(node, self.wants_itself, Other::New(node));
        let mut matters = self.wants_itself != Selected::No;
        for own in &mut self.against {
            if let Some(topology) = self.topologies.get(own.tallies.topology) {
                own.tallies.count(topology, node, own.selects_itself, Other::New(node));
                matters |= own.selects_itself != Selected::No;
            }
        }
        for number in 0..self.repels_itself.len() {
            if let Some((place, selected)) = self.repels_itself.get(number).copied() {
                self.count_repelled(place, node, selected, Other::New(node));
                matters = true;
            }
        }
        matters
    }

    /// Whether all terms admit the pod on a node.
    pub(in crate::placement) fn admits(&self, node: NodeIndex) -> bool {
        let none = Number::default();
        let all = self.against.iter().map(|own| &own.tallies).chain(&self.repelled);
        self.affinity_admits(node, none) == Answer::Admits
            && all.map(|tallies| self.keeps_away(tallies, node, none)).all(|who| who.is_none())
    }

    /// The counts of the pods that were removed from a node.
    ///
    /// Upstream: `scheduler/framework/plugins/interpodaffinity.RemovePod`.
    pub(super) fn removed(&self, snapshot: &Snapshot, site: &Site<'_>) -> Removed {
        let none = Number::default();
        let mut removed = Removed {
            wanted: none,
            against: vec![none; self.against.len()],
            repelled: vec![none; self.repelled.len()],
        };
        for pod in site.removed.iter().filter_map(|index| snapshot.pod(*index)) {
            if let Some((wanted, unwanted)) = self.selected.known(pod) {
                removed.wanted.add(*wanted);
                for (number, selected) in removed.against.iter_mut().zip(unwanted) {
                    number.add(*selected);
                }
            }
            for (place, _, selected) in self.repelling.known(pod).into_iter().flatten() {
                if let Some(number) = removed.repelled.get_mut(*place) {
                    number.add(*selected);
                }
            }
        }
        removed
    }

    /// The first pod for which a term of anti-affinity refuses a node, and how certain it is.
    pub(super) fn keeps_away(
        &self,
        tallies: &Tallies,
        node: NodeIndex,
        removed: Number,
    ) -> Option<(Other, Selected)> {
        let tally = tallies.at(self.topology(tallies)?, node)?;
        match tally.without(removed) {
            Selected::No => None,
            selected => Some((tally.first()?, selected)),
        }
    }

    pub(super) fn topology(&self, tallies: &Tallies) -> Option<&Topology> {
        self.topologies.get(tallies.topology)
    }

    /// Whether wanted pods run in the node's domain of each term, or no wanted pod exists and the pod selects itself.
    ///
    /// Upstream: `scheduler/framework/plugins/interpodaffinity.satisfyPodAffinity`.
    pub(super) fn affinity_admits(&self, node: NodeIndex, removed: Number) -> Answer {
        let mut near = Selected::Yes;
        for own in &self.to {
            let tally = self.topology(&own.tallies).and_then(|topology| own.tallies.at(topology, node));
            let Some(tally) = tally else { return Answer::Refuses };
            near = near.min(tally.without(removed));
        }
        let somewhere = self.wanted.without(removed.times(self.to.len()));
        match (near, self.wants_itself, somewhere) {
            (Selected::Yes, ..) | (_, Selected::Yes, Selected::No) => Answer::Admits,
            (Selected::No, Selected::No, _) | (Selected::No, _, Selected::Yes) => Answer::Refuses,
            _ => Answer::Unknown,
        }
    }
}

/// Parsed terms, each with the stored one.
fn read<'t>(terms: &'t [PodAffinityTerm], home: &'t str) -> Vec<(Term<'t>, &'t PodAffinityTerm)> {
    terms.iter().filter_map(|term| Some((Term::new(term, home)?, term))).collect()
}
