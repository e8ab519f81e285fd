//! Containers must set `allowPrivilegeEscalation` to false.
//!
//! Upstream: `pod-security-admission/policy.CheckAllowPrivilegeEscalation`.

use crate::admission::pod_security::check::{Check, CheckVersion};
use crate::admission::pod_security::check_id::PodSecurityCheck;
use crate::admission::pod_security::level::PodSecurityLevel;
use crate::admission::pod_security::subject::Subject;
use crate::admission::pod_security::violation::{Forbidden, Wanted, change};
use crate::admission::pod_security::words::containers;

pub(super) const CHECK: Check = Check {
    id: PodSecurityCheck::AllowPrivilegeEscalation,
    level: PodSecurityLevel::Restricted,
    versions: &[
        CheckVersion { since: 8, run: since_8, overrides: None },
        CheckVersion { since: 25, run: since_25, overrides: None },
    ],
};

fn since_8(pod: Subject<'_>) -> Option<Forbidden> {
    let (mut names, mut changes) = (Vec::new(), Vec::new());
    for part in pod.containers() {
        if part.security.and_then(|security| security.allow_privilege_escalation) != Some(false) {
            names.push(part.name);
            changes.push(change(part.security_path().field("allowPrivilegeEscalation"), Wanted::False));
        }
    }
    (!names.is_empty()).then(|| Forbidden {
        reason: "allowPrivilegeEscalation != false",
        detail: format!("{} must set securityContext.allowPrivilegeEscalation=false", containers(&names)),
        changes,
    })
}

/// On Windows nobody can set it.
fn since_25(pod: Subject<'_>) -> Option<Forbidden> {
    if pod.is_for_windows() { None } else { since_8(pod) }
}
