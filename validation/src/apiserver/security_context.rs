//! The security context of a container.

use k8s_openapi::api::core::v1::SecurityContext;

use crate::apiserver::content::{is_valid_group_id, is_valid_user_id, report};
use crate::apiserver::context::Context;
use crate::apiserver::error::{BadValue, Errors};
use crate::apiserver::seccomp::{validate_app_armor_profile_field, validate_seccomp_profile_field};
use crate::apiserver::windows_options::validate_windows_security_context_options;
use crate::gates::Change;
use crate::path::Path;

/// User and group IDs are in range, `procMount: Unmasked` requires `hostUsers: false`, and `allowPrivilegeEscalation: false`
/// excludes further privileges.
///
/// Privileged containers are allowed, as with `--allow-privileged=true`.
///
/// Upstream: `core/validation.ValidateSecurityContext`.
pub(super) fn validate_security_context(
    security_context: Option<&SecurityContext>,
    path: &Path<'_>,
    cx: &Context<'_>,
    host_users: bool,
    errors: &mut Errors,
) {
    let Some(security_context) = security_context else { return };
    if let Some(user) = security_context.run_as_user {
        report(is_valid_user_id(user), user, &path.field("runAsUser"), errors);
    }
    if let Some(group) = security_context.run_as_group {
        report(is_valid_group_id(group), group, &path.field("runAsGroup"), errors);
    }
    if let Some(proc_mount) = security_context.proc_mount.as_deref() {
        validate_proc_mount(proc_mount, &path.field("procMount"), host_users, errors);
    }
    let seccomp_profile = security_context.seccomp_profile.as_ref();
    validate_seccomp_profile_field(seccomp_profile, &path.field("seccompProfile"), errors);
    if security_context.allow_privilege_escalation == Some(false) {
        validate_no_privileges(security_context, path, cx, errors);
    }
    let windows_options = security_context.windows_options.as_ref();
    validate_windows_security_context_options(windows_options, &path.field("windowsOptions"), errors);
    let app_armor_profile = security_context.app_armor_profile.as_ref();
    validate_app_armor_profile_field(app_armor_profile, &path.field("appArmorProfile"), errors);
}

/// Upstream: `core/validation.ValidateProcMountType`.
fn validate_proc_mount(proc_mount: &str, path: &Path<'_>, host_users: bool, errors: &mut Errors) {
    if !matches!(proc_mount, "Default" | "Unmasked") {
        errors.not_supported(path, proc_mount, &["Default", "Unmasked"]);
    }
    if host_users && proc_mount == "Unmasked" {
        errors.invalid(path, proc_mount, "`hostUsers` must be false to use `Unmasked`");
    }
}

/// `allowPrivilegeEscalation: false` excludes `privileged: true` and the capability `CAP_SYS_ADMIN`. The server only compares this
/// spelling, and reports each occurrence.
fn validate_no_privileges(
    security_context: &SecurityContext,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    if security_context.privileged == Some(true) {
        let detail = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true";
        errors.invalid(path, BadValue::Omitted, detail);
    }
    if cx.options.allow_sys_admin_when_privilege_escalation_false && cx.has(Change::UpdateMayKeepSysAdmin) {
        return;
    }
    let added =
        security_context.capabilities.iter().flat_map(|capabilities| capabilities.add.iter().flatten());
    for _ in added.filter(|capability| *capability == "CAP_SYS_ADMIN") {
        let detail = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN";
        errors.invalid(path, BadValue::Omitted, detail);
    }
}
