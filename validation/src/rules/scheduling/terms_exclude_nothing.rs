//! The rule `terms-exclude-nothing`. Its page is `terms_exclude_nothing.md`.

use k8s_openapi::api::core::v1::{NodeSelectorRequirement, NodeSelectorTerm};

use super::{rule, spec, term_path, terms};
use crate::levels::Level;
use crate::matching::contradiction::together_match_all;
use crate::rules::{Check, Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "terms-exclude-nothing",
    Level::Warning,
    (
        "two terms of the node affinity, of which one is enough, exclude nothing",
        include_str!("terms_exclude_nothing.md"),
    ),
    Check::Object(check),
);

/// So many terms are compared with each other. Written by hand, there are a few.
const COMPARED: usize = 16;

/// Terms with more requirements than this are not compared.
const LONG: usize = 16;

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object) else { return };
    let terms = terms(spec);
    let terms = terms.get(..COMPARED).unwrap_or(terms);
    for (index, one) in terms.iter().enumerate() {
        for other in terms.iter().take(index) {
            let Some((one, other)) = difference(one, other) else { continue };
            if !together_match_all(one, other) {
                continue;
            }
            let message = format!(
                "one matching term is enough, so this one and the term before it exclude no node: a node that does not match `{}` matches `{}`",
                shown(other),
                shown(one)
            );
            let help = "put the requirements into one term: all requirements of a term must hold";
            findings.push(RULE.finding(term_path(index), message).help(help));
            return;
        }
    }
}

/// The requirements in which two terms differ, if it is one of each.
fn difference<'t>(
    one: &'t NodeSelectorTerm,
    other: &'t NodeSelectorTerm,
) -> Option<(&'t NodeSelectorRequirement, &'t NodeSelectorRequirement)> {
    if one.match_fields != other.match_fields {
        return None;
    }
    let (ones, others) = (one.match_expressions.as_deref()?, other.match_expressions.as_deref()?);
    if ones.len() != others.len() || ones.len() > LONG {
        return None;
    }
    let mut of_one = ones.iter().filter(|one| !others.contains(one));
    let mut of_other = others.iter().filter(|other| !ones.contains(other));
    let pair = (of_one.next()?, of_other.next()?);
    (of_one.next().is_none() && of_other.next().is_none()).then_some(pair)
}

/// `zone NotIn [a, b]`.
fn shown(one: &NodeSelectorRequirement) -> String {
    let NodeSelectorRequirement { key, operator, values } = one;
    match values.as_deref().unwrap_or_default() {
        [] => format!("{key} {operator}"),
        values if values.len() <= 3 => format!("{key} {operator} [{}]", values.join(", ")),
        [first, ..] => format!("{key} {operator} [{first}, …]"),
    }
}
