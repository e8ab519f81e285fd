//! Node selectors: `nodeSelector` of a pod's spec and the terms of its node affinity.

use k8s_openapi::api::core::v1::{
    Affinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodSpec,
};

use super::error::SelectorFaults;
use super::requirement::{self, Operator};
use super::{Labels, SelectorError};
use crate::path::Path;

pub use super::requirement::MismatchKind;

/// The parts of a node that node selectors match.
#[derive(Clone, Copy, Debug)]
pub struct Node<'n> {
    /// Its name.
    pub name: &'n str,
    /// Its labels.
    pub labels: &'n Labels,
}

/// The place of a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'s> {
    /// A key of the pod's `nodeSelector`.
    NodeSelector(&'s str),
    /// A whole term.
    Term(usize),
    /// An item of a term's `matchExpressions`.
    Expression {
        /// The index of the term, from 0.
        term: usize,
        /// The index of the item, from 0.
        expression: usize,
    },
    /// An item of a term's `matchFields`.
    Field {
        /// The index of the term, from 0.
        term: usize,
        /// The index of the item, from 0.
        field: usize,
    },
}

/// A requirement that a node does not meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mismatch<'s> {
    /// The place of the requirement.
    pub place: Place<'s>,
    /// Why the node does not meet it.
    pub kind: MismatchKind,
}

fn values(requirement: &NodeSelectorRequirement) -> &[String] {
    requirement.values.as_deref().unwrap_or_default()
}

fn expressions(term: &NodeSelectorTerm) -> &[NodeSelectorRequirement] {
    term.match_expressions.as_deref().unwrap_or_default()
}

fn fields(term: &NodeSelectorTerm) -> &[NodeSelectorRequirement] {
    term.match_fields.as_deref().unwrap_or_default()
}

/// Whether a term has no requirements.
///
/// Upstream: `component-helpers/scheduling/corev1/nodeaffinity.isEmptyNodeSelectorTerm`.
fn is_empty(term: &NodeSelectorTerm) -> bool {
    expressions(term).is_empty() && fields(term).is_empty()
}

/// Key and values are valid for labels, and the number of values fits the operator.
///
/// Upstream: `component-helpers/scheduling/corev1/nodeaffinity.nodeSelectorRequirementsAsSelector`.
fn check_expression(one: &NodeSelectorRequirement, path: &Path<'_>, faults: &mut SelectorFaults) {
    match Operator::of_node_selector(&one.operator) {
        Some(operator) => requirement::check(&one.key, operator, values(one), path, faults),
        None => faults.not_supported(
            &path.field("operator"),
            &one.operator,
            &["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"],
        ),
    }
}

/// A field requirement has exactly one value.
///
/// Upstream: `component-helpers/scheduling/corev1/nodeaffinity.nodeSelectorRequirementsAsFieldSelector`.
fn check_field(one: &NodeSelectorRequirement, path: &Path<'_>, faults: &mut SelectorFaults) {
    if !matches!(one.operator.as_str(), "In" | "NotIn") {
        faults.not_supported(&path.field("operator"), &one.operator, &["In", "NotIn"]);
    } else if values(one).len() != 1 {
        faults.invalid_list(&path.field("values"), "must have one element");
    }
}

/// Whether an expression is valid.
pub(super) fn is_valid_expression(one: &NodeSelectorRequirement) -> bool {
    let mut faults = SelectorFaults::default();
    check_expression(one, &Path::root(""), &mut faults);
    faults.is_empty()
}

/// Whether a requirement of `matchFields` is valid.
pub(super) fn is_valid_field(one: &NodeSelectorRequirement) -> bool {
    let mut faults = SelectorFaults::default();
    check_field(one, &Path::root(""), &mut faults);
    faults.is_empty()
}

/// Upstream: `component-helpers/scheduling/corev1/nodeaffinity.newNodeSelectorTerm`.
fn check_term(term: &NodeSelectorTerm, path: &Path<'_>, faults: &mut SelectorFaults) {
    let list = path.field("matchExpressions");
    for (index, one) in expressions(term).iter().enumerate() {
        check_expression(one, &list.index(index), faults);
    }
    let list = path.field("matchFields");
    for (index, one) in fields(term).iter().enumerate() {
        check_field(one, &list.index(index), faults);
    }
}

fn match_expression(one: &NodeSelectorRequirement, node: Node<'_>) -> Result<(), MismatchKind> {
    let operator = Operator::of_node_selector(&one.operator).ok_or(MismatchKind::Invalid)?;
    requirement::matches(&one.key, operator, values(one), node.labels)
}

/// Upstream: `component-helpers/scheduling/corev1/nodeaffinity.extractNodeFields`,
/// `apimachinery/fields.hasTerm.Matches`, `apimachinery/fields.notHasTerm.Matches`.
fn match_field(one: &NodeSelectorRequirement, node: Node<'_>) -> Result<(), MismatchKind> {
    // A node without a name has no fields, and the requirement counts as met.
    if node.name.is_empty() {
        return Ok(());
    }
    let actual = if one.key == "metadata.name" { node.name } else { "" };
    let [wanted] = values(one) else { return Err(MismatchKind::Invalid) };
    let fulfilled = match one.operator.as_str() {
        "In" => actual == wanted,
        "NotIn" => actual != wanted,
        _ => return Err(MismatchKind::Invalid),
    };
    if fulfilled { Ok(()) } else { Err(MismatchKind::Value) }
}

