//! One mistake in a valid manifest, of each kind at each place.

use super::outline::Outline;

/// A text with one mistake.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// The kind of mistake.
    pub kind: &'static str,
    /// The text.
    pub text: String,
    /// The lines that are right to point at, from 1: where the mistake is, or where something is missing.
    pub lines: Vec<usize>,
}

/// Values of enumerations in the manifests.
const ENUMS: &[&str] = &[
    "RollingUpdate",
    "OnDelete",
    "ClusterFirstWithHostNet",
    "Exists",
    "Equal",
    "NoSchedule",
    "NoExecute",
    "IfNotPresent",
    "TCP",
    "Directory",
    "DirectoryOrCreate",
    "In",
    "NotIn",
    "RuntimeDefault",
    "HTTP",
    "Bidirectional",
    "ScheduleAnyway",
    "FallbackToLogsOnError",
];

/// All mutants of a valid manifest in block style.
pub fn mutants(text: &str) -> Vec<Mutant> {
    let mut maker = Maker { outline: Outline::of(text), original: text, found: Vec::new() };
    for line in 0..maker.outline.rows.len() {
        maker.misspell_key(line);
        maker.misspell_enum(line);
        maker.indent(line);
        maker.swap_type(line);
        maker.move_up(line);
        maker.move_down(line);
        maker.delete(line);
        maker.repeat_name(line);
    }
    maker.found
}

/// A word without a letter, with two letters swapped, and in the wrong case.
fn misspelt(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let middle = letters.len() / 2;
    let mut found = Vec::new();
    if letters.len() > 2 {
        let mut less = letters.clone();
        less.remove(middle);
        found.push(less.iter().collect());
    }
    if letters.len() > 1 {
        let mut swapped = letters.clone();
        let at = middle.max(1);
        swapped.swap(at - 1, at);
        found.push(swapped.iter().collect());
    }
    let lower = word.to_lowercase();
    if lower == word {
        let mut capital = letters;
        capital[0] = capital[0].to_ascii_uppercase();
        found.push(capital.iter().collect());
    } else {
        found.push(lower);
    }
    found
}

struct Maker<'m> {
    outline: Outline,
    original: &'m str,
    found: Vec<Mutant>,
}

