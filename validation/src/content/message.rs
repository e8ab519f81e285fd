//! The building blocks of the leaves' sentences.

use std::borrow::Cow;

/// What a leaf has to say of a value; nothing where the value is good.
pub type Messages = Vec<Cow<'static, str>>;

/// A sentence about a regular expression that a value does not match, with examples that do.
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

/// A text has too many bytes; most of the server's rules count bytes and say characters.
///
/// Upstream: `apimachinery/util/validation.MaxLenError`.
pub(super) fn max_len_error(length: usize) -> Cow<'static, str> {
    Cow::Owned(format!("must be no more than {length} characters"))
}

/// A number is outside a range.
///
/// Upstream: `apimachinery/util/validation.InclusiveRangeError`.
pub fn inclusive_range_error(low: i64, high: i64) -> String {
    format!("must be between {low} and {high}, inclusive")
}
