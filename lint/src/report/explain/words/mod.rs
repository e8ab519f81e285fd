//! The sentences of the preview: why a filter rejects a node, and which change would help.

mod affinity;
mod label;
mod node;
mod refused;
mod remedy;
mod resources;
mod selection;
mod sentence;
mod short;
mod spread;
mod steps;
mod volumes;

use daemonset_validation::placement::{Cause, Reason};

pub(crate) use label::short_key;
pub(crate) use node::printed as taint;
pub(crate) use remedy::remedy;
pub(crate) use selection::{Selection, selection};
pub(crate) use sentence::{Sentence, Template, Value, merge, merged};
pub(crate) use short::short;
pub(crate) use steps::{Step, StepKind, steps};

/// Why a filter rejects a node, in one sentence.
pub(crate) fn message(reason: &Reason, node: &str) -> Sentence {
    let sentence = cause(reason, node);
    // The sentence about gates counts the others itself.
    if reason.more == 0 || matches!(reason.cause, Cause::SchedulingGates(_)) {
        return sentence;
    }
    let more = i64::try_from(reason.more).unwrap_or(i64::MAX);
    let noun = if more == 1 { " more reason of " } else { " more reasons of " };
    sentence.text(" (and ").count(more).text(noun).text(reason.filter.as_str()).text(")")
}

fn cause(reason: &Reason, node: &str) -> Sentence {
    match &reason.cause {
        Cause::NodeName { wanted } => Sentence::new("the manifest names the one node ").code(wanted),
        Cause::Unschedulable => Sentence::new("the node is cordoned"),
        Cause::Taints(taints) => node::taints(taints),
        Cause::NodeSelector { key, wanted, actual } => node::selector(key, wanted, actual.as_deref()),
        Cause::NodeAffinity(term) => node::nearest_term(term),
        Cause::NoTerms => Sentence::new("the node affinity has no terms, so it matches no node"),
        Cause::DeclaredFeature { name } => Sentence::new("the node does not declare the feature ")
            .code(name)
            .text(", which the manifest needs"),
        Cause::SchedulingGates(gates) => node::gates(gates, reason.more),
        Cause::HostPort(held) => resources::host_port(held),
        Cause::Insufficient(numbers) => resources::insufficient(numbers),
        Cause::NoAllocatable => {
            Sentence::new("the node's capacity is not known (no ").code("status.allocatable").text(")")
        }
        Cause::ResourceClaim { name } => {
            Sentence::new("resource claim ").code(name).text(" is needed, but resource claims are not read")
        }
        Cause::SpreadLabel { key } => spread::without_label(key),
        Cause::Skew(skew) => spread::skew(skew),
        Cause::AffinityLabel { key } => affinity::without_label(key),
        Cause::PodAffinity(wanted) => affinity::far(wanted, reason.missing.is_some(), node),
        Cause::PodAntiAffinity(found) => affinity::anti_affinity(found, node),
        Cause::Repelled(found) => affinity::repelled(found, node),
        Cause::Claim(claim) => volumes::claim(claim),
        Cause::DiskInUse { holder } => Sentence::new("pod ")
            .pod(holder)
            .text(" on the node uses the same disk, which allows only one pod"),
        Cause::VolumeLimit(found) => volumes::limit(found),
        Cause::VolumeLimitsNotRead => {
            Sentence::new("the node's volume limit is not known, since CSI nodes were not read")
        }
        Cause::InvalidDiskId => Sentence::new("the disk's name is invalid"),
        Cause::Refused(refused) => Sentence::new(&refused.refusal.message),
        Cause::CsiDriver { name } => Sentence::new("the node does not have the CSI driver ").code(name),
    }
}
