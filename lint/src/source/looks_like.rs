//! Recognises texts that are not manifests, such as templates, for a better error message.

use super::syntax_error::SyntaxError;

/// A kind of text that is not a manifest.
struct Lookalike {
    rule: &'static str,
    message: &'static str,
    help: &'static str,
    /// The span in the text by which it is recognised. The second argument is the offset of the parser's error.
    find: fn(&str, usize) -> Option<(usize, usize)>,
}

const LOOKALIKES: &[Lookalike] = &[
    Lookalike {
        rule: "file/conflict",
        message: "the file has an unresolved merge conflict",
        help: "choose between the two sides and delete the lines with `<<<<<<<`, `=======` and `>>>>>>>`",
        find: conflict,
    },
    Lookalike {
        rule: "file/template",
        message: "the file is a Helm template, not a manifest",
        help: "check what it renders: `helm template RELEASE CHART | daemonset-lint -`",
        find: helm,
    },
    Lookalike {
        rule: "file/template",
        message: "the file is a Jinja template, not a manifest",
        help: "check what it renders: pipe the output into `daemonset-lint -`",
        find: jinja,
    },
    Lookalike {
        rule: "file/template",
        message: "the file is a template with `{{ … }}`, not a manifest",
        help: "check what it renders; if the braces belong to the value, put it in quotes",
        find: braces,
    },
    Lookalike {
        rule: "file/encoding",
        message: "the file is encoded in UTF-16, which kubectl does not read",
        help: "save it as UTF-8, in PowerShell with `Out-File -Encoding utf8`",
        find: utf_16,
    },
    Lookalike {
        rule: "file/encoding",
        message: "the file is binary, not text",
        help: "leave it out",
        find: binary,
    },
    Lookalike {
        rule: "file/syntax",
        message: "the file is Markdown, not a manifest",
        help: "save the YAML in it to a file of its own",
        find: markdown,
    },
    Lookalike {
        rule: "file/syntax",
        message: "the file is a script, not a manifest",
        help: "check what it prints: `SCRIPT | daemonset-lint -`",
        find: script,
    },
    Lookalike {
        rule: "file/syntax",
        message: "the file is HTML or XML, not a manifest",
        help: "leave it out",
        find: markup,
    },
];

/// A better error, if the file is recognised as something else than a manifest.
pub(super) fn explain(text: &str, error: SyntaxError) -> SyntaxError {
    for look in LOOKALIKES {
        if let Some((start, end)) = (look.find)(text, error.span.start as usize) {
            return SyntaxError {
                rule: look.rule,
                whole_file: true,
                ..SyntaxError::new(look.message, start, end).with_help(look.help)
            };
        }
    }
    error
}

fn line_that_starts_with(text: &str, prefix: &str) -> Option<(usize, usize)> {
    let mut start = 0_usize;
    for line in text.split_inclusive('\n') {
        if line.starts_with(prefix) {
            return Some((start, start.saturating_add(line.trim_end().len())));
        }
        start = start.saturating_add(line.len());
    }
    None
}

fn conflict(text: &str, _: usize) -> Option<(usize, usize)> {
    line_that_starts_with(text, ">>>>>>> ")?;
    line_that_starts_with(text, "<<<<<<< ")
}

/// The expression between two marks on whose lines the error is, if `accept` is true for it. A valid manifest may hold templates in its
/// strings, for example in alerting rules, so an expression far from the error is not its cause.
fn expression(
    text: &str,
    at: usize,
    marks: (&str, &str),
    accept: impl Fn(&str) -> bool,
) -> Option<(usize, usize)> {
    let mut from = 0_usize;
    loop {
        let start = from.saturating_add(text.get(from..)?.find(marks.0)?);
        let inside = start.saturating_add(marks.0.len());
        let length = text.get(inside..)?.find(marks.1)?;
        let behind = inside.saturating_add(length).saturating_add(marks.1.len());
        let first = text.get(..start)?.rfind('\n').map_or(0, |end| end.saturating_add(1));
        if first > at {
            return None;
        }
        // The parser may report the error on the line after the expression.
        let last = text
            .get(behind..)?
            .match_indices('\n')
            .nth(1)
            .map_or(text.len(), |(end, _)| behind.saturating_add(end));
        if at <= last && accept(text.get(inside..inside.saturating_add(length))?) {
            return Some((start, behind));
        }
        from = behind;
    }
}

const BRACES: (&str, &str) = ("{{", "}}");

fn helm(text: &str, at: usize) -> Option<(usize, usize)> {
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
    expression(text, at, BRACES, |inside| {
        let code = inside.trim_start_matches('-').trim_start();
        inside.starts_with("- ")
            || inside.ends_with(" -")
            || code.starts_with(['.', '$'])
            || WORDS.iter().any(|word| code.contains(word))
            || FIRST.iter().any(|word| code.starts_with(word))
    })
}

fn jinja(text: &str, at: usize) -> Option<(usize, usize)> {
    expression(text, at, ("{%", "%}"), |_| true)
}

fn braces(text: &str, at: usize) -> Option<(usize, usize)> {
    expression(text, at, BRACES, |inside| {
        !inside.contains('\n') && !inside.trim().is_empty() && !inside.contains(':')
    })
}

fn utf_16(text: &str, _: usize) -> Option<(usize, usize)> {
    let sample: Vec<u8> = text.bytes().take(64).collect();
    let nul = |offset: usize| sample.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let half = sample.len().wrapping_shr(1);
    (half > 3 && (nul(0).max(nul(1)) >= half.saturating_sub(2))).then_some((0, 0))
}

fn binary(text: &str, _: usize) -> Option<(usize, usize)> {
    text.contains('\0').then_some((0, 0))
}

fn markdown(text: &str, _: usize) -> Option<(usize, usize)> {
    line_that_starts_with(text, "```")
}

fn script(text: &str, _: usize) -> Option<(usize, usize)> {
    text.starts_with("#!").then(|| line_that_starts_with(text, "#!")).flatten()
}

fn markup(text: &str, _: usize) -> Option<(usize, usize)> {
    let start = text.len().saturating_sub(text.trim_start().len());
    let markup = text.get(start..)?;
    (markup.starts_with("<?xml") || markup.starts_with("<!") || markup.starts_with("<html"))
        .then_some((start, start.saturating_add(1)))
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
}
