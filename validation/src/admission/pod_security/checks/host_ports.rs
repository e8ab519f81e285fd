//! Containers use no port of the host.
//!
//! Upstream: `pod-security-admission/policy.CheckHostPorts`.

use std::collections::BTreeSet;

use crate::admission::pod_security::check::{Check, CheckVersion};
use crate::admission::pod_security::check_id::PodSecurityCheck;
use crate::admission::pod_security::level::PodSecurityLevel;
use crate::admission::pod_security::subject::Subject;
use crate::admission::pod_security::violation::{Forbidden, Wanted, change};
use crate::admission::pod_security::words::{containers, plural};

pub(super) const CHECK: Check = Check {
    id: PodSecurityCheck::HostPorts,
    level: PodSecurityLevel::Baseline,
    versions: &[CheckVersion { since: 0, run: since_0, overrides: None }],
};

fn since_0(pod: Subject<'_>) -> Option<Forbidden> {
    let (mut names, mut changes) = (Vec::new(), Vec::new());
    // Sorted as texts, as upstream does it: 8080 before 90.
    let mut ports = BTreeSet::new();
    for part in pod.containers() {
        let before = changes.len();
        for (index, port) in part.ports().iter().enumerate() {
            if let Some(number) = port.host_port.filter(|number| *number != 0) {
                ports.insert(number.to_string());
                changes
                    .push(change(part.path().field("ports").index(index).field("hostPort"), Wanted::Absent));
            }
        }
        if changes.len() > before {
            names.push(part.name);
        }
    }
    (!names.is_empty()).then(|| Forbidden {
        reason: "hostPort",
        detail: format!(
            "{} {} {} {}",
            containers(&names),
            plural(names.len(), "uses", "use"),
            plural(ports.len(), "hostPort", "hostPorts"),
            ports.into_iter().collect::<Vec<_>>().join(", ")
        ),
        changes,
    })
}
