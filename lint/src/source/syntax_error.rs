//! An error in a text that is neither YAML nor JSON.

use std::borrow::Cow;

use daemonset_validation::Span;

/// Why a text cannot be parsed. It becomes one finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The finding's rule.
    pub rule: &'static str,
    /// The message, one sentence without a full stop.
    pub message: String,
    /// Its place, in bytes from the beginning of the file.
    pub span: Span,
    /// How to correct it.
    pub help: Option<Cow<'static, str>>,
    /// Whether the whole file is something else, for example a template. Then all its documents have the same error.
    pub whole_file: bool,
}

impl SyntaxError {
    /// An error at a place of the file.
    pub(super) fn new(message: impl Into<String>, start: usize, end: usize) -> Self {
        Self {
            rule: "file/syntax",
            message: message.into(),
            span: span(start, end),
            help: None,
            whole_file: false,
        }
    }

    /// Adds how to correct it.
    #[must_use]
    pub(super) fn with_help(mut self, help: impl Into<Cow<'static, str>>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// A span from two offsets. They fit into 32 bits, since larger files are refused.
pub(super) fn span(start: usize, end: usize) -> Span {
    let short = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    Span::new(short(start), short(end.max(start)))
}
