//! The priority of a pod.

/// A pod's priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Priority {
    /// The value; higher is more important.
    pub value: i32,
    /// Whether the scheduler may preempt pods of lower priority for it.
    pub preempts: bool,
}
