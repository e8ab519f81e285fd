//! A reason in a few words, without the names of nodes and pods, so that one line can be about many nodes.

use super::count::thousands;
use super::one_line::one_line;
use super::requirement::{more, requirement};
use crate::matching::node_selector::MismatchKind;
use crate::placement::{
    Cause, ClaimCause, ClaimName, ClaimProblem, Insufficient, NodeTaint, OtherPod, Reason, UnmetRequirement,
};

/// A reason in a few words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Brief {
    /// A phrase: `taint nvidia.com/gpu is not tolerated`.
    Phrase(String),
    /// A resource of which too little is free.
    Insufficient {
        /// Its name.
        resource: String,
        /// How much more is needed, in milli-CPU, bytes or counts; `None` where the node has none at all.
        missing: Option<i64>,
    },
    /// The manifest selects nodes, and this is none of them. By what it selects: `nodeSelector disktype: ssd`.
    Selection(Vec<String>),
}

/// The reason in a few words.
pub fn brief(reason: &Reason) -> Brief {
    let phrase = |text: &str| Brief::Phrase(text.to_owned());
    match &reason.cause {
        Cause::NodeName { wanted } => Brief::Selection(vec![format!("nodeName {wanted}")]),
        Cause::NodeSelector { key, wanted, .. } => {
            Brief::Selection(vec![format!("nodeSelector {key}: {wanted}")])
        }
        Cause::NodeAffinity(term) => node_affinity(&term.unmet, term.more_unmet),
        Cause::NoTerms => node_affinity(&[], 0),
        Cause::Unschedulable => phrase("the node is cordoned"),
        Cause::Taints(taints) => Brief::Phrase(untolerated(taints)),
        Cause::HostPort(held) => Brief::Phrase(format!("host port {} is held", held.port.shown())),
        Cause::Insufficient(numbers) => insufficient(numbers),
        Cause::NoAllocatable => phrase("the node has no status.allocatable"),
        Cause::SchedulingGates(gates) => Brief::Phrase(format!(
            "the pod waits for scheduling gates {}{}",
            gates.join(", "),
            more(reason.more, ", ")
        )),
        Cause::ResourceClaim { name } => Brief::Phrase(format!("resource claim {name} is needed")),
        Cause::DeclaredFeature { name } => {
            Brief::Phrase(format!("the node does not declare the feature {name}"))
        }
        Cause::SpreadLabel { key } => spread(key),
        Cause::Skew(skew) => spread(&skew.domain.key),
        Cause::AffinityLabel { .. } | Cause::PodAffinity(_) => {
            phrase("no pod that its pod affinity wants is near")
        }
        Cause::PodAntiAffinity(_) => phrase("its pod anti-affinity meets another pod"),
        Cause::Repelled(found) => match found.other {
            OtherPod::Own { .. } => phrase("its pod anti-affinity meets another pod"),
            OtherPod::Existing { .. } => phrase("another pod's anti-affinity keeps it away"),
        },
        Cause::Claim(cause) => Brief::Phrase(claim(cause)),
        Cause::DiskInUse { .. } => phrase("another pod uses the same disk, which only one pod can"),
        Cause::VolumeLimit(found) => {
            Brief::Phrase(format!("the node attaches no more volumes of driver {}", found.driver))
        }
        Cause::VolumeLimitsNotRead => phrase("the node's volume limits are not known"),
        Cause::InvalidDiskId => phrase("the ID of a disk is not valid"),
        Cause::Refused(refused) => Brief::Phrase(one_line(&refused.refusal.message)),
        Cause::CsiDriver { name } => Brief::Phrase(format!("the node does not have the CSI driver {name}")),
    }
}

fn node_affinity(unmet: &[UnmetRequirement], others: usize) -> Brief {
    let one = |unmet: &UnmetRequirement| match unmet {
        UnmetRequirement::Label { mismatch: MismatchKind::Invalid, .. } | UnmetRequirement::EmptyTerm => None,
        UnmetRequirement::Label { requirement: one, .. } | UnmetRequirement::Field(one) => {
            Some(format!("node affinity {}", requirement(one)))
        }
    };
    let mut found: Vec<String> = unmet.iter().filter_map(one).collect();
    if others > 0 {
        found.push(format!("{} more of node affinity", thousands(others)));
    }
    Brief::Selection(if found.is_empty() { vec!["node affinity".to_owned()] } else { found })
}

fn untolerated(taints: &[NodeTaint]) -> String {
    let mut keys: Vec<&str> = taints.iter().map(|taint| &*taint.key).collect();
    keys.dedup();
    let (noun, verb) = if keys.len() == 1 { ("taint", "is") } else { ("taints", "are") };
    format!("{noun} {} {verb} not tolerated", keys.join(", "))
}

fn insufficient(numbers: &Insufficient) -> Brief {
    let missing = numbers.requested.saturating_sub(numbers.free()).max(1);
    let missing = (numbers.allocatable > 0).then_some(missing);
    Brief::Insufficient { resource: numbers.name.clone().into_owned(), missing }
}

fn spread(key: &str) -> Brief {
    Brief::Phrase(format!("topology spread over {key} does not allow it"))
}

