//! The checks, one a file.

mod allow_privilege_escalation;
mod app_armor_profile;
mod capabilities_baseline;
mod capabilities_restricted;
mod host_namespaces;
mod host_path_volumes;
mod host_ports;
mod host_probes_and_host_lifecycle;
mod privileged;
mod proc_mount;
mod proc_mount_restricted;
mod restricted_volumes;
mod run_as_non_root;
mod run_as_user;
mod se_linux_options;
mod seccomp_profile_baseline;
mod seccomp_profile_restricted;
mod sysctls;
mod windows_host_process;

use super::check::Check;

pub(in crate::admission) use sysctls::is_safe_sysctl;

/// All checks in the order of the server's sentences: first those of `baseline`, then those of `restricted`, each sorted by their ids.
///
/// Upstream: `pod-security-admission/policy.DefaultChecks` in the order that `populate` gives them.
pub(super) const CHECKS: &[&Check] = &[
    &app_armor_profile::CHECK,
    &capabilities_baseline::CHECK,
    &host_namespaces::CHECK,
    &host_path_volumes::CHECK,
    &host_ports::CHECK,
    &host_probes_and_host_lifecycle::CHECK,
    &privileged::CHECK,
    &proc_mount::CHECK,
    &se_linux_options::CHECK,
    &seccomp_profile_baseline::CHECK,
    &sysctls::CHECK,
    &windows_host_process::CHECK,
    &allow_privilege_escalation::CHECK,
    &capabilities_restricted::CHECK,
    &proc_mount_restricted::CHECK,
    &restricted_volumes::CHECK,
    &run_as_non_root::CHECK,
    &run_as_user::CHECK,
    &seccomp_profile_restricted::CHECK,
];

#[cfg(test)]
mod tests {
    use super::CHECKS;
    use crate::admission::pod_security::check_id::PodSecurityCheck;

    #[test]
    fn every_check_is_listed_once_and_in_order() {
        let ids: Vec<PodSecurityCheck> = CHECKS.iter().map(|check| check.id).collect();
        assert_eq!(ids, PodSecurityCheck::ALL);
        assert!(CHECKS.is_sorted_by_key(|check| (check.level, check.id.id())));
        for check in CHECKS {
            assert!(!check.versions.is_empty() && check.versions.is_sorted_by_key(|version| version.since));
        }
    }
}
