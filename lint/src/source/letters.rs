//! Whether a DaemonSet can stand in a text, decided without parsing it. Most files of a repository hold none.

use std::ops::Range;

use daemonset_validation::did_you_mean;
use memchr::{memchr_iter, memmem};

/// The kind.
const KIND: &str = "DaemonSet";

/// More letters than this after `kind:` are another kind.
const LONGEST: usize = 16;

/// Whether the bytes may hold a DaemonSet, or a document that is meant to be one: the letters of the kind stand in them, a `kind` has a
/// value that is near to them, or something in them has to be parsed to know its letters (an escape, an alias, a tag, a block scalar).
pub fn may_hold_daemon_set(bytes: &[u8]) -> bool {
    if memmem::find(bytes, KIND.as_bytes()).is_some() {
        return true;
    }
    if is_wide(bytes) {
        let letters: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
        return memmem::find(&letters, KIND.as_bytes()).is_some();
    }
    kinds(bytes).any(|value| value.may_be_ours()) || has_escaped_letter(bytes) || lacks_kind(bytes)
}

/// The first place at which a `kind` names the DaemonSet, found in a text that cannot be parsed: the value, or the value with the
/// expressions of a template around it. A kind that is nested in another object, such as the target of an autoscaler, does not count.
pub fn kind_in_template(text: &str) -> Option<Range<usize>> {
    places(text)
        .find(|place| {
            let before = text.get(..place.key).unwrap_or_default();
            let indent = before.rsplit('\n').next().unwrap_or_default();
            indent.bytes().all(|byte| matches!(byte, b'-' | b'"' | b'\''))
                || indent.trim_start().starts_with("- ")
        })
        .map(|place| place.value)
}

/// The first place at which a `kind` names the DaemonSet, whatever it is nested in.
pub fn kind_in_broken(text: &str) -> Option<Range<usize>> {
    places(text).next().map(|place| place.value)
}

struct Place {
    key: usize,
    value: Range<usize>,
}

fn places(text: &str) -> impl Iterator<Item = Place> {
    kinds(text.as_bytes()).filter_map(move |value| {
        let line = text.get(value.start..)?.lines().next().unwrap_or_default();
        let expression = line.contains("{{") || line.contains("{%");
        let named = if expression { line.contains(KIND) } else { value.names_ours() };
        let length = if expression { line.trim_end().len() } else { value.letters.len() };
        named.then(|| Place { key: value.key, value: value.start..value.start.saturating_add(length) })
    })
}

/// What follows a `kind` in the bytes.
struct KindValue<'t> {
    /// Where the key stands.
    key: usize,
    /// Where the value begins, behind a quote.
    start: usize,
    /// Its letters, digits, and the characters that join them.
    letters: &'t [u8],
    /// The first byte of the value, with its quote.
    first: u8,
    /// The byte behind the letters.
    next: u8,
}

impl KindValue<'_> {
    fn names_ours(&self) -> bool {
        let letters = self.letters.trim_ascii();
        letters.eq_ignore_ascii_case(b"daemonset") || letters.eq_ignore_ascii_case(b"daemonsets")
    }

    fn may_be_ours(&self) -> bool {
        // What these begin, or escape, is known only by parsing.
        if matches!(self.first, b'*' | b'&' | b'!' | b'|' | b'>') || self.next == b'\\' {
            return true;
        }
        if self.letters.len() > LONGEST {
            return false;
        }
        let letters: String = self
            .letters
            .iter()
            .filter(|byte| byte.is_ascii_alphabetic())
            .map(|byte| char::from(*byte))
            .collect();
        // kubectl's short name is no kind, but people write it.
        letters.eq_ignore_ascii_case("ds") || did_you_mean(&letters, [KIND]).is_some()
    }
}

/// The values behind every `kind` that is followed by a colon.
fn kinds(bytes: &[u8]) -> impl Iterator<Item = KindValue<'_>> {
    memmem::find_iter(bytes, b"kind").filter_map(move |key| {
        let at = |position: usize| bytes.get(position).copied().unwrap_or_default();
        let mut position = key.saturating_add(4);
        if matches!(at(position), b'"' | b'\'') {
            position = position.saturating_add(1);
        }
        while at(position).is_ascii_whitespace() {
            position = position.saturating_add(1);
        }
        if at(position) != b':' {
            return None;
        }
        position = position.saturating_add(1);
        while at(position).is_ascii_whitespace() {
            position = position.saturating_add(1);
        }
        let first = at(position);
        if matches!(first, b'"' | b'\'') {
            position = position.saturating_add(1);
        }
        let rest = bytes.get(position..).unwrap_or_default();
        let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-' | b'_' | b'.');
        let length = rest.iter().take(64).take_while(|byte| is_letter(byte)).count();
        let letters = rest.get(..length).unwrap_or_default();
        Some(KindValue { key, start: position, letters, first, next: at(position.saturating_add(length)) })
    })
}

