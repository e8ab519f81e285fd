//! What the environment says of a CI service, and text that its log does not take for commands.

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::{self, Write};

/// A CI service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    /// GitHub Actions: lines of the log can be commands that annotate files.
    GitHub,
    /// Another one.
    Other,
}

/// The service that runs the command, by the variables that it sets.
pub(crate) fn service(environment: &dyn Fn(&str) -> Option<OsString>) -> Option<Service> {
    let is_true = |name: &str| environment(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if is_true("GITHUB_ACTIONS") {
        return Some(Service::GitHub);
    }
    ["CI", "GITLAB_CI", "TF_BUILD"].into_iter().any(is_true).then_some(Service::Other)
}

/// The text without anything that services take for commands in a log: `::` at the beginning of a line, and `##[` and `##vso[` anywhere.
/// The characters become escapes, as control characters do.
pub(crate) fn inert(text: &str) -> Cow<'_, str> {
    if !text.contains("::") && !text.contains("##") {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len().saturating_add(16));
    for line in text.split_inclusive('\n') {
        let body = line.trim_start();
        let (indent, mut rest) = line.split_at(line.len().saturating_sub(body.len()));
        safe.push_str(indent);
        if let Some(behind) = rest.strip_prefix("::") {
            safe.push_str("\\u003a:");
            rest = behind;
        }
        while let Some(at) = rest.find("##") {
            let (before, behind) = rest.split_at(at.saturating_add(1));
            safe.push_str(before);
            let word =
                behind.trim_start_matches('#').trim_start_matches(|one: char| one.is_ascii_alphanumeric());
            if word.starts_with('[') {
                safe.push_str("\\u0023");
                rest = behind.get(1..).unwrap_or_default();
            } else {
                rest = behind;
            }
        }
        safe.push_str(rest);
    }
    Cow::Owned(safe)
}

/// A writer whose lines are no commands.
pub(crate) struct InertWriter<'w, W: Write + ?Sized> {
    out: &'w mut W,
    /// The line that has no end yet.
    line: Vec<u8>,
}

impl<'w, W: Write + ?Sized> InertWriter<'w, W> {
    /// A writer into this one. It holds a line back until its end or a [`flush`](Write::flush).
    pub(crate) const fn new(out: &'w mut W) -> Self {
        Self { out, line: Vec::new() }
    }

    /// The writer itself.
    pub(crate) const fn inner(&mut self) -> &mut W {
        self.out
    }

    fn pass(&mut self, length: usize) -> io::Result<()> {
        let lines: Vec<u8> = self.line.drain(..length.min(self.line.len())).collect();
        match std::str::from_utf8(&lines) {
            Ok(text) => self.out.write_all(inert(text).as_bytes()),
            Err(_) => self.out.write_all(inert(&String::from_utf8_lossy(&lines)).as_bytes()),
        }
    }
}

impl<W: Write + ?Sized> Write for InertWriter<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let old = self.line.len();
        self.line.extend_from_slice(bytes);
        if let Some(end) = bytes.iter().rposition(|byte| *byte == b'\n') {
            self.pass(old.saturating_add(end).saturating_add(1))?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pass(usize::MAX)?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_in_a_text_become_escapes() {
        for (text, safe) in [
            ("agent: a::b\n", "agent: a::b\n"),
            ("::add-mask::x\n", "\\u003a:add-mask::x\n"),
            ("a\n  ::error::x", "a\n  \\u003a:error::x"),
            ("x ##[error]y", "x #\\u0023[error]y"),
            ("##vso[task.setvariable]y", "#\\u0023vso[task.setvariable]y"),
            ("###[a]", "#\\u0023#[a]"),
            ("## a heading", "## a heading"),
            ("#[a] ##", "#[a] ##"),
        ] {
            assert_eq!(inert(text), safe);
        }
    }

    #[test]
    fn a_line_may_come_in_parts() {
        let mut out = Vec::new();
        let mut writer = InertWriter::new(&mut out);
        for part in ["a\n:", ":error::x\n#", "#[b", "]"] {
            assert!(writer.write_all(part.as_bytes()).is_ok());
        }
        assert!(writer.flush().is_ok());
        assert_eq!(String::from_utf8_lossy(&out), "a\n\\u003a:error::x\n#\\u0023[b]");
    }

    #[test]
    fn services_are_known_by_their_variables() {
        let of = |name: &'static str, value: &'static str| {
            service(&move |asked| (asked == name).then(|| value.into()))
        };
        assert_eq!(of("GITHUB_ACTIONS", "true"), Some(Service::GitHub));
        assert_eq!(of("GITHUB_ACTIONS", "false"), None);
        assert_eq!(of("GITLAB_CI", "true"), Some(Service::Other));
        assert_eq!(of("TF_BUILD", "True"), Some(Service::Other));
        assert_eq!(of("PATH", "true"), None);
    }
}
