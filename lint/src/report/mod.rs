//! How a run is told: frames and tables for people, one JSON object for programs. Each report owns the shape that it prints.

pub mod explain;
pub mod json;
pub mod text;

/// How text is laid out.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Whether to colour.
    pub color: bool,
    /// How many columns there are.
    pub columns: usize,
}

/// `1 file`, `2 files`.
pub fn counted(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}
