//! Claims and volumes.

use daemonset_validation::placement::{
    ClaimCause, ClaimName, ClaimProblem, Requirement, UnmatchedZone, VolumeLimit,
};
use daemonset_validation::words::requirement::requirement;

use super::{Sentence, Value};

/// A claim, as the subject or object of a sentence.
fn named(claim: &ClaimName) -> Sentence {
    match claim {
        ClaimName::Named(name) => Sentence::new("claim ").code(name),
        ClaimName::OfVolume(name) => Sentence::new("the claim of volume ").code(name),
    }
}

fn volume_of(volume: &str, claim: Sentence) -> Sentence {
    Sentence::new("volume ").code(volume).text(" of ").join(claim)
}

/// Why a claim keeps the pod from the node.
pub(super) fn claim(cause: &ClaimCause) -> Sentence {
    let claim = named(&cause.claim);
    match &cause.problem {
        ClaimProblem::Absent { namespace } => claim.text(" does not exist in namespace ").code(namespace),
        ClaimProblem::NotRead => claim.text(" is needed, and claims were not read"),
        ClaimProblem::Lost { volume } => claim.text(" has lost its volume ").code(volume),
        ClaimProblem::Terminating => claim.text(" is being deleted"),
        ClaimProblem::ClassNotRead => claim.text(" needs its storage class, and those were not read"),
        ClaimProblem::BoundImmediately => claim
            .text(" is bound immediately, before a node is chosen, so the place of its volume is not known"),
        ClaimProblem::NotBound { volume: None } => {
            claim.text(" is not bound to a volume, and its class binds immediately")
        }
        ClaimProblem::NotBound { volume: Some(name) } => {
            claim.text(" is not yet bound to its volume ").code(name)
        }
        ClaimProblem::SelectedNode { node } => {
            Sentence::new("the volume of ").join(claim).text(" is being provisioned for node ").code(node)
        }
        ClaimProblem::InvalidSelector => Sentence::new("the selector of ").join(claim).text(" is invalid"),
        ClaimProblem::Unreachable { volume, wanted } => {
            volume_of(volume, claim).text(" cannot be used on the node").text(&wants(wanted))
        }
        ClaimProblem::NoVolume { class } => Sentence::new("no free volume of class ")
            .code(class)
            .text(" for ")
            .join(claim)
            .text(" can be used on the node, and the class does not provision volumes"),
        ClaimProblem::NotInTopology { class } => Sentence::new("class ")
            .code(class)
            .text(" of ")
            .join(claim)
            .text(" does not provision volumes in the node's topology (allowedTopologies)"),
        ClaimProblem::VolumesNotRead => claim.text(" needs a free volume, and volumes were not read"),
        ClaimProblem::DriversNotRead { driver } => {
            claim.text(" needs its driver ").code(driver).text(", and drivers were not read")
        }
        ClaimProblem::CapacityNotRead { driver } => Sentence::new("driver ")
            .code(driver)
            .text(" of ")
            .join(claim)
            .text(" reports its free capacity, and that is not read"),
        ClaimProblem::VolumeAbsent { volume } => volume_of(volume, claim).text(" does not exist"),
        ClaimProblem::VolumeNotRead { volume } => {
            volume_of(volume, claim).text(" is needed, and volumes were not read")
        }
        ClaimProblem::Zone(zone) => other_zone(zone, claim),
        ClaimProblem::SinglePod { holder } => {
            let claim = claim.text(" is for one pod only (ReadWriteOncePod), and ");
            match holder {
                Some(pod) => claim.text("pod ").pod(pod).text(" uses it"),
                None => claim.text("the DaemonSet's pod on another node uses it"),
            }
        }
    }
}

/// The node affinity of a volume.
fn wants(terms: &[Box<[Requirement]>]) -> String {
    let term = |term: &[Requirement]| {
        let all: Vec<String> = term.iter().map(with_values).collect();
        all.join(" and ")
    };
    let terms: Vec<String> = terms.iter().map(|one| term(one)).collect();
    if terms.is_empty() { String::new() } else { format!(": it requires `{}`", terms.join("` or `")) }
}

/// A requirement with its list of values, which may be empty.
fn with_values(one: &Requirement) -> String {
    if one.values.is_empty() { format!("{} []", requirement(one)) } else { requirement(one) }
}

fn other_zone(zone: &UnmatchedZone, claim: Sentence) -> Sentence {
    let sentence =
        volume_of(&zone.volume, claim).text(" has ").code(&format!("{}: {}", zone.key, zone.value));
    match &zone.actual {
        Some(actual) => sentence.text(", the node is in ").code_value(actual),
        None => sentence.text(", the node has no label ").code(zone.node_key),
    }
}

/// Too many volumes of one driver.
pub(super) fn limit(found: &VolumeLimit) -> Sentence {
    let count = |count: usize| Value::count(i64::try_from(count).unwrap_or(i64::MAX));
    Sentence::new("the node allows ")
        .count(i64::from(found.limit))
        .text(" volumes of driver ")
        .code(&found.driver)
        .text(", ")
        .value(count(found.attached))
        .text(" are attached, and the pod adds ")
        .value(count(found.added))
}
