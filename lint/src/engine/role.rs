//! What a file is to the folder in which it was found.

/// What a file is to the folder in which it was found. It decides how much of the file must be a whole, valid object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// It was not found but named: everything in it is meant for kubectl.
    #[default]
    Whole,
    /// Nothing in the folder says what it is.
    Found,
    /// A kustomization names it as a resource: its objects are whole.
    Resource,
    /// A kustomization names it as a patch: its objects are parts.
    Patch,
    /// It is in the `templates` folder of a Helm chart.
    Template,
    /// It holds objects as they were before (`--against`). It is not checked.
    Old,
}

impl Role {
    /// Whether the file was found in a folder, rather than named.
    pub const fn is_found(self) -> bool {
        !matches!(self, Self::Whole | Self::Old)
    }
}
