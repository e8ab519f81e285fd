//! `daemonset-lint rules`: the list of rules, and the page of one.

use std::io::{self, Write};

use daemonset_validation::rules::{Family, RULES, Rule};
use serde::Serialize;

/// Lists the rules by family, a line each.
///
/// # Errors
///
/// If `out` cannot be written.
pub(crate) fn list(out: &mut dyn Write) -> io::Result<()> {
    let width = RULES.iter().map(|rule| rule.id.len()).max().unwrap_or_default();
    for family in Family::ALL {
        writeln!(out, "{}: {}", family.as_str(), family.summary())?;
        for rule in RULES.iter().filter(|rule| rule.family == family) {
            writeln!(out, "  {:<width$}  {:<7}  {}", rule.id, rule.level.as_str(), rule.summary)?;
        }
        writeln!(out)?;
    }
    writeln!(out, "`daemonset-lint rules ID` prints the page of a rule.")
}

/// Prints the page of a rule, and its levels.
///
/// # Errors
///
/// If `out` cannot be written.
pub(crate) fn page(rule: &Rule, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", rule.page.trim_end())?;
    writeln!(out)?;
    writeln!(out, "## Levels")?;
    writeln!(out)?;
    write!(out, "`{}` in daemonset-lint", rule.level)?;
    match rule.admission {
        Some(level) => writeln!(out, ", `{level}` in daemonset-webhook. Since {}.", rule.since),
        None => writeln!(out, "; daemonset-webhook does not check it. Since {}.", rule.since),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    id: &'static str,
    family: &'static str,
    level: &'static str,
    webhook_level: Option<&'static str>,
    since: &'static str,
    summary: &'static str,
}

/// Prints rules as a JSON list.
///
/// # Errors
///
/// If `out` cannot be written.
pub(crate) fn json(rules: &[&'static Rule], out: &mut dyn Write) -> io::Result<()> {
    let items: Vec<Item> = rules
        .iter()
        .map(|rule| Item {
            id: rule.id,
            family: rule.family.as_str(),
            level: rule.level.as_str(),
            webhook_level: rule.admission.map(|level| level.as_str()),
            since: rule.since,
            summary: rule.summary,
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &items)?;
    writeln!(out)
}
