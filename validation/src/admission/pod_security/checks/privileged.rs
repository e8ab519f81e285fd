//! No container is privileged.
//!
//! Upstream: `pod-security-admission/policy.CheckPrivileged`.

use crate::admission::pod_security::check::{Check, CheckVersion};
use crate::admission::pod_security::check_id::PodSecurityCheck;
use crate::admission::pod_security::level::PodSecurityLevel;
use crate::admission::pod_security::subject::Subject;
use crate::admission::pod_security::violation::{Forbidden, Wanted, change};
use crate::admission::pod_security::words::containers;

pub(super) const CHECK: Check = Check {
    id: PodSecurityCheck::Privileged,
    level: PodSecurityLevel::Baseline,
    versions: &[CheckVersion { since: 0, run: since_0, overrides: None }],
};

fn since_0(pod: Subject<'_>) -> Option<Forbidden> {
    let (mut names, mut changes) = (Vec::new(), Vec::new());
    for part in pod.containers() {
        if part.security.and_then(|security| security.privileged) == Some(true) {
            names.push(part.name);
            changes.push(change(part.security_path().field("privileged"), Wanted::False));
        }
    }
    (!names.is_empty()).then(|| Forbidden {
        reason: "privileged",
        detail: format!("{} must not set securityContext.privileged=true", containers(&names)),
        changes,
    })
}
