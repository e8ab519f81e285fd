//! The mount of `/proc` is the default one in all pods, where `baseline` began to make an exception.
//!
//! Upstream: `pod-security-admission/policy.CheckProcMountRestricted`.

use super::proc_mount::for_all_pods;
use crate::admission::pod_security::check::{Check, CheckVersion};
use crate::admission::pod_security::check_id::PodSecurityCheck;
use crate::admission::pod_security::level::PodSecurityLevel;

pub(super) const CHECK: Check = Check {
    id: PodSecurityCheck::ProcMountRestricted,
    level: PodSecurityLevel::Restricted,
    versions: &[CheckVersion { since: 35, run: for_all_pods, overrides: Some(PodSecurityCheck::ProcMount) }],
};
