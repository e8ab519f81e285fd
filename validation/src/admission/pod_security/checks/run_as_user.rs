//! Nobody asks for user 0, but for pods with users of their own.
//!
//! Upstream: `pod-security-admission/policy.CheckRunAsUser`.

use crate::admission::pod_security::check::{Check, CheckVersion};
use crate::admission::pod_security::check_id::PodSecurityCheck;
use crate::admission::pod_security::level::PodSecurityLevel;
use crate::admission::pod_security::subject::Subject;
use crate::admission::pod_security::violation::{Forbidden, Wanted, change};
use crate::admission::pod_security::words::setters;

pub(super) const CHECK: Check = Check {
    id: PodSecurityCheck::RunAsUser,
    level: PodSecurityLevel::Restricted,
    versions: &[
        CheckVersion { since: 23, run: since_23, overrides: None },
        CheckVersion { since: 35, run: since_35, overrides: None },
    ],
};

fn since_23(pod: Subject<'_>) -> Option<Forbidden> {
    let (mut names, mut changes) = (Vec::new(), Vec::new());
    let of_pod = pod.security().and_then(|security| security.run_as_user) == Some(0);
    if of_pod {
        changes.push(change(Subject::path().field("securityContext").field("runAsUser"), Wanted::Absent));
    }
    for part in pod.containers() {
        if part.security.and_then(|security| security.run_as_user) == Some(0) {
            names.push(part.name);
            changes.push(change(part.security_path().field("runAsUser"), Wanted::Absent));
        }
    }
    (!changes.is_empty()).then(|| Forbidden {
        reason: "runAsUser=0",
        detail: format!("{} must not set runAsUser=0", setters(of_pod, &names)),
        changes,
    })
}

fn since_35(pod: Subject<'_>) -> Option<Forbidden> {
    if pod.has_own_users() { None } else { since_23(pod) }
}
