//! How a pod violates a limit range, as data.

/// One amount of a pod that a limit range does not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitViolation {
    /// Whose amount it is. Of several containers with the same sentence it is the first.
    pub limited: Limited,
    /// The resource, such as `memory`.
    pub resource: String,
    /// Which bound of the range it is.
    pub bound: Bound,
    /// The bound's amount, as the server prints it.
    pub allowed: String,
    /// What is wrong.
    pub found: Found,
}

/// What a limit range limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Limited {
    /// A container.
    Container {
        /// Its name.
        name: String,
        /// Its list: `containers` or `initContainers`.
        list: &'static str,
        /// Its place in the list, from 0.
        place: usize,
    },
    /// The pod as a whole.
    Pod,
}

/// A bound of a limit range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// `min`.
    Min,
    /// `max`.
    Max,
    /// `maxLimitRequestRatio`.
    MaxRatio,
}

/// What is wrong with an amount. Amounts are as the server prints them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// There is no request; for a ratio it may also be zero.
    NoRequest,
    /// There is no limit; for a ratio it may also be zero.
    NoLimit,
    /// This request.
    Request(String),
    /// This limit.
    Limit(String),
    /// This ratio of limit to request, with six decimals.
    Ratio(String),
}

/// A violation, but for whose it is.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) resource: String,
    pub(super) bound: Bound,
    pub(super) allowed: String,
    pub(super) found: Found,
}

impl Broken {
    pub(super) fn by(self, limited: Limited) -> LimitViolation {
        let Self { resource, bound, allowed, found } = self;
        LimitViolation { limited, resource, bound, allowed, found }
    }
}
