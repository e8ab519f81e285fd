//! `--cache`: which kinds of objects are watched.

use daemonset_validation::placement::Kind;

/// Which kinds of objects are watched: `--cache`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// None. Placement is not checked.
    Off,
    /// Nodes, DaemonSets, volumes, classes and namespaces. What other pods use on a node is not counted.
    #[default]
    Nodes,
    /// Also pods and PodDisruptionBudgets.
    Pods,
}

/// [`Mode::Nodes`] watches the first ten. PodDisruptionBudgets matter only together with pods.
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
    /// The kinds that are watched. Each needs the verbs `list` and `watch` in all namespaces.
    pub fn kinds(self) -> &'static [Kind] {
        let count = match self {
            Self::Off => 0,
            Self::Nodes => 10,
            Self::Pods => KINDS.len(),
        };
        KINDS.get(..count).unwrap_or_default()
    }
}
