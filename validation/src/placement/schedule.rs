//! The pods are placed one after another, since one may stand in another's way, or be what another waits for.

use super::filter::Filter;
use super::filters::Cluster;
use super::snapshot::NodeIndex;
use super::verdict::{NodeVerdict, Outcome};

/// The filters whose answer changes with the DaemonSet's own pods on other nodes.
const MOVED_BY_OTHERS: [Filter; 2] = [Filter::PodTopologySpread, Filter::InterPodAffinity];

/// The verdict for each node, where `decide` gives the one for a node in the cluster as it is then.
///
/// The scheduler takes pods that wait up again when something changes, so each pass over those that wait goes on from what was
/// placed before, until one of them places none.
pub(super) fn in_turn(
    cluster: &mut Cluster<'_>,
    decide: impl Fn(&Cluster<'_>, NodeIndex) -> Option<NodeVerdict>,
) -> Vec<NodeVerdict> {
    let indices = 0..NodeIndex::try_from(cluster.snapshot.nodes().len()).unwrap_or(NodeIndex::MAX);
    let mut verdicts = Vec::with_capacity(cluster.snapshot.nodes().len());
    let mut waiting = Vec::new();
    let mut moved = false;
    for index in indices {
        let Some(verdict) = decide(cluster, index) else { break };
        if verdict.outcome == Outcome::Runs {
            moved |= cluster.place(index);
        } else if may_move(&verdict) {
            waiting.push(index);
        }
        verdicts.push(verdict);
    }
    if !moved {
        return verdicts;
    }
    let mut progress = true;
    while progress {
        progress = false;
        waiting.retain(|index| {
            // The cheap question comes first: there may be as many passes as there are nodes.
            if !cluster.admits_beside_others(*index) {
                return true;
            }
            let runs = decide(cluster, *index).filter(|verdict| verdict.outcome == Outcome::Runs);
            let Some(verdict) = runs else { return true };
            if let Some(known) = verdicts.get_mut(*index as usize) {
                *known = verdict;
            }
            progress |= cluster.place(*index);
            false
        });
    }
    // What was said of a pod that waits may have been overtaken by those that were placed later.
    for (index, verdict) in (0..).zip(&mut verdicts) {
        if matches!(verdict.outcome, Outcome::Pending(_) | Outcome::Unknown(_))
            && let Some(last) = decide(cluster, index)
        {
            *verdict = last;
        }
    }
    verdicts
}

/// Whether the pod waits for nothing but what other pods of the DaemonSet may change.
fn may_move(verdict: &NodeVerdict) -> bool {
    let (Outcome::Pending(reasons) | Outcome::Unknown(reasons)) = &verdict.outcome else { return false };
    reasons.iter().all(|reason| MOVED_BY_OTHERS.contains(&reason.filter))
}
