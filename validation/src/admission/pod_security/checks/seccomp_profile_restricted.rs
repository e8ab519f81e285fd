//! Seccomp is turned on.
//!
//! Upstream: `pod-security-admission/policy.CheckSeccompProfileRestricted`.

use crate::admission::pod_security::check::{Check, CheckVersion};
use crate::admission::pod_security::check_id::PodSecurityCheck;
use crate::admission::pod_security::level::PodSecurityLevel;
use crate::admission::pod_security::seccomp::forbidden_types;
use crate::admission::pod_security::subject::Subject;
use crate::admission::pod_security::violation::{Forbidden, Wanted, change};
use crate::admission::pod_security::words::containers;

pub(super) const CHECK: Check = Check {
    id: PodSecurityCheck::SeccompProfileRestricted,
    level: PodSecurityLevel::Restricted,
    versions: &[
        CheckVersion { since: 19, run: since_19, overrides: Some(PodSecurityCheck::SeccompProfileBaseline) },
        CheckVersion { since: 25, run: since_25, overrides: Some(PodSecurityCheck::SeccompProfileBaseline) },
    ],
};

fn since_19(pod: Subject<'_>) -> Option<Forbidden> {
    let found = forbidden_types(pod);
    let of_pod = pod.security().is_some_and(|security| security.seccomp_profile.is_some());
    let mut silent = Vec::new();
    if !of_pod {
        let without = pod
            .containers()
            .filter(|part| part.security.is_none_or(|security| security.seccomp_profile.is_none()));
        silent.extend(without.map(|part| part.name));
    }
    let wanted = Wanted::Text("RuntimeDefault");
    let mut changes = Vec::new();
    // One field of the pod serves all containers that say nothing.
    if found.of_pod || !silent.is_empty() {
        let path = Subject::path().field("securityContext").field("seccompProfile").field("type");
        changes.push(change(path, wanted));
    }
    changes.extend(
        found
            .parts
            .iter()
            .map(|part| change(part.security_path().field("seccompProfile").field("type"), wanted)),
    );
    let detail = match found.detail() {
        Some(detail) => detail,
        None if silent.is_empty() => return None,
        None => format!(
            r#"pod or {} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost""#,
            containers(&silent)
        ),
    };
    Some(Forbidden { reason: "seccompProfile", detail, changes })
}

/// On Windows there is no seccomp.
fn since_25(pod: Subject<'_>) -> Option<Forbidden> {
    if pod.is_for_windows() { None } else { since_19(pod) }
}
