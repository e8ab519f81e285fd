//! The cluster on which DaemonSets are previewed.

use daemonset_validation::placement::Snapshot;

/// The cluster that is explained against.
#[derive(Debug)]
pub struct Cluster {
    /// Where it was read from.
    pub source: Source,
    /// What is known of it.
    pub snapshot: Snapshot,
    /// Objects that could not be read, a sentence each; the run ends with exit code 2 then.
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