impl Maker<'_> {
    fn add(&mut self, kind: &'static str, text: String, mut lines: Vec<usize>) {
        if text != self.original {
            lines.iter_mut().for_each(|line| *line += 1);
            self.found.push(Mutant { kind, text, lines });
        }
    }

    /// Replaces the text of a line behind its indentation and dash.
    fn replace_line(&mut self, kind: &'static str, line: usize, new: &str, lines: Vec<usize>) {
        let start: String = self.outline.lines[line].chars().take(self.outline.rows[line].column).collect();
        let text = self.outline.with(line, line + 1, &[format!("{start}{new}")]);
        self.add(kind, text, lines);
    }

    /// The line, and those that hold the same text: the labels that a selector has to match.
    fn same(&self, line: usize) -> Vec<usize> {
        let row = &self.outline.rows[line];
        let scalar = !row.value.is_empty() && row.key.is_some();
        let others = (0..self.outline.rows.len())
            .filter(|other| scalar && *other != line && self.outline.rows[*other].text() == row.text());
        std::iter::once(line).chain(others).collect()
    }

    fn misspell_key(&mut self, line: usize) {
        let row = self.outline.rows[line].clone();
        let Some(key) = &row.key else { return };
        for word in misspelt(key) {
            let new = super::outline::Row { key: Some(word), ..row.clone() }.text();
            self.replace_line("misspelt key", line, &new, self.same(line));
        }
    }

    fn misspell_enum(&mut self, line: usize) {
        let row = self.outline.rows[line].clone();
        if !ENUMS.contains(&row.value.as_str()) {
            return;
        }
        for word in misspelt(&row.value) {
            let new = super::outline::Row { value: word, ..row.clone() }.text();
            self.replace_line("misspelt value", line, &new, vec![line]);
        }
    }

    fn indent(&mut self, line: usize) {
        let row = &self.outline.rows[line];
        if row.key.is_none() && !row.dash {
            return;
        }
        let end = if row.dash { self.outline.item_end(line) } else { self.outline.entry_end(line) };
        for (kind, by) in [("indented by 2 more", 2), ("indented by 2 less", -2)] {
            if let Some(new) = self.outline.shifted(line, end, by) {
                let text = self.outline.with(line, end, &new);
                // Seen from the block, the line behind it is the one that is wrong.
                self.add(kind, text, vec![line, end]);
            }
        }
    }

    fn swap_type(&mut self, line: usize) {
        let row = self.outline.rows[line].clone();
        let end = self.outline.entry_end(line);
        let key = row.key.as_ref().map(|key| format!("{key}: ")).unwrap_or_default();
        let bare = row.value.trim_matches('"').to_owned();
        if !row.value.is_empty() {
            let quoted = format!("{key}\"{bare}\"");
            for new in [
                quoted,
                format!("{key}5"),
                format!("{key}true"),
                format!("{key}[{}]", row.value),
                format!("{key}{{ a: {} }}", row.value),
            ] {
                self.replace_line("wrong type", line, &new, self.same(line));
            }
            return;
        }
        let start: String = self.outline.lines[line].chars().take(row.column).collect();
        for new in ["x", "5", "true"] {
            let text = self.outline.with(line, end, &[format!("{start}{key}{new}")]);
            self.add("wrong type", text, vec![line]);
        }
        let Some(first) = self.outline.rows.get(line + 1).filter(|_| end > line + 1) else { return };
        let below = line + 1;
        if first.dash {
            // A list without its dashes.
            if self.outline.item_end(below) == end {
                let mut new = self.outline.lines[below..end].to_vec();
                new[0] = new[0].replacen("- ", "  ", 1);
                let text = self.outline.with(below, end, &new);
                self.add("wrong type", text, vec![line, below]);
            }
        } else if let Some(mut new) = self.outline.shifted(below, end, 2) {
            let column = first.column;
            new[0] = format!("{}- {}", " ".repeat(column), new[0].trim_start());
            let text = self.outline.with(below, end, &new);
            self.add("wrong type", text, vec![line, below]);
        }
    }

    /// The lines without an entry. If the entry begins an item, the next one does.
    fn without(&self, line: usize) -> Option<Vec<String>> {
        let end = self.outline.entry_end(line);
        let row = &self.outline.rows[line];
        let mut lines = self.outline.lines.clone();
        if row.dash {
            let next = self.outline.rows.get(end)?;
            if next.column != row.column || next.dash {
                return None;
            }
            lines[end] = format!("{}- {}", " ".repeat(row.indent), next.text());
        }
        lines.drain(line..end);
        Some(lines)
    }

    /// Where a person sees that something is missing here: the key above, and the beginning of the mapping.
    fn around(&self, line: usize) -> Vec<usize> {
        let mut lines: Vec<usize> = self.outline.siblings(line).into_iter().collect();
        lines.extend(self.outline.parent(line));
        lines
    }

    /// The entry and what is below it, with its key at another column.
    fn entry_at(&self, line: usize, column: usize) -> Vec<String> {
        let row = &self.outline.rows[line];
        let end = self.outline.entry_end(line);
        let mut new = vec![row.at(column)];
        for below in line + 1..end {
            let indent = (self.outline.rows[below].indent + column).saturating_sub(row.column);
            new.push(format!("{}{}", " ".repeat(indent), self.outline.lines[below].trim_start()));
        }
        new
    }

    /// Moves an entry from its place to a line further down or up, and gives the lines that count.
    fn relocate(&mut self, kind: &'static str, line: usize, to: usize, column: usize) {
        let end = self.outline.entry_end(line);
        let Some(rest) = self.without(line) else { return };
        let count = end - line;
        let map = |other: usize| if other >= end { other - count } else { other };
        let at = map(to);
        let entry = self.entry_at(line, column);
        let text = [&rest[..at], &entry[..], &rest[at..]].concat().join("\n") + "\n";
        let shift = |other: usize| if map(other) >= at { map(other) + count } else { map(other) };
        let mut lines: Vec<usize> = self.around(line).into_iter().map(shift).collect();
        lines.push(at);
        self.add(kind, text, lines);
    }

    fn move_up(&mut self, line: usize) {
        if self.outline.rows[line].key.is_none() {
            return;
        }
        let Some(parent) = self.outline.parent(line) else { return };
        let column = self.outline.rows[parent].column;
        self.relocate("moved to the parent", line, self.outline.entry_end(parent), column);
    }

    fn move_down(&mut self, line: usize) {
        if self.outline.rows[line].key.is_none() {
            return;
        }
        let mapping = |other: &usize| {
            let row = &self.outline.rows[*other];
            let below = self.outline.rows.get(other + 1);
            row.value.is_empty() && below.is_some_and(|below| !below.dash && below.column > row.column)
        };
        let siblings = self.outline.siblings(line);
        let Some(sibling) = siblings.into_iter().find(mapping) else { return };
        let column = self.outline.rows[sibling + 1].column;
        self.relocate("moved to a child", line, self.outline.entry_end(sibling), column);
    }

    fn delete(&mut self, line: usize) {
        if self.outline.rows[line].key.is_none() {
            return;
        }
        let end = self.outline.entry_end(line);
        let Some(lines) = self.without(line) else { return };
        let count = end - line;
        let around =
            self.around(line).into_iter().chain(self.same(line).into_iter().filter(|other| *other != line));
        let around = around.map(|other| if other >= end { other - count } else { other }).collect();
        self.add("deleted key", lines.join("\n") + "\n", around);
    }

    /// Gives an item the name of the item before it.
    fn repeat_name(&mut self, line: usize) {
        let row = self.outline.rows[line].clone();
        if !row.dash || !matches!(row.key.as_deref(), Some("name" | "key")) {
            return;
        }
        let same = |other: &usize| {
            let other = &self.outline.rows[*other];
            other.dash && other.indent == row.indent && other.key == row.key
        };
        let parent = self.outline.parent(line);
        let before = (0..line).rev().find(|other| same(other) && self.outline.parent(*other) == parent);
        if let Some(before) = before {
            let new = self.outline.rows[before].text();
            self.replace_line("repeated name", line, &new, vec![line, before]);
        }
    }
}
