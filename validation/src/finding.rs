//! What there is to say about a document: the only way out of this crate.
//!
//! A finding names its place symbolically, by a path and an anchor. Lines and columns are the business of a face that has text.

use std::borrow::Cow;

use crate::path::FieldPath;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Accepted by the server, and probably not what was meant.
    Warning,
    /// The server rejects the document.
    Error,
}

impl Severity {
    /// The word in every report.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Which part of the place that the path names is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Anchor {
    /// The key: what is wrong is that it is there, or what is missing belongs below it.
    Key,
    /// The value.
    #[default]
    Value,
    /// A key that stands twice: the second one.
    DuplicateKey,
}

/// One change to the document, symbolic like the place of a finding. A face with text makes text of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Take out the entry or item at the path.
    Remove {
        /// The entry or item.
        path: FieldPath,
    },
    /// Put another scalar at the path.
    Replace {
        /// The scalar's place.
        path: FieldPath,
        /// The new scalar, as YAML text.
        value: String,
    },
    /// Give the key at the path another name.
    Rename {
        /// The entry.
        path: FieldPath,
        /// The new key.
        key: String,
    },
    /// Add an entry to the mapping at the path.
    Insert {
        /// The mapping.
        path: FieldPath,
        /// The new key.
        key: String,
        /// The new scalar, as YAML text.
        value: String,
    },
}

/// A change that mends a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// Whether the change keeps the meaning that the document has or would have had (`true`), or a person should look (`false`).
    pub safe: bool,
    /// The edits, all of them or none.
    pub edits: Vec<Edit>,
}

/// One thing to say about a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's id, such as `api/required` or `overlapping-selectors`.
    pub rule: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// The server's own reason, on findings that mirror the server.
    pub cause: Option<&'static str>,
    /// The server's text of the path, byte for byte.
    pub field: String,
    /// Where it is.
    pub path: FieldPath,
    /// Which part of that place.
    pub anchor: Anchor,
    /// The server's detail, or our sentence.
    pub message: Cow<'static, str>,
    /// The server's whole sentence, where it says more than `message`.
    pub headline: Option<String>,
    /// A word under the frame.
    pub label: Option<Cow<'static, str>>,
    /// What to do.
    pub help: Option<Cow<'static, str>>,
    /// The change that mends it.
    pub fix: Option<Fix>,
}

impl Finding {
    /// A finding with nothing optional set; `field` is the path's text.
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

    /// The sentence for people.
    pub fn sentence(&self) -> &str {
        self.headline.as_deref().unwrap_or(&self.message)
    }

    /// The same finding at another anchor.
    #[must_use]
    pub const fn at(mut self, anchor: Anchor) -> Self {
        self.anchor = anchor;
        self
    }

    /// The same finding with the server's reason.
    #[must_use]
    pub const fn because(mut self, cause: &'static str) -> Self {
        self.cause = Some(cause);
        self
    }

    /// The same finding with a help line.
    #[must_use]
    pub fn help(mut self, help: impl Into<Cow<'static, str>>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same finding with a word under its frame.
    #[must_use]
    pub fn label(mut self, label: impl Into<Cow<'static, str>>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// The same finding with a change that mends it.
    #[must_use]
    pub fn fix(mut self, safe: bool, edits: Vec<Edit>) -> Self {
        self.fix = Some(Fix { safe, edits });
        self
    }
}
