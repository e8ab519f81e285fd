//! Findings: what the checks report about a document.
//!
//! A finding gives its place as a path and an anchor. Callers that have the text of the document map the place to a line and a
//! column.

use std::borrow::Cow;

use crate::path::FieldPath;

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Information only.
    Info,
    /// The server accepts the document, but it is probably not what the author wants.
    Warning,
    /// The server rejects the document.
    Error,
}

impl Severity {
    /// The word for the severity in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Which part of the entry at the path a finding points to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Anchor {
    /// The key: the entry should not be there, or something is missing below it.
    Key,
    /// The value.
    #[default]
    Value,
    /// A duplicate key: its second occurrence.
    DuplicateKey,
}

/// One change to the document. Like a finding it refers to places by path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Removes the entry or item at the path.
    Remove {
        /// The entry or item.
        path: FieldPath,
    },
    /// Replaces the scalar at the path.
    Replace {
        /// The path of the scalar.
        path: FieldPath,
        /// The new scalar, as YAML text.
        value: String,
    },
    /// Renames the key at the path.
    Rename {
        /// The entry.
        path: FieldPath,
        /// The new key.
        key: String,
    },
    /// Adds an entry to the mapping at the path.
    Insert {
        /// The mapping.
        path: FieldPath,
        /// The new key.
        key: String,
        /// The new scalar, as YAML text.
        value: String,
    },
}

/// A change that resolves a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// Whether the change is safe to apply without review: it keeps the meaning that the document has, or was meant to have.
    pub safe: bool,
    /// The edits. They are applied together or not at all.
    pub edits: Vec<Edit>,
}

/// One problem found in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's id, such as `api/required` or `overlapping-selectors`.
    pub rule: &'static str,
    /// How serious it is.
    pub severity: Severity,
    /// The server's own reason, for findings that mirror the server.
    pub cause: Option<&'static str>,
    /// The path as the server prints it.
    pub field: String,
    /// The path.
    pub path: FieldPath,
    /// Which part of the entry at the path it points to.
    pub anchor: Anchor,
    /// The server's detail, or our own message.
    pub message: Cow<'static, str>,
    /// The server's whole message, where it says more than `message`.
    pub headline: Option<String>,
    /// A short note for the marked place.
    pub label: Option<Cow<'static, str>>,
    /// What to do about it.
    pub help: Option<Cow<'static, str>>,
    /// A change that resolves it.
    pub fix: Option<Fix>,
}

impl Finding {
    /// A finding without any of the optional fields. `field` is set to the text of the path.
    pub fn new(
        rule: &'static str,
        severity: Severity,
        path: FieldPath,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            rule,
            severity,
            cause: None,
            field: path.to_string(),
            path,
            anchor: Anchor::Value,
            message: message.into(),
            headline: None,
            label: None,
            help: None,
            fix: None,
        }
    }

    /// The message to show to people.
    pub fn sentence(&self) -> &str {
        self.headline.as_deref().unwrap_or(&self.message)
    }

    /// Sets the anchor.
    #[must_use]
    pub const fn at(mut self, anchor: Anchor) -> Self {
        self.anchor = anchor;
        self
    }

    /// Sets the server's reason.
    #[must_use]
    pub const fn because(mut self, cause: &'static str) -> Self {
        self.cause = Some(cause);
        self
    }

    /// Sets the help text.
    #[must_use]
    pub fn help(mut self, help: impl Into<Cow<'static, str>>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Sets the note for the marked place.
    #[must_use]
    pub fn label(mut self, label: impl Into<Cow<'static, str>>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Sets the change that resolves the finding.
    #[must_use]
    pub fn fix(mut self, safe: bool, edits: Vec<Edit>) -> Self {
        self.fix = Some(Fix { safe, edits });
        self
    }
}
