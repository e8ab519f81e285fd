//! The pod's security context.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{PodSecurityContext, PodSpec};

use crate::apiserver::content::{
    SYSCTL_MAX_LENGTH, SYSCTL_REGEX, is_valid_group_id, is_valid_sysctl_name, is_valid_user_id, report,
};
use crate::apiserver::context::Context;
use crate::apiserver::error::Errors;
use crate::apiserver::host_network::validate_share_process_namespace;
use crate::apiserver::seccomp::{validate_app_armor_profile_field, validate_seccomp_profile_field};
use crate::apiserver::windows_options::validate_windows_security_context_options;
use crate::gates::Change;
use crate::path::Path;

/// Checks user and group IDs, sysctls, policies and profiles.
///
/// Upstream: `core/validation.validatePodSpecSecurityContext`.
pub(super) fn validate_pod_spec_security_context(
    security_context: Option<&PodSecurityContext>,
    spec: &PodSpec,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    let Some(context) = security_context else { return };
    if let Some(gid) = context.fs_group {
        report(is_valid_group_id(gid), gid, &path.field("fsGroup"), errors);
    }
    if let Some(uid) = context.run_as_user {
        report(is_valid_user_id(uid), uid, &path.field("runAsUser"), errors);
    }
    if let Some(gid) = context.run_as_group {
        report(is_valid_group_id(gid), gid, &path.field("runAsGroup"), errors);
    }
    let groups = path.field("supplementalGroups");
    for (index, gid) in context.supplemental_groups.iter().flatten().enumerate() {
        report(is_valid_group_id(*gid), *gid, &groups.index(index), errors);
    }
    if !cx.has(Change::HostFieldsOutsideSecurityContext) {
        validate_share_process_namespace(spec, path, errors);
    }
    validate_sysctls(context, spec, &path.field("sysctls"), cx, errors);
    if let Some(policy) = context.fs_group_change_policy.as_deref() {
        one_of(policy, &["Always", "OnRootMismatch"], &path.field("fsGroupChangePolicy"), errors);
    }
    validate_seccomp_profile_field(context.seccomp_profile.as_ref(), &path.field("seccompProfile"), errors);
    let windows_options = context.windows_options.as_ref();
    validate_windows_security_context_options(windows_options, &path.field("windowsOptions"), errors);
    validate_app_armor_profile_field(
        context.app_armor_profile.as_ref(),
        &path.field("appArmorProfile"),
        errors,
    );
    if let Some(policy) = context.supplemental_groups_policy.as_deref() {
        one_of(policy, &["Merge", "Strict"], &path.field("supplementalGroupsPolicy"), errors);
    }
    if let Some(policy) = context.se_linux_change_policy.as_deref() {
        validate_selinux_change_policy(policy, &path.field("seLinuxChangePolicy"), cx, errors);
    }
}

/// The policy is one of `supported`.
///
/// Upstream: `core/validation.validateFSGroupChangePolicy`, `core/validation.validateSupplementalGroupsPolicy`.
fn one_of(policy: &str, supported: &[&str], path: &Path<'_>, errors: &mut Errors) {
    if !supported.contains(&policy) {
        errors.not_supported(path, policy, supported);
    }
}

/// The SELinux change policy is `Recursive`, or `MountOption` if the options allow it.
///
/// Upstream: `core/validation.validateSELinuxChangePolicy`.
fn validate_selinux_change_policy(policy: &str, path: &Path<'_>, cx: &Context<'_>, errors: &mut Errors) {
    if cx.options.allow_only_recursive_selinux_change_policy {
        one_of(policy, &["Recursive"], path, errors);
    } else {
        one_of(policy, &["MountOption", "Recursive"], path, errors);
    }
}

