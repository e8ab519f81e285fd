//! How a run is told: frames and tables for people, one JSON object for programs. Each report owns the shape that it prints.

pub(crate) mod explain;
pub(crate) mod json;
pub(crate) mod text;

/// How text is laid out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    /// Whether to colour.
    pub(crate) color: bool,
    /// How many columns there are.
    pub(crate) columns: usize,
}

/// `1 file`, `2 files`.
pub(crate) fn counted(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}
