//! Terms of affinity between pods, and which pods they mean.

use k8s_openapi::api::core::v1::PodAffinityTerm;

use super::Cluster;
use crate::gates::{Change, Gate};
use crate::matching::label_selector::{Selector, label_selector_as_selector};
use crate::matching::{Labels, NO_LABELS};
use crate::placement::kind::Kind;
use crate::placement::label_keys;
use crate::placement::snapshot::Snapshot;

/// The label that the server gives to every namespace: its name.
const NAMESPACE_NAME: &str = "kubernetes.io/metadata.name";

/// Whether a term means a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Meant {
    /// It does not.
    No,
    /// It may: that depends on labels of a namespace which are not known.
    Perhaps,
    /// It does.
    Yes,
}

impl Meant {
    fn when(condition: bool) -> Self {
        if condition { Self::Yes } else { Self::No }
    }
}

/// A term that can be asked.
///
/// Upstream: `kube-scheduler/framework.AffinityTerm`.
#[derive(Debug)]
pub(super) struct Term<'t> {
    pub(super) topology_key: &'t str,
    selector: Selector<'t>,
    /// The namespaces that it names.
    namespaces: Option<&'t [String]>,
    /// The namespaces that it selects by their labels.
    namespace_selector: Option<Selector<'t>>,
    /// The namespace of the pod whose term it is.
    home: &'t str,
}

impl<'t> Term<'t> {
    /// The term of a pod in the namespace `home`; `None` where a selector cannot be read, which no server stores.
    ///
    /// Upstream: `kube-scheduler/framework.newAffinityTerm`.
    pub(super) fn new(term: &'t PodAffinityTerm, home: &'t str) -> Option<Self> {
        let namespace_selector = match &term.namespace_selector {
            Some(selector) => Some(label_selector_as_selector(Some(selector)).ok()?),
            None => None,
        };
        Some(Self {
            topology_key: &term.topology_key,
            selector: label_selector_as_selector(term.label_selector.as_ref()).ok()?,
            namespaces: term.namespaces.as_deref().filter(|names| !names.is_empty()),
            namespace_selector,
            home,
        })
    }

    /// Whether it names a namespace, be it by saying nothing at all.
    ///
    /// Upstream: `kube-scheduler/framework.getNamespacesFromPodAffinityTerm`.
    fn names(&self, namespace: &str) -> bool {
        match (self.namespaces, self.namespace_selector) {
            (None, None) => namespace == self.home,
            (names, _) => names.into_iter().flatten().any(|name| name == namespace),
        }
    }

    /// Whether the term of a pod that is there already means a pod.
    ///
    /// Upstream: `kube-scheduler/framework.AffinityTerm.Matches`.
    pub(super) fn means(&self, namespace: &str, labels: &Labels, snapshot: &Snapshot) -> Meant {
        if !self.selector.matches(labels) {
            return Meant::No;
        }
        let Some(selector) = self.namespace_selector.filter(|_| !self.names(namespace)) else {
            return Meant::when(self.names(namespace));
        };
        if snapshot.has(Kind::Namespace) {
            let labels = snapshot.namespaces.get(namespace).unwrap_or(&NO_LABELS);
            return Meant::when(selector.matches(labels));
        }
        by_name(selector, namespace)
    }

    /// Whether the term of the pod that is to be placed means a pod.
    ///
    /// Upstream: `scheduler/framework/plugins/interpodaffinity.mergeAffinityTermNamespacesIfNotEmpty`.
    pub(super) fn of_new_pod_means(&self, namespace: &str, labels: &Labels, cluster: &Cluster<'_>) -> Meant {
        if !self.selector.matches(labels) {
            return Meant::No;
        }
        let Some(selector) = self.namespace_selector.filter(|_| !self.names(namespace)) else {
            return Meant::when(self.names(namespace));
        };
        // The namespaces are looked up beforehand, and an empty selector is left as it is. Where the rest was not cleared away, the
        // selector is asked once more about no labels at all, and one that wants labels to be absent selects every namespace.
        let looked_up = cluster.server.has(Change::PodAffinityNamespacesAreLookedUp);
        if selector.is_empty() || (!looked_up && selector.matches(&NO_LABELS)) {
            return Meant::Yes;
        }
        if cluster.snapshot.has(Kind::Namespace) {
            let labels = cluster.snapshot.namespaces.get(namespace);
            return Meant::when(labels.is_some_and(|labels| selector.matches(labels)));
        }
        by_name(selector, namespace)
    }
}

/// What can be said where the namespaces' labels are not known but for their names.
fn by_name(selector: Selector<'_>, namespace: &str) -> Meant {
    if selector.asks_only_for(NAMESPACE_NAME) {
        let labels = Labels::from([(NAMESPACE_NAME.to_owned(), namespace.to_owned())]);
        Meant::when(selector.matches(&labels))
    } else {
        Meant::Perhaps
    }
}

/// The required terms of affinity, and of anti-affinity, of the pod that is to be placed, as the server stores them with it.
///
/// Upstream: `registry/core/pod.mutatePodAffinity`.
pub(super) fn stored_terms(cluster: &Cluster<'_>) -> [Vec<PodAffinityTerm>; 2] {
    let affinity = cluster.pod.spec.affinity.as_ref();
    let to = affinity
        .and_then(|affinity| affinity.pod_affinity.as_ref())
        .and_then(|affinity| affinity.required_during_scheduling_ignored_during_execution.as_deref());
    let against = affinity
        .and_then(|affinity| affinity.pod_anti_affinity.as_ref())
        .and_then(|affinity| affinity.required_during_scheduling_ignored_during_execution.as_deref());
    let merging = cluster.server.enabled(Gate::MatchLabelKeysInPodAffinity);
    [to, against].map(|terms| {
        let mut terms = terms.unwrap_or_default().to_vec();
        for term in terms.iter_mut().filter(|_| merging) {
            let Some(selector) = &mut term.label_selector else { continue };
            for (keys, operator) in [(&term.match_label_keys, "In"), (&term.mismatch_label_keys, "NotIn")] {
                label_keys::merge(
                    selector,
                    keys.as_deref().unwrap_or_default(),
                    operator,
                    &cluster.pod.labels,
                );
            }
        }
        terms
    })
}
