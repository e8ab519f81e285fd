//! The closed sets of label values: what a review asked for, how it ended, why it was sent back.

/// The operation of a review. What the API server never sends is `other`, so a hostile request adds no series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// `CREATE`
    Create,
    /// `UPDATE`
    Update,
    /// `DELETE`
    Delete,
    /// `CONNECT`
    Connect,
    /// Anything else, or a body that is not a review.
    Other,
}

impl Operation {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 5] = [Self::Create, Self::Update, Self::Delete, Self::Connect, Self::Other];

    /// The operation of a review's own word.
    pub fn of(word: &str) -> Self {
        Self::ALL.into_iter().find(|operation| operation.as_str() == word).unwrap_or(Self::Other)
    }

    /// The word in the review and in the metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Connect => "CONNECT",
            Self::Other => "other",
        }
    }
}

/// How a review ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Allowed, with nothing to say.
    Allowed,
    /// Allowed with warnings.
    Warned,
    /// Denied.
    Denied,
    /// Allowed without a look: it was not about a DaemonSet.
    Unjudged,
    /// Not a review: answered by a 4xx.
    Malformed,
}

impl Verdict {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 5] = [Self::Allowed, Self::Warned, Self::Denied, Self::Unjudged, Self::Malformed];

    /// The word in the metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Warned => "warned",
            Self::Denied => "denied",
            Self::Unjudged => "unjudged",
            Self::Malformed => "malformed",
        }
    }
}

/// Why a review was sent back to be retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shed {
    /// As many reviews as allowed were in flight.
    InFlight,
    /// The bodies being read had used up the memory for them.
    Memory,
    /// The replica is being shut down.
    Draining,
    /// The caller's deadline had passed before the review's turn came.
    Deadline,
}

impl Shed {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::InFlight, Self::Memory, Self::Draining, Self::Deadline];

    /// The word in the metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InFlight => "in-flight",
            Self::Memory => "memory",
            Self::Draining => "draining",
            Self::Deadline => "deadline",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_places() {
        assert!(Operation::ALL.iter().enumerate().all(|(place, operation)| *operation as usize == place));
        assert!(Verdict::ALL.iter().enumerate().all(|(place, verdict)| *verdict as usize == place));
        assert!(Shed::ALL.iter().enumerate().all(|(place, reason)| *reason as usize == place));
    }

    #[test]
    fn words_are_operations() {
        assert_eq!(Operation::of("CREATE"), Operation::Create);
        assert_eq!(Operation::of("create"), Operation::Other);
        assert_eq!(Operation::of(""), Operation::Other);
    }
}
