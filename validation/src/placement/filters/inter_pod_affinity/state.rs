//! What affinity and anti-affinity between pods count.

use std::collections::HashMap;

use k8s_openapi::api::core::v1::PodAffinityTerm;

use super::tally::{Number, Other, Tallies};
use super::term::{Selected, Term, stored_terms};
use crate::matching::Labels;
use crate::placement::block::Block;
use crate::placement::by_shape::ByShape;
use crate::placement::cause::PodSelector;
use crate::placement::context::Context;
use crate::placement::site::Site;
use crate::placement::snapshot::{NodeIndex, Snapshot};
use crate::placement::topology::{Topologies, Topology};

/// The pods that matter, counted by topology domain.
///
/// Terms that count the same pods in the same domains are counted together: a pod may have thousands of terms.
///
/// Upstream: `scheduler/framework/plugins/interpodaffinity.preFilterState`.
#[derive(Debug)]
pub(in crate::placement) struct InterPodAffinity<'c> {
    topologies: Topologies<'c>,
    /// The pod's terms of affinity, those of one topology together: a pod is wanted where all terms select it.
    pub(super) to: Vec<Own>,
    /// How many terms of affinity there are.
    pub(super) terms_to: usize,
    /// Whether the pod's terms of affinity select the pod itself.
    wants_itself: Selected,
    /// How many wanted pods there are in all domains; a pod counts once for each term.
    wanted: Number,
    /// The pod's terms of anti-affinity that select a pod, those that select the same pods together.
    pub(super) against: Vec<Own>,
    /// Where pods run whose anti-affinity selects the pod, a tally for each topology.
    pub(super) repelled: Vec<Tallies>,
    /// The indices in `repelled` of the topologies of the pod's own terms that select the pod itself.
    repels_itself: Vec<(usize, Selected)>,
    /// Whether the pod's terms select the existing pods.
    selected: ByShape<OfOwn>,
    /// Whether the terms of anti-affinity of existing pods select the pod.
    repelling: ByShape<Vec<Repelling>>,
}

/// Whether a pod is wanted, and which of `against` select it.
type OfOwn = (Selected, Vec<(usize, Selected)>);

/// A term of another pod that selects the pod: its index in `repelled`, its index among the other pod's terms, and how certain it is.
type Repelling = (usize, usize, Selected);

/// The counts of the pods that were removed from a node.
#[derive(Debug)]
pub(super) struct Removed {
    pub(super) wanted: Number,
    pub(super) against: Vec<Number>,
    pub(super) repelled: Vec<Number>,
}

/// Terms of the pod that count the same.
#[derive(Debug)]
pub(super) struct Own {
    pub(super) tallies: Tallies,
    /// Whether they select the pod itself.
    selects_itself: Selected,
    /// The indices of the terms, in ascending order; never none.
    pub(super) terms: Vec<usize>,
    /// What the first ones select.
    pub(super) selectors: Vec<PodSelector>,
}

/// Of so many terms that count the same the selectors are kept.
const SELECTORS: usize = 8;

