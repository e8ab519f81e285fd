//! Where a DaemonSet's pods would run.
//!
//! The order is the cluster's own: the DaemonSet controller decides first whether it makes a pod for a node (`controller`), the API
//! server stores the pod or refuses it (`creation`), then the pod as it is stored (`daemon_pod`) goes through the scheduler's filters
//! (`filters`).

pub mod rollout;
pub mod wire;

mod advice;
mod attached;
mod block;
mod budget;
mod by_shape;
mod cause;
mod claims;
mod cluster;
mod context;
mod controller;
mod creation;
mod daemon_pod;
mod disks;
mod filter;
mod filters;
mod grouping;
mod host_port;
mod kind;
mod label_keys;
mod migration;
mod near_label;
mod node_affinity;
mod node_kind;
mod paging;
mod passing;
mod paths;
mod preemption;
mod preview;
mod reach;
mod reason;
mod reasons;
mod remedy;
mod requested_by;
mod requests;
mod resource;
mod schedule;
mod site;
mod snapshot;
mod template_print;
mod topology;
mod traits;
mod verdict;
mod volume;
mod waiting;
mod wanted_ports;

use k8s_openapi::api::apps::v1::DaemonSet;

pub use budget::{Budget, OverBudget};
pub use cause::{
    AntiAffinity, Cause, ClaimCause, ClaimName, ClaimProblem, Domain, HeldPort, Insufficient, NearestTerm,
    NodeTaint, OtherPod, PodName, PodSelector, RefusedPod, Requirement, Skew, TooFewDomains, UnmatchedZone,
    UnmetRequirement, VolumeLimit, WantedPods,
};
pub use filter::Filter;
pub use grouping::{Group, group, is_selection, without_node};
pub use host_port::{HostPort, TemplatePort, of_template as template_ports};
pub use kind::{ADMISSION_KINDS, COMMAND_KINDS, KINDS, Kind, all_kinds};
pub use near_label::NearLabel;
pub use node_kind::VirtualNode;
pub use paging::{ListPages, watch_uri};
pub use passing::PassingState;
pub use preview::Preview;
pub use reason::{Missing, Reason, Stage};
pub use remedy::{LabelChange, LabelTarget, Remedy, SelectorChange, VolumeRemedy};
pub use resource::ResourceTotals;
pub use snapshot::{
    Binding, Chunks, DataKeys, Decider, List, LiveSnapshot, Matching, Node, NodeIndex, Object, Pod, PodIndex,
    PodShape, Rule, Scope, Snapshot, SnapshotBuilder, Usage,
};
pub use traits::{Shared, Trait, Traits};
pub use verdict::{NodeVerdict, Outcome, OutcomeKind, Preemption};
pub use volume::PodVolume;

use crate::admission;
use crate::server::Server;
use cluster::Cluster;
use creation::Creation;
use daemon_pod::DaemonPod;
use preemption::Preempting;
use rollout::Before;
use site::Site;

/// What would happen on each node of the snapshot.
///
/// `daemon_set` is the object as the server would store it. A DaemonSet of its name in the snapshot is what it updates.
pub fn explain(daemon_set: &DaemonSet, snapshot: &Snapshot, server: &Server) -> Preview {
    explain_update(daemon_set, Before::Snapshot, snapshot, server)
}

/// The same, where more is known of the template before.
pub fn explain_update(
    daemon_set: &DaemonSet,
    before: Before,
    snapshot: &Snapshot,
    server: &Server,
) -> Preview {
    explain_within(daemon_set, before, snapshot, server, &Budget::unbounded()).unwrap_or_default()
}

/// The same within a budget, which several looks may share.
///
/// # Errors
///
/// If the budget is over before the answer is known. There are no partial answers.
pub fn explain_within(
    daemon_set: &DaemonSet,
    before: Before,
    snapshot: &Snapshot,
    server: &Server,
    budget: &Budget,
) -> Result<Preview, OverBudget> {
    explain_admitted(daemon_set, before, snapshot, (server, admission::admit), budget)
}

/// The same for a DaemonSet that the snapshot holds, of whose pods only what placement needs may be kept.
///
/// # Errors
///
/// As [`explain_within`].
pub fn explain_kept(
    daemon_set: &DaemonSet,
    snapshot: &Snapshot,
    server: &Server,
    budget: &Budget,
) -> Result<Preview, OverBudget> {
    explain_admitted(daemon_set, Before::Snapshot, snapshot, (server, admission::admit_kept), budget)
}

fn explain_admitted(
    daemon_set: &DaemonSet,
    before: Before,
    snapshot: &Snapshot,
    (server, admit): (&Server, creation::Admit),
    budget: &Budget,
) -> Result<Preview, OverBudget> {
    budget.check()?;
    // No server stores a template without a spec.
    let Some(template) = &daemon_set.spec.template.spec else { return Ok(Preview::default()) };
    let creation = Creation::of(daemon_set, template, snapshot, server, admit);
    let admitted = creation.spec().unwrap_or(template);
    let volumes = daemon_pod::volumes(admitted);
    let pod = DaemonPod::new(daemon_set, (template, admitted), &volumes, server);
    let mut cluster = Cluster::new(pod, &creation, snapshot, server, budget);
    budget.check()?;
    cluster.everywhere = filters::everywhere(&cluster);
    let mut verdicts =
        schedule::in_turn(&mut cluster, |cluster, index| Some(decide(cluster, &cluster.site(index)?)))?;
    creation::count_refused(&mut verdicts);
    let mut preempting = Preempting::new(&cluster);
    for (index, verdict) in (0..).zip(&mut verdicts) {
        budget.spend(1)?;
        if let Outcome::Pending(reasons) = &verdict.outcome
            && preemption::may_help(reasons)
            && let Some(mut site) = cluster.site(index)
        {
            verdict.preemption = preempting.select_victims_on_node(&mut site)?;
        }
    }
    let priority = cluster.priority;
    let rollout = rollout::preview(daemon_set, before, snapshot, &verdicts);
    budget.check()?;
    Ok(Preview { rollout, verdicts, priority })
}

fn decide(cluster: &Cluster<'_>, site: &Site<'_>) -> NodeVerdict {
    let mut refused = controller::node_should_run_daemon_pod(cluster, site);
    if !refused.is_empty() {
        advice::adapt(&mut refused, site.node, advice::Pod::NotMade);
        let keeps_running = controller::keeps_running(cluster, site, &refused);
        return NodeVerdict { outcome: Outcome::NotWanted(refused), preemption: None, keeps_running };
    }
    if let Some(reason) = cluster.creation.refuses(site.index) {
        return NodeVerdict {
            outcome: Outcome::Refused(vec![reason]),
            preemption: None,
            keeps_running: true,
        };
    }
    let mut blocked = filters::run(cluster, site);
    advice::adapt(&mut blocked, site.node, advice::Pod::Made);
    NodeVerdict { outcome: outcome(blocked), preemption: None, keeps_running: true }
}

/// A refusal outweighs what is not known: the pod is pending either way.
fn outcome(blocked: Vec<Reason>) -> Outcome {
    if blocked.is_empty() {
        Outcome::Runs
    } else if blocked.iter().any(|reason| reason.missing.is_none()) {
        Outcome::Pending(blocked)
    } else {
        Outcome::Unknown(blocked)
    }
}
