//! The judgement on what the cache shows of the cluster, which may be nothing.

use k8s_openapi::api::apps::v1::DaemonSet;

use super::look::{judge_on, nothing_known};
use super::question::{Judgement, Old, Question};
use super::unknown;
use crate::cache::View;

/// The findings about a DaemonSet on the cluster. It is the object that the server would store; one of its name that the cluster has, and
/// its pods, do not count. `old` reads the object that is stored now; it is called only if a finding would deny the request.
///
/// Both objects are judged on one view, and what is said of an update is what it adds: nodes, host ports, other DaemonSets.
pub fn judge(
    daemon_set: &DaemonSet,
    old: &mut dyn FnMut() -> Old,
    view: &View,
    question: &Question<'_>,
) -> Judgement {
    match view {
        View::Off => Judgement::default(),
        View::Cold { missing } => nothing_known(unknown::cold(missing), old, question),
        View::Ready(snapshot) => judge_on(daemon_set, old, snapshot, question),
    }
}

/// The judgement of a review that waited too long to be judged.
pub(crate) fn too_late(old: &mut dyn FnMut() -> Old, question: &Question<'_>) -> Judgement {
    nothing_known(unknown::crowd(), old, question)
}