/// What a new tally costs, in units of work: it takes memory for the whole look.
const A_TALLY: u64 = 256;

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
            topologies: Topologies::new(context.snapshot),
            to: Vec::new(),
            terms_to: 0,
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
        self.repelled.push(Tallies::new(topology));
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
        if context.budget.spend_for(context.snapshot.repelling.len()).is_err() {
            return;
        }
        for index in context.snapshot.repelling.iter() {
            let Some(pod) = context.snapshot.pod(index) else { continue };
            let (Some(node), false) = (pod.node, context.is_own(index)) else { continue };
            let repelling = known.get(pod, |shape| {
                let terms = shape.anti_affinity.iter().enumerate().filter_map(|(number, term)| {
                    let term = Term::new(term, &shape.namespace)?;
                    let _ = context.budget.spend_for(term.size());
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
                    tallies.count(topology, node, *selected, Other::There(index, *number));
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
        let budget = context.budget;
        let (to, against) = (read(to, home), read(against, home));
        let size = |terms: &[(Term<'_>, &PodAffinityTerm)]| -> usize {
            terms.iter().map(|(term, _)| term.size()).fold(0, usize::saturating_add)
        };
        let (size_to, size_against) = (size(&to), size(&against));
        if budget.spend_for(size_to.saturating_add(size_against)).is_err() {
            return;
        }
        let selects = |term: &Term<'_>, namespace: &str, labels: &Labels| {
            term.of_new_pod_selects(namespace, labels, context)
        };
        // A pod is wanted where all terms of affinity select it.
        let wanted = |namespace: &str, labels: &Labels| {
            let mut least = if to.is_empty() { Selected::No } else { Selected::Yes };
            for (term, _) in &to {
                let _ = budget.spend_for(term.size());
                least = least.min(selects(term, namespace, labels));
                if least == Selected::No {
                    break;
                }
            }
            least
        };
        self.wants_itself = wanted(home, &context.pod.labels);
        self.terms_to = to.len();
        let mut by_topology: HashMap<usize, usize> = HashMap::new();
        for (number, (term, written)) in to.iter().enumerate() {
            let topology = self.topologies.place(term.topology_key);
            let next = self.to.len();
            let place = *by_topology.entry(topology).or_insert(next);
            if place == next {
                self.to.push(Own::new(topology, self.wants_itself));
            }
            if let Some(own) = self.to.get_mut(place) {
                own.add(number, written);
            }
        }
        // Terms are told apart by their topology, by whether they select the pod itself, and then by the pods that they select.
        let mut classes = Classes::default();
        for (term, _) in &against {
            let itself = selects(term, home, &context.pod.labels);
            // Once the pod is placed, its term applies to the next ones.
            let repels = term.selects(home, &context.pod.labels, context.snapshot);
            let topology = self.topologies.place(term.topology_key);
            if repels != Selected::No {
                let place = self.repelled_within(term.topology_key);
                self.repels_itself.push((place, repels));
            }
            let is_nowhere = self.topologies.get(topology).is_none_or(Topology::is_nowhere);
            classes.add((topology, itself, is_nowhere));
        }
        self.repels_itself.sort_unstable();
        self.repels_itself.dedup();
        let mut wanted_shapes: ByShape<Selected> = ByShape::new();
        for pod in context.snapshot.pods().iter().filter(|pod| pod.node.is_some()) {
            if wanted_shapes.known(pod).is_some() {
                continue;
            }
            let shape = &pod.shape;
            wanted_shapes.get(pod, |shape| wanted(&shape.namespace, &shape.labels));
            if budget.spend_for(size_against).is_err() {
                return;
            }
            classes.split(|number| {
                against
                    .get(number)
                    .map_or(Selected::No, |(term, _)| selects(term, &shape.namespace, &shape.labels))
            });
        }
        // One term of each class stands for the others.
        let mut speakers: Vec<&Term<'_>> = Vec::new();
        for class in classes.into_effective() {
            let mut own = Own::new(class.topology, class.selects_itself);
            let Some((speaker, _)) = class.terms.first().and_then(|first| against.get(*first)) else {
                continue;
            };
            for number in class.terms {
                if let Some((_, written)) = against.get(number) {
                    own.add(number, written);
                }
            }
            speakers.push(speaker);
            self.against.push(own);
        }
        self.count_pods(context, &wanted_shapes, |shape_namespace, labels| {
            let selected = speakers.iter().enumerate().filter_map(|(place, term)| {
                let selected = selects(term, shape_namespace, labels);
                (selected != Selected::No).then_some((place, selected))
            });
            selected.collect()
        });
    }

    fn count_pods(
        &mut self,
        context: &Context<'_>,
        wanted: &ByShape<Selected>,
        unwanted: impl Fn(&str, &Labels) -> Vec<(usize, Selected)>,
    ) {
        let budget = context.budget;
        let mut known: ByShape<OfOwn> = ByShape::new();
        for (index, pod) in (0..).zip(context.snapshot.pods()) {
            let Some(node) = pod.node else { continue };
            let is_new = known.known(pod).is_none();
            if budget.spend_for(if is_new { self.against.len().saturating_add(1) } else { 1 }).is_err() {
                break;
            }
            let wanted = wanted.known(pod).copied().unwrap_or(Selected::No);
            let of_own = known.get(pod, |shape| (wanted, unwanted(&shape.namespace, &shape.labels)));
            let Some((wanted, unwanted)) = of_own else { continue };
            if (*wanted == Selected::No && unwanted.is_empty()) || context.is_own(index) {
                continue;
            }
            self.count_near(node, *wanted, Other::There(index, 0));
            if budget.spend_for(unwanted.len()).is_err() {
                break;
            }
            for (place, selected) in unwanted {
                let Some(own) = self.against.get_mut(*place) else { continue };
                if let Some(topology) = self.topologies.get(own.tallies.topology) {
                    let before = own.tallies.len();
                    own.tallies.count(topology, node, *selected, Other::There(index, 0));
                    if own.tallies.len() > before && budget.spend(A_TALLY).is_err() {
                        return;
                    }
                }
            }
        }
        self.selected = known;
    }

    /// Counts a wanted pod.
    fn count_near(&mut self, node: NodeIndex, selected: Selected, other: Other) {
        for own in &mut self.to {
            if let Some(topology) = self.topologies.get(own.tallies.topology) {
                let counted = own.tallies.count(topology, node, selected, other);
                self.wanted.add_times(counted, own.terms.len());
            }
        }
    }

    /// Counts the pod on a node. Returns whether that may change the answer for other nodes.
    ///
    /// Upstream: `scheduler/framework/plugins/interpodaffinity.AddPod`.
    pub(in crate::placement) fn place(&mut self, node: NodeIndex) -> bool {
        self.count_near(node, self.wants_itself, Other::New(node));
        let mut matters = self.wants_itself != Selected::No;
        for own in self.against.iter_mut().filter(|own| own.selects_itself != Selected::No) {
            if let Some(topology) = self.topologies.get(own.tallies.topology) {
                own.tallies.count(topology, node, own.selects_itself, Other::New(node));
                matters = true;
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

    /// What keeps the pod off a node.
    pub(in crate::placement) fn blocked(&self, node: NodeIndex) -> Option<Block> {
        let none = Number::default();
        let all = self.against.iter().map(|own| &own.tallies).chain(&self.repelled);
        if all.map(|tallies| self.keeps_away(tallies, node, none)).any(|who| who.is_some()) {
            return Some(Block::Lasting);
        }
        if self.affinity_admits(node, none) == Answer::Admits {
            return None;
        }
        for (place, own) in self.to.iter().enumerate() {
            let Some(topology) = self.topology(&own.tallies) else { return Some(Block::Lasting) };
            let (Some(domain), Some(tally)) = (topology.domain(node), own.tallies.at(topology, node)) else {
                return Some(Block::Lasting);
            };
            if tally.without(none) != Selected::Yes {
                return Some(Block::Near(place, domain));
            }
        }
        Some(Block::Lasting)
    }

    /// The domains of a node, for each of the terms of affinity, by their index.
    pub(in crate::placement) fn near(&self, node: NodeIndex) -> impl Iterator<Item = (usize, usize)> {
        let of = move |own: &Own| self.topology(&own.tallies)?.domain(node);
        self.to.iter().enumerate().filter_map(move |(place, own)| Some((place, of(own)?)))
    }

    /// How many tallies an answer for a node looks at.
    pub(in crate::placement) fn len(&self) -> usize {
        self.to.len().saturating_add(self.against.len()).saturating_add(self.repelled.len())
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
        for (index, pods) in site.removed() {
            let Some(pod) = snapshot.pod(index) else { continue };
            if let Some((wanted, unwanted)) = self.selected.known(pod) {
                removed.wanted.add_times(*wanted, pods);
                for (place, selected) in unwanted {
                    if let Some(number) = removed.against.get_mut(*place) {
                        number.add_times(*selected, pods);
                    }
                }
            }
            for (place, _, selected) in self.repelling.known(pod).into_iter().flatten() {
                if let Some(number) = removed.repelled.get_mut(*place) {
                    number.add_times(*selected, pods);
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
        let somewhere = self.wanted.without(removed.times(self.terms_to));
        match (near, self.wants_itself, somewhere) {
            (Selected::Yes, ..) | (_, Selected::Yes, Selected::No) => Answer::Admits,
            (Selected::No, Selected::No, _) | (Selected::No, _, Selected::Yes) => Answer::Refuses,
            _ => Answer::Unknown,
        }
    }
}

impl Own {
    fn new(topology: usize, selects_itself: Selected) -> Self {
        Self { tallies: Tallies::new(topology), selects_itself, terms: Vec::new(), selectors: Vec::new() }
    }

    fn add(&mut self, number: usize, written: &PodAffinityTerm) {
        self.terms.push(number);
        if self.selectors.len() < SELECTORS {
            self.selectors.push(written.label_selector.as_ref().into());
        }
    }
}

/// Parsed terms, each with the stored one.
fn read<'t>(terms: &'t [PodAffinityTerm], home: &'t str) -> Vec<(Term<'t>, &'t PodAffinityTerm)> {
    terms.iter().filter_map(|term| Some((Term::new(term, home)?, term))).collect()
}

/// Terms of anti-affinity by what they have in common. All are together until a pod tells them apart.
#[derive(Debug, Default)]
struct Classes {
    /// The class of each term; `None` where no node is in its topology, so that it keeps the pod off none.
    of_term: Vec<Option<usize>>,
    /// Of each class its topology, whether it selects the pod itself, and whether it selects any other pod.
    known: Vec<(usize, Selected, bool)>,
    first: HashMap<(usize, Selected), usize>,
}

/// Terms that select the same pods.
struct Class {
    topology: usize,
    selects_itself: Selected,
    terms: Vec<usize>,
}

impl Classes {
    /// Adds a term: its topology, whether it selects the pod itself, and whether no node is in that topology.
    fn add(&mut self, (topology, itself, is_nowhere): (usize, Selected, bool)) {
        if is_nowhere {
            self.of_term.push(None);
            return;
        }
        let next = self.known.len();
        let class = *self.first.entry((topology, itself)).or_insert(next);
        if class == next {
            self.known.push((topology, itself, false));
        }
        self.of_term.push(Some(class));
    }

    /// Tells those that select a pod from those of the same class that do not.
    fn split(&mut self, selects: impl Fn(usize) -> Selected) {
        let mut moved: HashMap<(usize, Selected), usize> = HashMap::new();
        for (number, class) in self.of_term.iter_mut().enumerate() {
            let Some(class) = class else { continue };
            let selected = selects(number);
            if selected == Selected::No {
                continue;
            }
            let Some((topology, itself, _)) = self.known.get(*class).copied() else { continue };
            let next = self.known.len();
            let to = *moved.entry((*class, selected)).or_insert(next);
            if to == next {
                self.known.push((topology, itself, true));
            }
            *class = to;
        }
    }

    /// The classes that may keep the pod off a node, in the order of their first terms.
    fn into_effective(self) -> Vec<Class> {
        let mut classes: Vec<Class> = Vec::new();
        let mut places: HashMap<usize, usize> = HashMap::new();
        for (number, class) in self.of_term.iter().enumerate() {
            let Some(class) = class else { continue };
            let Some((topology, selects_itself, selects)) = self.known.get(*class).copied() else { continue };
            if selects_itself == Selected::No && !selects {
                continue;
            }
            let next = classes.len();
            let place = *places.entry(*class).or_insert(next);
            if place == next {
                classes.push(Class { topology, selects_itself, terms: Vec::new() });
            }
            if let Some(class) = classes.get_mut(place) {
                class.terms.push(number);
            }
        }
        classes
    }
}
