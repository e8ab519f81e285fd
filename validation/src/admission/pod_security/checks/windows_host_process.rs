//! No Windows container is a process of the host.
//!
//! Upstream: `pod-security-admission/policy.CheckWindowsHostProcess`.

use k8s_openapi::api::core::v1::WindowsSecurityContextOptions;

use crate::admission::pod_security::check::{Check, CheckVersion};
use crate::admission::pod_security::check_id::PodSecurityCheck;
use crate::admission::pod_security::level::PodSecurityLevel;
use crate::admission::pod_security::subject::Subject;
use crate::admission::pod_security::violation::{Forbidden, Wanted, change};
use crate::admission::pod_security::words::setters;
use crate::path::FieldPath;

pub(super) const CHECK: Check = Check {
    id: PodSecurityCheck::WindowsHostProcess,
    level: PodSecurityLevel::Baseline,
    versions: &[CheckVersion { since: 0, run: since_0, overrides: None }],
};

fn is_set(options: Option<&WindowsSecurityContextOptions>) -> bool {
    options.and_then(|options| options.host_process) == Some(true)
}

fn field(security: FieldPath) -> FieldPath {
    security.field("windowsOptions").field("hostProcess")
}

fn since_0(pod: Subject<'_>) -> Option<Forbidden> {
    let (mut names, mut changes) = (Vec::new(), Vec::new());
    let of_pod = is_set(pod.security().and_then(|security| security.windows_options.as_ref()));
    if of_pod {
        changes.push(change(field(Subject::path().field("securityContext")), Wanted::False));
    }
    for part in pod.containers() {
        if is_set(part.security.and_then(|security| security.windows_options.as_ref())) {
            names.push(part.name);
            changes.push(change(field(part.security_path()), Wanted::False));
        }
    }
    (!changes.is_empty()).then(|| Forbidden {
        reason: "hostProcess",
        detail: format!(
            "{} must not set securityContext.windowsOptions.hostProcess=true",
            setters(of_pod, &names)
        ),
        changes,
    })
}
