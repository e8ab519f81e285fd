//! Whether the scheduler would preempt other pods, and which.

use std::cmp::Reverse;
use std::collections::HashMap;

use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetStatus};

use super::budget::{Budget, OverBudget};
use super::by_shape::ByShape;
use super::cause::PodName;
use super::cluster::Cluster;
use super::filters;
use super::reason::Reason;
use super::site::Site;
use super::snapshot::{List, Pod, PodIndex};
use super::verdict::Preemption;
use crate::gates::Change;
use crate::matching::prepared_selector::PreparedSelector;
use crate::server::Server;

/// Whether the scheduler tries preemption: the first filter that rejects the node must not call it unresolvable.
///
/// Upstream: `scheduler/framework/preemption.Evaluator.nodesWherePreemptionMightHelp`.
pub(super) fn may_help(reasons: &[Reason]) -> bool {
    reasons.iter().find(|reason| reason.missing.is_none()).is_some_and(|reason| !reason.unresolvable)
}

/// Chooses the pods to preempt, one node after another.
#[derive(Debug)]
pub(super) struct Preempting<'p, 'c> {
    cluster: &'p Cluster<'c>,
    /// The disruption budgets by namespace, made when the first pod is to be removed.
    guards: Option<Guards<'c>>,
}

impl<'p, 'c> Preempting<'p, 'c> {
    /// Nothing is looked up yet.
    pub(super) const fn new(cluster: &'p Cluster<'c>) -> Self {
        Self { cluster, guards: None }
    }

    /// The pods of lower priority to preempt so that the pod can be bound; `None` where that does not help or is not allowed.
    ///
    /// All pods of lower priority are removed first. If the pod fits then, as many as possible are restored: first those whose disruption
    /// budget would be violated, then the others, each by descending priority.
    ///
    /// # Errors
    ///
    /// If the cluster's budget is over.
    ///
    /// Upstream: `scheduler/framework/plugins/defaultpreemption.SelectVictimsOnNode`.
    pub(super) fn select_victims_on_node(
        &mut self,
        site: &mut Site<'_>,
    ) -> Result<Option<Preemption>, OverBudget> {
        let cluster = self.cluster;
        let Some(priority) = cluster.priority.filter(|priority| priority.preempts) else { return Ok(None) };
        let snapshot = cluster.context.snapshot;
        cluster.context.budget.spend_for(site.usage.pods.len())?;
        let here = site.usage.pods.iter().filter(|pod| !cluster.context.is_own(**pod));
        let mut potential: Vec<(PodIndex, &'c Pod)> = here
            .filter_map(|index| snapshot.pod(*index).map(|pod| (*index, pod)))
            .filter(|(_, pod)| pod.shape.priority < priority.value)
            .collect();
        if potential.is_empty() {
            return Ok(None);
        }
        for (index, pod) in &potential {
            site.remove(*index, pod);
        }
        if !filters::fits(cluster, site) {
            return Ok(None);
        }
        potential.sort_by_key(|(_, pod)| (Reverse(pod.shape.priority), pod.started.unwrap_or(i64::MAX)));
        let mut victims = self.reprieve(site, potential)?;
        victims.sort();
        Ok(Some(Preemption { victims }))
    }

    fn reprieve(
        &mut self,
        site: &mut Site<'_>,
        potential: Vec<(PodIndex, &'c Pod)>,
    ) -> Result<Vec<PodName>, OverBudget> {
        let Cluster { context, .. } = self.cluster;
        let guards = self
            .guards
            .get_or_insert_with(|| Guards::new(context.snapshot.disruption_budgets.list(), context.server));
        let (violating, others) = guards.split(potential, context.budget)?;
        let mut victims = Vec::new();
        for (index, pod) in violating.into_iter().chain(others) {
            // What is asked again looks at the pods of the node.
            context.budget.spend_for(site.usage.pods.len())?;
            site.restore(index, pod);
            if !filters::still_fits(self.cluster, site) {
                site.remove(index, pod);
                victims.push(PodName::of(pod));
            }
        }
        Ok(victims)
    }
}

type Pods<'p> = Vec<(PodIndex, &'p Pod)>;

/// Disruption budgets by namespace.
#[derive(Debug)]
struct Guards<'c> {
    /// The budgets that may cover a pod, in their order.
    by_namespace: HashMap<&'c str, Vec<Guard<'c>>>,
    stops: bool,
}

