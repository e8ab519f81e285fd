//! The rule `selects-no-node`. Its page is `selects_no_node.md`.

use super::{pod_spec, rule, spec, term_path, terms};
use crate::levels::Level;
use crate::matching::contradiction::{contradiction_of_pairs, never_matches};
use crate::rules::{Check, Findings, Object, Rule};
use crate::words::never;

pub(in crate::rules) static RULE: Rule = rule(
    "selects-no-node",
    Level::Error,
    ("`nodeSelector` and the node affinity exclude every node", include_str!("selects_no_node.md")),
    Check::Object(check),
);

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object) else { return };
    let pairs = spec.node_selector.as_ref();
    if let Some(key) = pairs.and_then(contradiction_of_pairs) {
        let message = format!(
            "the pods run on no node: every node has the same value in `{key}` and in the label that replaces it"
        );
        let path = pod_spec().field("nodeSelector").key(key);
        findings.push(RULE.finding(path, message).help("keep one of the two entries"));
        return;
    }
    let terms = terms(spec);
    let mut first = None;
    for (index, term) in terms.iter().enumerate() {
        let Some(never) = never_matches(pairs, term, index) else { return };
        if first.is_none() {
            first = Some(never::sentence(&never, term, pairs, term_path(index)));
        }
    }
    let Some((path, why)) = first else { return };
    let message = match terms.len() {
        1 => format!("the pods run on no node: {why}"),
        _ => format!("the pods run on no node: none of the terms can match; the first: {why}"),
    };
    let help = "requirements in one term hold together, and of several terms one is enough: take out what does not apply";
    findings.push(RULE.finding(path, message).help(help));
}
