//! Recognises texts that are not manifests, such as templates, for a better error message.
//!
//! Each search runs over the text once, at its first error, however many errors the text has.

use std::cell::OnceCell;
use std::ops::Range;

use super::syntax_error::SyntaxError;

/// A kind of text that is not a manifest.
struct Lookalike {
    rule: &'static str,
    message: &'static str,
    help: &'static str,
}

static CONFLICT: Lookalike = Lookalike {
    rule: "file/conflict",
    message: "the file has an unresolved merge conflict",
    help: "choose between the two sides and delete the lines with `<<<<<<<`, `=======` and `>>>>>>>`",
};

/// Texts with expressions between marks.
struct Template {
    looks: Lookalike,
    marks: (&'static str, &'static str),
    /// Whether what is between the marks is an expression of this language.
    is_expression: fn(&str) -> bool,
}

static TEMPLATES: [Template; 3] = [
    Template {
        looks: Lookalike {
            rule: "file/template",
            message: "the file is a Helm template, not a manifest",
            help: "check what it renders: `helm template RELEASE CHART | daemonset-lint -`; if another tool fills it in, pipe its output",
        },
        marks: BRACES,
        is_expression: is_helm,
    },
    Template {
        looks: Lookalike {
            rule: "file/template",
            message: "the file is a Jinja template, not a manifest",
            help: "check what it renders: pipe the output into `daemonset-lint -`",
        },
        marks: ("{%", "%}"),
        is_expression: |_| true,
    },
    Template {
        looks: Lookalike {
            rule: "file/template",
            message: "the file is a template with `{{ … }}`, not a manifest",
            help: "check what it renders; if the braces belong to the value, put it in quotes",
        },
        marks: BRACES,
        is_expression: |inside| !inside.contains(['\n', ':']) && !inside.trim().is_empty(),
    },
];

/// Finds the span by which a text is recognised.
type Search = fn(&str) -> Option<Range<usize>>;

/// Other texts, each with its search.
static OTHERS: [(Lookalike, Search); 7] = [
    (
        Lookalike {
            rule: "file/encoding",
            message: "the file consists of NUL bytes",
            help: "it was damaged or never written; write it again",
        },
        only_nul,
    ),
    (
        Lookalike {
            rule: "file/encoding",
            message: "the file is encoded in UTF-32, which kubectl does not read",
            help: "save it as UTF-8",
        },
        utf_32,
    ),
    (
        Lookalike {
            rule: "file/encoding",
            message: "the file is encoded in UTF-16, which kubectl does not read",
            help: "save it as UTF-8, in PowerShell with `Out-File -Encoding utf8`",
        },
        utf_16,
    ),
    (
        Lookalike { rule: "file/encoding", message: "the file is binary, not text", help: "leave it out" },
        |text| text.contains('\0').then_some(0..0),
    ),
    (
        Lookalike {
            rule: "file/syntax",
            message: "the file is Markdown, not a manifest",
            help: "save the YAML in it to a file of its own",
        },
        |text| line_that_starts_with(text, "```"),
    ),
    (
        Lookalike {
            rule: "file/syntax",
            message: "the file is a script, not a manifest",
            help: "check what it prints: `SCRIPT | daemonset-lint -`",
        },
        |text| text.starts_with("#!").then(|| line_that_starts_with(text, "#!")).flatten(),
    ),
    (
        Lookalike {
            rule: "file/syntax",
            message: "the file is HTML or XML, not a manifest",
            help: "leave it out",
        },
        markup,
    ),
];

/// What a text looks like. It is searched when the first error asks.
#[derive(Clone, Debug)]
pub(super) struct Looks<'t> {
    text: &'t str,
    conflict: OnceCell<Option<Range<usize>>>,
    /// The expressions of each template language.
    expressions: [OnceCell<Vec<Expression>>; 3],
    /// The first of the other texts that it is.
    other: OnceCell<Option<(usize, Range<usize>)>>,
}

/// An expression of a template.
#[derive(Clone, Debug)]
struct Expression {
    place: Range<usize>,
    /// The lines on which an error is due to it, as offsets: its own, and the next one, since the parser may report the error there.
    lines: Range<usize>,
}

