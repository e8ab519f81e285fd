//! What is written in an allowance: `rule-id, other-rule, a reason`.

use daemonset_validation::did_you_mean;
use daemonset_validation::rules::{Family, Fixed, RULES, Rule, find};

/// What is written in one line of an allowance.
#[derive(Debug)]
pub(super) struct Words<'t> {
    /// The ids, each with its offset in the line.
    pub(super) ids: Vec<(usize, Named<'t>)>,
    /// The rest.
    pub(super) reason: Option<&'t str>,
}

/// What an id names.
#[derive(Debug)]
pub(super) enum Named<'t> {
    /// A rule whose findings can be allowed.
    Rule(&'static Rule),
    /// Something else.
    Wrong(&'t str, Wrong),
}

/// Why an id allows nothing.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wrong {
    /// There is no such rule; perhaps this one is meant.
    Unknown(Option<&'static str>),
    /// It stands for several rules.
    Pattern,
    /// The first word is a rule's id, and no comma follows it.
    NoComma(&'static str),
    /// There is no id at all.
    Nothing,
    /// The findings of the rule cannot be allowed.
    Fixed(Fixed),
    /// It is a rule about allowances.
    OfAllow,
}

/// Reads a line. The first part is an id; each further part is one as well as long as it is, or nearly is, the id of a rule. The rest is the
/// reason, which may have commas.
pub(super) fn read(line: &str) -> Words<'_> {
    let mut words = Words { ids: Vec::new(), reason: None };
    let mut at = 0_usize;
    loop {
        let rest = line.get(at..).unwrap_or_default();
        let part = rest.split(',').next().unwrap_or_default();
        let word = part.trim();
        let start = at.saturating_add(part.len().saturating_sub(part.trim_start().len()));
        let is_first = words.ids.is_empty();
        if !is_first && !is_id(word) {
            words.reason = Some(rest.trim()).filter(|reason| !reason.is_empty());
            return words;
        }
        words.ids.push((start, named(word)));
        if part.len() == rest.len() {
            return words;
        }
        at = at.saturating_add(part.len()).saturating_add(1);
    }
}

/// Whether a part behind the first one is meant as an id.
fn is_id(word: &str) -> bool {
    // Most reasons are seen to be none without a look at the rules.
    let has_letters =
        word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"/-*".contains(&byte));
    word.len() >= SHORTEST
        && has_letters
        && (find(word).is_some() || near(word).is_some() || is_pattern(word))
}

/// No id has fewer letters than this, also if it is misspelt.
const SHORTEST: usize = 3;

fn is_pattern(word: &str) -> bool {
    word.ends_with('*') || word == "all"
}

fn near(word: &str) -> Option<&'static str> {
    did_you_mean(word, RULES.iter().map(|rule| rule.id))
}

fn named(word: &str) -> Named<'_> {
    let wrong = |wrong| Named::Wrong(word, wrong);
    if word.is_empty() {
        return wrong(Wrong::Nothing);
    }
    let Some(rule) = find(word) else {
        let first = word.split([' ', '\t', ':', ';']).next().unwrap_or_default();
        return wrong(match find(first) {
            Some(rule) if first.len() < word.len() => Wrong::NoComma(rule.id),
            _ if is_pattern(word) => Wrong::Pattern,
            _ => Wrong::Unknown(near(word)),
        });
    };
    match rule.fixed() {
        Some(fixed) => wrong(Wrong::Fixed(fixed)),
        None if rule.family == Family::Allow => wrong(Wrong::OfAllow),
        None => Named::Rule(rule),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ids, with `!` before those that allow nothing, and the reason.
    fn words(line: &str) -> (Vec<(usize, String)>, Option<&str>) {
        let words = read(line);
        let ids = words.ids.iter().map(|(at, named)| match named {
            Named::Rule(rule) => (*at, rule.id.to_owned()),
            Named::Wrong(word, _) => (*at, format!("!{word}")),
        });
        (ids.collect(), words.reason)
    }

    #[test]
    fn ids_come_first_and_the_rest_is_the_reason() {
        let id = |at: usize, id: &str| (at, id.to_owned());
        for (line, ids, reason) in [
            ("api/warning", vec![id(0, "api/warning")], None),
            (" api/warning ,", vec![id(1, "api/warning")], None),
            ("api/warning, old nodes, until May", vec![id(0, "api/warning")], Some("old nodes, until May")),
            ("api/warning,pending,x", vec![id(0, "api/warning"), id(12, "pending")], Some("x")),
            ("api/warning, pendin, why", vec![id(0, "api/warning"), id(13, "!pendin")], Some("why")),
            ("api/warnin", vec![id(0, "!api/warnin")], None),
            ("legacy, why", vec![id(0, "!legacy")], Some("why")),
            ("api/warning because", vec![id(0, "!api/warning because")], None),
            ("api/required", vec![id(0, "!api/required")], None),
            ("placement/*, why", vec![id(0, "!placement/*")], Some("why")),
            ("", vec![id(0, "!")], None),
            (", why", vec![id(0, "!")], Some("why")),
        ] {
            assert_eq!(words(line), (ids, reason), "{line:?}");
        }
        let wrong = |line: &str| match read(line).ids.pop() {
            Some((_, Named::Wrong(_, wrong))) => format!("{wrong:?}"),
            _ => String::new(),
        };
        assert_eq!(wrong("api/warnings"), "Unknown(Some(\"api/warning\"))");
        assert_eq!(wrong("pending: why"), "NoComma(\"pending\")");
        assert_eq!([wrong("api/*"), wrong("file/syntax")], ["Pattern", "Fixed(Unread)"]);
        assert_eq!([wrong("unused-allow"), wrong("file/template")], ["OfAllow", ""]);
    }
}
