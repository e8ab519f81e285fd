//! Pods are in no namespace of the host.
//!
//! Upstream: `pod-security-admission/policy.CheckHostNamespaces`.

use crate::admission::pod_security::check::{Check, CheckVersion};
use crate::admission::pod_security::check_id::PodSecurityCheck;
use crate::admission::pod_security::level::PodSecurityLevel;
use crate::admission::pod_security::subject::Subject;
use crate::admission::pod_security::violation::{Forbidden, Wanted, change};

pub(super) const CHECK: Check = Check {
    id: PodSecurityCheck::HostNamespaces,
    level: PodSecurityLevel::Baseline,
    versions: &[CheckVersion { since: 0, run: since_0, overrides: None }],
};

fn since_0(pod: Subject<'_>) -> Option<Forbidden> {
    let (mut details, mut changes) = (Vec::new(), Vec::new());
    for (field, value, detail) in [
        ("hostNetwork", pod.spec.host_network, "hostNetwork=true"),
        ("hostPID", pod.spec.host_pid, "hostPID=true"),
        ("hostIPC", pod.spec.host_ipc, "hostIPC=true"),
    ] {
        if value == Some(true) {
            details.push(detail);
            changes.push(change(Subject::path().field(field), Wanted::False));
        }
    }
    (!details.is_empty()).then(|| Forbidden {
        reason: "host namespaces",
        detail: details.join(", "),
        changes,
    })
}
