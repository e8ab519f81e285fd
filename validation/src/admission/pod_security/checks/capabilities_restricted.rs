//! Containers drop all capabilities and add at most `NET_BIND_SERVICE`.
//!
//! Upstream: `pod-security-admission/policy.CheckCapabilitiesRestricted`.

use crate::admission::pod_security::added_capabilities::added_besides;
use crate::admission::pod_security::check::{Check, CheckVersion};
use crate::admission::pod_security::check_id::PodSecurityCheck;
use crate::admission::pod_security::level::PodSecurityLevel;
use crate::admission::pod_security::subject::Subject;
use crate::admission::pod_security::violation::{Forbidden, Wanted, change};
use crate::admission::pod_security::words::containers;

pub(super) const CHECK: Check = Check {
    id: PodSecurityCheck::CapabilitiesRestricted,
    level: PodSecurityLevel::Restricted,
    versions: &[
        CheckVersion { since: 22, run: since_22, overrides: Some(PodSecurityCheck::CapabilitiesBaseline) },
        CheckVersion { since: 25, run: since_25, overrides: Some(PodSecurityCheck::CapabilitiesBaseline) },
    ],
};

fn since_22(pod: Subject<'_>) -> Option<Forbidden> {
    let (mut names, mut changes, mut details) = (Vec::new(), Vec::new(), Vec::new());
    for part in pod.containers() {
        let dropped = part.security.and_then(|security| security.capabilities.as_ref()?.drop.as_ref());
        if !dropped.is_some_and(|dropped| dropped.iter().any(|capability| capability == "ALL")) {
            names.push(part.name);
            let path = part.security_path().field("capabilities").field("drop");
            changes.push(change(path, Wanted::Including("ALL")));
        }
    }
    if !names.is_empty() {
        details.push(format!(r#"{} must set securityContext.capabilities.drop=["ALL"]"#, containers(&names)));
    }
    details.extend(added_besides(&["NET_BIND_SERVICE"], pod, &mut changes));
    (!details.is_empty()).then(|| Forbidden {
        reason: "unrestricted capabilities",
        detail: details.join("; "),
        changes,
    })
}

/// On Windows there are no capabilities.
fn since_25(pod: Subject<'_>) -> Option<Forbidden> {
    if pod.is_for_windows() { None } else { since_22(pod) }
}
