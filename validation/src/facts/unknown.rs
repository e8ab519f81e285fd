//! Why it is not known where the pods of a DaemonSet would run.

/// Why it is not known where the pods would run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unknown {
    /// The snapshot lacks objects that some nodes' answers need.
    Incomplete,
    /// Nothing of the cluster is known.
    NoCluster,
    /// The DaemonSet takes more work than is allowed for one.
    Work,
    /// The time was over before the answer was there.
    Time,
    /// The object is too large to be checked.
    Size,
    /// Too many reviews came at once.
    Crowd,
}

impl Unknown {
    /// Every reason.
    pub const ALL: [Self; 6] =
        [Self::Incomplete, Self::NoCluster, Self::Work, Self::Time, Self::Size, Self::Crowd];

    /// The word in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::NoCluster => "no_cluster",
            Self::Work => "work",
            Self::Time => "time",
            Self::Size => "size",
            Self::Crowd => "crowd",
        }
    }
}
