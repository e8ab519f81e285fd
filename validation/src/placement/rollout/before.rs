//! What is known of the pods' template before the update.

/// How the template compares with the one that the existing pods have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Before {
    /// The snapshot's own object is the one to compare with, where it has one. If it has none, the pods are of another template.
    #[default]
    Snapshot,
    /// The template is the one that is stored.
    SameTemplate,
    /// The template differs from the one that is stored.
    OtherTemplate,
}
