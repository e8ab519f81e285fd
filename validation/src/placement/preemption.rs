//! Whether the scheduler would preempt other pods, and which.

use std::cmp::Reverse;

use k8s_openapi::api::policy::v1::PodDisruptionBudget;

use super::cause::PodName;
use super::cluster::Cluster;
use super::filters;
use super::reason::Reason;
use super::site::Site;
use super::snapshot::{Pod, PodIndex};
use super::verdict::Preemption;
use crate::gates::Change;
use crate::matching::label_selector;
use crate::server::Server;

/// Whether the scheduler tries preemption: the first filter that rejects the node must not call it unresolvable.
///
/// Upstream: `scheduler/framework/preemption.Evaluator.nodesWherePreemptionMightHelp`.
pub(super) fn may_help(reasons: &[Reason]) -> bool {
    reasons.iter().find(|reason| reason.missing.is_none()).is_some_and(|reason| !reason.unresolvable)
}

/// The pods of lower priority to preempt so that the pod can be bound; `None` where that does not help or is not allowed.
///
/// All pods of lower priority are removed first. If the pod fits then, as many as possible are restored: first those whose disruption
/// budget would be violated, then the others, each by descending priority.
///
/// Upstream: `scheduler/framework/plugins/defaultpreemption.SelectVictimsOnNode`.
pub(super) fn select_victims_on_node(cluster: &Cluster<'_>, site: &mut Site<'_>) -> Option<Preemption> {
    let priority = cluster.priority.filter(|priority| priority.preempts)?;
    let snapshot = cluster.context.snapshot;
    let here = site.usage.pods.iter().filter(|pod| !cluster.context.is_own(**pod));
    let mut potential: Vec<(PodIndex, &Pod)> = here
        .filter_map(|index| snapshot.pod(*index).map(|pod| (*index, pod)))
        .filter(|(_, pod)| pod.shape.priority < priority.value)
        .collect();
    if potential.is_empty() {
        return None;
    }
    cluster.context.budget.spend_for(potential.len().saturating_mul(potential.len())).ok()?;
    for (index, pod) in &potential {
        site.remove(*index, pod);
    }
    let victims = filters::fits(cluster, site).then(|| {
        potential.sort_by_key(|(_, pod)| (Reverse(pod.shape.priority), pod.started.unwrap_or(i64::MAX)));
        reprieve(cluster, site, potential.clone())
    });
    // The site is used again when the pods of other nodes are placed.
    for index in std::mem::take(&mut site.removed) {
        if let Some(pod) = snapshot.pod(index) {
            site.restore(index, pod);
        }
    }
    let mut victims = victims?;
    victims.sort();
    Some(Preemption { victims })
}

fn reprieve(cluster: &Cluster<'_>, site: &mut Site<'_>, potential: Vec<(PodIndex, &Pod)>) -> Vec<PodName> {
    let budgets = &cluster.context.snapshot.disruption_budgets;
    let (violating, others) = split_by_budget(potential, budgets, cluster.context.server);
    let mut victims = Vec::new();
    for (index, pod) in violating.into_iter().chain(others) {
        if cluster.context.budget.spend(64).is_err() {
            break;
        }
        site.restore(index, pod);
        if !filters::fits(cluster, site) {
            site.remove(index, pod);
            victims.push(PodName::of(pod));
        }
    }
    victims
}

type Pods<'p> = Vec<(PodIndex, &'p Pod)>;

/// The pods whose disruption a budget does not allow, and the others.
///
/// The scheduler takes the budgets in no fixed order. Where it stops at the first violated one, which budgets count a pod depends on
/// that order, so several answers are right.
///
/// Upstream: `scheduler/framework/preemption.FilterVictimsWithPDBViolation`; in earlier minors
/// `scheduler/framework/plugins/defaultpreemption.filterPodsWithPDBViolation`.
fn split_by_budget<'p>(
    pods: Pods<'p>,
    budgets: &[PodDisruptionBudget],
    server: &Server,
) -> (Pods<'p>, Pods<'p>) {
    let stops = server.has(Change::PreemptionStopsAtViolatedBudget);
    let allowed = |budget: &PodDisruptionBudget| {
        budget.status.as_ref().and_then(|status| status.disruptions_allowed).unwrap_or(0)
    };
    let mut left: Vec<i32> = budgets.iter().map(allowed).collect();
    pods.into_iter().partition(|(_, pod)| {
        let mut violated = false;
        for (budget, left) in budgets.iter().zip(&mut left) {
            if guards(budget, pod) {
                *left = left.saturating_sub(1);
                violated |= *left < 0;
                if violated && stops {
                    break;
                }
            }
        }
        violated
    })
}

/// Whether a budget covers the pod. It does not where it allowed the pod's disruption before.
fn guards(budget: &PodDisruptionBudget, pod: &Pod) -> bool {
    let selector = budget.spec.as_ref().and_then(|spec| spec.selector.as_ref());
    let Ok(selector) = label_selector::label_selector_as_selector(selector) else { return false };
    let disrupted = budget.status.as_ref().and_then(|status| status.disrupted_pods.as_ref());
    !pod.shape.labels.is_empty()
        && budget.metadata.namespace.as_deref().unwrap_or("default") == &*pod.shape.namespace
        && !selector.is_empty()
        && selector.matches(&pod.shape.labels)
        && !disrupted.is_some_and(|pods| pods.contains_key(&*pod.name))
}
