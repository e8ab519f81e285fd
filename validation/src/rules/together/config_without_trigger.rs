//! The rule `config-without-trigger`. Its page is `config_without_trigger.md`.

use super::{MOST, rule};
use crate::levels::Level;
use crate::placement::Kind;
use crate::rules::{PeerFindings, Rule};
use crate::together::{Together, What};

/// A fifth of real agents have none, and `config-without-rollout` tells when it matters, so the rule is off.
pub(in crate::rules) static RULE: Rule = rule(
    "config-without-trigger",
    Level::Off,
    (
        "nothing starts a rollout when a ConfigMap of the files changes",
        include_str!("config_without_trigger.md"),
    ),
    check,
);

fn check(together: &Together<'_>, findings: &mut PeerFindings) {
    for (place, member) in together.members() {
        if member.uses.has_trigger || member.uses.reloads {
            continue;
        }
        let configs = member.uses.references.iter().filter(|one| one.kind == Kind::ConfigMap);
        let found = configs.filter(|used| {
            !has_hash(&used.name)
                && together.beside(place).iter().any(|one| {
                    one.name == used.name
                        && *one.namespace == *member.peer.namespace
                        && matches!(one.what, What::Config { immutable: false, .. })
                })
        });
        for used in found.take(MOST) {
            let message = format!(
                "when ConfigMap `{}` changes, no pod is replaced: nothing in the template changes with it",
                used.name
            );
            let help = "put a checksum of its data into an annotation of the template, or give it a name with a hash";
            findings.push(place, RULE.finding(used.path.clone(), message).help(help));
        }
    }
}

/// Whether the name ends in a hash of ten characters, as Kustomize makes them.
fn has_hash(name: &str) -> bool {
    let last = name.rsplit('-').next().unwrap_or_default();
    last.len() == 10 && last.bytes().all(|byte| b"bcdfghkmt2456789".contains(&byte))
}
