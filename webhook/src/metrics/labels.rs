//! The label values of the metrics: operation, verdict, and reason for shedding. The sets are closed.

/// The operation of a review. Unknown values count as `other`, so a hostile request adds no series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Operation {
    /// `CREATE`
    Create,
    /// `UPDATE`
    Update,
    /// `DELETE`
    Delete,
    /// `CONNECT`
    Connect,
    /// Anything else, or a malformed review.
    Other,
}

impl Operation {
    /// All operations, in the order of their discriminants.
    pub(super) const ALL: [Self; 5] = [Self::Create, Self::Update, Self::Delete, Self::Connect, Self::Other];

    /// The operation with this name.
    pub(crate) fn of(word: &str) -> Self {
        Self::ALL.into_iter().find(|operation| operation.as_str() == word).unwrap_or(Self::Other)
    }

    /// The name in reviews and metrics.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Connect => "CONNECT",
            Self::Other => "other",
        }
    }
}

/// The result of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Verdict {
    /// Allowed without warnings.
    Allowed,
    /// Allowed with warnings.
    Warned,
    /// Denied.
    Denied,
    /// Allowed without a check: it does not create or update a DaemonSet.
    Unjudged,
    /// The body is not a review; answered with a 4xx.
    Malformed,
}

impl Verdict {
    /// All verdicts, in the order of their discriminants.
    pub(super) const ALL: [Self; 5] =
        [Self::Allowed, Self::Warned, Self::Denied, Self::Unjudged, Self::Malformed];

    /// The name in metrics.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Warned => "warned",
            Self::Denied => "denied",
            Self::Unjudged => "unjudged",
            Self::Malformed => "malformed",
        }
    }
}

/// Why a review was refused so that the API server retries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shed {
    /// Too many reviews were in flight.
    InFlight,
    /// Other reviews used all memory for bodies, or the peer used its share.
    Memory,
    /// The replica is shutting down.
    Draining,
    /// There was not enough time left to judge it.
    Late,
}

impl Shed {
    /// All reasons, in the order of their discriminants.
    pub(super) const ALL: [Self; 4] = [Self::InFlight, Self::Memory, Self::Draining, Self::Late];

    /// The name in metrics, traces and answers.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::InFlight => "in-flight",
            Self::Memory => "memory",
            Self::Draining => "draining",
            Self::Late => "late",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discriminants_are_positions() {
        assert!(Operation::ALL.iter().enumerate().all(|(place, operation)| *operation as usize == place));
        assert!(Verdict::ALL.iter().enumerate().all(|(place, verdict)| *verdict as usize == place));
        assert!(Shed::ALL.iter().enumerate().all(|(place, reason)| *reason as usize == place));
    }

    #[test]
    fn names_are_operations() {
        assert_eq!(Operation::of("CREATE"), Operation::Create);
        assert_eq!(Operation::of("create"), Operation::Other);
        assert_eq!(Operation::of(""), Operation::Other);
    }
}
