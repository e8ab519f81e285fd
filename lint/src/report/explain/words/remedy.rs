//! Changes that would make a node run the pod.

use daemonset_validation::placement::{
    Cause, HeldPort, Insufficient, LabelChange, LabelTarget, NodeTaint, PassingState, Reason, Remedy,
    SelectorChange, VirtualNode, VolumeRemedy,
};
use daemonset_validation::words::near_label::did_you_mean;

use super::{Sentence, refused};

/// The change that would make the node run the pod, as a sentence or a command; `None` if there is none.
pub(crate) fn remedy(reason: &Reason, node: &str) -> Option<Sentence> {
    let cause = &reason.cause;
    Some(match reason.remedy.as_ref()? {
        Remedy::SatisfyAdmission => refused::remedy(cause)?,
        Remedy::DeleteNodeName => Sentence::new("delete ").code("nodeName").text(" from the template"),
        Remedy::Uncordon => Sentence::command("kubectl uncordon ").node(),
        Remedy::Tolerate => tolerate(cause),
        Remedy::Wait => wait(cause),
        Remedy::LeaveOut { node, done } => leave_out(*node, *done),
        Remedy::Correct(labels) => Sentence::new(&did_you_mean(labels)),
        Remedy::MatchNode { labels, manifest } => match_node(labels, manifest, node),
        Remedy::DeleteSchedulingGates => {
            Sentence::new("delete ").code("schedulingGates").text(" from the template")
        }
        Remedy::UpgradeNode => Sentence::new("leave out the field, or upgrade the node"),
        Remedy::ChangeHostPort => other_port(cause)?,
        Remedy::MakeRoom { pods } => Sentence::new("make room for ").count(*pods).text(" more on ").node(),
        Remedy::LowerRequest { container } => lower(container.as_deref(), reason.insufficient()?),
        Remedy::RequestLess { container } => request_less(container, reason.insufficient()?),
        Remedy::FreeResource => free(reason.insufficient()?),
        Remedy::SetMaxSkew(skew) => Sentence::new("set ").code(&format!("maxSkew: {skew}")),
        Remedy::SetMinDomains(domains) => Sentence::new("set ").code(&format!("minDomains: {domains}")),
        Remedy::IgnoreNodeAffinity => Sentence::new("set ")
            .code("nodeAffinityPolicy: Ignore")
            .text(", since otherwise only the pod's own node counts as a domain, or leave out ")
            .code("minDomains"),
        Remedy::RunWantedPod => run_wanted_pod(cause, node),
        Remedy::SpreadByHost => Sentence::new("set ")
            .code("topologyKey: kubernetes.io/hostname")
            .text(", or delete the term: a node gets one pod of a DaemonSet anyway"),
        Remedy::DeleteTerm => Sentence::new("delete the term: a node gets one pod of a DaemonSet anyway"),
        Remedy::NarrowTerm => Sentence::new("narrow the term's ")
            .code("labelSelector")
            .text(", or move the term to ")
            .code(PREFERRED),
        Remedy::ChangeLabels => {
            Sentence::new("change the labels that it selects, or the other pod's anti-affinity")
        }
        Remedy::Volume(remedy) => volume(*remedy, cause)?,
    })
}

const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

fn tolerate(cause: &Cause) -> Sentence {
    Sentence::new("add to ").code("tolerations").text(": ").text(&tolerations(cause).join(", "))
}

/// A toleration for each taint of the cause, as YAML.
pub(super) fn tolerations(cause: &Cause) -> Vec<String> {
    let taints: &[NodeTaint] = if let Cause::Taints(taints) = cause { taints } else { &[] };
    // The narrowest toleration that tolerates the taint with any value, since values differ between clusters.
    let one =
        |taint: &NodeTaint| format!("{{key: {}, operator: Exists, effect: {}}}", taint.key, taint.effect);
    taints.iter().filter(|taint| taint.passing().is_none()).map(one).collect()
}

