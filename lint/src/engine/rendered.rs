//! Texts that a program rendered from templates: which line of the template each line of the text is, as far as this is known.

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

#[cfg(test)]
mod tests {
    use super::Rendered;

    #[test]
    fn only_known_lines_have_a_place() {
        let rendered = Rendered::new("helm", vec![0, 7]);
        assert_eq!([0, 1, 2, 3].map(|line| rendered.line(line)), [None, None, Some(7), None]);
    }
}
