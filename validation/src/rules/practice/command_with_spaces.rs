//! The rule `command-with-spaces`. Its page is `command_with_spaces.md`.

use super::rule;
use crate::edit::{Edit, NewValue};
use crate::levels::Level;
use crate::path::FieldPath;
use crate::rules::pod::{containers, spec};
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "command-with-spaces",
    Level::Error,
    (
        "a program and its arguments are written as one word, and no program has such a name",
        include_str!("command_with_spaces.md"),
    ),
    check,
);

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object.daemon_set) else { return };
    for listed in containers(spec) {
        if let Some(words) = &listed.container.command {
            report(words, || listed.path().field("command"), "the container cannot start", findings);
        }
        for handler in listed.handlers() {
            if let Some(words) = handler.exec.and_then(|exec| exec.command.as_ref()) {
                let path = || listed.path_to(&handler).field("exec").field("command");
                report(words, path, "it always fails", findings);
            }
        }
    }
}

fn report(words: &[String], path: impl Fn() -> FieldPath, effect: &str, findings: &mut Findings) {
    let Some((first, others)) = words.split_first() else { return };
    // A path of Windows may have spaces, and so may what a program puts in before the manifest is applied.
    let is_odd = first.contains(['\\', ':', '"', '\'', '{']);
    let parts: Vec<&str> = first.split_whitespace().collect();
    let [program, arguments @ ..] = parts.as_slice() else { return };
    if is_odd || arguments.is_empty() {
        return;
    }
    let message = format!(
        "no shell splits a command into words, so the node looks for a program whose name is `{}`: {effect}",
        shortened(first)
    );
    let finding = RULE.finding(path().index(0), message);
    let is_plain = !first.contains(['$', '`', '|', '&', ';', '<', '>', '*', '#', '(', '\n']);
    if is_plain && others.is_empty() {
        let list = parts.iter().map(|word| NewValue::from(*word)).collect();
        let help = format!("write each word by itself: `[\"{}\"]`", parts.join("\", \""));
        let edit = Edit::Replace { path: path(), value: NewValue::List(list) };
        findings.push(finding.help(help).fix(false, vec![edit]));
    } else if is_plain {
        findings.push(finding.help(format!("write `{program}` and each argument as words of their own")));
    } else {
        findings
            .push(finding.help(
                "write `[\"sh\", \"-c\", …]` with the line as the last word, if the image has a shell",
            ));
    }
}

/// The first line, not too long.
fn shortened(text: &str) -> String {
    let line: String = text.trim().lines().next().unwrap_or_default().chars().take(60).collect();
    if line.len() < text.trim().len() { format!("{line}…") } else { line }
}
