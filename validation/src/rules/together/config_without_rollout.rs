//! The rule `config-without-rollout`. Its page is `config_without_rollout.md`.

use super::{MOST, rule};
use crate::levels::Level;
use crate::placement::Kind;
use crate::rules::{PeerFindings, Rule};
use crate::together::{Together, What};

pub(in crate::rules) static RULE: Rule = rule(
    "config-without-rollout",
    Level::Warning,
    (
        "a ConfigMap of the files changes, and the pods that use it are not replaced",
        include_str!("config_without_rollout.md"),
    ),
    check,
);

fn check(together: &Together<'_>, findings: &mut PeerFindings) {
    for (place, member) in together.members() {
        if !member.uses.keeps_template || member.uses.reloads {
            continue;
        }
        let configs = member.uses.references.iter().filter(|one| one.kind == Kind::ConfigMap);
        let changed = configs.filter_map(|used| {
            let one = together.beside(place).iter().find(|one| {
                one.name == used.name
                    && *one.namespace == *member.peer.namespace
                    && matches!(one.what, What::Config { changed: true, .. })
            })?;
            Some((used, one))
        });
        for (used, one) in changed.take(MOST) {
            let message = format!(
                "{} changes, and the template stays as it is, so no pod is replaced: pods read variables and most programs their \
                 files only when they start",
                one.shown()
            );
            let help = "put a checksum of the data into an annotation of the template, or give the ConfigMap a new name with each \
                        change; once: `kubectl rollout restart`";
            findings.push(place, RULE.finding(used.path.clone(), message).help(help));
        }
    }
}
