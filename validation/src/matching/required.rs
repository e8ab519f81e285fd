//! The node selector and the required node affinity of a pod, prepared so that many nodes can be asked.
//!
//! A pod may have thousands of terms and values, and a cluster thousands of nodes. What a node is asked costs about as much as the labels
//! that it has and the requirements that name one of their values: everything else is the same for all nodes that have the same of the
//! keys, and is counted once for them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use k8s_openapi::api::core::v1::{NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodSpec};

use super::Labels;
use super::node_selector::{self, Mismatch, Node, Place};
use super::requirement::{MismatchKind, Operator, integer};

/// What a pod requires of its node.
///
/// Upstream: `component-helpers/scheduling/corev1/nodeaffinity.RequiredNodeAffinity`.
#[derive(Debug)]
pub(crate) struct Prepared<'s> {
    /// The entries of `nodeSelector`, in their order.
    pairs: Vec<(&'s str, &'s str)>,
    /// The terms; `None` where there is no required node affinity.
    terms: Option<&'s [NodeSelectorTerm]>,
    /// The requirements of all terms, term by term.
    asked: Vec<Asked>,
    /// The first requirement of each term, and the end.
    starts: Vec<usize>,
    /// What is asked about, each with its requirements.
    keys: Vec<OfKey<'s>>,
    numbers: HashMap<Key<'s>, usize>,
    /// The values of `In` and `NotIn`: key, value and requirement, sorted.
    listed: Vec<(usize, &'s str, usize)>,
    /// What holds for nodes that have the same of the keys.
    bases: RefCell<HashMap<Box<[usize]>, Rc<Base>>>,
    scratch: RefCell<Scratch>,
}

/// What a requirement is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key<'s> {
    Label(&'s str),
    /// The field `metadata.name`.
    Name,
    /// A field that nodes do not have: its value is empty.
    OtherField,
}

/// The requirements about a key.
#[derive(Debug)]
struct OfKey<'s> {
    key: Key<'s>,
    /// The value in `nodeSelector`.
    wanted: Option<&'s str>,
    /// Those that compare numbers.
    compared: Vec<usize>,
}

/// A requirement, with what a node lacks that does not meet it: without the key, with a value that is not listed, and with one that is.
#[derive(Debug)]
struct Asked {
    place: Place<'static>,
    term: usize,
    key: Option<usize>,
    absent: Option<MismatchKind>,
    unlisted: Option<MismatchKind>,
    listed: Option<MismatchKind>,
    comparison: Option<(Operator, i64)>,
}

/// What holds for all nodes with the same of the keys, as long as none of their values is listed or compared.
#[derive(Debug)]
struct Base {
    /// How many requirements of each term are unmet.
    unmet: Vec<usize>,
    /// The terms, those with the fewest unmet requirements first.
    nearest: Vec<usize>,
    /// The unmet requirements of a term.
    of_term: RefCell<HashMap<usize, Rc<[usize]>>>,
}

/// Lists that are used again for the next node.
#[derive(Debug, Default)]
struct Scratch {
    /// By how many unmet requirements each term differs from the base.
    differs: Vec<isize>,
    touched: Vec<usize>,
}

/// What a node lacks.
#[derive(Debug, Default)]
pub(crate) struct Misfit<'s> {
    /// Entries of `nodeSelector`, the first ones.
    pub(crate) pairs: Vec<(&'s str, &'s str)>,
    /// How many more there are.
    pub(crate) more_pairs: usize,
    /// The term of which the fewest requirements are unmet, where none matches.
    pub(crate) nearest: Option<Nearest>,
    /// The required node affinity has no terms.
    pub(crate) no_terms: bool,
}

/// A term that a node does not match.
#[derive(Debug)]
pub(crate) struct Nearest {
    /// Its index.
    pub(crate) term: usize,
    /// What is unmet, the first ones.
    pub(crate) unmet: Vec<Mismatch<'static>>,
    /// How many more there are.
    pub(crate) more: usize,
}

/// With so many keys or fewer a node is asked for each of them, with more its labels are looked up among them.
const FEW_KEYS: usize = 16;

