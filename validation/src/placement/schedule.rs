//! Places the pods one after another, since one may block another, or be what another waits for.

use super::budget::OverBudget;
use super::cluster::Cluster;
use super::filter::Filter;
use super::snapshot::NodeIndex;
use super::verdict::{NodeVerdict, Outcome};
use super::waiting::Waiting;

/// The filters whose answer changes with the DaemonSet's own pods on other nodes.
const MOVED_BY_OTHERS: [Filter; 2] = [Filter::PodTopologySpread, Filter::InterPodAffinity];

/// What a node costs at least, in units of work.
const A_NODE: u64 = 64;

/// The verdict for each node, where `decide` gives the one for a node in the cluster as it is then.
///
/// The scheduler tries pending pods again when something changes, so passes over them are repeated until one places none.
///
/// # Errors
///
/// If the cluster's budget is over.
pub(super) fn in_turn(
    cluster: &mut Cluster<'_>,
    decide: impl Fn(&Cluster<'_>, NodeIndex) -> Option<NodeVerdict>,
) -> Result<Vec<NodeVerdict>, OverBudget> {
    let indices = 0..NodeIndex::try_from(cluster.context.snapshot.nodes().len()).unwrap_or(NodeIndex::MAX);
    let mut verdicts = Vec::with_capacity(cluster.context.snapshot.nodes().len());
    let mut waiting = Vec::new();
    let mut moved = false;
    let budget = cluster.context.budget;
    for index in indices {
        budget.spend(A_NODE)?;
        let Some(verdict) = decide(cluster, index) else { break };
        if verdict.outcome == Outcome::Runs {
            moved |= cluster.place(index);
        } else if may_move(&verdict) {
            waiting.push(index);
        }
        verdicts.push(verdict);
    }
    if !moved {
        return Ok(verdicts);
    }
    let mut waiting = Waiting::new(waiting, cluster);
    let cost = cluster.cost_of_blocked();
    while let Some(index) = waiting.next() {
        budget.spend_for(cost)?;
        if let Some(block) = cluster.blocked(index) {
            waiting.block(index, block, cluster);
            continue;
        }
        let runs = decide(cluster, index).filter(|verdict| verdict.outcome == Outcome::Runs);
        let Some(verdict) = runs else {
            waiting.keep(index, cluster);
            continue;
        };
        if let Some(known) = verdicts.get_mut(index as usize) {
            *known = verdict;
        }
        cluster.place(index);
        waiting.place(index, cluster);
    }
    budget.spend_for(verdicts.len())?;
    // The reasons of pending pods may be outdated by pods that were placed later.
    for (index, verdict) in (0..).zip(&mut verdicts) {
        if matches!(verdict.outcome, Outcome::Pending(_) | Outcome::Unknown(_))
            && let Some(last) = decide(cluster, index)
        {
            budget.spend(A_NODE)?;
            *verdict = last;
        }
    }
    Ok(verdicts)
}

/// Whether only other pods of the DaemonSet may change the outcome.
fn may_move(verdict: &NodeVerdict) -> bool {
    let (Outcome::Pending(reasons) | Outcome::Unknown(reasons)) = &verdict.outcome else { return false };
    reasons.iter().all(|reason| MOVED_BY_OTHERS.contains(&reason.filter))
}

#[cfg(test)]
mod tests;
