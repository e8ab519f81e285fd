//! Containers say that they run as another user than root; since pods with users of their own are root only inside, those need not.
//!
//! Upstream: `pod-security-admission/policy.CheckRunAsNonRoot`.

use crate::admission::pod_security::check::{Check, CheckVersion};
use crate::admission::pod_security::check_id::PodSecurityCheck;
use crate::admission::pod_security::level::PodSecurityLevel;
use crate::admission::pod_security::subject::Subject;
use crate::admission::pod_security::violation::{Forbidden, Wanted, change};
use crate::admission::pod_security::words::{containers, setters};

pub(super) const CHECK: Check = Check {
    id: PodSecurityCheck::RunAsNonRoot,
    level: PodSecurityLevel::Restricted,
    versions: &[
        CheckVersion { since: 0, run: since_0, overrides: None },
        CheckVersion { since: 35, run: since_35, overrides: None },
    ],
};

fn since_0(pod: Subject<'_>) -> Option<Forbidden> {
    let of_pod = pod.security().and_then(|security| security.run_as_non_root);
    let (mut explicit, mut implicit, mut changes) = (Vec::new(), Vec::new(), Vec::new());
    for part in pod.containers() {
        match part.security.and_then(|security| security.run_as_non_root) {
            Some(true) => {}
            Some(false) => {
                explicit.push(part.name);
                changes.push(change(part.security_path().field("runAsNonRoot"), Wanted::True));
            }
            None if of_pod == Some(true) => {}
            None => implicit.push(part.name),
        }
    }
    // One field of the pod serves all containers that say nothing.
    if of_pod == Some(false) || !implicit.is_empty() {
        let path = Subject::path().field("securityContext").field("runAsNonRoot");
        changes.insert(0, change(path, Wanted::True));
    }
    let detail = if of_pod == Some(false) || !explicit.is_empty() {
        let setters = setters(of_pod == Some(false), &explicit);
        format!("{setters} must not set securityContext.runAsNonRoot=false")
    } else if !implicit.is_empty() {
        format!("pod or {} must set securityContext.runAsNonRoot=true", containers(&implicit))
    } else {
        return None;
    };
    Some(Forbidden { reason: "runAsNonRoot != true", detail, changes })
}

fn since_35(pod: Subject<'_>) -> Option<Forbidden> {
    if pod.has_own_users() { None } else { since_0(pod) }
}
