//! The server's internal DaemonSet: the served one and what only the internal type holds.

use k8s_openapi::api::apps::v1::DaemonSet;

/// What the server's internal object has besides the fields of the served one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InternalFields {
    /// Whether `spec.selector` is there: an absent selector selects nothing, an empty one everything.
    pub(super) selector_present: bool,
    /// The generation of the template, which the served version keeps in an annotation.
    pub(super) template_generation: i64,
}

/// A DaemonSet with what only the server's internal object has.
#[derive(Clone, Debug)]
pub(super) struct InternalDaemonSet {
    pub(super) daemon_set: DaemonSet,
    pub(super) internal: InternalFields,
}