impl<'t> Looks<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, conflict: OnceCell::new(), expressions: Default::default(), other: OnceCell::new() }
    }

    /// A better error, if the text is recognised as something else than a manifest.
    pub(super) fn explain(&self, error: SyntaxError) -> SyntaxError {
        let Some((looks, place)) = self.recognise(error.span.start as usize) else { return error };
        SyntaxError {
            rule: looks.rule,
            whole_file: true,
            ..SyntaxError::new(looks.message, place.start, place.end).with_help(looks.help)
        }
    }

    /// What the text is instead of a manifest, if the parser's error is at this offset.
    fn recognise(&self, at: usize) -> Option<(&'static Lookalike, Range<usize>)> {
        let text = self.text;
        let conflict = self.conflict.get_or_init(|| conflict(text));
        if let Some(place) = conflict {
            return Some((&CONFLICT, place.clone()));
        }
        for (template, found) in TEMPLATES.iter().zip(&self.expressions) {
            let expressions = found.get_or_init(|| expressions(text, template.marks, template.is_expression));
            // Both ends of the lines ascend from expression to expression.
            let first = expressions.partition_point(|expression| expression.lines.end < at);
            if let Some(expression) = expressions.get(first).filter(|one| one.lines.start <= at) {
                return Some((&template.looks, expression.place.clone()));
            }
        }
        let other = self.other.get_or_init(|| {
            OTHERS.iter().enumerate().find_map(|(index, (_, find))| Some((index, find(text)?)))
        });
        let (index, place) = other.as_ref()?;
        Some((&OTHERS.get(*index)?.0, place.clone()))
    }
}

fn line_that_starts_with(text: &str, prefix: &str) -> Option<Range<usize>> {
    let mut start = 0_usize;
    for line in text.split_inclusive('\n') {
        if line.starts_with(prefix) {
            return Some(start..start.saturating_add(line.trim_end().len()));
        }
        start = start.saturating_add(line.len());
    }
    None
}

fn conflict(text: &str) -> Option<Range<usize>> {
    line_that_starts_with(text, ">>>>>>> ")?;
    line_that_starts_with(text, "<<<<<<< ")
}

/// The expressions between two marks, in order. A valid manifest may hold templates in its strings, for example in alerting rules, so an
/// expression is the cause of an error only on its own lines.
fn expressions(text: &str, marks: (&str, &str), is_expression: fn(&str) -> bool) -> Vec<Expression> {
    let breaks: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    let mut found = Vec::new();
    let mut from = 0_usize;
    while let Some(place) = next_expression(text, from, marks) {
        let inside = place.start.saturating_add(marks.0.len())..place.end.saturating_sub(marks.1.len());
        if text.get(inside).is_some_and(is_expression) {
            found.push(Expression { lines: lines_of(&breaks, text.len(), &place), place: place.clone() });
        }
        from = place.end;
    }
    found
}

fn next_expression(text: &str, from: usize, marks: (&str, &str)) -> Option<Range<usize>> {
    let start = from.saturating_add(text.get(from..)?.find(marks.0)?);
    let inside = start.saturating_add(marks.0.len());
    let length = text.get(inside..)?.find(marks.1)?;
    Some(start..inside.saturating_add(length).saturating_add(marks.1.len()))
}

/// From the start of the first line of an expression to the end of the line below it. `breaks` are the offsets of the line breaks.
fn lines_of(breaks: &[usize], length: usize, place: &Range<usize>) -> Range<usize> {
    let before = breaks.partition_point(|end| *end < place.start).checked_sub(1);
    let start = before.and_then(|before| breaks.get(before)).map_or(0, |end| end.saturating_add(1));
    let below = breaks.partition_point(|end| *end < place.end).saturating_add(1);
    start..breaks.get(below).copied().unwrap_or(length)
}

const BRACES: (&str, &str) = ("{{", "}}");

fn is_helm(inside: &str) -> bool {
    const WORDS: [&str; 12] = [
        ".Values",
        ".Release",
        ".Chart",
        ".Capabilities",
        ".Files",
        ".Template",
        "include ",
        "template ",
        "define ",
        "toYaml",
        "nindent",
        "range ",
    ];
    const FIRST: [&str; 5] = ["if ", "end", "else", "with ", "/*"];
    let code = inside.trim_start_matches('-').trim_start();
    inside.starts_with("- ")
        || inside.ends_with(" -")
        || code.starts_with(['.', '$'])
        || WORDS.iter().any(|word| code.contains(word))
        || FIRST.iter().any(|word| code.starts_with(word))
}

