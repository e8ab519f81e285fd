//! Label keys and values, and qualified names.

use std::borrow::Cow;

use super::dns::{DNS1123_SUBDOMAIN_MAX_LENGTH, SUBDOMAIN_ERROR, is_subdomain};
use super::message::{Messages, regex_error};

/// The maximum length of a label value, and of the name part of a key, in bytes.
pub(crate) const LABEL_VALUE_MAX_LENGTH: usize = 63;

const NAME_ERROR: &str = regex_error!(
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]",
    "MyName",
    "my.name",
    "123-abc"
);
const SLASHES_ERROR: &str = concat!(
    regex_error!(
        "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]",
        "MyName",
        "my.name",
        "123-abc"
    ),
    " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
);
const VALUE_ERROR: &str = regex_error!(
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?",
    "MyValue",
    "my_value",
    "12345"
);

fn is_name(text: &str) -> bool {
    match text.as_bytes() {
        [only] => only.is_ascii_alphanumeric(),
        [first, inner @ .., last] => {
            first.is_ascii_alphanumeric()
                && last.is_ascii_alphanumeric()
                && inner.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        }
        [] => false,
    }
}

/// Like `split_once`, which is slower on texts as short as names.
fn split_at_slash(text: &str) -> Option<(&str, &str)> {
    let place = text.bytes().position(|byte| byte == b'/')?;
    Some((text.get(..place)?, text.get(place.saturating_add(1)..)?))
}

/// A qualified name is a name of at most 63 bytes, with an optional DNS subdomain and `/` before it.
///
/// The message for a long prefix says bytes; other length messages say characters.
///
/// Upstream: `apimachinery/api/validate/content.IsLabelKey`, `apimachinery/util/validation.IsQualifiedName`,
/// `apimachinery/api/validate/content.IsDNS1123Subdomain`.
pub(crate) fn is_qualified_name(value: &str) -> Messages {
    let mut messages = Messages::new();
    let name = match split_at_slash(value) {
        None => value,
        Some((_, rest)) if split_at_slash(rest).is_some() => {
            messages.push(SLASHES_ERROR.into());
            return messages;
        }
        Some((prefix, name)) => {
            if prefix.is_empty() {
                messages.push("prefix part must be non-empty".into());
            } else {
                if prefix.len() > DNS1123_SUBDOMAIN_MAX_LENGTH {
                    messages.push("prefix part must be no more than 253 bytes".into());
                }
                if !is_subdomain(prefix) {
                    messages.push(format!("prefix part {SUBDOMAIN_ERROR}").into());
                }
            }
            name
        }
    };
    if name.is_empty() {
        messages.push("name part must be non-empty".into());
    } else if name.len() > LABEL_VALUE_MAX_LENGTH {
        messages.push("name part must be no more than 63 bytes".into());
    }
    if !is_name(name) {
        messages.push(NAME_ERROR.into());
    }
    messages
}

/// A label value is empty, or has at most 63 letters, digits, `-`, `_` and `.` and starts and ends with a letter or digit.
///
/// Upstream: `apimachinery/api/validate/content.IsLabelValue`, `apimachinery/util/validation.IsValidLabelValue`.
pub(crate) fn is_valid_label_value(value: &str) -> Messages {
    let mut messages = Messages::new();
    if value.len() > LABEL_VALUE_MAX_LENGTH {
        messages.push("must be no more than 63 bytes".into());
    }
    if !value.is_empty() && !is_name(value) {
        messages.push(VALUE_ERROR.into());
    }
    messages
}

/// Converts to lowercase as Go does: one character for each character. Rust's `to_lowercase` may return two.
///
/// Upstream: `strings.ToLower`.
pub(crate) fn lowercase(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    let small = |letter: char| letter.to_lowercase().next().unwrap_or(letter);
    Cow::Owned(text.chars().map(small).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        for good in
            ["a", "A_b.c-d", "example.com/a", "1.2.3.4/5", &format!("{}/{}", "a".repeat(253), "b".repeat(63))]
        {
            assert!(is_qualified_name(good).is_empty(), "{good}");
        }
        assert_eq!(is_qualified_name("").len(), 2);
        assert_eq!(is_qualified_name("/").len(), 3);
        assert_eq!(is_qualified_name("a/b/c"), [SLASHES_ERROR]);
        assert_eq!(is_qualified_name("/a"), ["prefix part must be non-empty"]);
        assert_eq!(
            is_qualified_name(&format!("{}-/{}", "A".repeat(253), "b".repeat(64)))[0],
            "prefix part must be no more than 253 bytes"
        );
        assert!(NAME_ERROR.contains("(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used"));
    }

    #[test]
    fn values() {
        for good in ["", "a", "1.2_3-4", "TRUE"] {
            assert!(is_valid_label_value(good).is_empty(), "{good}");
        }
        for bad in ["-", "a/b", "a ", ".a", "é"] {
            assert_eq!(is_valid_label_value(bad), [VALUE_ERROR], "{bad}");
        }
    }

    #[test]
    fn lowercase_letters() {
        assert_eq!(lowercase("a/b"), "a/b");
        assert_eq!(lowercase("Example.COM/\u{212a}\u{130}"), "example.com/ki");
    }
}
