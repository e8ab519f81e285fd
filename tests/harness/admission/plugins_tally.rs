//! What the compared cases had in them.

use std::collections::BTreeMap;
use std::fmt;

use daemonset_validation::admission::{
    Admitted, Bound, Detail, Found, LimitViolation, Limited, Pod, Refusal,
};

/// The refusals and changes that chance has to reach.
///
/// A container is never without a limit where a range has a maximum, nor without a request where it has a minimum, since these are
/// its defaults. The pod's validation, which comes before, has a request not exceed its limit: then a request is not above the
/// maximum where the limit is not, and a limit not below the minimum where the request is not.
pub const KINDS: &[&str] = &[
    "added: a limit range's amount",
    "added: a toleration of the class",
    "added: an overhead",
    "added: pull secrets",
    "added: the global default class",
    "added: the token",
    "refused: Container Max Limit",
    "refused: Container MaxRatio NoLimit",
    "refused: Container MaxRatio NoRequest",
    "refused: Container MaxRatio Ratio",
    "refused: Container Min Request",
    "refused: Pod Max Limit",
    "refused: Pod Max NoLimit",
    "refused: Pod Max Request",
    "refused: Pod MaxRatio NoLimit",
    "refused: Pod MaxRatio NoRequest",
    "refused: Pod MaxRatio Ratio",
    "refused: Pod Min Limit",
    "refused: Pod Min NoRequest",
    "refused: Pod Min Request",
    "refused: PodSecurity",
    "refused: ResourceQuota",
    "refused: Validation",
    "refused: account absent",
    "refused: namespace absent",
    "refused: namespace terminating",
    "refused: node selector",
    "refused: overhead differs",
    "refused: overhead without class",
    "refused: preemption policy",
    "refused: priority",
    "refused: priority class absent",
    "refused: runtime class absent",
    "refused: secret of a container",
    "refused: secret of a volume",
    "refused: secret of an init container",
    "refused: secret for images",
    "stored",
];

/// How often each kind was compared.
#[derive(Debug, Default)]
pub struct Tally {
    counts: BTreeMap<String, usize>,
    cases: usize,
}

impl Tally {
    /// Counts an answer.
    pub fn add(&mut self, answer: &Result<Admitted, Refusal>) {
        self.cases += 1;
        for kind in kind(answer) {
            *self.counts.entry(kind).or_default() += 1;
        }
    }

    /// How many cases had this kind.
    pub fn of(&self, kind: &str) -> usize {
        self.counts.get(kind).copied().unwrap_or_default()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} cases", self.cases)?;
        self.counts.iter().try_for_each(|(kind, count)| writeln!(f, "{count:9} {kind}"))
    }
}

/// What is in an answer.
pub fn kind(answer: &Result<Admitted, Refusal>) -> Vec<String> {
    match answer {
        Ok(admitted) => changes(&admitted.pod),
        Err(refusal) => refusals(refusal).into_iter().map(|kind| format!("refused: {kind}")).collect(),
    }
}

fn changes(pod: &Pod) -> Vec<String> {
    let spec = &pod.spec;
    let note = pod.annotations.get("kubernetes.io/limit-ranger");
    let tolerations = spec.tolerations.iter().flatten();
    let mut volumes = spec.volumes.iter().flatten();
    let kinds = [
        ("stored", true),
        ("added: a limit range's amount", note.is_some_and(|note| note.starts_with("LimitRanger"))),
        (
            "added: a toleration of the class",
            tolerations.skip_while(|one| !is_last(one.key.as_deref())).count() > 1,
        ),
        ("added: an overhead", spec.overhead.is_some()),
        ("added: pull secrets", spec.image_pull_secrets.is_some()),
        ("added: the global default class", spec.priority_class_name.as_deref() == Some("middle")),
        ("added: the token", volumes.any(|volume| volume.projected.is_some())),
    ];
    kinds.into_iter().filter(|(_, is)| *is).map(|(kind, _)| kind.to_owned()).collect()
}

/// The last toleration that the controller adds, for a pod with a network of its own.
fn is_last(key: Option<&str>) -> bool {
    key == Some("node.kubernetes.io/unschedulable")
}

fn refusals(refusal: &Refusal) -> Vec<String> {
    let one = |kind: &str| vec![kind.to_owned()];
    match &refusal.detail {
        Detail::NamespaceAbsent(_) => one("namespace absent"),
        Detail::NamespaceTerminating(_) => one("namespace terminating"),
        Detail::LimitRange { violations, .. } => violations.iter().map(limits).collect(),
        Detail::ServiceAccountAbsent { .. } => one("account absent"),
        Detail::SecretNotAllowed { for_images: true, .. } => one("secret for images"),
        Detail::SecretNotAllowed { .. } => {
            let path = refusal.path.to_string();
            let lists =
                [("volumes", "secret of a volume"), ("initContainers", "secret of an init container")];
            let list = lists.into_iter().find(|(list, _)| path.contains(list));
            one(list.map_or("secret of a container", |(_, kind)| kind))
        }
        Detail::PriorityClassAbsent(_) => one("priority class absent"),
        Detail::PriorityDiffers { .. } => one("priority"),
        Detail::PreemptionPolicyDiffers { .. } => one("preemption policy"),
        Detail::RuntimeClassAbsent(_) => one("runtime class absent"),
        Detail::OverheadDiffers(_) => one("overhead differs"),
        Detail::OverheadWithoutClass => one("overhead without class"),
        Detail::NodeSelectorConflicts { .. } => one("node selector"),
        _ => one(refusal.plugin.as_str()),
    }
}

fn limits(violation: &LimitViolation) -> String {
    let limited = match violation.limited {
        Limited::Container { .. } => "Container",
        Limited::Pod => "Pod",
    };
    let bound = match violation.bound {
        Bound::Min => "Min",
        Bound::Max => "Max",
        Bound::MaxRatio => "MaxRatio",
    };
    let found = match violation.found {
        Found::NoRequest => "NoRequest",
        Found::NoLimit => "NoLimit",
        Found::Request(_) => "Request",
        Found::Limit(_) => "Limit",
        Found::Ratio(_) => "Ratio",
    };
    format!("{limited} {bound} {found}")
}
