//! Defaults of the pod spec.

use k8s_openapi::api::core::v1::PodSpec;

use super::fill::text_or;

/// Sets policies and names, and the deprecated `serviceAccount`.
///
/// Earlier minors set `serviceAccount` during conversion. The result is the same.
///
/// Upstream: `core/v1.SetDefaults_PodSpec`.
pub(super) fn set_pod_spec(spec: &mut PodSpec) {
    join_service_account_names(spec);
    text_or(&mut spec.dns_policy, "ClusterFirst");
    text_or(&mut spec.restart_policy, "Always");
    spec.security_context.get_or_insert_default();
    spec.termination_grace_period_seconds.get_or_insert(30);
    text_or(&mut spec.scheduler_name, "default-scheduler");
}

/// `serviceAccountName` and the deprecated `serviceAccount` get the same value. `serviceAccountName` takes precedence.
fn join_service_account_names(spec: &mut PodSpec) {
    if spec.service_account_name.as_deref().is_none_or(str::is_empty) {
        spec.service_account_name.clone_from(&spec.service_account);
    } else if spec.service_account != spec.service_account_name {
        spec.service_account.clone_from(&spec.service_account_name);
    }
}
