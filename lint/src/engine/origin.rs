//! How a text came into the run.

/// How a text came into the run. It decides what a document without `apiVersion` or `kind` is: kubectl refuses it, but in a folder of
/// a repository such a document is mostly no manifest at all (a values file, a pipeline).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Origin {
    /// It is named on the command line, or is standard input: all its documents are meant for kubectl.
    #[default]
    Named,
    /// It was found in a folder.
    Walked,
}
