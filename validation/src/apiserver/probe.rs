//! Probes.

use k8s_openapi::api::core::v1::Probe;

use crate::apiserver::content::IS_NEGATIVE_ERROR;
use crate::apiserver::error::Errors;
use crate::apiserver::handler::validate_handler;
use crate::path::Path;

/// Checks a liveness probe. Its success threshold is 1.
///
/// Upstream: `core/validation.validateLivenessProbe`.
pub(super) fn validate_liveness_probe(
    probe: Option<&Probe>,
    grace_period: i64,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let Some(probe) = probe else { return };
    validate_probe(probe, grace_period, path, errors);
    validate_success_threshold(probe, path, errors);
}

/// Checks a readiness probe. It must not set `terminationGracePeriodSeconds`, because a failure does not end the container.
///
/// Upstream: `core/validation.validateReadinessProbe`.
pub(super) fn validate_readiness_probe(
    probe: Option<&Probe>,
    grace_period: i64,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let Some(probe) = probe else { return };
    validate_probe(probe, grace_period, path, errors);
    if let Some(seconds) = probe.termination_grace_period_seconds {
        let seconds_path = path.field("terminationGracePeriodSeconds");
        errors.invalid(&seconds_path, seconds, "must not be set for readinessProbes");
    }
}

/// Checks a startup probe. Its success threshold is 1.
///
/// Upstream: `core/validation.validateStartupProbe`.
pub(super) fn validate_startup_probe(
    probe: Option<&Probe>,
    grace_period: i64,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let Some(probe) = probe else { return };
    validate_probe(probe, grace_period, path, errors);
    validate_success_threshold(probe, path, errors);
}

/// The success threshold of liveness and startup probes must be 1.
fn validate_success_threshold(probe: &Probe, path: &Path<'_>, errors: &mut Errors) {
    let threshold = probe.success_threshold.unwrap_or_default();
    if threshold != 1 {
        errors.invalid(&path.field("successThreshold"), threshold, "must be 1");
    }
}

/// A probe has exactly one action and no negative numbers. `terminationGracePeriodSeconds`, if set, is positive.
///
/// Upstream: `core/validation.validateProbe`, `core/validation.ValidateNonnegativeField`,
/// `apimachinery/api/validation.ValidateNonnegativeField`.
fn validate_probe(probe: &Probe, grace_period: i64, path: &Path<'_>, errors: &mut Errors) {
    validate_handler(probe.into(), grace_period, path, errors);
    for (number, name) in [
        (probe.initial_delay_seconds, "initialDelaySeconds"),
        (probe.timeout_seconds, "timeoutSeconds"),
        (probe.period_seconds, "periodSeconds"),
        (probe.success_threshold, "successThreshold"),
        (probe.failure_threshold, "failureThreshold"),
    ] {
        if let Some(number) = number.filter(|number| *number < 0) {
            errors.invalid(&path.field(name), number, IS_NEGATIVE_ERROR);
        }
    }
    if let Some(seconds) = probe.termination_grace_period_seconds.filter(|seconds| *seconds <= 0) {
        errors.invalid(&path.field("terminationGracePeriodSeconds"), seconds, "must be greater than 0");
    }
}