/// The bases of so many sets of keys are kept.
const BASES: usize = 8;

impl<'s> Prepared<'s> {
    /// Prepares the requirements of a pod's spec.
    pub(crate) fn new(spec: &'s PodSpec) -> Self {
        let affinity = spec.affinity.as_ref().and_then(|affinity| affinity.node_affinity.as_ref());
        let required =
            affinity.and_then(|nodes| nodes.required_during_scheduling_ignored_during_execution.as_ref());
        let terms = required.map(|required| required.node_selector_terms.as_slice());
        Self::of(spec.node_selector.as_ref(), terms)
    }

    /// Prepares the terms of a node selector.
    pub(crate) fn of_selector(selector: &'s NodeSelector) -> Self {
        Self::of(None, Some(&selector.node_selector_terms))
    }

    fn of(labels: Option<&'s Labels>, terms: Option<&'s [NodeSelectorTerm]>) -> Self {
        let mut prepared = Self {
            pairs: Vec::new(),
            terms,
            asked: Vec::new(),
            starts: Vec::new(),
            keys: Vec::new(),
            numbers: HashMap::new(),
            listed: Vec::new(),
            bases: RefCell::default(),
            scratch: RefCell::default(),
        };
        for (key, value) in labels.into_iter().flatten() {
            prepared.pairs.push((key, value));
            let number = prepared.number(Key::Label(key));
            if let Some(of_key) = prepared.keys.get_mut(number) {
                of_key.wanted = Some(value);
            }
        }
        for (term, written) in prepared.terms.unwrap_or_default().iter().enumerate() {
            prepared.starts.push(prepared.asked.len());
            prepared.add_term(term, written);
        }
        prepared.starts.push(prepared.asked.len());
        prepared.listed.sort_unstable();
        prepared.listed.dedup();
        prepared
    }

    /// How many values, requirements and entries there are.
    pub(crate) fn size(&self) -> usize {
        self.pairs.len().saturating_add(self.asked.len()).saturating_add(self.listed.len())
    }

    fn number(&mut self, key: Key<'s>) -> usize {
        let next = self.keys.len();
        let number = *self.numbers.entry(key).or_insert(next);
        if number == next {
            self.keys.push(OfKey { key, wanted: None, compared: Vec::new() });
        }
        number
    }

    fn add_term(&mut self, term: usize, written: &'s NodeSelectorTerm) {
        let expressions = written.match_expressions.as_deref().unwrap_or_default();
        let fields = written.match_fields.as_deref().unwrap_or_default();
        if expressions.is_empty() && fields.is_empty() {
            self.asked.push(Asked::never(Place::Term(term), term, MismatchKind::Empty));
        }
        for (expression, one) in expressions.iter().enumerate() {
            self.add_expression(Place::Expression { term, expression }, term, one);
        }
        for (field, one) in fields.iter().enumerate() {
            self.add_field(Place::Field { term, field }, term, one);
        }
    }

    fn add_expression(&mut self, place: Place<'static>, term: usize, one: &'s NodeSelectorRequirement) {
        let operator = Operator::of_node_selector(&one.operator);
        let values = one.values.as_deref().unwrap_or_default();
        let (Some(operator), true) = (operator, node_selector::is_valid_expression(one)) else {
            self.asked.push(Asked::never(place, term, MismatchKind::Invalid));
            return;
        };
        let (absent, unlisted, listed) = match operator {
            Operator::In => (Some(MismatchKind::Absent), Some(MismatchKind::Value), None),
            Operator::NotIn => (None, None, Some(MismatchKind::Value)),
            Operator::Exists => (Some(MismatchKind::Absent), None, None),
            Operator::DoesNotExist => (None, Some(MismatchKind::Present), Some(MismatchKind::Present)),
            Operator::Gt | Operator::Lt => {
                (Some(MismatchKind::Absent), Some(MismatchKind::Order), Some(MismatchKind::Order))
            }
        };
        let key = self.number(Key::Label(&one.key));
        let number = self.asked.len();
        let mut comparison = None;
        if matches!(operator, Operator::Gt | Operator::Lt) {
            comparison = values.first().and_then(|value| integer(value)).map(|wanted| (operator, wanted));
            if let Some(of_key) = self.keys.get_mut(key) {
                of_key.compared.push(number);
            }
        } else {
            self.listed.extend(values.iter().map(|value| (key, value.as_str(), number)));
        }
        self.asked.push(Asked { place, term, key: Some(key), absent, unlisted, listed, comparison });
    }

