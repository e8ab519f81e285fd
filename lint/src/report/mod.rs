//! Prints a run: frames, tables and a page for people, JSON for programs. Each report defines its own output format.

pub(crate) mod attempt;
pub(crate) mod explain;
mod frame;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod rules;
pub(crate) mod text;

/// How text is laid out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    /// Whether to colour.
    pub(crate) color: bool,
    /// The width of the output, in columns.
    pub(crate) columns: usize,
    /// Whether every node has a row of its own.
    pub(crate) all_nodes: bool,
}

/// The colour sequences that the tables of the preview write.
pub(crate) const TABLE_COLORS: &[&str] =
    &["\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[33m", "\x1b[35m"];
