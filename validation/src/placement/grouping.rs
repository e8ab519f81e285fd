//! Nodes for which the same holds.

use std::collections::HashMap;
use std::hash::Hash;

use super::cause::{AntiAffinity, Cause, ClaimProblem, Domain, OtherPod, PodName, UnmetRequirement};
use super::reason::Reason;
use super::remedy::Remedy;

/// Items with the same key.
#[derive(Debug)]
pub struct Group<K, T> {
    /// The key.
    pub key: K,
    /// The items, in their order; never none.
    pub members: Vec<T>,
}

/// Groups items by their keys, in the order of each group's first item.
pub fn group<K: Clone + Eq + Hash, T>(items: impl IntoIterator<Item = (K, T)>) -> Vec<Group<K, T>> {
    let mut groups: Vec<Group<K, T>> = Vec::new();
    let mut known: HashMap<K, usize> = HashMap::new();
    for (key, item) in items {
        match known.get(&key).and_then(|place| groups.get_mut(*place)) {
            Some(group) => group.members.push(item),
            None => {
                known.insert(key.clone(), groups.len());
                groups.push(Group { key, members: vec![item] });
            }
        }
    }
    groups
}

/// The cause and the remedy of a reason without the data that belong to one node: its name, the values of its labels, amounts, and
/// the pods on it. Two nodes have the same reason where what is left is equal.
pub fn without_node(reason: &Reason, node: &str) -> (Cause, Option<Remedy>) {
    let mut cause = reason.cause.clone();
    match &mut cause {
        Cause::NodeSelector { actual, .. } => blank(actual),
        Cause::NodeAffinity(term) => {
            for unmet in &mut term.unmet {
                if let UnmetRequirement::Label { actual, .. } = unmet {
                    blank(actual);
                }
            }
        }
        Cause::HostPort(held) => blank_pod(&mut held.holder),
        Cause::Insufficient(numbers) => {
            // A node that has none of the resource is another case than one that has too little.
            numbers.allocatable = numbers.allocatable.min(1);
            (numbers.requested, numbers.used) = (0, 0);
        }
        Cause::Skew(skew) => {
            skew.domain.value = Box::default();
            (skew.here, skew.least, skew.skew) = (one_or_more(skew.here), 0, 0);
            if let Some(few) = &mut skew.too_few_domains {
                few.domains = one_or_more(few.domains);
            }
        }
        Cause::PodAffinity(wanted) => blank_domain(&mut wanted.domain, node),
        Cause::PodAntiAffinity(found) | Cause::Repelled(found) => blank_other(found, node),
        Cause::Claim(claim) => match &mut claim.problem {
            ClaimProblem::SinglePod { holder } => blank_pod(holder),
            ClaimProblem::Zone(zone) => blank(&mut zone.actual),
            _ => {}
        },
        Cause::DiskInUse { holder } => *holder = PodName::default(),
        Cause::VolumeLimit(found) => (found.limit, found.attached, found.added) = (0, 0, 0),
        Cause::NodeName { .. }
        | Cause::Unschedulable
        | Cause::Taints(_)
        | Cause::NoTerms
        | Cause::NoAllocatable
        | Cause::SchedulingGates(_)
        | Cause::ResourceClaim { .. }
        | Cause::DeclaredFeature { .. }
        | Cause::SpreadLabel { .. }
        | Cause::AffinityLabel { .. }
        | Cause::VolumeLimitsNotRead
        | Cause::InvalidDiskId
        | Cause::CsiDriver { .. }
        | Cause::Refused(_) => {}
    }
    let remedy = match &reason.remedy {
        Some(Remedy::MakeRoom { .. }) => Some(Remedy::MakeRoom { pods: 0 }),
        remedy => remedy.clone(),
    };
    (cause, remedy)
}

/// Whether the manifest itself selects other nodes: by `nodeName`, by `nodeSelector`, or by its required node affinity.
pub const fn is_selection(cause: &Cause) -> bool {
    matches!(
        cause,
        Cause::NodeName { .. } | Cause::NodeSelector { .. } | Cause::NodeAffinity(_) | Cause::NoTerms
    )
}

/// 1 stays, since a sentence about one is another than a sentence about several.
const fn one_or_more(count: i64) -> i64 {
    if count == 1 { 1 } else { 2 }
}

fn blank(text: &mut Option<Box<str>>) {
    if let Some(text) = text {
        *text = Box::default();
    }
}

fn blank_pod(pod: &mut Option<PodName>) {
    if let Some(pod) = pod {
        *pod = PodName::default();
    }
}

/// A domain of one node, such as `kubernetes.io/hostname=worker-1`.
fn blank_domain(domain: &mut Domain, node: &str) {
    if *domain.value == *node {
        domain.value = Box::default();
    }
}

fn blank_other(found: &mut AntiAffinity, of: &str) {
    blank_domain(&mut found.domain, of);
    let (OtherPod::Existing { node, .. } | OtherPod::Own { node }) = &mut found.other;
    if node.as_deref() == Some(of) {
        blank(node);
    }
    if let OtherPod::Existing { pod, .. } = &mut found.other {
        blank_pod(pod);
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::placement::cause::{Insufficient, PodSelector};
    use crate::placement::filter::Filter;
    use crate::placement::paths::pod_path;

    fn reason(cause: Cause) -> Reason {
        Reason::new(Filter::NodeAffinity, cause, pod_path(&[]))
    }

    fn label(actual: Option<&str>) -> Reason {
        reason(Cause::NodeSelector {
            key: "disk".into(),
            wanted: "ssd".into(),
            actual: actual.map(Box::from),
        })
    }

    fn same(one: &Reason, other: &Reason) -> bool {
        without_node(one, "a") == without_node(other, "b")
    }

    #[test]
    fn values_of_labels_and_amounts_belong_to_the_node() {
        assert!(same(&label(Some("hdd")), &label(Some("tape"))));
        assert!(!same(&label(Some("hdd")), &label(None)));
        let cpu = |requested, used, allocatable| {
            let name = Cow::Borrowed("cpu");
            reason(Cause::Insufficient(Box::new(Insufficient { name, requested, used, allocatable })))
        };
        assert!(same(&cpu(3, 2, 4), &cpu(3, 1, 2)));
        assert!(!same(&cpu(3, 2, 4), &cpu(3, 0, 0)));
    }

    #[test]
    fn a_domain_belongs_to_the_node_that_it_is_named_after() {
        let repelled = |value: &str, on: &str| {
            reason(Cause::Repelled(Box::new(AntiAffinity {
                selector: PodSelector::Nothing,
                domain: Domain { key: "host".into(), value: value.into() },
                other: OtherPod::Existing { pod: None, node: Some(on.into()) },
                certain: true,
            })))
        };
        assert!(same(&repelled("a", "a"), &repelled("b", "b")));
        assert!(same(&repelled("zone", "c"), &repelled("zone", "c")));
        assert!(!same(&repelled("zone", "c"), &repelled("other", "c")));
        assert!(!same(&repelled("zone", "c"), &repelled("zone", "b")));
    }

    #[test]
    fn groups_keep_the_order_of_their_first_items() {
        let groups = group([("x", 1), ("y", 2), ("x", 3)]);
        let shown: Vec<_> = groups.iter().map(|group| (group.key, group.members.as_slice())).collect();
        assert_eq!(shown, [("x", &[1, 3][..]), ("y", &[2][..])]);
    }
}
