//! The rule `single-node-claim`. Its page is `single_node_claim.md`.

use super::{MOST, rule};
use crate::levels::Level;
use crate::placement::Kind;
use crate::rules::{PeerFindings, Rule};
use crate::together::{Together, What};

pub(in crate::rules) static RULE: Rule = rule(
    "single-node-claim",
    Level::Warning,
    (
        "the pods of all nodes share a claim that one node at a time can use",
        include_str!("single_node_claim.md"),
    ),
    check,
);

fn check(together: &Together<'_>, findings: &mut PeerFindings) {
    for (place, member) in together.members() {
        let claims = member.uses.references.iter().filter(|one| one.kind == Kind::PersistentVolumeClaim);
        for used in claims.take(MOST) {
            let found = together.beside(place).iter().find_map(|one| match &one.what {
                What::Claim { single: Some(mode) }
                    if one.name == used.name && *one.namespace == *member.peer.namespace =>
                {
                    Some((one, *mode))
                }
                _ => None,
            });
            let Some((one, mode)) = found else { continue };
            let at_once = if mode == "ReadWriteOnce" { "one node" } else { "one pod" };
            let message = format!(
                "all pods name {}, whose access mode {mode} lets {at_once} at a time use it: the pods of other nodes do not start",
                one.shown()
            );
            let help = "give each pod a volume of its own (`ephemeral`, `hostPath`, `emptyDir`), or use a claim with ReadWriteMany";
            findings.push(place, RULE.finding(used.path.clone(), message).help(help));
        }
    }
}