/// What is said where the taints pass.
fn wait(cause: &Cause) -> Sentence {
    let taints: &[NodeTaint] = if let Cause::Taints(taints) = cause { taints } else { &[] };
    let mut states: Vec<PassingState> = taints.iter().filter_map(NodeTaint::passing).collect();
    states.sort_unstable();
    states.dedup();
    if states.contains(&PassingState::Leaving) {
        return Sentence::new("nothing to do: the node is about to be removed, or was shut down");
    }
    let whens: Vec<&str> = states.into_iter().map(passing).collect();
    Sentence::new("this passes: a pod is created there once ").text(&whens.join(" and "))
}

/// When a state has passed, behind `once`.
const fn passing(state: PassingState) -> &'static str {
    match state {
        PassingState::NotReady => "the node is ready",
        PassingState::Pressure => "the node has memory, disk and process IDs to spare",
        PassingState::NoNetwork => "the node's network is up",
        PassingState::Cordoned => "the node is uncordoned",
        PassingState::Starting => "the node is initialized",
        PassingState::Leaving => "the node is not removed",
    }
}

/// What is said where the node runs no pod of any DaemonSet.
fn leave_out(node: VirtualNode, done: bool) -> Sentence {
    let what = match node {
        VirtualNode::EksFargate => "EKS Fargate runs no pods of DaemonSets",
        VirtualNode::VirtualKubelet => "a virtual node runs no pods of DaemonSets",
    };
    if done {
        return Sentence::new(what).text("; the manifest leaves the node out, as it should");
    }
    let (key, value) = node.label();
    Sentence::new(what)
        .text(": leave the node out by node affinity: ")
        .code(&format!("{{key: {key}, operator: NotIn, values: [{value}]}}"))
}

/// The words in front of a remedy: one that says what to do is for that node.
pub(crate) fn lead(reason: &Reason) -> &'static str {
    match reason.remedy {
        Some(Remedy::SatisfyAdmission | Remedy::Wait | Remedy::LeaveOut { .. } | Remedy::Correct(_)) => "",
        _ => "to run there: ",
    }
}

/// Labels for the node, and changes of the manifest.
fn match_node(labels: &[LabelChange], manifest: &[SelectorChange], node: &str) -> Sentence {
    let command = (!labels.is_empty()).then(|| label_node(labels, node));
    Sentence::joined(command.into_iter().chain(manifest.iter().map(selector)), ", and ")
}

/// The command that labels a node. Names and values with characters that are special in a shell are quoted.
pub(super) fn label_node(labels: &[LabelChange], node: &str) -> Sentence {
    let overwrite = if labels.iter().any(|change| change.overwrite) { " --overwrite" } else { "" };
    let labels: Vec<String> = labels.iter().map(label).collect();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._/=<> ".contains(c);
    let command = Sentence::command("kubectl label node ");
    let is_plain = node.chars().all(|c| plain(c) && !"<> ".contains(c))
        && labels.iter().all(|label| label.chars().all(plain));
    let sentence = if is_plain {
        command.node().text(" ").text(&labels.join(" "))
    } else {
        let quoted: Vec<String> = labels.iter().map(|label| super::sentence::shell_word(label)).collect();
        command.quoted_node().text(" ").text(&quoted.join(" "))
    };
    sentence.text(overwrite)
}

/// A label as `kubectl label` takes it.
fn label(change: &LabelChange) -> String {
    let key = &change.key;
    match &change.to {
        LabelTarget::Any => format!("{key}=<value>"),
        LabelTarget::Absent => format!("{key}-"),
        LabelTarget::Value(value) => format!("{key}={value}"),
        LabelTarget::MoreThan(value) => format!("{key}=<more than {value}>"),
        LabelTarget::LessThan(value) => format!("{key}=<less than {value}>"),
    }
}

/// Whether a label names the processor: an image of one does not run on another.
fn is_architecture(key: &str) -> bool {
    matches!(key, "kubernetes.io/arch" | "beta.kubernetes.io/arch")
}

