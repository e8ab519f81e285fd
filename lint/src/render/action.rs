//! Finds the lines of a template that are rendered as they are: those without an action, outside of `define`.

/// For each line, whether it is plain text that is rendered at its own place.
pub(super) fn plain_lines(template: &str) -> Vec<bool> {
    let mut plain = Vec::new();
    // For each block that is open, whether it is a definition.
    let mut blocks: Vec<bool> = Vec::new();
    // Whether the current line has been plain so far.
    let mut is_plain = true;
    let mut rest = template;
    while let Some(at) = rest.find("{{") {
        let (text, action) = rest.split_at(at);
        end_lines(text, &mut is_plain, !blocks.contains(&true), &mut plain);
        let inside = action.get(2..).unwrap_or_default();
        let length = action_length(inside).unwrap_or(inside.len());
        let (action, behind) = inside.split_at(length);
        is_plain = false;
        plain.extend(action.matches('\n').map(|_| false));
        match keyword(action) {
            "define" | "block" => blocks.push(true),
            "if" | "range" | "with" => blocks.push(false),
            "end" => {
                blocks.pop();
            }
            _ => {}
        }
        rest = behind;
    }
    end_lines(rest, &mut is_plain, !blocks.contains(&true), &mut plain);
    plain.push(is_plain);
    plain
}

/// Ends the lines that end in a text without actions.
fn end_lines(text: &str, is_plain: &mut bool, outside: bool, plain: &mut Vec<bool>) {
    for _ in text.matches('\n') {
        plain.push(*is_plain);
        *is_plain = outside;
    }
}

/// The first word of an action.
fn keyword(action: &str) -> &str {
    let action = action.strip_prefix('-').unwrap_or(action).trim_start();
    action.split(|one: char| !one.is_ascii_alphabetic()).next().unwrap_or_default()
}

/// The length of an action up to and with its `}}`; `None` if it has no end.
fn action_length(inside: &str) -> Option<usize> {
    let comment = inside.strip_prefix('-').unwrap_or(inside).trim_start();
    if comment.starts_with("/*") {
        let end = inside.find("*/")?;
        let close = inside.get(end..)?.find("}}")?;
        return Some(end.saturating_add(close).saturating_add(2));
    }
    let mut quote = None;
    let mut characters = inside.char_indices();
    while let Some((at, character)) = characters.next() {
        match (quote, character) {
            (Some('"' | '\''), '\\') => {
                characters.next();
            }
            (Some(open), _) if open == character => quote = None,
            (None, '"' | '\'' | '`') => quote = Some(character),
            (None, '}') if inside.get(at..)?.starts_with("}}") => return Some(at.saturating_add(2)),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::plain_lines;

    #[test]
    fn lines_with_actions_and_definitions_are_not_plain() {
        let template = r#"kind: DaemonSet
name: {{ .Values.name }}
{{- if .Values.x }}
  a: b
{{- end }}
{{/* a comment
of two lines }} */}}
c: d
{{- define "x" }}
e: f
{{- if 1 }}
g: h
{{- end }}
{{- end }}
i: j
k: {{ printf "}}" |
  quote }}
l: m
"#;
        let plain = plain_lines(template);
        let expected = ["kind: DaemonSet", "  a: b", "c: d", "i: j", "l: m", ""];
        let found: Vec<&str> =
            template.split('\n').zip(&plain).filter(|(_, plain)| **plain).map(|(line, _)| line).collect();
        assert_eq!(found, expected);
        assert_eq!(plain.len(), template.split('\n').count());
        assert_eq!(plain_lines("a\n{{ b\nc"), [true, false, false]);
        assert_eq!(plain_lines(""), [true]);
    }
}
