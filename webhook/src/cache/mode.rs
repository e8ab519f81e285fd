//! How much of the cluster is watched.

use daemonset_validation::placement::Kind;

/// How much of the cluster is watched: `--cache`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// Nothing.
    Off,
    /// Nodes, DaemonSets and the small kinds.
    #[default]
    Nodes,
    /// Pods as well, and what belongs to them.
    Pods,
}

/// Of the kinds of `Nodes` there are at most as many objects as there are nodes. The rest grows with the pods, and says little without
/// them.
const KINDS: [Kind; 12] = [
    Kind::Node,
    Kind::DaemonSet,
    Kind::Namespace,
    Kind::PriorityClass,
    Kind::RuntimeClass,
    Kind::StorageClass,
    Kind::CsiDriver,
    Kind::CsiNode,
    Kind::Pod,
    Kind::PodDisruptionBudget,
    Kind::PersistentVolume,
    Kind::PersistentVolumeClaim,
];

impl Mode {
    /// The kinds that are watched; each needs the verbs `list` and `watch` for all namespaces.
    pub fn kinds(self) -> &'static [Kind] {
        let count = match self {
            Self::Off => 0,
            Self::Nodes => 8,
            Self::Pods => KINDS.len(),
        };
        KINDS.get(..count).unwrap_or_default()
    }
}
