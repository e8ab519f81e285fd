//! What a check of the Pod Security Standards is.

use super::check_id::PodSecurityCheck;
use super::level::PodSecurityLevel;
use super::subject::Subject;
use super::violation::Forbidden;

/// A check with its versions.
///
/// Upstream: `pod-security-admission/policy.Check`.
#[derive(Debug)]
pub(super) struct Check {
    pub(super) id: PodSecurityCheck,
    /// The least level that has it.
    pub(super) level: PodSecurityLevel,
    /// Its versions, oldest first.
    pub(super) versions: &'static [CheckVersion],
}

/// A version of a check.
///
/// Upstream: `pod-security-admission/policy.VersionedCheck`.
#[derive(Debug)]
pub(super) struct CheckVersion {
    /// The first version of the standards that has it: the number behind `v1.`.
    pub(super) since: u64,
    /// `None` where the pod passes.
    pub(super) run: fn(Subject<'_>) -> Option<Forbidden>,
    /// The weaker check that it stands for.
    pub(super) overrides: Option<PodSecurityCheck>,
}

impl Check {
    /// The version of the check that the standards have at a version; `None` where they do not have it yet.
    pub(super) fn at(&self, version: u64) -> Option<&'static CheckVersion> {
        self.versions.iter().rev().find(|candidate| candidate.since <= version)
    }
}