    fn add_field(&mut self, place: Place<'static>, term: usize, one: &'s NodeSelectorRequirement) {
        let (true, [value]) = (node_selector::is_valid_field(one), one.values.as_deref().unwrap_or_default())
        else {
            self.asked.push(Asked::never(place, term, MismatchKind::Invalid));
            return;
        };
        let is_in = one.operator == "In";
        let key = self.number(if one.key == "metadata.name" { Key::Name } else { Key::OtherField });
        self.listed.push((key, value, self.asked.len()));
        self.asked.push(Asked {
            place,
            term,
            key: Some(key),
            // A node without a name has no fields, and the requirement counts as met.
            absent: None,
            unlisted: is_in.then_some(MismatchKind::Value),
            listed: (!is_in).then_some(MismatchKind::Value),
            comparison: None,
        });
    }

    /// What a node lacks, at most `most` of each kind; `None` where it matches. Adds to `work` how many requirements were looked at.
    pub(crate) fn misfit(&self, node: Node<'_>, most: usize, work: &mut u64) -> Option<Misfit<'s>> {
        if self.pairs.is_empty() && self.terms.is_none() {
            return None;
        }
        let present = self.present(node);
        let mut misfit = Misfit { no_terms: self.terms.is_some_and(<[_]>::is_empty), ..Misfit::default() };
        let looked_at = self.pairs_unmet(&present, most, &mut misfit);
        *work = work.saturating_add(looked_at as u64);
        if self.terms.is_some_and(|terms| !terms.is_empty()) {
            misfit.nearest = self.nearest(&present, most, work);
        }
        (!misfit.pairs.is_empty() || misfit.no_terms || misfit.nearest.is_some()).then_some(misfit)
    }

    /// Of the keys, those that the node has, with their values.
    fn present<'n>(&self, node: Node<'n>) -> Vec<(usize, &'n str)> {
        let mut present = Vec::with_capacity(FEW_KEYS.min(self.keys.len()));
        let field = |key: Key<'_>| match key {
            Key::Label(_) => None,
            Key::Name => Some(node.name),
            Key::OtherField => Some(""),
        };
        if self.keys.len() <= FEW_KEYS {
            for (number, of_key) in self.keys.iter().enumerate() {
                let value = match of_key.key {
                    Key::Label(key) => node.labels.get(key).map(String::as_str),
                    key => field(key).filter(|_| !node.name.is_empty()),
                };
                present.extend(value.map(|value| (number, value)));
            }
            return present;
        }
        for (key, value) in node.labels {
            present.extend(self.numbers.get(&Key::Label(key)).map(|number| (*number, value.as_str())));
        }
        for key in [Key::Name, Key::OtherField] {
            if let (Some(number), false) = (self.numbers.get(&key), node.name.is_empty()) {
                present.extend(field(key).map(|value| (*number, value)));
            }
        }
        present.sort_unstable();
        present
    }

    /// The entries of `nodeSelector` that are unmet. Returns how many were looked at.
    fn pairs_unmet(&self, present: &[(usize, &str)], most: usize, misfit: &mut Misfit<'s>) -> usize {
        if self.pairs.is_empty() {
            return 0;
        }
        let mut met: Vec<&str> = Vec::new();
        for (number, value) in present {
            if let Some(OfKey { key: Key::Label(key), wanted: Some(wanted), .. }) = self.keys.get(*number)
                && wanted == value
            {
                met.push(key);
            }
        }
        let unmet = self.pairs.len().saturating_sub(met.len());
        if unmet == 0 {
            return met.len();
        }
        met.sort_unstable();
        let found = self.pairs.iter().filter(|(key, _)| met.binary_search(key).is_err());
        misfit.pairs.extend(found.take(most));
        misfit.more_pairs = unmet.saturating_sub(misfit.pairs.len());
        met.len().saturating_add(misfit.pairs.len())
    }

    /// The requirements that list a value of a key.
    fn listing(&self, key: usize, value: &str) -> impl Iterator<Item = (usize, &Asked)> {
        let start = self.listed.partition_point(|(known, listed, _)| (*known, *listed) < (key, value));
        let found = self.listed.get(start..).unwrap_or_default().iter();
        // The text is copied into no closure: the list is compared with the first one found.
        let first = found.clone().next().map(|(known, listed, _)| (*known, *listed));
        let first = first.filter(|first| *first == (key, value));
        found
            .take_while(move |(known, listed, _)| Some((*known, *listed)) == first)
            .filter_map(|(_, _, number)| Some((*number, self.asked.get(*number)?)))
    }

    /// The requirements about a key of which a value changes whether they are met, each with whether it is met then.
    fn changed<'p>(&'p self, key: usize, value: &'p str) -> impl Iterator<Item = (usize, &'p Asked, bool)> {
        let listing = self.listing(key, value).filter_map(|(number, one)| {
            (one.unlisted.is_some() != one.listed.is_some()).then_some((number, one, one.listed.is_none()))
        });
        let compared = self.keys.get(key).map(|of_key| of_key.compared.as_slice()).unwrap_or_default();
        let label = if compared.is_empty() { None } else { integer(value) };
        let compared = compared.iter().filter_map(move |number| {
            let one = self.asked.get(*number)?;
            let (operator, wanted) = one.comparison?;
            let met = if operator == Operator::Gt { label? > wanted } else { label? < wanted };
            met.then_some((*number, one, true))
        });
        listing.chain(compared)
    }

    /// The nearest term; `None` where one matches.
    fn nearest(&self, present: &[(usize, &str)], most: usize, work: &mut u64) -> Option<Nearest> {
        let base = self.base(present, work);
        let mut scratch = self.scratch.take();
        scratch.differs.resize(base.unmet.len(), 0);
        for (key, value) in present {
            *work = work.saturating_add(1);
            if let Some(of_key) = self.keys.get(*key) {
                *work = work.saturating_add(of_key.compared.len() as u64);
            }
            for (_, one, met) in self.changed(*key, value) {
                if let Some(differs) = scratch.differs.get_mut(one.term) {
                    *differs = differs.saturating_add(if met { -1 } else { 1 });
                    scratch.touched.push(one.term);
                }
            }
        }
        let touched = scratch.touched.len();
        *work = work.saturating_add(touched as u64);
        let differs = |term: &usize| scratch.differs.get(*term).copied().unwrap_or(0);
        let count = |term: usize| {
            let unmet = base.unmet.get(term).copied().unwrap_or(0);
            (unmet.saturating_add_signed(differs(&term)), term)
        };
        let untouched = base.nearest.iter().find(|term| differs(term) == 0).map(|term| count(*term));
        let nearest = scratch.touched.iter().map(|term| count(*term)).chain(untouched).min();
        for term in scratch.touched.drain(..) {
            if let Some(differs) = scratch.differs.get_mut(term) {
                *differs = 0;
            }
        }
        self.scratch.replace(scratch);
        let (unmet, term) = nearest.filter(|(unmet, _)| *unmet > 0)?;
        let found = self.unmet_of(term, &base, present, (most, touched));
        *work = work.saturating_add(found.len() as u64);
        Some(Nearest { term, more: unmet.saturating_sub(found.len()), unmet: found })
    }

    /// The first unmet requirements of a term. `touched` is how many requirements the node's values change.
    fn unmet_of(
        &self,
        term: usize,
        base: &Base,
        present: &[(usize, &str)],
        (most, touched): (usize, usize),
    ) -> Vec<Mismatch<'static>> {
        let (mut met, mut unmet) = (Vec::new(), Vec::new());
        if touched > 0 {
            for (key, value) in present {
                for (number, one, is_met) in self.changed(*key, value) {
                    if one.term == term {
                        if is_met { &mut met } else { &mut unmet }.push(number);
                    }
                }
            }
            met.sort_unstable();
            unmet.sort_unstable();
        }
        let of_base = self.base_of_term(term, base, present);
        let mut of_base =
            of_base.iter().copied().filter(|number| met.binary_search(number).is_err()).peekable();
        let mut added = unmet.iter().copied().peekable();
        let mut found = Vec::new();
        while found.len() < most {
            let from_base = match (of_base.peek(), added.peek()) {
                (Some(one), Some(other)) => one < other,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => break,
            };
            let number = if from_base { of_base.next() } else { added.next() };
            let Some(one) = number.and_then(|number| self.asked.get(number)) else { break };
            let value = one.key.and_then(|key| value_of(present, key));
            let kind = match (value, one.comparison) {
                (None, _) => one.absent,
                (Some(value), Some(_)) if integer(value).is_none() => Some(MismatchKind::NotANumber),
                (Some(_), _) if from_base => one.unlisted,
                (Some(_), _) => one.listed,
            };
            found.extend(kind.map(|kind| Mismatch { place: one.place, kind }));
        }
        found
    }

    /// What holds for nodes with these of the keys.
    fn base(&self, present: &[(usize, &str)], work: &mut u64) -> Rc<Base> {
        let keys: Vec<usize> = present.iter().map(|(key, _)| *key).collect();
        // The borrows end within a statement each, so they cannot meet.
        if let Some(known) = self.bases.borrow().get(keys.as_slice()) {
            return known.clone();
        }
        *work = work.saturating_add(self.asked.len() as u64);
        let mut unmet = vec![0_usize; self.terms.map_or(0, <[_]>::len)];
        for one in &self.asked {
            if one.unmet(&keys).is_some()
                && let Some(count) = unmet.get_mut(one.term)
            {
                *count = count.saturating_add(1);
            }
        }
        let mut nearest: Vec<usize> = (0..unmet.len()).collect();
        nearest.sort_by_key(|term| unmet.get(*term).copied());
        let base = Rc::new(Base { unmet, nearest, of_term: RefCell::default() });
        let mut bases = self.bases.borrow_mut();
        if bases.len() >= BASES {
            bases.clear();
        }
        bases.insert(keys.into_boxed_slice(), base.clone());
        base
    }

    /// The unmet requirements of a term in a base.
    fn base_of_term(&self, term: usize, base: &Base, present: &[(usize, &str)]) -> Rc<[usize]> {
        if let Some(known) = base.of_term.borrow().get(&term) {
            return known.clone();
        }
        let keys: Vec<usize> = present.iter().map(|(key, _)| *key).collect();
        let end = self.starts.get(term.saturating_add(1)).copied().unwrap_or_default();
        let range = self.starts.get(term).copied().unwrap_or_default()..end;
        let unmet =
            range.filter(|number| self.asked.get(*number).is_some_and(|one| one.unmet(&keys).is_some()));
        let unmet: Rc<[usize]> = unmet.collect();
        base.of_term.borrow_mut().insert(term, unmet.clone());
        unmet
    }
}

impl Asked {
    /// A requirement that no node meets.
    const fn never(place: Place<'static>, term: usize, why: MismatchKind) -> Self {
        let why = Some(why);
        Self { place, term, key: None, absent: why, unlisted: why, listed: why, comparison: None }
    }

    /// Why a node with these of the keys, whose values are not listed, does not meet it.
    fn unmet(&self, keys: &[usize]) -> Option<MismatchKind> {
        let has = self.key.is_some_and(|key| keys.binary_search(&key).is_ok());
        if has { self.unlisted } else { self.absent }
    }
}

fn value_of<'n>(present: &[(usize, &'n str)], key: usize) -> Option<&'n str> {
    let place = present.binary_search_by_key(&key, |(known, _)| *known).ok()?;
    present.get(place).map(|(_, value)| *value)
}

#[cfg(test)]
mod tests;
