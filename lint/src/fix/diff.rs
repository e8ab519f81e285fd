//! Prints edits as a unified diff, which `patch` and `git apply` read.

use std::io::{self, Write};

use super::text_edit::TextEdit;

/// The lines that are shown around a change.
const CONTEXT: usize = 3;

/// Lines that are replaced: from one line to another, from 0, by others.
struct Change {
    from: usize,
    to: usize,
    new: String,
}

/// Prints the difference that the edits of a text make. The edits are sorted and do not overlap.
pub(super) fn unified(path: &str, text: &str, edits: &[TextEdit], out: &mut dyn Write) -> io::Result<()> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let changes = changes(text, &lines, edits);
    if changes.is_empty() {
        return Ok(());
    }
    writeln!(out, "--- {path}\n+++ {path}")?;
    let mut grown = 0_isize;
    let mut rest = changes.as_slice();
    while let Some(first) = rest.first() {
        // Changes whose lines around them touch are one part.
        let near = |pair: &[Change]| match pair {
            [one, other] => other.from.saturating_sub(one.to) <= CONTEXT.saturating_mul(2),
            _ => false,
        };
        let count = rest.windows(2).take_while(|pair| near(pair)).count().saturating_add(1);
        let (part, others) = rest.split_at(count.min(rest.len()));
        rest = others;
        let start = first.from.saturating_sub(CONTEXT);
        let last = part.last().map_or(first.to, |change| change.to);
        let end = last.saturating_add(CONTEXT).min(lines.len());
        let new_lines: usize = part.iter().map(|change| change.new.split_inclusive('\n').count()).sum();
        let old_lines: usize = part.iter().map(|change| change.to.saturating_sub(change.from)).sum();
        let kept = end.saturating_sub(start).saturating_sub(old_lines);
        let (old, new) = (kept.saturating_add(old_lines), kept.saturating_add(new_lines));
        let new_start = start.saturating_add_signed(grown);
        writeln!(out, "@@ -{} +{} @@", range(start, old), range(new_start, new))?;
        let mut at = start;
        for change in part {
            print(lines.get(at..change.from).unwrap_or_default(), ' ', out)?;
            print(lines.get(change.from..change.to).unwrap_or_default(), '-', out)?;
            print(&change.new.split_inclusive('\n').collect::<Vec<_>>(), '+', out)?;
            at = change.to;
        }
        print(lines.get(at..end).unwrap_or_default(), ' ', out)?;
        let difference = isize::try_from(new_lines).unwrap_or(isize::MAX).saturating_sub_unsigned(old_lines);
        grown = grown.saturating_add(difference);
    }
    Ok(())
}

/// `start,count`, where the first line is 1, and an empty range is behind a line.
fn range(start: usize, count: usize) -> String {
    match count {
        0 => format!("{start},0"),
        1 => format!("{}", start.saturating_add(1)),
        _ => format!("{},{count}", start.saturating_add(1)),
    }
}

fn print(lines: &[&str], mark: char, out: &mut dyn Write) -> io::Result<()> {
    for line in lines {
        write!(out, "{mark}{line}")?;
        if !line.ends_with('\n') {
            write!(out, "\n\\ No newline at end of file\n")?;
        }
    }
    Ok(())
}

