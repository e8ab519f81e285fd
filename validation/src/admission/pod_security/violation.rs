//! What a check objects to.

use super::check_id::PodSecurityCheck;
use super::level::PodSecurityLevel;
use super::version::PodSecurityVersion;
use crate::path::FieldPath;

/// Why the plugin `PodSecurity` refuses a pod, as data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodSecurityRefusal {
    /// The level that the namespace enforces.
    pub level: PodSecurityLevel,
    /// At this version.
    pub version: PodSecurityVersion,
    /// The strictest level that would take the pod at this version, as a label for the namespace could ask for.
    pub sufficient: PodSecurityLevel,
    /// The checks that the pod does not pass, in the server's order.
    pub violations: Vec<PodSecurityViolation>,
}

/// What the server says when it stores a DaemonSet whose pods break a level that its namespace warns of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodSecurityWarning {
    /// The level that the namespace warns of.
    pub level: PodSecurityLevel,
    /// At this version.
    pub version: PodSecurityVersion,
    /// The server's sentence.
    pub sentence: String,
}

/// A check that a pod does not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodSecurityViolation {
    /// The check.
    pub check: PodSecurityCheck,
    /// What to change in the DaemonSet for the pod to pass: all of it. Indexes are those of the lists before any change.
    pub changes: Vec<FieldChange>,
}

/// A change of one field of a DaemonSet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// The field. It may be absent in the manifest: where it must be set, and where the server has set it in the pod by default, as
    /// `hostPort` on the host's network.
    pub path: FieldPath,
    /// What it has to be.
    pub to: Wanted,
}

/// What a field has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Not there; an item of a list is taken out.
    Absent,
    /// `true`.
    True,
    /// `false`.
    False,
    /// This text.
    Text(&'static str),
    /// A list that holds this text, besides what it holds.
    Including(&'static str),
    /// The source of a volume is another one, such as `emptyDir`.
    AnotherVolumeSource,
}

/// What a check says about a pod that it forbids.
///
/// Upstream: `pod-security-admission/policy.CheckResult`.
#[derive(Clone, Debug)]
pub(super) struct Forbidden {
    /// In short.
    pub(super) reason: &'static str,
    /// In detail.
    pub(super) detail: String,
    /// What to change.
    pub(super) changes: Vec<FieldChange>,
}

/// Shortens the checks, which make many of them.
pub(super) const fn change(path: FieldPath, to: Wanted) -> FieldChange {
    FieldChange { path, to }
}
