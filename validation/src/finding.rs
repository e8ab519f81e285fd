//! Findings: what the checks report about a document.
//!
//! A finding gives its place as a path and an anchor. Callers that have the text of the document map the place to a line and a
//! column.

use std::borrow::Cow;

use crate::edit::{Edit, Fix};
use crate::facts::Facts;
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
    pub whole: Option<String>,
    /// What people read, where the server's message is hard to understand.
    pub headline: Option<String>,
    /// A short note for the marked place.
    pub label: Option<Cow<'static, str>>,
    /// What to do about it.
    pub help: Option<Cow<'static, str>>,
    /// A change that resolves it.
    pub fix: Option<Fix>,
    /// The `field` of the finding that this one follows from: the same mistake causes both, and people are shown only the other one.
    pub consequence_of: Option<String>,
    /// What it says of a cluster, as data; `None` where its rule, field and message are all that there is. Boxed, since most findings have
    /// none.
    pub facts: Option<Box<Facts>>,
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
            whole: None,
            headline: None,
            label: None,
            help: None,
            fix: None,
            consequence_of: None,
            facts: None,
        }
    }

    /// The message to show to people.
    pub fn sentence(&self) -> &str {
        self.headline.as_deref().unwrap_or_else(|| self.server_sentence())
    }

    /// The server's message, or our own if the finding is not the server's.
    pub fn server_sentence(&self) -> &str {
        self.whole.as_deref().unwrap_or(&self.message)
    }

    /// The path that people read with the sentence: the server's, or that of the value at fault.
    pub fn place_name(&self) -> std::borrow::Cow<'_, str> {
        if self.headline.is_some() { self.path.to_string().into() } else { self.field.as_str().into() }
    }

    /// Whether people are shown the finding, because it does not follow from another one.
    pub const fn is_shown(&self) -> bool {
        self.consequence_of.is_none()
    }

    /// Sets what people read.
    #[must_use]
    pub fn headline(mut self, headline: impl Into<String>) -> Self {
        self.headline = Some(headline.into());
        self
    }

    /// Sets what it says of a cluster.
    #[must_use]
    pub fn facts(mut self, facts: Facts) -> Self {
        self.facts = Some(Box::new(facts));
        self
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
