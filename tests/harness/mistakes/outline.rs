//! The lines of a YAML text in block style, with what belongs to each.

/// A line: `key: value`, `- key: value` or `- value`.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// The columns before the line's text.
    pub(super) indent: usize,
    /// The column of the key, or of the value if there is no key.
    pub(super) column: usize,
    /// Whether the line begins an item of a list.
    pub(super) dash: bool,
    /// The key.
    pub(super) key: Option<String>,
    /// What is behind the key.
    pub(super) value: String,
}

impl Row {
    fn of(line: &str) -> Self {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        let (dash, text) = text.strip_prefix("- ").map_or((false, text), |rest| (true, rest));
        let column = if dash { indent + 2 } else { indent };
        let (key, value) = match text.split_once(": ") {
            Some((key, value)) => (Some(key.to_owned()), value.to_owned()),
            None => match text.strip_suffix(':') {
                Some(key) => (Some(key.to_owned()), String::new()),
                None => (None, text.to_owned()),
            },
        };
        Self { indent, column, dash, key, value }
    }

    /// The line's text with the key or value at another column, without the dash.
    pub(super) fn at(&self, column: usize) -> String {
        format!("{}{}", " ".repeat(column), self.text())
    }

    /// The line's text behind the dash.
    pub(super) fn text(&self) -> String {
        match (&self.key, self.value.as_str()) {
            (Some(key), "") => format!("{key}:"),
            (Some(key), value) => format!("{key}: {value}"),
            (None, value) => value.to_owned(),
        }
    }
}

/// The lines of a text.
#[derive(Debug)]
pub(super) struct Outline {
    pub(super) lines: Vec<String>,
    pub(super) rows: Vec<Row>,
}

impl Outline {
    pub(super) fn of(text: &str) -> Self {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let rows = lines.iter().map(|line| Row::of(line)).collect();
        Self { lines, rows }
    }

    /// The line behind an entry and what is below it.
    pub(super) fn entry_end(&self, start: usize) -> usize {
        let row = &self.rows[start];
        let block = row.key.is_some() && row.value.is_empty();
        let inside =
            |other: &Row| other.indent > row.column || (block && other.dash && other.indent == row.column);
        let rest = &self.rows[start + 1..];
        start + 1 + rest.iter().position(|other| !inside(other)).unwrap_or(rest.len())
    }

    /// The line behind an item that begins with a dash.
    pub(super) fn item_end(&self, start: usize) -> usize {
        let indent = self.rows[start].indent;
        let rest = &self.rows[start + 1..];
        start + 1 + rest.iter().position(|other| other.indent <= indent).unwrap_or(rest.len())
    }

    /// The line of the key above.
    pub(super) fn parent(&self, line: usize) -> Option<usize> {
        (0..line).rev().find(|above| {
            let row = &self.rows[*above];
            row.key.is_some() && row.column < self.rows[line].column && self.entry_end(*above) > line
        })
    }

    /// The lines of the other keys in the same mapping.
    pub(super) fn siblings(&self, line: usize) -> Vec<usize> {
        let column = self.rows[line].column;
        let same = |other: &usize| self.rows[*other].column == column && self.rows[*other].key.is_some();
        let inside = |other: &usize| self.rows[*other].indent >= column || self.rows[*other].dash;
        let mut found = Vec::new();
        if !self.rows[line].dash {
            for other in (0..line)
                .rev()
                .take_while(|other| self.rows[*other].indent >= column || self.rows[*other].column == column)
            {
                if same(&other) {
                    found.push(other);
                }
                if self.rows[other].dash && self.rows[other].column == column {
                    break;
                }
            }
        }
        for other in line + 1..self.rows.len() {
            let row = &self.rows[other];
            if !inside(&other) || row.indent < column {
                break;
            }
            if same(&other) && !row.dash {
                found.push(other);
            }
        }
        found
    }

    /// The text with some lines replaced by others.
    pub(super) fn with(&self, from: usize, to: usize, new: &[String]) -> String {
        let lines = [&self.lines[..from], new, &self.lines[to..]].concat();
        lines.join("\n") + "\n"
    }

    /// Lines moved to the right or left; `None` if there is no room.
    pub(super) fn shifted(&self, from: usize, to: usize, by: isize) -> Option<Vec<String>> {
        let shift = |(line, row): (&String, &Row)| {
            let indent = row.indent.checked_add_signed(by)?;
            Some(format!("{}{}", " ".repeat(indent), line.trim_start()))
        };
        self.lines[from..to].iter().zip(&self.rows[from..to]).map(shift).collect()
    }
}