/// Upstream: `component-helpers/scheduling/corev1/nodeaffinity.nodeSelectorTerm.match`.
fn match_term(term: &NodeSelectorTerm, node: Node<'_>) -> bool {
    expressions(term).iter().all(|one| match_expression(one, node).is_ok())
        && fields(term).iter().all(|one| match_field(one, node).is_ok())
}

/// Checks that every term of a node selector is valid. An empty term is.
///
/// # Errors
///
/// If a term has an invalid requirement.
///
/// Upstream: `component-helpers/scheduling/corev1/nodeaffinity.NewNodeSelector`.
pub fn new_node_selector(selector: &NodeSelector) -> Result<(), SelectorError> {
    let terms = Path::root("nodeSelectorTerms");
    let mut faults = SelectorFaults::default();
    for (index, term) in selector.node_selector_terms.iter().enumerate() {
        check_term(term, &terms.index(index), &mut faults);
    }
    faults.into_result()
}

/// Whether at least one term of a node selector matches a node. An empty term matches no node.
///
/// # Errors
///
/// If a term is invalid and no valid term before it matches.
///
/// Upstream: `component-helpers/scheduling/corev1/nodeaffinity.LazyErrorNodeSelector.Match`,
/// `component-helpers/scheduling/corev1/nodeaffinity.NewLazyErrorNodeSelector`,
/// `component-helpers/scheduling/corev1.MatchNodeSelectorTerms`.
pub fn match_node_selector_terms(selector: &NodeSelector, node: Node<'_>) -> Result<bool, SelectorError> {
    let terms = Path::root("nodeSelectorTerms");
    let mut faults = SelectorFaults::default();
    for (index, term) in selector.node_selector_terms.iter().enumerate() {
        if is_empty(term) {
            continue;
        }
        let known = faults.len();
        check_term(term, &terms.index(index), &mut faults);
        if faults.len() == known && match_term(term, node) {
            return Ok(true);
        }
    }
    faults.into_result().map(|()| false)
}

/// What a pod requires of its node: `nodeSelector` and the required node affinity.
///
/// Upstream: `component-helpers/scheduling/corev1/nodeaffinity.RequiredNodeAffinity`.
#[derive(Clone, Copy, Debug)]
pub struct RequiredNodeAffinity<'s> {
    labels: Option<&'s Labels>,
    terms: Option<&'s NodeSelector>,
}

impl<'s> RequiredNodeAffinity<'s> {
    /// The requirements of a `nodeSelector` and an affinity.
    ///
    /// Upstream: `component-helpers/scheduling/corev1/nodeaffinity.NewRequiredNodeAffinity`.
    pub fn new(node_selector: Option<&'s Labels>, affinity: Option<&'s Affinity>) -> Self {
        let terms = affinity
            .and_then(|affinity| affinity.node_affinity.as_ref())
            .and_then(|affinity| affinity.required_during_scheduling_ignored_during_execution.as_ref());
        Self { labels: node_selector, terms }
    }

    /// The requirements of a pod's spec.
    ///
    /// Upstream: `component-helpers/scheduling/corev1/nodeaffinity.GetRequiredNodeAffinity`.
    pub fn of(spec: &'s PodSpec) -> Self {
        Self::new(spec.node_selector.as_ref(), spec.affinity.as_ref())
    }

    /// Whether a node meets the requirements.
    ///
    /// # Errors
    ///
    /// If a term is invalid and no valid term before it matches.
    ///
    /// Upstream: `component-helpers/scheduling/corev1/nodeaffinity.RequiredNodeAffinity.Match`.
    pub fn matches(&self, node: Node<'_>) -> Result<bool, SelectorError> {
        let mut pairs = self.labels.into_iter().flatten();
        if !pairs.all(|(key, value)| node.labels.get(key) == Some(value)) {
            return Ok(false);
        }
        self.terms.map_or(Ok(true), |terms| match_node_selector_terms(terms, node))
    }

    /// All requirements that a node does not meet; empty if the node matches. One matching term is enough, so either every term has
    /// mismatches or none is reported.
    pub fn mismatches(&self, node: Node<'_>) -> Vec<Mismatch<'s>> {
        let mut found: Vec<Mismatch<'s>> = Vec::new();
        for (key, value) in self.labels.into_iter().flatten() {
            let kind = match node.labels.get(key) {
                Some(actual) if actual == value => continue,
                Some(_) => MismatchKind::Value,
                None => MismatchKind::Absent,
            };
            found.push(Mismatch { place: Place::NodeSelector(key), kind });
        }
        if let Some(selector) = self.terms
            && !matches!(match_node_selector_terms(selector, node), Ok(true))
        {
            for (index, term) in selector.node_selector_terms.iter().enumerate() {
                term_mismatches(index, term, node, &mut found);
            }
        }
        found
    }
}

fn term_mismatches<'s>(
    term_index: usize,
    term: &NodeSelectorTerm,
    node: Node<'_>,
    found: &mut Vec<Mismatch<'s>>,
) {
    if is_empty(term) {
        found.push(Mismatch { place: Place::Term(term_index), kind: MismatchKind::Empty });
    }
    let verdict = |readable: bool, matched: Result<(), MismatchKind>| {
        if readable { matched.err() } else { Some(MismatchKind::Invalid) }
    };
    for (expression, one) in expressions(term).iter().enumerate() {
        if let Some(kind) = verdict(is_valid_expression(one), match_expression(one, node)) {
            found.push(Mismatch { place: Place::Expression { term: term_index, expression }, kind });
        }
    }
    for (field, one) in fields(term).iter().enumerate() {
        if let Some(kind) = verdict(is_valid_field(one), match_field(one, node)) {
            found.push(Mismatch { place: Place::Field { term: term_index, field }, kind });
        }
    }
}