/// The letters of the value behind every `kind`.
pub fn kinds_in(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    kinds(bytes).map(|value| value.letters.trim_ascii())
}

/// Whether the bytes look like UTF-16 or UTF-32, which have NULs between their letters.
fn is_wide(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xFF\xFE")
        || bytes.starts_with(b"\xFE\xFF")
        || bytes.iter().take(4).any(|byte| *byte == 0)
}

/// Whether the bytes name the group and version of DaemonSets, and nothing has a kind.
fn lacks_kind(bytes: &[u8]) -> bool {
    memmem::find(bytes, b"apps/v1").is_some() && memmem::find(bytes, b"kind").is_none()
}

/// Whether an escape of JSON or YAML stands for a letter: `\u0044`, `\x44`.
fn has_escaped_letter(bytes: &[u8]) -> bool {
    memchr_iter(b'\\', bytes).any(|position| {
        let digits = match bytes.get(position.saturating_add(1)) {
            Some(b'x') => 2,
            Some(b'u') => 4,
            Some(b'U') => 8,
            _ => return false,
        };
        let start = position.saturating_add(2);
        let digits = bytes.get(start..start.saturating_add(digits));
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        code.and_then(char::from_u32).is_some_and(|letter| letter.is_ascii_alphabetic())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_may_hold_a_daemon_set_are_kept() {
        for text in [
            "kind: DaemonSet",
            "kind: \"\\x44aemonSet\"",
            "{\"kind\": \"\\u0044aemonSet\"}",
            "\"\\x6bind\": \"Daemon\\\nSet\"",
            "kind: Deamonset",
            "kind: daemonset",
            "kind: daemonsets",
            "\"kind\" : 'Daemon Set'",
            "kind: DeamonSet ",
            "kind: DaemonSt",
            "kind: ds",
            "apiVersion: apps/v1\nmetadata: {}",
            "kind:\n  daemonset",
            "kind: !!binary RGFlbW9uU2V0",
            "a: &k daemonset\nkind: *k",
            "kind: |\n  daemonset",
            "D\0a\0e\0m\0o\0n\0S\0e\0t\0",
            "\0\0\0D\0\0\0a\0\0\0e\0\0\0m\0\0\0o\0\0\0n\0\0\0S\0\0\0e\0\0\0t",
        ] {
            assert!(may_hold_daemon_set(text.as_bytes()), "{text:?}");
        }
    }

    #[test]
    fn other_texts_are_not() {
        for text in [
            "",
            "kind: Deployment",
            "kind: StatefulSet",
            "kind: ReplicaSet",
            "kind: List",
            "kind",
            "kind:",
            "{\"kind\": \"Service\", \"a\": \"\\u003c\\n\"}",
            "a: b\n# a daemon set\n",
            "\0\0\0",
        ] {
            assert!(!may_hold_daemon_set(text.as_bytes()), "{text:?}");
        }
    }

    #[test]
    fn the_kind_of_a_template_is_that_of_its_object() {
        for (text, found) in [
            ("{{ if .x }}\nkind: DaemonSet\n", Some("DaemonSet")),
            (
                "kind: {{ if .x }}DaemonSet{{ else }}Deployment{{ end }}\n",
                Some("{{ if .x }}DaemonSet{{ else }}Deployment{{ end }}"),
            ),
            ("items:\n  - kind: \"DaemonSet\"\n", Some("DaemonSet")),
            ("spec:\n  scaleTargetRef:\n    kind: {{ ternary \"DaemonSet\" \"Deployment\" .x }}\n", None),
            ("kind: Service # for the DaemonSet\n", None),
            ("kind: {{ .Values.kind }}\n", None),
        ] {
            assert_eq!(kind_in_template(text).and_then(|place| text.get(place)), found, "{text}");
        }
        assert!(kind_in_broken("  kind: DaemonSet\na: [").is_some());
        assert!(kind_in_broken("description: a DaemonSet\na: [").is_none());
    }
}