/// The lines that the edits change.
fn changes(text: &str, lines: &[&str], edits: &[TextEdit]) -> Vec<Change> {
    let mut starts = Vec::with_capacity(lines.len());
    let mut at = 0_usize;
    for line in lines {
        starts.push(at);
        at = at.saturating_add(line.len());
    }
    let length = at;
    let start_of = |line: usize| starts.get(line).copied().unwrap_or(length);
    let line_of = |offset: usize| starts.partition_point(|start| *start <= offset).saturating_sub(1);
    let mut changes: Vec<Change> = Vec::new();
    // The edits of one change, with its lines.
    let mut open: Option<(usize, usize, Vec<&TextEdit>)> = None;
    let close = |open: Option<(usize, usize, Vec<&TextEdit>)>, changes: &mut Vec<Change>| {
        let Some((from, to, edits)) = open else { return };
        let mut new = String::new();
        let mut at = start_of(from);
        for edit in edits {
            new.push_str(text.get(at..edit.start).unwrap_or_default());
            new.push_str(&edit.text);
            at = edit.end;
        }
        new.push_str(text.get(at..start_of(to)).unwrap_or_default());
        let Some(change) = trimmed(Change { from, to, new }, lines) else { return };
        match changes.last_mut() {
            Some(last) if last.to == change.from => {
                last.to = change.to;
                last.new.push_str(&change.new);
            }
            _ => changes.push(change),
        }
    };
    for edit in edits {
        let from = line_of(edit.start);
        let whole = edit.end > edit.start
            && start_of(line_of(edit.end)) == edit.end
            && start_of(from) == edit.start
            && edit.text.is_empty();
        let inserted = edit.start == edit.end && start_of(from) == edit.start && edit.text.ends_with('\n');
        let to = if whole {
            line_of(edit.end)
        } else if inserted {
            from
        } else {
            line_of(edit.end).saturating_add(1).min(lines.len())
        };
        let to = if edit.end == length && whole { lines.len() } else { to };
        match &mut open {
            Some((_, last, edits)) if from < *last || from == *last && whole => {
                *last = to.max(*last);
                edits.push(edit);
            }
            _ => {
                close(open.take(), &mut changes);
                open = Some((from, to, vec![edit]));
            }
        }
    }
    close(open, &mut changes);
    changes
}

/// The change without the lines at its beginning and end that stay the same; `None` if nothing is left.
fn trimmed(change: Change, lines: &[&str]) -> Option<Change> {
    let Change { mut from, mut to, new } = change;
    let mut new: &[&str] = &new.split_inclusive('\n').collect::<Vec<_>>();
    while from < to
        && let (Some(old), Some((first, rest))) = (lines.get(from), new.split_first())
        && old == first
    {
        from = from.saturating_add(1);
        new = rest;
    }
    while from < to
        && let (Some(old), Some((last, rest))) = (lines.get(to.saturating_sub(1)), new.split_last())
        && old == last
    {
        to = to.saturating_sub(1);
        new = rest;
    }
    (from < to || !new.is_empty()).then(|| Change { from, to, new: new.concat() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(text: &str, edits: &[TextEdit]) -> String {
        let mut out = Vec::new();
        assert!(unified("a.yaml", text, edits, &mut out).is_ok());
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn changes_have_lines_around_them() {
        let text: String = (1..=20).map(|line| format!("line {line}\n")).collect();
        let at = |line: &str| text.find(line).unwrap_or_default();
        let edits = [
            TextEdit::remove(at("line 2\n")..at("line 3\n")),
            TextEdit::insert(at("line 4\n").saturating_add(6), "!"),
            TextEdit::insert(at("line 15\n").saturating_add(7), "\nnew"),
        ];
        assert_eq!(
            diff(&text, &edits),
            "--- a.yaml\n+++ a.yaml\n@@ -1,7 +1,6 @@\n line 1\n-line 2\n line 3\n-line 4\n+line 4!\n line 5\n line 6\n line 7\n\
             @@ -13,6 +12,7 @@\n line 13\n line 14\n line 15\n+new\n line 16\n line 17\n line 18\n"
        );
        assert_eq!(diff(&text, &[]), "");
    }

    #[test]
    fn a_last_line_without_a_line_break_is_said() {
        let insert = TextEdit::insert(3, "\nc");
        assert_eq!(
            diff("a\nb", &[insert]),
            "--- a.yaml\n+++ a.yaml\n@@ -1,2 +1,3 @@\n a\n-b\n\\ No newline at end of file\n+b\n+c\n\\ No newline at end of file\n"
        );
        assert_eq!(
            diff("a\nb\n", &[TextEdit::remove(2..4)]),
            "--- a.yaml\n+++ a.yaml\n@@ -1,2 +1 @@\n a\n-b\n"
        );
    }
}
