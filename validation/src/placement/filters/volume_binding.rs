//! Whether the node reaches the pod's volumes, or they can be made there.

use std::cmp::Ordering;

use k8s_openapi::api::core::v1::TopologySelectorTerm;

use super::{Cluster, Site};
use crate::matching::node_selector;
use crate::placement::claims::{Binding, PodClaim};
use crate::placement::kind::Kind;
use crate::placement::snapshot::{Node, PersistentVolume};
use crate::placement::verdict::Reason;

const NAME: &str = "VolumeBinding";
const NO_PROVISIONER: &str = "kubernetes.io/no-provisioner";

fn refusal(claim: &PodClaim<'_>, message: String, suggestion: &str) -> Reason {
    Reason::new(NAME, message, claim.path()).suggest(suggestion.to_owned()).unresolvable()
}

fn unknown(claim: &PodClaim<'_>, message: String, lacks: &'static str) -> Reason {
    Reason::new(NAME, message, claim.path()).lacking(lacks)
}

/// Claims that cannot be used, and those that wait for a volume that is not made for the pod.
///
/// Upstream: `scheduler/framework/plugins/volumebinding.PreFilter`.
pub(in crate::placement) fn pre_filter(cluster: &Cluster<'_>, _: &Site<'_>, reasons: &mut Vec<Reason>) {
    for claim in &cluster.claims.all {
        let Some(object) = claim.object.as_deref() else { continue };
        if object.lost {
            let message = format!("{} has lost its volume `{}`", claim.shown, claim.volume_name());
            reasons.push(refusal(claim, message, "use a claim whose volume exists"));
        } else if object.terminating {
            let message = format!("{} is being deleted", claim.shown);
            reasons.push(refusal(claim, message, "use a claim that stays"));
        }
        match claim.binding {
            Binding::Bound | Binding::Delayed => {}
            Binding::Unknown => {
                let message = format!("{} needs its storage class, and those were not read", claim.shown);
                reasons.push(unknown(claim, message, Kind::StorageClass.plural()));
            }
            Binding::Immediate if claim.ephemeral => {
                let message = format!(
                    "{} is bound at once, before a node is chosen, and where its volume will be is not known",
                    claim.shown
                );
                reasons.push(unknown(claim, message, Kind::PersistentVolumeClaim.plural()));
            }
            Binding::Immediate => {
                let message = match claim.volume_name() {
                    "" => format!("{} is not bound to a volume, and its class binds at once", claim.shown),
                    name => format!("{} is not yet bound to its volume `{name}`", claim.shown),
                };
                let suggestion = "find out why it is not bound (kubectl describe pvc), or use a class with WaitForFirstConsumer";
                reasons.push(refusal(claim, message, suggestion));
            }
        }
    }
}

/// Bound volumes must be reachable from the node; the others must be found or made there.
///
/// Upstream: `scheduler/framework/plugins/volumebinding.Filter`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Vec<Reason>) {
    let claims = &cluster.claims.all;
    if claims.is_empty() {
        return;
    }
    for claim in claims.iter().filter(|claim| claim.binding == Binding::Bound) {
        reasons.extend(bound(cluster, site, claim));
    }
    let mut delayed: Vec<&PodClaim<'_>> =
        claims.iter().filter(|claim| claim.binding == Binding::Delayed).collect();
    delayed.sort_by(|one, other| Ord::cmp(&one.size, &other.size));
    let mut to_provision = Vec::new();
    let mut to_find = Vec::new();
    for claim in delayed {
        match claim.object.as_ref().and_then(|object| object.selected_node.as_deref()) {
            Some(selected) if *selected != *site.node.name => {
                let message = format!("the volume of {} is being made for node `{selected}`", claim.shown);
                reasons.push(refusal(
                    claim,
                    message,
                    "use an ephemeral volume, which makes a claim for each pod",
                ));
                return;
            }
            Some(_) => to_provision.push(claim),
            None => to_find.push(claim),
        }
    }
    let mut chosen: Vec<&PersistentVolume> = Vec::new();
    for claim in to_find {
        let Some(candidates) = &claim.candidates else {
            let message = format!("the selector of {} cannot be read", claim.shown);
            reasons.push(refusal(claim, message, "correct the claim's selector"));
            return;
        };
        let mut left = candidates
            .iter()
            .filter(|candidate| !chosen.iter().any(|other| std::ptr::eq(*other, candidate.volume)));
        // A volume that is kept for the claim is the only one that may become its own.
        let found = left
            .find(|candidate| candidate.reserved || reaches(candidate.volume, site.node))
            .filter(|candidate| reaches(candidate.volume, site.node));
        match found {
            Some(found) => chosen.push(found.volume),
            None => to_provision.push(claim),
        }
    }
    for claim in to_provision {
        if let Some(reason) = provision(cluster, site, claim) {
            reasons.push(reason);
            return;
        }
    }
}

