//! Whether the pod's volumes can be used on the node, or provisioned there.

use std::cmp::Ordering;
use std::collections::HashSet;

use k8s_openapi::api::core::v1::TopologySelectorTerm;

use crate::placement::cause::{ClaimProblem, Requirement};
use crate::placement::claims::{Binding, PodClaim};
use crate::placement::cluster::Cluster;
use crate::placement::filter::Filter;
use crate::placement::kind::Kind;
use crate::placement::reason::{Missing, Reason};
use crate::placement::reasons::Reasons;
use crate::placement::remedy::{Remedy, VolumeRemedy};
use crate::placement::site::Site;
use crate::placement::snapshot::{Node, PersistentVolume};

const NO_PROVISIONER: &str = "kubernetes.io/no-provisioner";

fn refusal(claim: &PodClaim<'_>, problem: ClaimProblem, remedy: VolumeRemedy) -> Reason {
    claim.reason(Filter::VolumeBinding, problem).remedy(Remedy::Volume(remedy)).unresolvable()
}

fn unknown(claim: &PodClaim<'_>, problem: ClaimProblem, missing: Missing) -> Reason {
    claim.reason(Filter::VolumeBinding, problem).missing(missing)
}

/// Claims that cannot be used, and claims that the scheduler does not bind.
///
/// Upstream: `scheduler/framework/plugins/volumebinding.PreFilter`.
pub(in crate::placement) fn pre_filter(cluster: &Cluster<'_>, reasons: &mut Reasons) {
    for claim in &cluster.claims.all {
        let Some(object) = claim.object.as_deref() else { continue };
        if object.lost {
            let problem = ClaimProblem::Lost { volume: claim.volume_name().into() };
            reasons.push(refusal(claim, problem, VolumeRemedy::UseClaimWithVolume));
        } else if object.terminating {
            reasons.push(refusal(claim, ClaimProblem::Terminating, VolumeRemedy::UseOtherClaim));
        }
        match claim.binding {
            Binding::Bound | Binding::Delayed => {}
            Binding::Unknown => {
                let missing = Missing::Kind(Kind::StorageClass);
                reasons.push(unknown(claim, ClaimProblem::ClassNotRead, missing));
            }
            Binding::Immediate if claim.ephemeral => {
                let missing = Missing::Kind(Kind::PersistentVolumeClaim);
                reasons.push(unknown(claim, ClaimProblem::BoundImmediately, missing));
            }
            Binding::Immediate => {
                let volume = Some(claim.volume_name()).filter(|name| !name.is_empty()).map(Box::from);
                reasons.push(refusal(claim, ClaimProblem::NotBound { volume }, VolumeRemedy::BindClaim));
            }
        }
    }
}

/// Volumes of bound claims must be usable on the node; for the other claims volumes must be found or provisioned there.
///
/// Upstream: `scheduler/framework/plugins/volumebinding.Filter`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Reasons) {
    let claims = &cluster.claims;
    let budget = cluster.context.budget;
    if claims.all.is_empty()
        || budget.spend_for(claims.bound.len().saturating_add(claims.delayed.len())).is_err()
    {
        return;
    }
    bound(cluster, site, reasons);
    let delayed = claims.delayed.iter().filter_map(|place| claims.all.get(*place));
    let mut to_provision = Vec::new();
    let mut to_find = Vec::new();
    for claim in delayed {
        match claim.object.as_ref().and_then(|object| object.selected_node.as_deref()) {
            Some(selected) if *selected != *site.node.name => {
                let problem = ClaimProblem::SelectedNode { node: selected.into() };
                reasons.push(refusal(claim, problem, VolumeRemedy::UseEphemeralVolume));
                return;
            }
            Some(_) => to_provision.push(claim),
            None => to_find.push(claim),
        }
    }
    let mut chosen: HashSet<*const PersistentVolume> = HashSet::new();
    let mut work = 0;
    for claim in to_find {
        let Some(candidates) = &claim.candidates else {
            let problem = ClaimProblem::InvalidSelector;
            reasons.push(refusal(claim, problem, VolumeRemedy::CorrectClaimSelector));
            return;
        };
        // A claim with a reserved volume is bound to no other.
        let mut found = None;
        for candidate in candidates {
            if budget.spend(1).is_err() {
                return;
            }
            if chosen.contains(&std::ptr::from_ref(candidate.volume)) {
                continue;
            }
            let is_reached = claims.reach.is_reachable(candidate.volume, site.node, &mut work);
            if candidate.reserved || is_reached {
                found = is_reached.then_some(candidate);
                break;
            }
        }
        match found {
            Some(found) => {
                chosen.insert(found.volume);
            }
            None => to_provision.push(claim),
        }
    }
    if budget.spend(work).is_err() {
        return;
    }
    // What holds for one claim of a class holds for the others, unless one requests nothing.
    let mut provided: HashSet<(&str, bool)> = HashSet::new();
    for claim in to_provision {
        let wants_storage = claim.size.cmp(&crate::quantity::Quantity::default()) != Ordering::Equal;
        if !provided.insert((&claim.class, wants_storage)) {
            continue;
        }
        if let Some(reason) = provision(cluster, site, claim) {
            reasons.push(reason);
            return;
        }
    }
}

