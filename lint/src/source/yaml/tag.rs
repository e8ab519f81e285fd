//! The meaning of tags.

/// A tag's meaning for a scalar. Tags of collections are ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// No tag.
    None,
    /// A lone `!`.
    Lone,
    Str,
    Bool,
    Int,
    Float,
    Null,
    Timestamp,
    Binary,
    Merge,
    /// Any other tag: the scalar is a string.
    Other,
}

impl Tag {
    /// The meaning of a tag whose handle is expanded.
    pub(super) fn of(tag: &granit_parser::Tag) -> Self {
        match tag.suffix_in_namespace("tag:yaml.org,2002:").as_deref() {
            Some("str") => Self::Str,
            Some("bool") => Self::Bool,
            Some("int") => Self::Int,
            Some("float") => Self::Float,
            Some("null") => Self::Null,
            Some("timestamp") => Self::Timestamp,
            Some("binary") => Self::Binary,
            Some("merge") => Self::Merge,
            _ if tag.handle().len().saturating_add(tag.suffix().len()) == 1 => Self::Lone,
            _ => Self::Other,
        }
    }

    /// How the tag is written.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Str => "!!str",
            Self::Bool => "!!bool",
            Self::Int => "!!int",
            Self::Float => "!!float",
            Self::Null => "!!null",
            Self::Timestamp => "!!timestamp",
            Self::Binary => "!!binary",
            Self::Merge => "!!merge",
            Self::None | Self::Lone | Self::Other => "!",
        }
    }
}
