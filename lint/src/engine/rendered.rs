//! Texts that a program rendered from templates: which line of the template each line of the text is, as far as this is known.

use super::outcome::{DocumentReport, FileReport};

/// Where a rendered text comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The program that rendered it, such as `helm`.
    pub by: &'static str,
    /// For each line of the text, the line of the template that it is, from 1; 0 where that is not known.
    lines: Vec<u32>,
}

impl Rendered {
    /// A text that this program rendered. `lines` has, for each line of the text, the line of the template that it is, from 1, and 0 where
    /// that is not known.
    pub const fn new(by: &'static str, lines: Vec<u32>) -> Self {
        Self { by, lines }
    }

    /// The line of the template that is this line of the text, both from 1.
    pub fn line(&self, line: usize) -> Option<usize> {
        let known = self.lines.get(line.checked_sub(1)?)?;
        (*known > 0).then_some(*known as usize)
    }
}

impl FileReport {
    /// The template of a document, where the path of the file does not say it.
    pub fn source_of<'r>(&self, document: &'r DocumentReport) -> Option<&'r str> {
        let source = document.source.as_deref()?;
        let within = source.split_once('/').map_or(source, |(_, within)| within);
        let is_said = self.rendered.is_some() && self.path.ends_with(within);
        (!is_said).then_some(source)
    }

    /// Gives the reasons of the previews the lines of the template. It is done once, after the text was judged for the last time.
    pub fn locate_reasons(&mut self) {
        let Some(rendered) = &self.rendered else { return };
        let explanations = self.documents.iter_mut().filter_map(|document| document.explanation.as_mut());
        for node in explanations.flat_map(|explanation| &mut explanation.nodes) {
            for reason in &mut node.reasons {
                reason.line = reason.line.and_then(|line| rendered.line(line));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Rendered;

    #[test]
    fn only_known_lines_have_a_place() {
        let rendered = Rendered::new("helm", vec![0, 7]);
        assert_eq!([0, 1, 2, 3].map(|line| rendered.line(line)), [None, None, Some(7), None]);
    }
}
