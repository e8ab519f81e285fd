//! The defaults of probes and of the HTTP requests in probes and lifecycle hooks.

use k8s_openapi::api::core::v1::{HTTPGetAction, Probe};

use super::fill::{number_or, text_or};

/// Every ten seconds, one second to answer, three failures to fail, one success to recover.
///
/// Upstream: `core/v1.SetDefaults_Probe`.
pub(super) fn set_probe(probe: &mut Probe) {
    number_or(&mut probe.timeout_seconds, 1);
    number_or(&mut probe.period_seconds, 10);
    number_or(&mut probe.success_threshold, 1);
    number_or(&mut probe.failure_threshold, 3);
}

/// The root path, over plain HTTP.
///
/// Upstream: `core/v1.SetDefaults_HTTPGetAction`.
pub(super) fn set_http_get_action(action: &mut HTTPGetAction) {
    text_or(&mut action.path, "/");
    text_or(&mut action.scheme, "HTTP");
}