/// Sysctl names are valid and unique, and must not belong to a namespace that the pod shares with its node.
///
/// Upstream: `core/validation.validateSysctls`.
fn validate_sysctls(
    context: &PodSecurityContext,
    spec: &PodSpec,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    let mut names = BTreeSet::new();
    for (index, sysctl) in context.sysctls.iter().flatten().enumerate() {
        let path = path.index(index);
        let path = path.field("name");
        let name = sysctl.name.as_str();
        let first = names.insert(name);
        if name.is_empty() {
            errors.required(&path, "");
        } else if !is_valid_sysctl_name(name) {
            let detail =
                format!("must have at most {SYSCTL_MAX_LENGTH} characters and match regex {SYSCTL_REGEX}");
            errors.invalid(&path, name, detail);
        } else if !first {
            errors.duplicate(&path, name);
        }
        if !cx.options.allow_namespaced_sysctls_for_host_net_and_host_ipc {
            validate_host_sysctl(name, spec, &path, errors);
        }
    }
}

/// With `hostNetwork` or `hostIPC`, the pod must not set sysctls of that namespace.
///
/// Upstream: `core/validation.ValidateHostSysctl`.
fn validate_host_sysctl(sysctl: &str, spec: &PodSpec, path: &Path<'_>, errors: &mut Errors) {
    let shared = shared_namespace(sysctl, spec);
    if let Some(detail) = shared {
        errors.invalid(path, sysctl, detail);
    }
}

/// The pod field by which the pod shares the sysctl's namespace with its node, if it does.
pub(super) fn shared_namespace(sysctl: &str, spec: &PodSpec) -> Option<&'static str> {
    let host_network = spec.host_network == Some(true);
    let host_ipc = spec.host_ipc == Some(true);
    if !host_network && !host_ipc {
        return None;
    }
    match namespace(sysctl) {
        Some(Namespace::Net) if host_network => Some("may not be specified when 'hostNetwork' is true"),
        Some(Namespace::Ipc) if host_ipc => Some("may not be specified when 'hostIPC' is true"),
        _ => None,
    }
}

/// A kernel namespace of sysctls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Namespace {
    Net,
    Ipc,
}

const IPC_SYSCTLS: [&str; 10] = [
    "kernel.sem",
    "kernel.shmall",
    "kernel.shmmax",
    "kernel.shmmni",
    "kernel.shm_rmid_forced",
    "kernel.shm",
    "kernel.msgmax",
    "kernel.msgmnb",
    "kernel.msgmni",
    "kernel.msg",
];

/// The namespace of a sysctl, if it is the network or IPC namespace. What follows a `*` is ignored.
///
/// Upstream: `component-helpers/node/util/sysctl.GetNamespace`, `component-helpers/node/util/sysctl.namespaceOf`,
/// `component-helpers/node/util/sysctl.NormalizeName`.
fn namespace(sysctl: &str) -> Option<Namespace> {
    let slashes = sysctl
        .find(['.', '/'])
        .is_some_and(|place| sysctl.get(place..).is_some_and(|rest| rest.starts_with('/')));
    let normal;
    let name = if slashes {
        // In the path notation, slashes separate the parts and a dot stands for a slash.
        let swapped = sysctl.chars().map(|letter| match letter {
            '.' => '/',
            '/' => '.',
            other => other,
        });
        normal = swapped.collect::<String>();
        &normal
    } else {
        sysctl
    };
    let name = name.split('*').next().unwrap_or_default();
    if IPC_SYSCTLS.contains(&name) || name.starts_with("fs.mqueue.") {
        Some(Namespace::Ipc)
    } else if name.starts_with("net.") {
        Some(Namespace::Net)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namespaces_of_sysctls() {
        for name in [
            "net.core.somaxconn",
            "net/core/somaxconn",
            "net/ipv4/conf/eno2.100/rp_filter",
            "net.*",
            "net.ipv4*",
        ] {
            assert_eq!(namespace(name), Some(Namespace::Net), "{name}");
        }
        for name in ["kernel.sem", "kernel/sem", "kernel.shm*", "fs.mqueue.msg_max", "fs/mqueue/x"] {
            assert_eq!(namespace(name), Some(Namespace::Ipc), "{name}");
        }
        for name in [
            "",
            "net",
            "net*",
            "network.x",
            "kernel.semx",
            "kernel.shm_rmid",
            "fs.mqueue",
            "net*.x",
            "vm.swappiness",
        ] {
            assert_eq!(namespace(name), None, "{name}");
        }
    }
}
