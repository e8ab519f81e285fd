//! Whether the API server stores the pods that the controller makes, and as what.

use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::Arc;

use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::api::core::v1::PodSpec;

use super::cause::{Cause, RefusedPod};
use super::filter::Filter;
use super::reason::{Reason, Stage};
use super::remedy::Remedy;
use super::snapshot::{NodeIndex, PodIndex, Snapshot};
use super::verdict::{NodeVerdict, Outcome};
use crate::admission::{Admitted, Detail, Plugin, Priority, Refusal, Surroundings};
use crate::server::Server;

/// What the API server does with the pods of one DaemonSet. It is asked once: only the node's name differs between them.
#[derive(Debug, Default)]
pub(super) struct Creation {
    /// The spec of a pod as it is stored; `None` where none is.
    spec: Option<PodSpec>,
    /// The pods' priority; `None` where it is not known, or where none is stored.
    priority: Option<Priority>,
    /// What refuses pods. Those that find no room in a quota are only some.
    refused: Option<Arc<RefusedPod>>,
    /// How many more pods are stored.
    room: RefCell<Room>,
}

/// The pods that are still stored, and the nodes that are asked for in turn.
#[derive(Debug, Default)]
struct Room {
    /// How many; `None` without a limit.
    left: Option<usize>,
    /// The first node that was not asked for.
    next: NodeIndex,
    /// Nodes with a pod of the DaemonSet: the quota counts it, and it is kept, or deleted before the new one is made.
    settled: HashSet<NodeIndex>,
    /// Nodes for which there was no room.
    refused: HashSet<NodeIndex>,
}

/// What sends a pod through admission.
pub(super) type Admit = fn(&DaemonSet, &Surroundings<'_>, &Server) -> Result<Admitted, Refusal>;

impl Creation {
    /// Sends the pod of a DaemonSet through admission.
    pub(super) fn of(
        daemon_set: &DaemonSet,
        template: &PodSpec,
        snapshot: &Snapshot,
        server: &Server,
        admit: Admit,
    ) -> Self {
        let namespace = daemon_set.metadata.namespace.as_deref().unwrap_or("default");
        let name = daemon_set.metadata.name.as_deref().unwrap_or_default();
        let surroundings = snapshot.surroundings(namespace, template);
        let own = || snapshot.pods_of_daemon_set(namespace, name);
        let mut admitted = admit(daemon_set, &surroundings, server);
        // A quota that is full is full of the DaemonSet's own pods, if it has some: these are kept, or deleted before the new ones.
        if let Err(refusal @ Refusal { detail: Detail::QuotaExceeded { .. }, .. }) = &admitted
            && !own().is_empty()
        {
            let full = refusal.clone();
            let without = Surroundings { quotas: None, ..surroundings };
            admitted = admit(daemon_set, &without, server)
                .map(|admitted| Admitted { room: Some((0, full)), ..admitted });
        }
        match admitted {
            Ok(admitted) => {
                let mut spec = admitted.pod.spec;
                // Admission changes no affinity. The controller's own, for the node, is what placement asks for each node.
                spec.affinity.clone_from(&template.affinity);
                let (left, refused) =
                    admitted.room.map_or((None, None), |(room, next)| (Some(room), Some(next)));
                let priority = admitted.priority.or_else(|| priority_without_class(&spec));
                let settled = if left.is_some() { nodes_of(own(), snapshot) } else { HashSet::new() };
                Self {
                    spec: Some(spec),
                    priority,
                    refused: refused.map(|refusal| RefusedPod::new(refusal, namespace).into()),
                    room: RefCell::new(Room { left, settled, ..Room::default() }),
                }
            }
            Err(refusal) => {
                Self { refused: Some(RefusedPod::new(refusal, namespace).into()), ..Self::default() }
            }
        }
    }

    /// The spec of a pod as it is stored; `None` where none is.
    pub(super) const fn spec(&self) -> Option<&PodSpec> {
        self.spec.as_ref()
    }

    /// The priority of the pods; `None` where their class is not known, or where none is stored.
    pub(super) const fn priority(&self) -> Option<Priority> {
        self.priority
    }

    /// Why the pod for a node is not stored. Nodes are asked for in their order the first time.
    pub(super) fn refuses(&self, node: NodeIndex) -> Option<Reason> {
        let refused = self.refused.as_ref()?;
        // The borrow is never held over a call, so it cannot fail.
        let mut room = self.room.try_borrow_mut().ok()?;
        if self.spec.is_some() && !room.refuses(node) {
            return None;
        }
        Some(reason(refused))
    }
}

impl Room {
    fn refuses(&mut self, node: NodeIndex) -> bool {
        if node >= self.next {
            self.next = node.saturating_add(1);
            if !self.settled.contains(&node) {
                match self.left.as_mut() {
                    Some(0) => _ = self.refused.insert(node),
                    Some(left) => *left = left.saturating_sub(1),
                    None => {}
                }
            }
        }
        self.refused.contains(&node)
    }
}

/// Says with each refused pod how many there are: what a quota lacks depends on it.
pub(super) fn count_refused(verdicts: &mut [NodeVerdict]) {
    let pods = verdicts.iter().filter(|verdict| matches!(verdict.outcome, Outcome::Refused(_))).count();
    let mut counted: Option<Arc<RefusedPod>> = None;
    for verdict in verdicts {
        let Outcome::Refused(reasons) = &mut verdict.outcome else { continue };
        for reason in reasons {
            if let Cause::Refused(refused) = &mut reason.cause {
                *refused = counted.get_or_insert_with(|| refused.of_several(pods)).clone();
            }
        }
    }
}

/// The priority where the classes are not known and the pod names none: few clusters have a default class.
fn priority_without_class(spec: &PodSpec) -> Option<Priority> {
    let names_a_class = spec.priority_class_name.as_deref().is_some_and(|name| !name.is_empty());
    let preempts = spec.preemption_policy.as_deref() != Some("Never");
    (!names_a_class).then(|| Priority { value: spec.priority.unwrap_or(0), preempts })
}

fn nodes_of(pods: &[PodIndex], snapshot: &Snapshot) -> HashSet<NodeIndex> {
    let pods = pods.iter().filter_map(|pod| snapshot.pod(*pod));
    pods.filter(|pod| !pod.terminating).filter_map(|pod| pod.node).collect()
}

fn reason(refused: &Arc<RefusedPod>) -> Reason {
    let Refusal { plugin, path, .. } = &refused.refusal;
    let stage = if *plugin == Plugin::Validation { Stage::ApiServer } else { Stage::Admission };
    let reason = Reason::new(Filter::Admission(*plugin), Cause::Refused(refused.clone()), path.clone());
    Reason { stage, ..reason }.remedy(Remedy::SatisfyAdmission)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_nodes_without_a_pod_get_the_room() {
        let mut room = Room { left: Some(2), settled: HashSet::from([1]), ..Room::default() };
        let asked: Vec<bool> = [0, 1, 3, 4, 6].into_iter().map(|node| room.refuses(node)).collect();
        assert_eq!(asked, [false, false, false, true, true]);
        // Asked again, the answers are the same.
        let again: Vec<bool> = [6, 4, 3, 1, 0].into_iter().map(|node| room.refuses(node)).collect();
        assert_eq!(again, [true, true, false, false, false]);
    }
}
