//! Which line of a template a rendered line is.
//!
//! Letters alone do not tell: a chart has the same line in several places, in branches that are not taken and in values. So each plain line
//! of a template gets a mark, a YAML comment with a number, and the chart is rendered once more. A rendered line with a mark was printed by
//! the line of this number. It counts only if it is the template's line letter for letter, and if without the marks the line is what was
//! rendered before.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::action::plain_lines;

/// A line of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The template, by its path within the chart.
    pub(super) template: PathBuf,
    /// The line, from 1.
    pub(super) line: u32,
}

/// The marks of a chart.
#[derive(Debug)]
pub(super) struct Marks {
    /// What all marks begin with.
    prefix: String,
    /// For each mark, its place and the line.
    marks: Vec<(Place, String)>,
}

/// Writes marks into templates of the chart in this folder.
pub(super) fn mark(chart: &Path, templates: &BTreeSet<PathBuf>) -> io::Result<Marks> {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos());
    let mut marks = Marks::new(&format!("{:x}{time:x}", std::process::id()));
    for template in templates {
        let file = chart.join(template);
        let marked = marks.add(template, &fs::read_to_string(&file)?);
        fs::write(&file, marked)?;
    }
    Ok(marks)
}

impl Marks {
    fn new(unique: &str) -> Self {
        Self { prefix: format!(" #daemonset-lint-{unique}-"), marks: Vec::new() }
    }

    /// The text of a template with marks.
    fn add(&mut self, template: &Path, text: &str) -> String {
        let mut marked = String::with_capacity(text.len().saturating_mul(2));
        for ((line, plain), number) in text.split('\n').zip(plain_lines(text)).zip(1_u32..) {
            let body = line.strip_suffix('\r').unwrap_or(line);
            if number > 1 {
                marked.push('\n');
            }
            marked.push_str(body);
            if plain && can_have_comment(body) {
                let place = Place { template: template.to_path_buf(), line: number };
                marked.push_str(&format!("{}{};", self.prefix, self.marks.len()));
                self.marks.push((place, body.to_owned()));
            }
            marked.push_str(line.get(body.len()..).unwrap_or_default());
        }
        marked
    }

    /// The place of each line of `text`, by the same rendered with marks; `None` if that has other lines.
    pub(super) fn places(&self, text: &str, marked: &str) -> Option<Vec<Option<Place>>> {
        if text.lines().count() != marked.lines().count() {
            return None;
        }
        Some(text.lines().zip(marked.lines()).map(|(line, marked)| self.place(line, marked)).collect())
    }

    fn place(&self, line: &str, marked: &str) -> Option<Place> {
        let (body, number) = marked.strip_suffix(';')?.split_once(&self.prefix)?;
        let (place, original) = self.marks.get(number.parse::<usize>().ok()?)?;
        (body == line && original == line).then(|| place.clone())
    }
}

/// Whether a comment may stand behind the line: it is not empty, no comment and no end of a document.
fn can_have_comment(line: &str) -> bool {
    let text = line.trim();
    !(text.is_empty()
        || text.starts_with('#')
        || text.starts_with('%')
        || line.starts_with("---")
        || line.starts_with("..."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_known_if_its_mark_is_rendered() {
        let template = "kind: DaemonSet\nname: {{ .Values.name }}\n{{- if .Values.off }}\nspec: { a: b }\n{{- end }}\nspec: { a: b }\r\n";
        let mut marks = Marks::new("x");
        let marked = marks.add(Path::new("templates/ds.yaml"), template);
        assert_eq!(marked.lines().count(), template.lines().count());
        assert_eq!(marked.replace(" #daemonset-lint-x-0;", "").matches(" #daemonset-lint-x-").count(), 2);
        // As helm would render it: the branch is not taken.
        let text = "kind: DaemonSet\nname: agent\nspec: { a: b }\nspec: { a: b }\nextra: 1\n";
        let again = "kind: DaemonSet #daemonset-lint-x-0;\nname: agent\nspec: { a: b } #daemonset-lint-x-2;\nspec: { a: b }\nextra: 2 #daemonset-lint-x-1;\n";
        let lines: Vec<Option<u32>> = marks
            .places(text, again)
            .unwrap_or_default()
            .iter()
            .map(|place| place.as_ref().map(|place| place.line))
            .collect();
        assert_eq!(lines, [Some(1), None, Some(6), None, None]);
        assert_eq!(marks.places(text, "kind: DaemonSet\n"), None);
    }
}
