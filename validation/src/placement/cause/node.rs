//! Labels, taints, ports and resources of a node.

use std::borrow::Cow;
use std::sync::Arc;

use k8s_openapi::api::core::v1::{NodeSelectorRequirement, Taint};

use super::PodName;
use crate::matching::node_selector::MismatchKind;
use crate::placement::host_port::HostPort;

/// A taint of a node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NodeTaint {
    /// Its key.
    pub key: Box<str>,
    /// Its value, empty where it has none.
    pub value: Box<str>,
    /// Its effect.
    pub effect: Box<str>,
}

impl From<&Taint> for NodeTaint {
    fn from(taint: &Taint) -> Self {
        Self {
            key: taint.key.as_str().into(),
            value: taint.value.as_deref().unwrap_or_default().into(),
            effect: taint.effect.as_str().into(),
        }
    }
}

/// A requirement of a selector.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Requirement {
    /// The key of a label or of a field.
    pub key: Box<str>,
    /// The operator: `In`, `Exists`. An entry of `matchLabels` has `=`.
    pub operator: Box<str>,
    /// The values to compare with, at most [`MOST_VALUES`](Self::MOST_VALUES) of them.
    pub values: Box<[Box<str>]>,
    /// How many more values there are.
    pub more_values: usize,
}

impl Requirement {
    /// As many values are kept: a requirement may have thousands, and nobody reads them.
    pub const MOST_VALUES: usize = 64;

    /// A requirement from its parts.
    pub(in crate::placement) fn new(key: &str, operator: &str, values: Option<&[String]>) -> Self {
        let all = values.unwrap_or_default();
        let values = all.iter().take(Self::MOST_VALUES).map(|value| value.as_str().into());
        let more_values = all.len().saturating_sub(Self::MOST_VALUES);
        Self { key: key.into(), operator: operator.into(), values: values.collect(), more_values }
    }
}

impl From<&NodeSelectorRequirement> for Requirement {
    fn from(one: &NodeSelectorRequirement) -> Self {
        Self::new(&one.key, &one.operator, one.values.as_deref())
    }
}

/// The term of the required node affinity of which the fewest requirements are unmet. Terms are alternatives.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NearestTerm {
    /// How many terms there are.
    pub terms: usize,
    /// What is unmet, the first ones; never none.
    pub unmet: Box<[UnmetRequirement]>,
    /// How many more of its requirements are unmet.
    pub more_unmet: usize,
}

/// A requirement of a term that a node does not meet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum UnmetRequirement {
    /// An item of `matchExpressions`.
    Label {
        /// The requirement.
        requirement: Arc<Requirement>,
        /// Why it is unmet.
        mismatch: MismatchKind,
        /// The node's value of the label.
        actual: Option<Box<str>>,
    },
    /// An item of `matchFields`, which compares the node's name.
    Field(Arc<Requirement>),
    /// The term has no requirements, and such a term matches no node.
    EmptyTerm,
}

/// A host port that another pod holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HeldPort {
    /// The port in the manifest.
    pub port: HostPort,
    /// The pod that holds it, where it is known.
    pub holder: Option<PodName>,
}

/// A resource of which too little is free, in milli-CPU, bytes or counts.
///
/// Upstream: `scheduler/framework/plugins/noderesources.InsufficientResource`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Insufficient {
    /// Its name.
    pub name: Cow<'static, str>,
    /// What the pod requests.
    pub requested: i64,
    /// What other pods on the node request.
    pub used: i64,
    /// What the node has.
    pub allocatable: i64,
}

impl Insufficient {
    /// What the other pods leave; never negative.
    pub fn free(&self) -> i64 {
        self.allocatable.saturating_sub(self.used).max(0)
    }
}
