//! Defaults of probes and of `httpGet` actions.

use k8s_openapi::api::core::v1::{HTTPGetAction, Probe};

use super::fill::{number_or, text_or};

/// The defaults are `periodSeconds: 10`, `timeoutSeconds: 1`, `failureThreshold: 3` and `successThreshold: 1`.
///
/// Upstream: `core/v1.SetDefaults_Probe`.
pub(super) fn set_probe(probe: &mut Probe) {
    number_or(&mut probe.timeout_seconds, 1);
    number_or(&mut probe.period_seconds, 10);
    number_or(&mut probe.success_threshold, 1);
    number_or(&mut probe.failure_threshold, 3);
}

/// The defaults are the path `/` and the scheme `HTTP`.
///
/// Upstream: `core/v1.SetDefaults_HTTPGetAction`.
pub(super) fn set_http_get_action(action: &mut HTTPGetAction) {
    text_or(&mut action.path, "/");
    text_or(&mut action.scheme, "HTTP");
}
