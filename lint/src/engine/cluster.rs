//! The cluster on which DaemonSets are previewed.

use daemonset_validation::placement::Snapshot;

/// The cluster of a preview.
#[derive(Debug)]
pub struct Cluster {
    /// Where it was read from.
    pub source: Source,
    /// The objects that were read.
    pub snapshot: Snapshot,
    /// A message for each object that could not be read. If there is one, the command ends with exit code 2.
    pub faults: Vec<String>,
}

/// Where a cluster was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Files.
    File,
    /// The API server of a kubeconfig context.
    Context,
}

impl Source {
    /// The word in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Context => "context",
        }
    }
}
