//! The rule `disruption-budget`. Its page is `disruption_budget.md`.

use super::{MOST, rule, template_labels};
use crate::finding::Anchor;
use crate::levels::Level;
use crate::rules::{PeerFindings, Rule};
use crate::together::{Together, What};

pub(in crate::rules) static RULE: Rule = rule(
    "disruption-budget",
    Level::Warning,
    (
        "a disruption budget of the files needs a number of replicas, which a DaemonSet does not have",
        include_str!("disruption_budget.md"),
    ),
    check,
);

fn check(together: &Together<'_>, findings: &mut PeerFindings) {
    for (place, member) in together.members() {
        let peer = member.peer;
        let found = together.beside(place).iter().filter_map(|one| match &one.what {
            What::Budget { selector, needs_scale: Some(field) }
                if *one.namespace == *peer.namespace && selector.prepare().selects(&peer.labels) =>
            {
                Some((one, *field))
            }
            _ => None,
        });
        for (one, field) in found.take(MOST) {
            let percent = if field == "minAvailable" { " in percent" } else { "" };
            let message = format!(
                "{} selects these pods, and its `{field}`{percent} needs a number of replicas, which a DaemonSet does not have: \
                 it allows no disruption of any pod that it selects",
                one.shown()
            );
            let help = "let it select other pods: a drain leaves pods of a DaemonSet alone, and a rollout asks no budget";
            findings.push(place, RULE.finding(template_labels(), message).at(Anchor::Key).help(help));
        }
    }
}
