//! The sysctls that a pod sets are safe for its node.
//!
//! Upstream: `pod-security-admission/policy.CheckSysctls`.

use crate::admission::pod_security::check::{Check, CheckVersion};
use crate::admission::pod_security::check_id::PodSecurityCheck;
use crate::admission::pod_security::level::PodSecurityLevel;
use crate::admission::pod_security::subject::Subject;
use crate::admission::pod_security::violation::{Forbidden, Wanted, change};

pub(super) const CHECK: Check = Check {
    id: PodSecurityCheck::Sysctls,
    level: PodSecurityLevel::Baseline,
    versions: &[
        CheckVersion { since: 0, run: |pod| known_in(0, pod), overrides: None },
        CheckVersion { since: 27, run: |pod| known_in(27, pod), overrides: None },
        CheckVersion { since: 29, run: |pod| known_in(29, pod), overrides: None },
        CheckVersion { since: 32, run: |pod| known_in(32, pod), overrides: None },
        CheckVersion { since: 37, run: |pod| known_in(37, pod), overrides: None },
    ],
};

/// The safe sysctls, each with the version of the standards since which it counts as safe.
const SAFE: &[(&str, u64)] = &[
    ("kernel.shm_rmid_forced", 0),
    ("net.ipv4.ip_local_port_range", 0),
    ("net.ipv4.tcp_syncookies", 0),
    ("net.ipv4.ping_group_range", 0),
    ("net.ipv4.ip_unprivileged_port_start", 0),
    ("net.ipv4.ip_local_reserved_ports", 27),
    ("net.ipv4.tcp_keepalive_time", 29),
    ("net.ipv4.tcp_fin_timeout", 29),
    ("net.ipv4.tcp_keepalive_intvl", 29),
    ("net.ipv4.tcp_keepalive_probes", 29),
    ("net.ipv4.tcp_rmem", 32),
    ("net.ipv4.tcp_wmem", 32),
    ("net.ipv4.tcp_slow_start_after_idle", 37),
    ("net.ipv4.tcp_notsent_lowat", 37),
];

/// Whether a kubelet of the newest version sets the sysctl for pods without being told to allow it.
pub(in crate::admission) fn is_safe_sysctl(name: &str) -> bool {
    SAFE.iter().any(|(safe, _)| *safe == name)
}

fn known_in(version: u64, pod: Subject<'_>) -> Option<Forbidden> {
    let (mut names, mut changes) = (Vec::new(), Vec::new());
    let sysctls = pod.security().and_then(|security| security.sysctls.as_ref());
    for (index, sysctl) in sysctls.into_iter().flatten().enumerate() {
        if !SAFE.iter().any(|(name, since)| *name == sysctl.name && *since <= version) {
            names.push(sysctl.name.as_str());
            let path = Subject::path().field("securityContext").field("sysctls").index(index);
            changes.push(change(path, Wanted::Absent));
        }
    }
    // An empty name prints as nothing, and is one all the same.
    (!names.is_empty()).then(|| Forbidden { reason: "forbidden sysctls", detail: names.join(", "), changes })
}