/// Claims whose volumes cannot be used on the node. `VolumeZone` reports volumes that do not exist.
///
/// Upstream: `scheduler/framework/plugins/volumebinding.checkBoundClaims`.
fn bound(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Reasons) {
    let claims = &cluster.claims;
    let mut work = 0;
    let unreachable =
        claims.bound.iter().filter(|(volume, _)| !claims.reach.is_reachable(volume, site.node, &mut work));
    let unreachable: Vec<_> = unreachable.collect();
    if cluster.context.budget.spend(work).is_err() {
        return;
    }
    let room = reasons.room();
    let count: usize = unreachable.iter().map(|(_, claims)| claims.len()).fold(0, usize::saturating_add);
    let mut found: Vec<(usize, &PersistentVolume)> = Vec::new();
    for (volume, claims) in unreachable {
        found.extend(claims.iter().take(room).map(|place| (*place, *volume)));
    }
    found.sort_by_key(|(place, _)| *place);
    found.truncate(room);
    let kept = found.len();
    for (place, volume) in found {
        let Some(claim) = claims.all.get(place) else { continue };
        let problem =
            ClaimProblem::Unreachable { volume: claim.volume_name().into(), wanted: wanted(volume) };
        reasons.push(refusal(claim, problem, VolumeRemedy::UseEphemeralVolume));
    }
    if count > kept {
        reasons.omit(count.saturating_sub(kept));
    }
}

/// The `matchExpressions` of each term of a volume's node affinity.
fn wanted(volume: &PersistentVolume) -> Box<[Box<[Requirement]>]> {
    let terms = volume.shape.node_affinity.as_ref().map(|required| &required.node_selector_terms);
    let requirements = terms.into_iter().flatten().map(|term| {
        let expressions = term.match_expressions.iter().flatten();
        expressions.map(Requirement::from).collect::<Vec<_>>()
    });
    requirements.filter(|term| !term.is_empty()).map(Vec::into_boxed_slice).collect()
}

/// Why no volume can be provisioned for a claim on the node.
///
/// Upstream: `scheduler/framework/plugins/volumebinding.checkVolumeProvisions`.
fn provision(cluster: &Cluster<'_>, site: &Site<'_>, claim: &PodClaim<'_>) -> Option<Reason> {
    let snapshot = cluster.context.snapshot;
    let class = snapshot.storage_classes.get(&claim.class)?;
    let reason = if class.provisioner.is_empty() || class.provisioner == NO_PROVISIONER {
        let problem = ClaimProblem::NoVolume { class: claim.class.clone() };
        Some(refusal(claim, problem, VolumeRemedy::CreateVolume))
    } else if !matches_topology(class.allowed_topologies.as_deref().unwrap_or_default(), site.node) {
        let problem = ClaimProblem::NotInTopology { class: claim.class.clone() };
        Some(refusal(claim, problem, VolumeRemedy::UseOtherClass))
    } else {
        None
    };
    match reason {
        Some(_) if !snapshot.has(Kind::PersistentVolume) => {
            Some(unknown(claim, ClaimProblem::VolumesNotRead, Missing::Kind(Kind::PersistentVolume)))
        }
        Some(reason) => Some(reason),
        None => capacity(cluster, claim, &class.provisioner),
    }
}

/// Drivers report capacity in CSIStorageCapacity objects, which are not part of a snapshot.
///
/// Upstream: `scheduler/framework/plugins/volumebinding.hasEnoughCapacity`.
fn capacity(cluster: &Cluster<'_>, claim: &PodClaim<'_>, provisioner: &str) -> Option<Reason> {
    if claim.size.cmp(&crate::quantity::Quantity::default()) == Ordering::Equal {
        return None;
    }
    if !cluster.context.snapshot.has(Kind::CsiDriver) {
        let problem = ClaimProblem::DriversNotRead { driver: provisioner.into() };
        return Some(unknown(claim, problem, Missing::Kind(Kind::CsiDriver)));
    }
    let driver = cluster.context.snapshot.csi_drivers.get(provisioner)?;
    if driver.spec.storage_capacity != Some(true) {
        return None;
    }
    let problem = ClaimProblem::CapacityNotRead { driver: provisioner.into() };
    Some(unknown(claim, problem, Missing::StorageCapacities))
}

/// Upstream: `apis/core/v1/helper.MatchTopologySelectorTerms`.
fn matches_topology(terms: &[TopologySelectorTerm], node: &Node) -> bool {
    terms.is_empty()
        || terms.iter().any(|term| {
            let wanted = term.match_label_expressions.as_deref().unwrap_or_default();
            let has = |key: &str, values: &[String]| {
                node.labels.get(key).is_some_and(|value| values.contains(value))
            };
            !wanted.is_empty() && wanted.iter().all(|one| has(&one.key, &one.values))
        })
}
