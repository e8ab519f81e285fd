//! The rule `tolerates-everything`. Its page is `tolerates_everything.md`.

use super::{is_for_all_keys, rule, spec, text, toleration_path, tolerations};
use crate::levels::Level;
use crate::rules::{Check, Findings, Object, Rule};

/// Of 600 real DaemonSets 162 tolerate everything, most of them for a reason, so the rule is off.
pub(in crate::rules) static RULE: Rule = rule(
    "tolerates-everything",
    Level::Off,
    ("the pods tolerate every taint", include_str!("tolerates_everything.md")),
    Check::Object(check),
);

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object) else { return };
    let of_all = |one: &&(usize, &_)| is_for_all_keys(one.1);
    let all: Vec<_> = tolerations(spec).iter().enumerate().collect();
    let mut found = all.iter().filter(of_all).filter(|(_, one)| text(one.effect.as_ref()).is_empty());
    if let Some((index, _)) = found.next() {
        let message = "every taint is tolerated, so pods are made on nodes that are dead, virtual or set aside as well, and \
                       a rollout waits for them";
        let help = "name the taints that the pods are meant for";
        findings.push(RULE.finding(toleration_path(*index), message).help(help));
    }
}
