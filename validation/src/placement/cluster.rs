//! What the filters use besides the node.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;

use super::attached::VolumeLimits;
use super::block::Block;
use super::budget::Budget;
use super::claims::Claims;
use super::context::Context;
use super::creation::Creation;
use super::daemon_pod::DaemonPod;
use super::disks::Disks;
use super::filters::{InterPodAffinity, PodTopologySpread};
use super::near_label::{NearLabel, near_label};
use super::node_affinity::NodeAffinity;
use super::reason::Reason;
use super::requested_by::{RequestedBy, requested_by};
use super::resource::ResourceTotals;
use super::site::Site;
use super::snapshot::{NodeIndex, PodIndex, Snapshot, Usage};
use crate::admission::Priority;
use crate::server::Server;

/// The cycle state of the filters: what they use besides the node.
#[derive(Debug)]
pub(super) struct Cluster<'c> {
    /// The pod, and the cluster for which it is made.
    pub(super) context: Context<'c>,
    /// The pod's priority; `None` where its class is not known.
    pub(super) priority: Option<Priority>,
    /// What the API server does with the pods.
    pub(super) creation: &'c Creation,
    /// Whether any node has `status.allocatable`.
    pub(super) allocatable_known: bool,
    /// What the template requires of its node, which the controller asks.
    pub(super) template_affinity: NodeAffinity<'c>,
    /// The same of the pod, where admission changes it.
    pub(super) admitted_affinity: Option<NodeAffinity<'c>>,
    /// Why the pod can be bound to no node, once that was asked.
    pub(super) everywhere: Vec<Reason>,
    /// The state of topology spread constraints, where the pod has any.
    pub(super) spread: Option<PodTopologySpread<'c>>,
    /// The state of affinity between pods, where any applies.
    pub(super) affinity: Option<InterPodAffinity<'c>>,
    /// The claims that it uses.
    pub(super) claims: Claims<'c>,
    /// The disks that it names itself.
    pub(super) disks: Disks<'c>,
    /// The volumes that it attaches, where it has any.
    pub(super) volume_limits: Option<VolumeLimits<'c>>,
    /// How many extended resources and the like it requests.
    pub(super) requested_scalars: usize,
    /// By whom each resource is requested that some node has too little of.
    requested_by: RefCell<HashMap<Box<str>, RequestedBy>>,
    /// The labels that parts of its selectors probably mean, which are the same for all nodes.
    slips: RefCell<Vec<Slip>>,
}

/// A key and values of a selector, and the label of nodes that they probably mean.
#[derive(Debug)]
struct Slip {
    key: Box<str>,
    wanted: Box<[Box<str>]>,
    near: Option<NearLabel>,
}

/// As many parts of selectors are compared with the labels of nodes.
const SLIPS: usize = 8;

/// With more values a part of a selector is not compared.
pub(super) const MOST_COMPARED: usize = 8;

impl<'c> Cluster<'c> {
    /// Prepares what is the same for all nodes.
    pub(super) fn new(
        pod: DaemonPod<'c>,
        creation: &'c Creation,
        snapshot: &'c Snapshot,
        server: &'c Server,
        budget: &'c Budget,
    ) -> Self {
        let context = Context::new(pod, snapshot, server, budget);
        let pod = &context.pod;
        let claims = Claims::new(&context);
        let changed = !pod.is_as_the_controller_saw_it();
        let cluster = Self {
            priority: creation.priority(),
            creation,
            template_affinity: NodeAffinity::new(pod.template),
            admitted_affinity: changed.then(|| NodeAffinity::new(pod.spec)),
            everywhere: Vec::new(),
            allocatable_known: snapshot.nodes().iter().any(|node| node.allocatable.is_some()),
            spread: PodTopologySpread::new(&context),
            affinity: InterPodAffinity::new(&context),
            disks: Disks::new(pod.volumes),
            volume_limits: (!pod.volumes.is_empty()).then(|| VolumeLimits::new(pod, &claims, snapshot)),
            claims,
            requested_scalars: pod.requests.scalar.iter().filter(|(_, amount)| *amount > 0).count(),
            requested_by: RefCell::default(),
            slips: RefCell::default(),
            context,
        };
        let size = cluster.template_affinity.size();
        let size = size.saturating_add(cluster.admitted_affinity.as_ref().map_or(0, NodeAffinity::size));
        // Whether that was too much is asked when all is prepared.
        let _ = cluster.context.budget.spend_for(size);
        cluster
    }

