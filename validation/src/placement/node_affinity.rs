//! What the pod requires of its node, the same for all nodes.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use k8s_openapi::api::core::v1::{NodeSelectorRequirement, NodeSelectorTerm, PodSpec};

use super::cause::Requirement;
use crate::matching::required::Prepared;

/// What the pod requires of its node, and the requirements that were named in reasons: they are the same for many nodes.
#[derive(Debug)]
pub(super) struct NodeAffinity<'c> {
    /// The requirements.
    pub(super) prepared: Prepared<'c>,
    /// The terms of the required node affinity.
    pub(super) terms: &'c [NodeSelectorTerm],
    named: RefCell<HashMap<(usize, bool, usize), Arc<Requirement>>>,
}

/// The requirements of so many places are remembered.
const NAMED: usize = 4096;

impl<'c> NodeAffinity<'c> {
    /// The requirements of a pod.
    pub(super) fn new(pod: &'c PodSpec) -> Self {
        let affinity = pod.affinity.as_ref().and_then(|affinity| affinity.node_affinity.as_ref());
        let required = affinity
            .and_then(|affinity| affinity.required_during_scheduling_ignored_during_execution.as_ref());
        let terms = required.map(|required| required.node_selector_terms.as_slice()).unwrap_or_default();
        Self { prepared: Prepared::new(pod), terms, named: RefCell::default() }
    }

    /// How much there is to prepare.
    pub(super) fn size(&self) -> usize {
        self.prepared.size()
    }

    /// A requirement as reasons name it: one of a term's `matchExpressions`, or of its `matchFields`.
    pub(super) fn named(
        &self,
        (term, is_field, item): (usize, bool, usize),
        one: &NodeSelectorRequirement,
    ) -> Arc<Requirement> {
        let place = (term, is_field, item);
        if let Some(known) = self.named.borrow().get(&place) {
            return known.clone();
        }
        let made = Arc::new(Requirement::from(one));
        let mut named = self.named.borrow_mut();
        if named.len() >= NAMED {
            named.clear();
        }
        named.insert(place, made.clone());
        made
    }
}
