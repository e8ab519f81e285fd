//! The pod's operating system, and the fields that it rules out.

use k8s_openapi::api::core::v1::{PodSecurityContext, PodSpec, SecurityContext};

use crate::apiserver::container_visit::visit_containers_with_path;
use crate::apiserver::context::Context;
use crate::apiserver::error::Errors;
use crate::gates::Change;
use crate::path::Path;

const NOT_ON_WINDOWS: &str = "cannot be set for a windows pod";
const NOT_ON_LINUX: &str = "windows options cannot be set for a linux pod";

/// `os.name` is `linux` or `windows`, and fields of the other operating system must not be set.
///
/// Upstream: `core/validation.validateOS`, and the part of `core/validation.ValidatePodSpec` that goes on from its answer.
pub(super) fn validate_os(spec: &PodSpec, path: &Path<'_>, cx: &Context<'_>, errors: &mut Errors) {
    let Some(os) = &spec.os else { return };
    let os_path = path.field("os");
    match os.name.as_str() {
        "" => errors.required(&os_path.field("name"), ""),
        "linux" => validate_linux(spec, path, errors),
        "windows" => validate_windows(spec, path, cx, errors),
        other => errors.not_supported(&os_path, other, &["linux", "windows"]),
    }
}

/// With `os.name: linux`, `windowsOptions` must not be set for the pod or any container.
///
/// Upstream: `core/validation.validateLinux`.
fn validate_linux(spec: &PodSpec, path: &Path<'_>, errors: &mut Errors) {
    if spec.security_context.as_ref().is_some_and(|context| context.windows_options.is_some()) {
        errors.forbidden(&path.field("securityContext.windowsOptions"), NOT_ON_LINUX);
    }
    visit_containers_with_path(spec, path, |container, path| {
        if container.security_context.is_some_and(|context| context.windows_options.is_some()) {
            errors.forbidden(&path.field("securityContext.windowsOptions"), NOT_ON_LINUX);
        }
    });
}

/// With `os.name: windows`, security settings and shared namespaces of Linux must not be set for the pod or any container.
///
/// Upstream: `core/validation.validateWindows`.
fn validate_windows(spec: &PodSpec, path: &Path<'_>, cx: &Context<'_>, errors: &mut Errors) {
    let host = [
        ("hostUsers", spec.host_users.is_some()),
        ("hostPID", spec.host_pid == Some(true)),
        ("hostIPC", spec.host_ipc == Some(true)),
    ];
    let share = [("shareProcessNamespace", spec.share_process_namespace.is_some())];
    // In minors where these fields are part of the security context, they are checked together with its other fields.
    let beside = cx.has(Change::HostFieldsOutsideSecurityContext);
    if let Some(context) = &spec.security_context {
        let context_path = path.field("securityContext");
        forbid(&labels_of_pod(context), &context_path, errors);
        if !beside {
            forbid(&host, path, errors);
        }
        forbid(&kernel_settings_of_pod(context), &context_path, errors);
        if !beside {
            forbid(&share, path, errors);
        }
        forbid(&identities_of_pod(context), &context_path, errors);
    }
    if beside {
        forbid(&host, path, errors);
        forbid(&share, path, errors);
    }
    visit_containers_with_path(spec, path, |container, path| {
        if let Some(context) = container.security_context {
            forbid_linux_settings_of_container(context, &path.field("securityContext"), errors);
        }
    });
}

/// The labels of Linux security modules in the pod's security context.
const fn labels_of_pod(context: &PodSecurityContext) -> [(&str, bool); 2] {
    [
        ("appArmorProfile", context.app_armor_profile.is_some()),
        ("seLinuxOptions", context.se_linux_options.is_some()),
    ]
}

/// The kernel and volume settings for Linux in the pod's security context.
fn kernel_settings_of_pod(context: &PodSecurityContext) -> [(&str, bool); 4] {
    [
        ("seccompProfile", context.seccomp_profile.is_some()),
        ("fsGroup", context.fs_group.is_some()),
        ("fsGroupChangePolicy", context.fs_group_change_policy.is_some()),
        ("sysctls", context.sysctls.as_ref().is_some_and(|sysctls| !sysctls.is_empty())),
    ]
}

/// The users and groups in the pod's security context.
const fn identities_of_pod(context: &PodSecurityContext) -> [(&str, bool); 5] {
    [
        ("runAsUser", context.run_as_user.is_some()),
        ("runAsGroup", context.run_as_group.is_some()),
        // An empty list counts as set.
        ("supplementalGroups", context.supplemental_groups.is_some()),
        ("supplementalGroupsPolicy", context.supplemental_groups_policy.is_some()),
        ("seLinuxChangePolicy", context.se_linux_change_policy.is_some()),
    ]
}

/// The Linux settings in a container's security context.
fn forbid_linux_settings_of_container(context: &SecurityContext, path: &Path<'_>, errors: &mut Errors) {
    let set = [
        ("appArmorProfile", context.app_armor_profile.is_some()),
        ("seLinuxOptions", context.se_linux_options.is_some()),
        ("seccompProfile", context.seccomp_profile.is_some()),
        ("capabilities", context.capabilities.is_some()),
        ("readOnlyRootFilesystem", context.read_only_root_filesystem.is_some()),
        ("privileged", context.privileged.is_some()),
        ("allowPrivilegeEscalation", context.allow_privilege_escalation.is_some()),
        ("procMount", context.proc_mount.is_some()),
        ("runAsUser", context.run_as_user.is_some()),
        ("runAsGroup", context.run_as_group.is_some()),
    ];
    forbid(&set, path, errors);
}

/// Forbids each field that is set.
fn forbid(set: &[(&str, bool)], path: &Path<'_>, errors: &mut Errors) {
    for (name, is_set) in set {
        if *is_set {
            errors.forbidden(&path.field(name), NOT_ON_WINDOWS);
        }
    }
}
