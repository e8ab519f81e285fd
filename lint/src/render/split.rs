//! Takes what helm printed apart by the templates that it comes from.
//!
//! Each part has as many lines as the whole, those of other templates empty, so that a line has the same number in the part as in what
//! `helm template` prints.

use crate::source::letters::may_hold_daemon_set;
use crate::source::template;

/// The documents of one template, or those of all templates without a DaemonSet.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The template, as helm names it.
    pub(super) source: Option<String>,
    /// Whether a DaemonSet may stand in it.
    pub(super) holds: bool,
    /// The documents, and empty lines.
    pub(super) text: String,
}

/// The parts: one for each template with a DaemonSet, in their order, then one for all other documents, if there are any.
pub(super) fn split(text: &str) -> Vec<Part> {
    let mut starts = vec![0];
    let mut offset = 0_usize;
    for line in text.split_inclusive('\n') {
        if offset > 0 && is_separator(line) {
            starts.push(offset);
        }
        offset = offset.saturating_add(line.len());
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    // A template may begin with a separator of its own, which then stands below helm's comment.
    let mut above = None;
    let mut documents: Vec<Document<'_>> = Vec::new();
    for (start, end) in starts.iter().zip(ends) {
        let text = text.get(*start..end).unwrap_or_default();
        let source = source(text).or(above.take());
        let document = Document { text, source, holds: may_hold_daemon_set(text.as_bytes()) };
        if document.is_empty() {
            above = text.lines().find_map(|line| line.strip_prefix("# Source: ")).map(str::to_owned);
        }
        documents.push(document);
    }
    let mut keys: Vec<(bool, Option<String>)> = Vec::new();
    for document in &documents {
        let key = document.key();
        if !document.is_empty() && !keys.contains(&key) {
            keys.push(key);
        }
    }
    // What holds no DaemonSet is last.
    keys.sort_by_key(|(holds, _)| !holds);
    let part = |key: (bool, Option<String>)| {
        let mut part = String::with_capacity(text.len());
        for document in &documents {
            if document.key() == key {
                part.push_str(document.text);
            } else {
                document.text.split_inclusive('\n').for_each(|line| {
                    part.push_str(if is_separator(line) { line } else { "\n" });
                });
            }
        }
        Part { source: key.1, holds: key.0, text: part }
    };
    keys.into_iter().map(part).collect()
}

struct Document<'t> {
    text: &'t str,
    source: Option<String>,
    holds: bool,
}

impl Document<'_> {
    /// What must be equal for documents to be in one part.
    fn key(&self) -> (bool, Option<String>) {
        (self.holds, self.source.clone().filter(|_| self.holds))
    }

    fn is_empty(&self) -> bool {
        self.text.lines().all(is_empty)
    }
}

fn is_separator(line: &str) -> bool {
    line.starts_with("---")
}

fn is_empty(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#') || is_separator(line)
}

/// The template of a document.
fn source(document: &str) -> Option<String> {
    let mut offset = 0_usize;
    for line in document.split_inclusive('\n') {
        if !is_empty(line) {
            return template(document, offset).map(str::to_owned);
        }
        offset = offset.saturating_add(line.len());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_template_with_a_daemon_set_is_a_part() {
        let text = "---\n# Source: c/templates/sa.yaml\nkind: ServiceAccount\n---\n# Source: c/templates/a.yaml\nkind: DaemonSet\n---\n# Source: c/templates/b.yaml\nkind: DaemonSet\n---\n# Source: c/templates/a.yaml\nkind: DaemonSet\nb: 2\n";
        let parts = split(text);
        let lines = |part: &Part| part.text.lines().map(str::to_owned).collect::<Vec<_>>();
        let whole: Vec<&str> = text.lines().collect();
        assert_eq!(parts.iter().map(|part| part.holds).collect::<Vec<_>>(), [true, true, false]);
        assert_eq!(parts.first().and_then(|part| part.source.as_deref()), Some("c/templates/a.yaml"));
        let mut seen = vec![0; whole.len()];
        for part in &parts {
            let lines = lines(part);
            assert_eq!(lines.len(), whole.len(), "{part:?}");
            for ((line, original), count) in lines.iter().zip(&whole).zip(&mut seen) {
                assert!(line.is_empty() || line == original, "{part:?}");
                *count += usize::from(!line.is_empty() && !is_separator(line));
            }
        }
        let expected: Vec<usize> = whole.iter().map(|line| usize::from(!is_separator(line))).collect();
        assert_eq!(seen, expected);
        assert_eq!(split("---\n# nothing\n"), []);
        let below = split("---\n# Source: c/templates/a.yaml\n---\nkind: DaemonSet\n");
        assert_eq!(
            below.iter().map(|part| part.source.as_deref()).collect::<Vec<_>>(),
            [Some("c/templates/a.yaml")]
        );
    }
}
