//! How much of the cluster is watched.

use daemonset_validation::placement::Kind;

/// How much of the cluster is watched: `--cache`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// Nothing.
    Off,
    /// Nodes, DaemonSets, what volumes need and the small kinds: what pods use of the nodes is not known.
    #[default]
    Nodes,
    /// Pods as well, and the budgets that guard them.
    Pods,
}

/// Without pods their disruption budgets decide nothing, so these come last.
const KINDS: [Kind; 12] = [
    Kind::Node,
    Kind::DaemonSet,
    Kind::Namespace,
    Kind::PriorityClass,
    Kind::RuntimeClass,
    Kind::StorageClass,
    Kind::CsiDriver,
    Kind::CsiNode,
    Kind::PersistentVolume,
    Kind::PersistentVolumeClaim,
    Kind::Pod,
    Kind::PodDisruptionBudget,
];

impl Mode {
    /// The kinds that are watched; each needs the verbs `list` and `watch` for all namespaces.
    pub fn kinds(self) -> &'static [Kind] {
        let count = match self {
            Self::Off => 0,
            Self::Nodes => 10,
            Self::Pods => KINDS.len(),
        };
        KINDS.get(..count).unwrap_or_default()
    }
}
