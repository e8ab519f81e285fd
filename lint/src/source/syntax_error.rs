//! A text that is no YAML and no JSON.

use std::borrow::Cow;

use daemonset_validation::Span;

/// Why a text could not be read: one finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The finding's rule.
    pub rule: &'static str,
    /// What is wrong, as one sentence without a full stop.
    pub message: String,
    /// Where, in bytes from the beginning of the file.
    pub span: Span,
    /// What to do about it.
    pub help: Option<Cow<'static, str>>,
    /// The file as a whole is something else, a template for example. All its documents that cannot be read say the same.
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

    /// Adds what to do about it.
    #[must_use]
    pub(super) fn with_help(mut self, help: impl Into<Cow<'static, str>>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// A span from two offsets. Files whose offsets do not fit are refused before they are read.
pub(super) fn span(start: usize, end: usize) -> Span {
    let short = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    Span::new(short(start), short(end.max(start)))
}
