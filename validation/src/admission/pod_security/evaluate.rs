//! All checks of a level at a version.

use super::check_id::PodSecurityCheck;
use super::checks::CHECKS;
use super::level::PodSecurityLevel;
use super::policy::LevelVersion;
use super::subject::Subject;
use super::version::PodSecurityVersion;
use super::violation::Forbidden;
use crate::server::Server;

/// What the checks forbid, in the server's order; empty where the pod passes.
///
/// Upstream: `pod-security-admission/policy.checkRegistry.EvaluatePod` and `AggregateCheckResults`.
pub(super) fn evaluate(
    at: LevelVersion,
    pod: Subject<'_>,
    server: &Server,
) -> Vec<(PodSecurityCheck, Forbidden)> {
    if at.level == PodSecurityLevel::Privileged {
        return Vec::new();
    }
    // A server knows the standards of its own minor and of those before it.
    let newest = u64::from(server.minor_number());
    let version = match at.version {
        PodSecurityVersion::Latest => newest,
        PodSecurityVersion::Minor(number) => number.min(newest),
    };
    let checks = CHECKS.iter().filter(|check| check.level <= at.level);
    checks
        .filter(|check| at.level == PodSecurityLevel::Baseline || !is_overridden(check.id, version))
        .filter_map(|check| Some((check.id, (check.at(version)?.run)(pod)?)))
        .collect()
}

/// Whether a stricter check of `restricted` stands for this one.
fn is_overridden(id: PodSecurityCheck, version: u64) -> bool {
    CHECKS.iter().any(|check| check.at(version).is_some_and(|found| found.overrides == Some(id)))
}

/// The sentence about all of it: `host namespaces (hostNetwork=true), privileged (…)`.
///
/// Upstream: `pod-security-admission/policy.AggregateCheckResult.ForbiddenDetail`.
pub(super) fn sentence(found: &[(PodSecurityCheck, Forbidden)]) -> String {
    let mut text = String::new();
    for (_, forbidden) in found {
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(forbidden.reason);
        if !forbidden.detail.is_empty() {
            text.push_str(" (");
            text.push_str(&forbidden.detail);
            text.push(')');
        }
    }
    text
}