/// A budget that may cover pods.
#[derive(Debug)]
struct Guard<'c> {
    selector: PreparedSelector<'c>,
    /// Which pods it covers, as far as that follows from their shape.
    covers: ByShape<bool>,
    allowed: i32,
    /// Pods whose disruption it allowed before.
    disrupted: Option<&'c PodDisruptionBudgetStatus>,
}

impl<'c> Guards<'c> {
    fn new(budgets: &'c List<PodDisruptionBudget>, server: &Server) -> Self {
        let mut by_namespace: HashMap<&str, Vec<Guard<'_>>> = HashMap::new();
        for budget in budgets.iter() {
            let selector = budget.spec.as_ref().and_then(|spec| spec.selector.as_ref());
            let Ok(selector) = PreparedSelector::new(selector) else { continue };
            if selector.is_empty() {
                continue;
            }
            let status = budget.status.as_ref();
            let namespace = budget.metadata.namespace.as_deref().unwrap_or("default");
            by_namespace.entry(namespace).or_default().push(Guard {
                selector,
                covers: ByShape::new(),
                allowed: status.and_then(|status| status.disruptions_allowed).unwrap_or(0),
                disrupted: status.filter(|status| status.disrupted_pods.is_some()),
            });
        }
        Self { by_namespace, stops: server.has(Change::PreemptionStopsAtViolatedBudget) }
    }

    /// The pods whose disruption a budget does not allow, and the others.
    ///
    /// The scheduler takes the budgets in no fixed order. Where it stops at the first violated one, which budgets count a pod depends on
    /// that order, so several answers are right.
    ///
    /// Upstream: `scheduler/framework/preemption.FilterVictimsWithPDBViolation`; in earlier minors
    /// `scheduler/framework/plugins/defaultpreemption.filterPodsWithPDBViolation`.
    fn split<'p>(&mut self, pods: Pods<'p>, budget: &Budget) -> Result<(Pods<'p>, Pods<'p>), OverBudget> {
        let mut left: HashMap<&str, Vec<i32>> = HashMap::new();
        let (mut violating, mut others) = (Vec::new(), Vec::new());
        for (index, pod) in pods {
            let mut violated = false;
            if let Some(guards) = self.by_namespace.get_mut(&*pod.shape.namespace) {
                budget.spend_for(guards.len())?;
                let left = left
                    .entry(&*pod.shape.namespace)
                    .or_insert_with(|| guards.iter().map(|guard| guard.allowed).collect());
                for (guard, left) in guards.iter_mut().zip(left) {
                    if guard.covers(pod) {
                        *left = left.saturating_sub(1);
                        violated |= *left < 0;
                        if violated && self.stops {
                            break;
                        }
                    }
                }
            }
            if violated { &mut violating } else { &mut others }.push((index, pod));
        }
        Ok((violating, others))
    }
}

impl Guard<'_> {
    /// Whether the budget covers the pod. It does not where it allowed the pod's disruption before.
    fn covers(&mut self, pod: &Pod) -> bool {
        let selector = &self.selector;
        let covers =
            self.covers.get(pod, |shape| !shape.labels.is_empty() && selector.matches(&shape.labels));
        let disrupted = self.disrupted.and_then(|status| status.disrupted_pods.as_ref());
        covers == Some(&true) && !disrupted.is_some_and(|pods| pods.contains_key(&*pod.name))
    }
}
