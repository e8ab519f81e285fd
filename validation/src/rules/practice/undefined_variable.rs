//! The rule `undefined-variable`. Its page is `undefined_variable.md`.

use std::collections::HashSet;

use super::rule;
use crate::levels::Level;
use crate::rules::pod::{Listed, containers, spec};
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "undefined-variable",
    Level::Warning,
    ("`$(NAME)` refers to a variable that is not defined there", include_str!("undefined_variable.md")),
    check,
);

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object.daemon_set) else { return };
    for listed in containers(spec) {
        // What a ConfigMap or Secret defines is not known.
        if listed.container.env_from.as_ref().is_none_or(Vec::is_empty) {
            check_container(&listed, findings);
        }
    }
}

fn check_container(listed: &Listed<'_>, findings: &mut Findings) {
    let values = listed.container.env.iter().flatten().filter_map(|variable| variable.value.as_deref());
    let paths =
        listed.container.volume_mounts.iter().flatten().filter_map(|mount| mount.sub_path_expr.as_deref());
    if !listed.words().map(|word| word.text).chain(values).chain(paths).any(|text| text.contains("$(")) {
        return;
    }
    let variables = || listed.container.env.iter().flatten();
    let all: HashSet<&str> = variables().map(|variable| variable.name.as_str()).collect();
    let mut before = HashSet::new();
    for (index, variable) in variables().enumerate() {
        for name in references(variable.value.as_deref().unwrap_or_default()) {
            let path = || listed.path().field("env").index(index).field("value");
            if all.contains(name) && !before.contains(name) && name != variable.name {
                let message =
                    format!("`{name}` is defined further down, so `$({name})` stays as it is written");
                let help = format!("move the definition of `{name}` above it");
                findings.push(RULE.finding(path(), message).help(help));
            } else if !all.contains(name) {
                findings.push(RULE.finding(path(), undefined(name)).help(define(name)));
            }
        }
        before.insert(variable.name.as_str());
    }
    // In a shell, `$(…)` runs a program.
    let is_shell = |word: &str| {
        word.starts_with('-') && word.len() <= 5 && word.ends_with('c') || word.contains(char::is_whitespace)
    };
    if !listed.words().any(|word| is_shell(word.text)) {
        for word in listed.words() {
            for name in references(word.text).filter(|name| !all.contains(name)) {
                findings.push(RULE.finding(listed.path_of(&word), undefined(name)).help(define(name)));
            }
        }
    }
    for (index, mount) in listed.container.volume_mounts.iter().flatten().enumerate() {
        for name in
            references(mount.sub_path_expr.as_deref().unwrap_or_default()).filter(|name| !all.contains(name))
        {
            let message = format!("no variable `{name}` is defined in `env`, so the container cannot start");
            let path = listed.path().field("volumeMounts").index(index).field("subPathExpr");
            findings.push(RULE.finding(path, message).help(define(name)));
        }
    }
}

fn undefined(name: &str) -> String {
    format!("no variable `{name}` is defined in `env`, so `$({name})` stays as it is written")
}

fn define(name: &str) -> String {
    format!("define `{name}` in the `env` of the container")
}

/// The variables to which a text refers, without those that the kubelet defines for Services.
fn references(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let (_, after) = rest.split_once('$')?;
            // `$$` stands for one `$`.
            if let Some(after) = after.strip_prefix('$') {
                rest = after;
                continue;
            }
            rest = after;
            let Some(inner) = after.strip_prefix('(') else { continue };
            let is_part =
                |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_';
            let (name, behind) = inner.split_at(inner.find(|letter| !is_part(letter)).unwrap_or(inner.len()));
            let is_name =
                name.starts_with(|letter: char| letter.is_ascii_uppercase()) && behind.starts_with(')');
            let is_of_service =
                name.contains("_SERVICE_") || name.ends_with("_PORT") || name.contains("_PORT_");
            if is_name && !is_of_service {
                return Some(name);
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_those_that_the_kubelet_expands() {
        let found = |text| references(text).collect::<Vec<_>>();
        assert_eq!(found("$(A)/$(B_2) $$(C) $(hostname) $(KUBERNETES_SERVICE_HOST) ${D}"), ["A", "B_2"]);
        assert!(found("$").is_empty() && found("$(A").is_empty() && found("").is_empty());
    }
}