    /// Counts the pod that was placed on a node. Returns whether that may change the answer for other nodes.
    pub(super) fn place(&mut self, node: NodeIndex) -> bool {
        let spread = self.spread.as_mut().is_some_and(|spread| spread.place(node));
        let affinity = self.affinity.as_mut().is_some_and(|affinity| affinity.place(node));
        let claims = self.claims.place();
        spread || affinity || claims
    }

    /// What keeps the pod off a node, of what pods of the DaemonSet on other nodes may change.
    pub(super) fn blocked(&self, node: NodeIndex) -> Option<Block> {
        let spread = self.spread.as_ref().and_then(|spread| spread.blocked(node));
        if spread == Some(Block::Lasting) {
            return spread;
        }
        let affinity = self.affinity.as_ref().and_then(|affinity| affinity.blocked(node));
        if affinity == Some(Block::Lasting) { affinity } else { spread.or(affinity) }
    }

    /// What [`Self::blocked`] looks at, in units of work.
    pub(super) fn cost_of_blocked(&self) -> usize {
        let spread = self.spread.as_ref().map_or(0, PodTopologySpread::len);
        let affinity = self.affinity.as_ref().map_or(0, InterPodAffinity::len);
        spread.saturating_add(affinity).saturating_add(1)
    }

    /// Who requests a resource.
    pub(super) fn requested_by(&self, name: &str) -> RequestedBy {
        if let Some(known) = self.requested_by.borrow().get(name) {
            return known.clone();
        }
        let spec = self.context.pod.spec;
        // Two passes over the containers.
        let _ = self.context.budget.spend_for(spec.containers.len());
        let found = requested_by(spec, self.context.pod.template, name);
        self.requested_by.borrow_mut().insert(name.into(), found.clone());
        found
    }

    /// The label that a key with one of the values probably means, where no node has what is written.
    pub(super) fn near_label(&self, key: &str, wanted: &[&str]) -> Option<NearLabel> {
        // The borrow is never held over a call, so it cannot fail.
        let mut slips = self.slips.try_borrow_mut().ok()?;
        let is_known = |slip: &&Slip| {
            *slip.key == *key && slip.wanted.iter().map(|one| &**one).eq(wanted.iter().copied())
        };
        if let Some(known) = slips.iter().find(is_known) {
            return known.near.clone();
        }
        if slips.len() >= SLIPS || wanted.len() > MOST_COMPARED {
            return None;
        }
        let near = near_label(self.context.snapshot.nodes(), key, wanted);
        let wanted = wanted.iter().map(|one| Box::from(*one)).collect();
        slips.push(Slip { key: key.into(), wanted, near: near.clone() });
        near
    }

    /// A node and its usage.
    pub(super) fn site(&self, index: NodeIndex) -> Option<Site<'c>> {
        static NOTHING: Usage =
            Usage { pods: Vec::new(), requested: ResourceTotals::NONE, ports: Vec::new() };
        let node = self.context.snapshot.nodes().get(index as usize)?;
        let usage = self.context.snapshot.usage(index).unwrap_or(&NOTHING);
        let mut requested = Cow::Borrowed(&usage.requested);
        let mut pods = usage.pods.len();
        if !self.context.own.is_empty() {
            for pod in usage.pods.iter().filter(|pod| self.context.is_own(**pod)) {
                pods = pods.saturating_sub(1);
                if let Some(pod) = self.context.snapshot.pod(*pod) {
                    requested.to_mut().subtract(&pod.shape.requests);
                }
            }
        }
        Some(Site::new(index, node, usage, requested, pods))
    }

    /// Whether a pod on the node counts: it is not one of the DaemonSet's own, and was not removed to simulate preemption.
    pub(super) fn counts(&self, site: &Site<'_>, pod: PodIndex) -> bool {
        !self.context.is_own(pod) && !site.is_removed(pod)
    }
}