/// Upstream: `scheduler/framework/plugins/volumebinding.checkBoundClaims`.
fn bound(cluster: &Cluster<'_>, site: &Site<'_>, claim: &PodClaim<'_>) -> Option<Reason> {
    let name = claim.volume_name();
    // One that is missing was said before.
    let volume = cluster.snapshot.persistent_volumes.get(name)?;
    if reaches(volume, site.node) {
        return None;
    }
    let message =
        format!("volume `{name}` of {} cannot be reached from the node{}", claim.shown, wants(volume));
    Some(refusal(claim, message, "use an ephemeral volume, which makes a claim for each pod"))
}

/// Where a volume can be reached from, in a few words.
fn wants(volume: &PersistentVolume) -> String {
    let terms = volume.shape.node_affinity.as_ref().map(|required| &required.node_selector_terms);
    let shown: Vec<String> = terms
        .into_iter()
        .flatten()
        .map(|term| {
            let one = term.match_expressions.iter().flatten().map(|one| {
                let values = one.values.as_deref().unwrap_or_default().join(", ");
                format!("{} {} [{values}]", one.key, one.operator)
            });
            one.collect::<Vec<_>>().join(" and ")
        })
        .filter(|shown| !shown.is_empty())
        .collect();
    if shown.is_empty() { String::new() } else { format!(": it wants `{}`", shown.join("` or `")) }
}

/// Upstream: `component-helpers/storage/volume.CheckNodeAffinity`.
fn reaches(volume: &PersistentVolume, node: &Node) -> bool {
    let Some(required) = &volume.shape.node_affinity else { return true };
    // Only the node's labels are looked at, not its name.
    let seen = node_selector::Node { name: "", labels: &node.labels };
    node_selector::match_node_selector_terms(required, seen).unwrap_or(false)
}

/// Why no volume can be made for a claim on the node.
///
/// Upstream: `scheduler/framework/plugins/volumebinding.checkVolumeProvisions`.
fn provision(cluster: &Cluster<'_>, site: &Site<'_>, claim: &PodClaim<'_>) -> Option<Reason> {
    let snapshot = cluster.snapshot;
    let class = snapshot.storage_classes.get(&claim.class)?;
    let reason = if class.provisioner.is_empty() || class.provisioner == NO_PROVISIONER {
        let message = format!(
            "no free volume of class `{}` for {} can be reached from the node, and the class makes none",
            claim.class, claim.shown
        );
        Some(refusal(claim, message, "make a volume of the class that the node can reach"))
    } else if !matches_topology(class.allowed_topologies.as_deref().unwrap_or_default(), site.node) {
        let message = format!(
            "class `{}` of {} makes no volumes where the node is (allowedTopologies)",
            claim.class, claim.shown
        );
        Some(refusal(claim, message, "use a class that makes volumes there"))
    } else {
        None
    };
    match reason {
        Some(_) if !snapshot.has(Kind::PersistentVolume) => {
            let message = format!("{} needs a free volume, and volumes were not read", claim.shown);
            Some(unknown(claim, message, Kind::PersistentVolume.plural()))
        }
        Some(reason) => Some(reason),
        None => capacity(cluster, claim, &class.provisioner),
    }
}

/// Drivers that say how much storage is left do so in objects that are not part of a snapshot.
///
/// Upstream: `scheduler/framework/plugins/volumebinding.hasEnoughCapacity`.
fn capacity(cluster: &Cluster<'_>, claim: &PodClaim<'_>, provisioner: &str) -> Option<Reason> {
    if claim.size.cmp(&crate::quantity::Quantity::default()) == Ordering::Equal {
        return None;
    }
    if !cluster.snapshot.has(Kind::CsiDriver) {
        let message = format!("{} needs its driver `{provisioner}`, and drivers were not read", claim.shown);
        return Some(unknown(claim, message, Kind::CsiDriver.plural()));
    }
    let driver = cluster.snapshot.csi_drivers.get(provisioner)?;
    if driver.spec.storage_capacity != Some(true) {
        return None;
    }
    let message = format!(
        "driver `{provisioner}` of {} says how much storage is left, and that is not read",
        claim.shown
    );
    Some(unknown(claim, message, "csistoragecapacities"))
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
