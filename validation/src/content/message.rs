//! The messages of the format checks.

use std::borrow::Cow;
use std::fmt;

/// What is wrong with a value, in the server's order. Empty if the value is valid.
pub(crate) type Messages = Vec<Message>;

/// One thing that is wrong with a value, in the server's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// The server's text.
    pub(crate) text: Cow<'static, str>,
    /// The format that the whole value lacks, if the message is about its format.
    pub(crate) format: Option<Format>,
}

/// A format of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Format {
    /// A DNS label.
    DnsLabel,
    /// A DNS subdomain: DNS labels separated by dots.
    DnsSubdomain,
}

impl Message {
    /// A message about a value that lacks a format.
    pub(super) const fn of_format(text: &'static str, format: Format) -> Self {
        Self { text: Cow::Borrowed(text), format: Some(format) }
    }
}

impl From<&'static str> for Message {
    fn from(text: &'static str) -> Self {
        Self { text: Cow::Borrowed(text), format: None }
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self { text: Cow::Owned(text), format: None }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq<&str> for Message {
    fn eq(&self, text: &&str) -> bool {
        self.text == *text
    }
}

/// Joins the messages to one text.
pub(crate) fn join_messages(messages: &[Message], separator: &str) -> String {
    let texts: Vec<&str> = messages.iter().map(|message| &*message.text).collect();
    texts.join(separator)
}

/// The message about a value that does not match a regular expression, with examples that do.
///
/// Upstream: `apimachinery/util/validation.RegexError`, `apimachinery/api/validate/content.RegexError`.
macro_rules! regex_error {
    ($what:expr, $regex:expr) => {
        concat!($what, " (regex used for validation is '", $regex, "')")
    };
    ($what:expr, $regex:expr, $first:expr $(, $more:expr)*) => {
        concat!($what, " (e.g. '", $first, "', ", $(" or '", $more, "', ",)* "regex used for validation is '", $regex, "')")
    };
}
pub(super) use regex_error;

/// The message about a value that is too long. Most checks count bytes although the message says characters.
///
/// Upstream: `apimachinery/util/validation.MaxLenError`.
pub(super) fn max_len_error(length: usize) -> Message {
    format!("must be no more than {length} characters").into()
}

/// The message about a number outside of a range.
///
/// Upstream: `apimachinery/util/validation.InclusiveRangeError`.
pub(crate) fn inclusive_range_error(low: i64, high: i64) -> String {
    format!("must be between {low} and {high}, inclusive")
}
