//! Defaults of the DaemonSet spec.

use k8s_openapi::api::apps::v1::DaemonSetSpec;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::fill::text_or;

/// The defaults are `RollingUpdate` with `maxUnavailable: 1` and `maxSurge: 0`, and `revisionHistoryLimit: 10`.
///
/// Upstream: `apps/v1.SetDefaults_DaemonSet`.
pub(super) fn set_daemon_set(spec: &mut DaemonSetSpec) {
    let strategy = spec.update_strategy.get_or_insert_default();
    text_or(&mut strategy.type_, "RollingUpdate");
    if strategy.type_.as_deref() == Some("RollingUpdate") {
        let rolling = strategy.rolling_update.get_or_insert_default();
        rolling.max_unavailable.get_or_insert(IntOrString::Int(1));
        rolling.max_surge.get_or_insert(IntOrString::Int(0));
    }
    spec.revision_history_limit.get_or_insert(10);
}
