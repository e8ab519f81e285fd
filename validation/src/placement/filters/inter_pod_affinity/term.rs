//! Terms of affinity between pods, and which pods they select.

use k8s_openapi::api::core::v1::PodAffinityTerm;

use crate::gates::{Change, Gate};
use crate::matching::prepared_selector::{OneOf, PreparedSelector};
use crate::matching::{Labels, NO_LABELS};
use crate::placement::context::Context;
use crate::placement::kind::Kind;
use crate::placement::label_keys;
use crate::placement::snapshot::Snapshot;

/// The label with a namespace's name, which the server sets.
const NAMESPACE_NAME: &str = "kubernetes.io/metadata.name";

/// Whether a term selects a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Selected {
    /// It does not.
    No,
    /// It depends on labels of a namespace that are not known.
    Maybe,
    /// It does.
    Yes,
}

impl Selected {
    fn when(condition: bool) -> Self {
        if condition { Self::Yes } else { Self::No }
    }
}

/// A parsed term.
///
/// Upstream: `kube-scheduler/framework.AffinityTerm`.
#[derive(Debug)]
pub(super) struct Term<'t> {
    pub(super) topology_key: &'t str,
    selector: PreparedSelector<'t>,
    /// The namespaces that it names.
    namespaces: Option<OneOf<'t>>,
    /// The namespaces that it selects by their labels.
    namespace_selector: Option<PreparedSelector<'t>>,
    /// The namespace of the pod whose term it is.
    home: &'t str,
}

impl<'t> Term<'t> {
    /// The term of a pod in the namespace `home`; `None` where a selector is invalid, which no server stores.
    ///
    /// Upstream: `kube-scheduler/framework.newAffinityTerm`.
    pub(super) fn new(term: &'t PodAffinityTerm, home: &'t str) -> Option<Self> {
        let namespace_selector = match &term.namespace_selector {
            Some(selector) => Some(PreparedSelector::new(Some(selector)).ok()?),
            None => None,
        };
        Some(Self {
            topology_key: &term.topology_key,
            selector: PreparedSelector::new(term.label_selector.as_ref()).ok()?,
            namespaces: term.namespaces.as_deref().filter(|names| !names.is_empty()).map(OneOf::new),
            namespace_selector,
            home,
        })
    }

    /// Whether it names a namespace. A term without namespaces names its own pod's.
    ///
    /// Upstream: `kube-scheduler/framework.getNamespacesFromPodAffinityTerm`.
    fn names(&self, namespace: &str) -> bool {
        match (&self.namespaces, &self.namespace_selector) {
            (None, None) => namespace == self.home,
            (names, _) => names.as_ref().is_some_and(|names| names.contains(namespace)),
        }
    }

    /// How much a match looks at, at most.
    pub(super) fn size(&self) -> usize {
        let of_namespaces = self.namespace_selector.as_ref().map_or(0, PreparedSelector::len);
        self.selector.len().saturating_add(of_namespaces).saturating_add(1)
    }

    /// The selector of namespaces, where the answer depends on it; otherwise the answer.
    fn undecided(&self, namespace: &str, labels: &Labels) -> Result<&PreparedSelector<'t>, Selected> {
        let names = self.names(namespace);
        // Most pods are in a namespace that the term does not name.
        let Some(selector) = self.namespace_selector.as_ref().filter(|_| !names) else {
            return Err(Selected::when(names && self.selector.matches(labels)));
        };
        if self.selector.matches(labels) { Ok(selector) } else { Err(Selected::No) }
    }

    /// Whether the term of an existing pod selects a pod.
    ///
    /// Upstream: `kube-scheduler/framework.AffinityTerm.Matches`.
    pub(super) fn selects(&self, namespace: &str, labels: &Labels, snapshot: &Snapshot) -> Selected {
        let selector = match self.undecided(namespace, labels) {
            Ok(selector) => selector,
            Err(selected) => return selected,
        };
        if snapshot.has(Kind::Namespace) {
            let labels = snapshot.namespaces.get(namespace).map_or(&NO_LABELS, |found| &found.labels);
            return Selected::when(selector.matches(labels));
        }
        by_name(selector, namespace)
    }

    /// Whether the term of the new pod selects a pod.
    ///
    /// Upstream: `scheduler/framework/plugins/interpodaffinity.mergeAffinityTermNamespacesIfNotEmpty`.
    pub(super) fn of_new_pod_selects(
        &self,
        namespace: &str,
        labels: &Labels,
        context: &Context<'_>,
    ) -> Selected {
        let selector = match self.undecided(namespace, labels) {
            Ok(selector) => selector,
            Err(selected) => return selected,
        };
        // Upstream replaces a selector by the names of the namespaces that it selects, except an empty one. Before the change, it kept the
        // selector as well and matched it against no labels, so a selector of absent labels selects every namespace.
        let looked_up = context.server.has(Change::PodAffinityNamespacesAreLookedUp);
        if selector.is_empty() || (!looked_up && selector.matches(&NO_LABELS)) {
            return Selected::Yes;
        }
        if context.snapshot.has(Kind::Namespace) {
            let labels = context.snapshot.namespaces.get(namespace);
            return Selected::when(labels.is_some_and(|found| selector.matches(&found.labels)));
        }
        by_name(selector, namespace)
    }
}

/// The answer where of the namespaces only the names are known.
fn by_name(selector: &PreparedSelector<'_>, namespace: &str) -> Selected {
    if selector.asks_only_for(NAMESPACE_NAME) {
        let labels = Labels::from([(NAMESPACE_NAME.to_owned(), namespace.to_owned())]);
        Selected::when(selector.matches(&labels))
    } else {
        Selected::Maybe
    }
}

/// The required terms of affinity, and of anti-affinity, of the pod that is to be placed, as the server stores them with it.
///
/// Upstream: `registry/core/pod.mutatePodAffinity`.
pub(super) fn stored_terms(context: &Context<'_>) -> [Vec<PodAffinityTerm>; 2] {
    let affinity = context.pod.spec.affinity.as_ref();
    let to = affinity
        .and_then(|affinity| affinity.pod_affinity.as_ref())
        .and_then(|affinity| affinity.required_during_scheduling_ignored_during_execution.as_deref());
    let against = affinity
        .and_then(|affinity| affinity.pod_anti_affinity.as_ref())
        .and_then(|affinity| affinity.required_during_scheduling_ignored_during_execution.as_deref());
    let merging = context.server.enabled(Gate::MatchLabelKeysInPodAffinity);
    [to, against].map(|terms| {
        let mut terms = terms.unwrap_or_default().to_vec();
        for term in terms.iter_mut().filter(|_| merging) {
            let Some(selector) = &mut term.label_selector else { continue };
            for (keys, operator) in [(&term.match_label_keys, "In"), (&term.mismatch_label_keys, "NotIn")] {
                label_keys::merge(
                    selector,
                    keys.as_deref().unwrap_or_default(),
                    operator,
                    &context.pod.labels,
                );
            }
        }
        terms
    })
}
