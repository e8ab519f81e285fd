//! The rule `rollout-host-port-surge`. Its page is `host_port_surge.md`.

use super::{rolling_update, rule};
use crate::levels::Level;
use crate::placement::rollout::Limits;
use crate::placement::template_ports;
use crate::rules::{Check, Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "rollout-host-port-surge",
    Level::Warning,
    (
        "`maxSurge` starts new pods that need the host ports of the old ones",
        include_str!("host_port_surge.md"),
    ),
    Check::Object(check),
);

fn check(object: &Object<'_>, findings: &mut Findings) {
    let surges = Limits::new(object.daemon_set, 1).is_some_and(|limits| limits.surges);
    let spec = object.daemon_set.spec.template.spec.as_ref();
    if surges && spec.is_some_and(|spec| !template_ports(spec).is_empty()) {
        let message = "with `maxSurge` a new pod starts beside the old one, but it needs a host port that the old one uses, \
                       so it stays pending until the old one is gone";
        let help = "use `maxUnavailable` instead of `maxSurge`";
        findings.push(RULE.finding(rolling_update().field("maxSurge"), message).help(help));
    }
}
