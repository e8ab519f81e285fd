//! Prints a run: frames, tables and a page for people, lines for `grep` and editors, JSON and the formats of CI services for programs. Each
//! report defines its own output format.

pub(crate) mod allowed;
pub(crate) mod attempt;
pub(crate) mod concise;
pub(crate) mod config;
pub(crate) mod explain;
mod finding;
mod fingerprint;
mod frame;
pub(crate) mod github;
pub(crate) mod gitlab;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod junit;
mod link;
pub(crate) mod mended;
pub(crate) mod rules;
pub(crate) mod sarif;
pub(crate) mod source_root;
pub(crate) mod statistics;
pub(crate) mod summary;
pub(crate) mod text;

/// How text is laid out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    /// Whether to colour.
    pub(crate) color: bool,
    /// The width of the output, in columns; [`Style::UNWRAPPED`] if lines are not wrapped.
    pub(crate) columns: usize,
    /// Whether only ASCII characters are drawn.
    pub(crate) ascii: bool,
    /// Whether the preview shows every DaemonSet with every node.
    pub(crate) all: bool,
    /// Whether the terminal makes links of OSC 8 sequences.
    pub(crate) links: bool,
    /// The verdicts that the preview shows; `None` for all.
    pub(crate) only: Option<explain::only::Only>,
}

impl Style {
    /// The width of an output whose lines are not wrapped: larger than any line.
    pub(crate) const UNWRAPPED: usize = usize::MAX;

    /// Whether lines are wrapped.
    pub(crate) const fn is_wrapped(&self) -> bool {
        self.columns != Self::UNWRAPPED
    }
}

/// The colour sequences that the tables of the preview write.
pub(crate) const TABLE_COLORS: &[&str] =
    &["\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[35m"];
