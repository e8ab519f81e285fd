//! The rule `virtual-nodes`. Its page is `virtual_nodes.md`.

use super::{asks_for, is_for_all_keys, is_for_effect, rule, spec, toleration_path, tolerations};
use crate::levels::Level;
use crate::placement::VirtualNode;
use crate::rules::{Check, Findings, Object, Rule};
use crate::together::{OperatingSystem, operating_system};

pub(in crate::rules) static RULE: Rule = rule(
    "virtual-nodes",
    Level::Warning,
    (
        "an agent for AWS or Azure tolerates every taint and does not exclude virtual nodes",
        include_str!("virtual_nodes.md"),
    ),
    Check::Object(check),
);

/// Parts of images that only make sense on a provider that has virtual nodes.
const IMAGES: [(&str, VirtualNode); 6] = [
    ("public.ecr.aws/eks", VirtualNode::EksFargate),
    (".dkr.ecr.", VirtualNode::EksFargate),
    ("amazon/", VirtualNode::EksFargate),
    ("public.ecr.aws/aws-", VirtualNode::EksFargate),
    ("mcr.microsoft.com/oss/azure", VirtualNode::VirtualKubelet),
    ("mcr.microsoft.com/azuremonitor", VirtualNode::VirtualKubelet),
];

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object) else { return };
    // Virtual nodes have the label of Linux.
    if operating_system(spec) == OperatingSystem::Windows {
        return;
    }
    let tolerant = |one| is_for_all_keys(one) && is_for_effect(one, "NoSchedule");
    let Some(index) = tolerations(spec).iter().position(tolerant) else { return };
    let images = spec.containers.iter().filter_map(|container| container.image.as_deref());
    let mut kinds = images
        .flat_map(|image| IMAGES.iter().filter(|(part, _)| image.contains(part)).map(|(_, kind)| *kind));
    let Some(kind) = kinds.next() else { return };
    let (key, value) = kind.label();
    // Both kinds of virtual nodes are left out by some label of theirs.
    if [key, "eks.amazonaws.com/nodegroup", "kubernetes.azure.com/cluster", "kubernetes.azure.com/mode"]
        .iter()
        .any(|key| asks_for(spec, key))
    {
        return;
    }
    let (nodes, of) = match kind {
        VirtualNode::EksFargate => ("Fargate nodes", "EKS"),
        VirtualNode::VirtualKubelet => ("virtual nodes", "AKS"),
    };
    let message = format!(
        "pods are also made for the {nodes} of {of}, which run none of a DaemonSet: they stay pending for ever"
    );
    let help = format!("exclude them in each term of the node affinity: `{key}` NotIn [{value}]");
    findings.push(RULE.finding(toleration_path(index), message).help(help));
}
