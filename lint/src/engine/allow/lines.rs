//! Which line a comment is about.

use daemonset_validation::Span;

use crate::source::LineIndex;

/// For each comment of a document, the line that it is about: its own, if something stands before it; else the next line that is neither
/// empty nor a comment. A line `---` may be between. `None` where no line follows.
pub(super) fn about(comments: &[Span], text: &str, lines: &LineIndex) -> Vec<Option<usize>> {
    let mut found = Vec::with_capacity(comments.len());
    // From the last one to the first, so that a stack of comments is passed once.
    let mut below: Option<(usize, Option<usize>)> = None;
    for comment in comments.iter().rev() {
        let start = comment.start as usize;
        let line = lines.line(start);
        let before = text.get(lines.line_start(line)..start).unwrap_or_default();
        let target = if is_code(before) && !before.starts_with(SEPARATOR) {
            Some(line)
        } else {
            next(line, below, text, lines)
        };
        below = Some((line, target));
        found.push(target);
    }
    found.reverse();
    found
}

const SEPARATOR: &str = "---";

fn is_code(line: &str) -> bool {
    let line = line.trim_matches(|character: char| character.is_whitespace() || character == '\u{FEFF}');
    !line.is_empty() && !line.starts_with('#')
}

/// The next line of code below a line. `below` is the next comment that is known, with its own line of code.
fn next(line: usize, below: Option<(usize, Option<usize>)>, text: &str, lines: &LineIndex) -> Option<usize> {
    let mut separators = 0_usize;
    let mut number = line.saturating_add(1);
    loop {
        let start = lines.line_start(number);
        let whole = text.get(start..lines.line_start(number.saturating_add(1)))?;
        if whole.is_empty() {
            return None;
        }
        if let Some((_, target)) = below.filter(|(known, _)| *known == number) {
            return target;
        }
        if whole.starts_with(SEPARATOR) {
            separators = separators.saturating_add(1);
            // A document without content has nothing that a comment could be about.
            if separators > 1 {
                return None;
            }
        } else if is_code(whole) {
            return Some(number);
        }
        number = number.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::documents;

    fn lines(text: &str) -> Vec<Option<usize>> {
        let index = LineIndex::new(text);
        documents(text).flat_map(|document| about(&document.comments, text, &index)).collect()
    }

    #[test]
    fn a_comment_is_about_its_line_or_the_next_one() {
        let text = "# daemonset-lint: a\n# note\n\n# daemonset-lint: b\na: b # daemonset-lint: c\nd:\n  # daemonset-lint: d\n  - e\n# daemonset-lint: e\n---\n\n# note\nf: g\n# daemonset-lint: f\n";
        let expected = [Some(5), Some(5), Some(5), Some(8), Some(13), None];
        assert_eq!(lines(text), expected);
        assert_eq!(lines("# daemonset-lint: a\n---\na: b\n"), [Some(3)]);
        assert_eq!(lines("--- # daemonset-lint: a\na: b\n"), [Some(2)]);
        assert_eq!(lines("# daemonset-lint: a\n---\n---\na: b\n"), [None]);
        assert_eq!(lines("\u{FEFF}# daemonset-lint: a\r\n\r\na: b # daemonset-lint: b"), [Some(3), Some(3)]);
    }
}