fn claim(cause: &ClaimCause) -> String {
    let claim = match &cause.claim {
        ClaimName::Named(name) => format!("claim {name}"),
        ClaimName::OfVolume(volume) => format!("the claim of volume {volume}"),
    };
    match &cause.problem {
        ClaimProblem::Absent { .. } => format!("{claim} does not exist"),
        ClaimProblem::NotRead => format!("{claim} is not known"),
        ClaimProblem::Lost { volume } => format!("{claim} has lost its volume {volume}"),
        ClaimProblem::Terminating => format!("{claim} is being deleted"),
        ClaimProblem::ClassNotRead => format!("the storage class of {claim} is not known"),
        ClaimProblem::BoundImmediately => format!("{claim} is bound before a node is chosen"),
        ClaimProblem::NotBound { .. } => format!("{claim} is not bound"),
        ClaimProblem::SelectedNode { .. } => {
            format!("the volume of {claim} is being provisioned for another node")
        }
        ClaimProblem::InvalidSelector => format!("the selector of {claim} is not valid"),
        ClaimProblem::Unreachable { volume, .. } => {
            format!("volume {volume} of {claim} cannot be used there")
        }
        ClaimProblem::NoVolume { class } => format!("no volume of class {class} for {claim}"),
        ClaimProblem::NotInTopology { class } => {
            format!("class {class} of {claim} does not provision there")
        }
        ClaimProblem::VolumesNotRead | ClaimProblem::VolumeNotRead { .. } => {
            format!("the volume of {claim} is not known")
        }
        ClaimProblem::DriversNotRead { driver } | ClaimProblem::CapacityNotRead { driver } => {
            format!("driver {driver} of {claim} is not known")
        }
        ClaimProblem::VolumeAbsent { volume } => format!("volume {volume} of {claim} does not exist"),
        ClaimProblem::Zone(zone) => {
            format!("volume {} of {claim} has {}: {}", zone.volume, zone.key, zone.value)
        }
        ClaimProblem::SinglePod { .. } => {
            format!("{claim} is for one pod only (ReadWriteOncePod), and another pod uses it")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::sync::Arc;

    use super::*;
    use crate::path::FieldPath;
    use crate::placement::{Filter, NearestTerm, Requirement};

    fn brief_of(cause: Cause) -> Brief {
        brief(&Reason::new(Filter::NodeAffinity, cause, FieldPath::document()))
    }

    fn taint(key: &str, value: &str) -> NodeTaint {
        NodeTaint { key: key.into(), value: value.into(), effect: "NoSchedule".into() }
    }

    #[test]
    fn taints_are_named_by_their_keys() {
        let phrase = |taints: Vec<NodeTaint>| brief_of(Cause::Taints(taints.into()));
        assert_eq!(
            phrase(vec![taint("nvidia.com/gpu", "true")]),
            Brief::Phrase("taint nvidia.com/gpu is not tolerated".to_owned())
        );
        assert_eq!(
            phrase(vec![taint("a", ""), taint("a", "x"), taint("b", "c")]),
            Brief::Phrase("taints a, b are not tolerated".to_owned())
        );
    }

    #[test]
    fn a_selection_is_what_the_manifest_wants() {
        let selector =
            Cause::NodeSelector { key: "disktype".into(), wanted: "ssd".into(), actual: Some("hdd".into()) };
        assert_eq!(brief_of(selector), Brief::Selection(vec!["nodeSelector disktype: ssd".to_owned()]));
        let unmet = |key: &str, operator: &str, value: &str, mismatch| UnmetRequirement::Label {
            requirement: Arc::new(Requirement {
                key: key.into(),
                operator: operator.into(),
                values: Box::new([Box::<str>::from(value)]),
                more_values: 0,
            }),
            mismatch,
            actual: Some("b".into()),
        };
        let term = |unmet: Vec<UnmetRequirement>| {
            Cause::NodeAffinity(Box::new(NearestTerm { terms: 1, unmet: unmet.into(), more_unmet: 0 }))
        };
        let two = vec![
            unmet("zone", "In", "a", MismatchKind::Value),
            unmet("n", "Gt", "3", MismatchKind::NotANumber),
        ];
        assert_eq!(
            brief_of(term(two)),
            Brief::Selection(vec![
                "node affinity zone In [a]".to_owned(),
                "node affinity n Gt [3]".to_owned()
            ])
        );
        let invalid = vec![unmet("n", "Gt", "x", MismatchKind::Invalid)];
        assert_eq!(brief_of(term(invalid)), Brief::Selection(vec!["node affinity".to_owned()]));
    }

    #[test]
    fn what_is_missing_is_what_is_requested_beyond_what_is_free() {
        let cpu = |allocatable| {
            let name = Cow::Borrowed("cpu");
            let numbers = Insufficient { name, requested: 4000, used: 3000, allocatable };
            brief_of(Cause::Insufficient(Box::new(numbers)))
        };
        let short = |missing| Brief::Insufficient { resource: "cpu".to_owned(), missing };
        assert_eq!(cpu(5000), short(Some(2000)));
        assert_eq!(cpu(2000), short(Some(4000)));
        assert_eq!(cpu(0), short(None));
    }
}
