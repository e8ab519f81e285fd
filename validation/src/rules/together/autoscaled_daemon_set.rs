//! The rule `autoscaled-daemon-set`. Its page is `autoscaled_daemon_set.md`.

use super::{MOST, name, rule};
use crate::levels::Level;
use crate::rules::{PeerFindings, Rule};
use crate::together::{Together, What};

pub(in crate::rules) static RULE: Rule = rule(
    "autoscaled-daemon-set",
    Level::Warning,
    ("an autoscaler of the files targets a DaemonSet", include_str!("autoscaled_daemon_set.md")),
    check,
);

fn check(together: &Together<'_>, findings: &mut PeerFindings) {
    for (place, member) in together.members() {
        let peer = member.peer;
        let scalers = together.beside(place).iter().filter(|one| {
            matches!(&one.what, What::Scaler { target } if **target == *peer.name)
                && *one.namespace == *peer.namespace
        });
        for one in scalers.take(MOST) {
            let message = format!(
                "{} targets this DaemonSet, which cannot be scaled: it has one pod for each node, and the autoscaler never acts",
                one.shown()
            );
            let help = "delete the autoscaler; requests can be adapted by a VerticalPodAutoscaler";
            findings.push(place, RULE.finding(name(), message).help(help));
        }
    }
}
