//! Capabilities that are added are in the default set of container runtimes.
//!
//! Upstream: `pod-security-admission/policy.CheckCapabilitiesBaseline`.

use crate::admission::pod_security::added_capabilities::added_besides;
use crate::admission::pod_security::check::{Check, CheckVersion};
use crate::admission::pod_security::check_id::PodSecurityCheck;
use crate::admission::pod_security::level::PodSecurityLevel;
use crate::admission::pod_security::subject::Subject;
use crate::admission::pod_security::violation::Forbidden;

pub(super) const CHECK: Check = Check {
    id: PodSecurityCheck::CapabilitiesBaseline,
    level: PodSecurityLevel::Baseline,
    versions: &[CheckVersion { since: 0, run: since_0, overrides: None }],
};

const DEFAULT: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

fn since_0(pod: Subject<'_>) -> Option<Forbidden> {
    let mut changes = Vec::new();
    let detail = added_besides(DEFAULT, pod, &mut changes)?;
    Some(Forbidden { reason: "non-default capabilities", detail, changes })
}
