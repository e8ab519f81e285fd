//! Pods in the node's topology domains.

use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::{PodName, Requirement};

/// The nodes that have one value of a label.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Domain {
    /// The label: a `topologyKey`.
    pub key: Box<str>,
    /// The node's value of it.
    pub value: Box<str>,
}

/// The pods that a label selector selects.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PodSelector {
    /// No pod: the selector is absent.
    Nothing,
    /// All pods: the selector is empty.
    Everything,
    /// The pods that meet all requirements.
    Matching {
        /// The requirements, the first ones; never none.
        requirements: Arc<[Requirement]>,
        /// How many more there are.
        more: usize,
    },
}

/// As many requirements of a selector are kept.
const MOST_REQUIREMENTS: usize = 32;

impl From<Option<&LabelSelector>> for PodSelector {
    fn from(selector: Option<&LabelSelector>) -> Self {
        let Some(selector) = selector else { return Self::Nothing };
        let labels = selector.match_labels.iter().flatten();
        let labels = labels.map(|(key, value)| Requirement::new(key, "=", Some(std::slice::from_ref(value))));
        let expressions = selector.match_expressions.iter().flatten();
        let expressions =
            expressions.map(|one| Requirement::new(&one.key, &one.operator, one.values.as_deref()));
        let mut all = labels.chain(expressions);
        let requirements: Arc<[Requirement]> = all.by_ref().take(MOST_REQUIREMENTS).collect();
        if requirements.is_empty() {
            Self::Everything
        } else {
            Self::Matching { requirements, more: all.count() }
        }
    }
}

/// A domain that would have too many of the pods that a topology spread constraint counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Skew {
    /// The node's domain.
    pub domain: Domain,
    /// How many counted pods run in it.
    pub here: i64,
    /// Whether the constraint counts the pod itself.
    pub counts_itself: bool,
    /// The fewest counted pods in any domain.
    pub least: i64,
    /// The skew with the pod.
    pub skew: i64,
    /// `maxSkew`.
    pub max_skew: i64,
    /// Where there are fewer domains than `minDomains`.
    pub too_few_domains: Option<TooFewDomains>,
}

/// Fewer domains than a topology spread constraint wants; the fewest pods of a domain are 0 then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TooFewDomains {
    /// How many domains count.
    pub domains: i64,
    /// `minDomains`.
    pub min_domains: i64,
}

/// Pods that a term of pod affinity wants in the node's domain.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WantedPods {
    /// The pods that the term selects.
    pub selector: PodSelector,
    /// The node's domain.
    pub domain: Domain,
    /// Whether there are other terms, which must select the same pods.
    pub other_terms: bool,
}

/// A term of pod anti-affinity, and a pod for which it keeps the pod off the node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AntiAffinity {
    /// The pods that the term selects.
    pub selector: PodSelector,
    /// The node's domain.
    pub domain: Domain,
    /// The other pod.
    pub other: OtherPod,
    /// Whether the term selects the pod for certain; if not, that depends on labels of a namespace that are not known.
    pub certain: bool,
}

/// A pod in the node's domain.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OtherPod {
    /// A pod of the snapshot.
    Existing {
        /// Its name, where it is known.
        pod: Option<PodName>,
        /// The node that it runs on.
        node: Option<Box<str>>,
    },
    /// A pod of the same DaemonSet, which the preview placed before.
    Own {
        /// The node that it runs on.
        node: Option<Box<str>>,
    },
}