pub(super) fn selector(change: &SelectorChange) -> Sentence {
    match change {
        SelectorChange::WriteSelector { key, value } if is_architecture(key) => {
            Sentence::new("if the image is built for ")
                .code(value)
                .text(" too, delete ")
                .code(key)
                .text(" from ")
                .code("nodeSelector")
        }
        SelectorChange::AddValue { key, value } if is_architecture(key) => {
            Sentence::new("if the image is built for ")
                .code(value)
                .text(" too, add it to the values of ")
                .code(key)
        }
        SelectorChange::WriteSelector { key, value } => Sentence::new("write ")
            .code(&format!("{key}: {value}"))
            .text(" in the manifest, or delete the line"),
        SelectorChange::DeleteSelector { key } => {
            Sentence::new("delete ").code(key).text(" from the manifest's ").code("nodeSelector")
        }
        SelectorChange::AddValue { key, value } => {
            Sentence::new("add ").code(value).text(" to the values of ").code(key)
        }
        SelectorChange::RemoveValue { key, value } => {
            Sentence::new("remove ").code(value).text(" from the values of ").code(key)
        }
        SelectorChange::DeleteExpression { key } => Sentence::new("delete the expression about ").code(key),
    }
}

fn other_port(cause: &Cause) -> Option<Sentence> {
    let Cause::HostPort(held) = cause else { return None };
    let HeldPort { port, .. } = &**held;
    Some(Sentence::new("use another host port than ").text(&port.port.to_string()).text(", or none"))
}

fn free(numbers: &Insufficient) -> Sentence {
    Sentence::new("free ")
        .amount(&numbers.name, numbers.requested)
        .text(&format!(" {} on the node, or request none", numbers.name))
}

fn lower(container: Option<&str>, numbers: &Insufficient) -> Sentence {
    let name = &*numbers.name;
    match container {
        Some(container) => Sentence::new("lower ")
            .code(&format!("requests.{name}"))
            .text(" of container ")
            .code(container)
            .text(" from ")
            .amount(name, numbers.requested)
            .text(" to ")
            .amount(name, numbers.free())
            .text(" or less"),
        None => {
            Sentence::new("request ").amount(name, numbers.free()).text(&format!(" {name} or less in all"))
        }
    }
}

/// The request is not in the manifest: a limit range gives it.
fn request_less(container: &str, numbers: &Insufficient) -> Sentence {
    let name = &*numbers.name;
    Sentence::new("set ")
        .code(&format!("requests.{name}"))
        .text(" of ")
        .code(container)
        .text(" to ")
        .limit(name, numbers.free())
        .text(" or less: it has none, so a limit range gives it one")
}

fn run_wanted_pod(cause: &Cause, node: &str) -> Sentence {
    let sentence = Sentence::new("run a pod that it selects");
    let sentence = match cause {
        Cause::PodAffinity(wanted) => sentence.text(" where ").domain(&wanted.domain, node),
        _ => sentence,
    };
    sentence.text(" first, or move the term to ").code(PREFERRED)
}

/// Remedies about claims, volumes and drivers.
fn volume(remedy: VolumeRemedy, cause: &Cause) -> Option<Sentence> {
    let sentence = match remedy {
        VolumeRemedy::CreateClaim => "create the claim, or name one that exists",
        VolumeRemedy::NameClaimWithVolume => "name a claim whose volume exists",
        VolumeRemedy::UseClaimWithVolume => "use a claim whose volume exists",
        VolumeRemedy::UseOtherClaim => "use a claim that is not being deleted",
        VolumeRemedy::BindClaim => {
            "find out why it is not bound (kubectl describe pvc), or use a class with WaitForFirstConsumer"
        }
        VolumeRemedy::UseEphemeralVolume => "use an ephemeral volume, which has a claim for each pod",
        VolumeRemedy::CorrectClaimSelector => "correct the claim's selector",
        VolumeRemedy::CreateVolume => "create a volume of the class that the node can use",
        VolumeRemedy::UseOtherClass => "use a class that provisions volumes there",
        VolumeRemedy::UseReachableVolume => "use a volume that the node can use, such as an ephemeral one",
        VolumeRemedy::UseSharedDisk => "use a disk that can be shared, or none",
        VolumeRemedy::UseFewerVolumes => {
            let Cause::VolumeLimit(found) = cause else { return None };
            let sentence = Sentence::new("use fewer volumes of ").code(&found.driver);
            return Some(sentence.text(", or move a pod that has one"));
        }
        VolumeRemedy::InstallDriver => {
            let Cause::CsiDriver { name } = cause else { return None };
            return Some(Sentence::new("install ").code(name).text(" on ").node());
        }
    };
    Some(Sentence::new(sentence))
}