fn only_nul(text: &str) -> Option<Range<usize>> {
    (text.len() > 3 && text.bytes().all(|byte| byte == 0)).then_some(0..0)
}

/// The number of NUL bytes at each of the positions that are equal modulo `width`, among the first bytes, and the number of positions.
fn nul_bytes(text: &str, width: usize) -> (Vec<usize>, usize) {
    let sample: Vec<u8> = text.bytes().take(64).collect();
    let at = |offset: usize| sample.iter().skip(offset).step_by(width).filter(|byte| **byte == 0).count();
    ((0..width).map(at).collect(), sample.len().checked_div(width).unwrap_or(0))
}

fn utf_32(text: &str) -> Option<Range<usize>> {
    let (nul, units) = nul_bytes(text, 4);
    let full = nul.iter().filter(|count| **count >= units).count();
    (units > 1 && full >= 3 && nul.iter().any(|count| count.saturating_mul(2) < units)).then_some(0..0)
}

fn utf_16(text: &str) -> Option<Range<usize>> {
    let (nul, units) = nul_bytes(text, 2);
    let most = nul.iter().max().copied().unwrap_or(0);
    let least = nul.iter().min().copied().unwrap_or(0);
    (units > 3 && most >= units.saturating_sub(2) && least.saturating_mul(2) < units).then_some(0..0)
}

fn markup(text: &str) -> Option<Range<usize>> {
    let start = text.len().saturating_sub(text.trim_start().len());
    let markup = text.get(start..)?;
    (markup.starts_with("<?xml") || markup.starts_with("<!") || markup.starts_with("<html"))
        .then_some(start..start.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use crate::source::{Content, documents};

    fn messages(text: &str) -> Vec<String> {
        let broken = documents(text).filter_map(|document| match document.content {
            Content::Broken(error) => Some(error.message),
            _ => None,
        });
        broken.collect()
    }

    #[test]
    fn other_kinds_of_text_are_recognised() {
        for (text, word) in [
            (
                "metadata:\n  name: {{ include \"a.name\" . }}\n  labels:\n    {{- include \"a.labels\" . | nindent 4 }}\n",
                "Helm",
            ),
            ("{{- if .Values.enabled }}\nkind: DaemonSet\n{{- end }}\n", "Helm"),
            ("{% if x %}\nkind: DaemonSet\n{% endif %}\n", "Jinja"),
            ("name: {{ name }}\n", "{{"),
            ("a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> x\n", "merge conflict"),
            ("# Title\n\nText: more: yet\n\n```yaml\na: 1\n```\n", "Markdown"),
            ("a\0b\0c\0d\0e\0f\0g\0h\0", "UTF-16"),
            ("\0a\0b\0c\0d\0e\0f\0g\0h", "UTF-16"),
            ("a\0\0\0b\0\0\0c\0\0\0", "UTF-32"),
            ("\0\0\0a\0\0\0b\0\0\0c", "UTF-32"),
            ("\0\0\0\0\0\0\0\0\0", "NUL"),
            ("\0\0\0\0", "NUL"),
            ("a: b\nc: d\n\0\0\0\0\0\0\0\0\0\0\0\0\0", "binary"),
        ] {
            let messages = messages(text);
            assert!(messages.iter().any(|message| message.contains(word)), "{word}: {messages:?}");
        }
    }

    #[test]
    fn a_template_far_from_the_error_is_not_reported() {
        let text = "data:\n  rule: |\n    {{ $labels.instance }} is down\n    {{ if true }}x{{ end }}\n  a: 1\n  b: 2\n  c: 3\n   d: 4\n";
        let messages = messages(text);
        assert!(
            messages.iter().all(|message| message.contains("indented")) && messages.len() == 1,
            "{messages:?}"
        );
    }

    /// Templates with many documents that do not parse: each expression is searched once.
    #[test]
    fn every_error_has_the_expression_on_its_own_lines() {
        let text = "a: [\n---\nb: {{ .Values.b }} {{ .Values.c }}\n---\nc: [\n---\nd: 1\n---\ne: [\n";
        let messages = messages(text);
        let helm = messages.iter().filter(|message| message.contains("Helm")).count();
        assert!(messages.len() == 4 && helm == 1, "{messages:?}");
    }
}
