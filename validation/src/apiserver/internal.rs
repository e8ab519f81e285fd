//! The server's internal DaemonSet: the versioned object and the fields that only the internal type has.

use k8s_openapi::api::apps::v1::DaemonSet;

/// The fields of the server's internal type that the versioned type does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InternalFields {
    /// Whether `spec.selector` is set: an absent selector matches nothing, an empty one everything.
    pub(super) selector_present: bool,
    /// The template generation, which `apps/v1` keeps in an annotation.
    pub(super) template_generation: i64,
}

/// A DaemonSet and the fields of its internal type.
#[derive(Clone, Debug)]
pub(super) struct InternalDaemonSet {
    pub(super) daemon_set: DaemonSet,
    pub(super) internal: InternalFields,
}
