//! The mount of `/proc` is the default one; since pods with users of their own are safe with any, those are free to choose.
//!
//! Upstream: `pod-security-admission/policy.CheckProcMountBaseline`.

use std::collections::BTreeSet;

use crate::admission::pod_security::check::{Check, CheckVersion};
use crate::admission::pod_security::check_id::PodSecurityCheck;
use crate::admission::pod_security::level::PodSecurityLevel;
use crate::admission::pod_security::subject::Subject;
use crate::admission::pod_security::violation::{Forbidden, Wanted, change};
use crate::admission::pod_security::words::{containers, join_quoted};

pub(super) const CHECK: Check = Check {
    id: PodSecurityCheck::ProcMount,
    level: PodSecurityLevel::Baseline,
    versions: &[
        CheckVersion { since: 0, run: for_all_pods, overrides: None },
        CheckVersion { since: 35, run: since_35, overrides: None },
    ],
};

/// The check that knows no exception.
pub(super) fn for_all_pods(pod: Subject<'_>) -> Option<Forbidden> {
    let (mut names, mut types, mut changes) = (Vec::new(), BTreeSet::new(), Vec::new());
    for part in pod.containers() {
        let chosen = part.security.and_then(|security| security.proc_mount.as_deref());
        if let Some(chosen) = chosen.filter(|chosen| *chosen != "Default") {
            names.push(part.name);
            types.insert(chosen);
            changes.push(change(part.security_path().field("procMount"), Wanted::Absent));
        }
    }
    (!names.is_empty()).then(|| Forbidden {
        reason: "procMount",
        detail: format!(
            "{} must not set securityContext.procMount to {}",
            containers(&names),
            join_quoted(types)
        ),
        changes,
    })
}

fn since_35(pod: Subject<'_>) -> Option<Forbidden> {
    if pod.has_own_users() { None } else { for_all_pods(pod) }
}
