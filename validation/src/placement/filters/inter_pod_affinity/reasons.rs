//! What people are told of pods that draw the pod near or keep it away.

use k8s_openapi::api::core::v1::PodAffinityTerm;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::tally::{Number, Other};
use super::term::Meant;
use super::{Answer, Cluster, InterPodAffinity, Site, pod_path};
use crate::path::FieldPath;
use crate::placement::filters::node_affinity::label_node;
use crate::placement::verdict::Reason;

const NAME: &str = "InterPodAffinity";
const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const LACKED: &str = "namespaces";

fn term_path(list: &'static str, index: usize) -> FieldPath {
    pod_path(&["affinity", list, REQUIRED]).index(index)
}

/// `zone=a`, as the node has it.
fn domain(site: &Site<'_>, key: &str) -> String {
    format!("{key}={}", site.node.labels.get(key).map(String::as_str).unwrap_or_default())
}

/// A selector as kubectl takes it.
fn printed(selector: Option<&LabelSelector>) -> String {
    let Some(selector) = selector else { return "no pods at all".to_owned() };
    let labels = selector.match_labels.iter().flatten().map(|(key, value)| format!("{key}={value}"));
    let expressions = selector.match_expressions.iter().flatten().map(|one| {
        let values = one.values.as_deref().unwrap_or_default().join(",");
        match one.operator.as_str() {
            "In" => format!("{} in ({values})", one.key),
            "NotIn" => format!("{} notin ({values})", one.key),
            "DoesNotExist" => format!("!{}", one.key),
            _ => one.key.clone(),
        }
    });
    let all: Vec<String> = labels.chain(expressions).collect();
    if all.is_empty() { "all pods".to_owned() } else { format!("pods with `{}`", all.join(",")) }
}

/// A pod with its name and node.
fn named(cluster: &Cluster<'_>, other: Other) -> String {
    let on = |node| {
        let node = cluster.snapshot.nodes().get(node as usize);
        node.map(|node| format!(" on {}", node.name)).unwrap_or_default()
    };
    match other {
        Other::New(node) => format!("this DaemonSet's own pod{}", on(node)),
        Other::There(index, _) => match cluster.snapshot.pod(index) {
            Some(pod) => {
                format!("pod {}/{}{}", pod.shape.namespace, pod.name, pod.node.map(on).unwrap_or_default())
            }
            None => "another pod".to_owned(),
        },
    }
}

/// With what is missing, where it is not certain.
fn certain(reason: Reason, meant: Meant) -> Reason {
    if meant == Meant::Yes { reason } else { reason.lacking(LACKED) }
}

const UNSURE: &str = ", if the term selects its namespace, whose labels are not known";

/// No pod that is wanted is near.
pub(super) fn far(affinity: &InterPodAffinity<'_>, site: &Site<'_>, answer: Answer) -> Option<Reason> {
    let at = |own: &super::Own| {
        affinity.topology(&own.tallies).and_then(|topology| own.tallies.at(topology, site.index))
    };
    let terms = || affinity.to.iter().enumerate();
    if let Some((index, own)) = terms().find(|(_, own)| at(own).is_none()) {
        let key = &own.term.topology_key;
        let message = format!("label `{key}` is absent, within whose values pod affinity wants other pods");
        let path = term_path("podAffinity", index).field("topologyKey");
        let suggestion = label_node(site.node, &format!("{key}=<value>"));
        return Some(Reason::new(NAME, message, path).suggest(suggestion).unresolvable());
    }
    let nobody =
        terms().find(|(_, own)| at(own).is_some_and(|tally| tally.without(Number::default()) != Meant::Yes));
    // Where a wanted pod was taken away to see what follows, any term will do.
    let (index, own) = nobody.or_else(|| terms().next())?;
    let wanted = printed(own.term.label_selector.as_ref());
    let place = domain(site, &own.term.topology_key);
    let path = term_path("podAffinity", index);
    if answer == Answer::Unknown {
        let message = format!(
            "whether a pod that pod affinity wants ({wanted}) runs where `{place}` depends on labels of namespaces, which are not known"
        );
        return Some(Reason::new(NAME, message, path.field("namespaceSelector")).lacking(LACKED));
    }
    let together = if affinity.to.len() > 1 { " and all other terms mean as well" } else { "" };
    let message = format!("no pod that pod affinity wants ({wanted}){together} runs where `{place}`");
    let suggestion = format!(
        "run such a pod where `{place}` first, or move the term to `preferredDuringSchedulingIgnoredDuringExecution`"
    );
    Some(Reason::new(NAME, message, path).suggest(suggestion).unresolvable())
}

/// A pod that the pod keeps away from is near.
pub(super) fn unwanted(
    cluster: &Cluster<'_>,
    site: &Site<'_>,
    (index, term): (usize, &PodAffinityTerm),
    other: Other,
    meant: Meant,
) -> Reason {
    let place = domain(site, &term.topology_key);
    let unsure = if meant == Meant::Yes { "" } else { UNSURE };
    let message = format!(
        "pod anti-affinity keeps it away from {}, and where `{place}` there is {}{unsure}",
        printed(term.label_selector.as_ref()),
        named(cluster, other),
    );
    let suggestion = match other {
        // Its own kind keeps it away: one for each value of the label is what the term asks for.
        Other::New(_) => {
            "set `topologyKey: kubernetes.io/hostname`, or delete the term: a node gets one pod of a DaemonSet anyway"
        }
        Other::There(..) => {
            "narrow the term's `labelSelector`, or move the term to `preferredDuringSchedulingIgnoredDuringExecution`"
        }
    };
    let reason =
        Reason::new(NAME, message, term_path("podAntiAffinity", index)).suggest(suggestion.to_owned());
    certain(reason, meant)
}

/// A pod that is near keeps the pod away.
pub(super) fn repelled(
    cluster: &Cluster<'_>,
    site: &Site<'_>,
    key: &str,
    other: Other,
    meant: Meant,
) -> Reason {
    let place = domain(site, key);
    let unsure = if meant == Meant::Yes { "" } else { UNSURE };
    let Other::There(index, number) = other else {
        let message = format!("{} keeps others away where `{place}`{unsure}", named(cluster, other));
        let suggestion = "delete the term: a node gets one pod of a DaemonSet anyway".to_owned();
        let path = pod_path(&["affinity", "podAntiAffinity", REQUIRED]);
        return certain(Reason::new(NAME, message, path).suggest(suggestion), meant);
    };
    let term = cluster.snapshot.pod(index).and_then(|pod| pod.shape.anti_affinity.get(number));
    let selected = printed(term.and_then(|term| term.label_selector.as_ref()));
    let message = format!(
        "{} keeps {selected} away where `{place}` by its pod anti-affinity, and this is one{unsure}",
        named(cluster, other),
    );
    let labels = FieldPath::of(&["spec", "template", "metadata", "labels"]);
    let suggestion = "change the labels that it selects, or the other pod's anti-affinity".to_owned();
    let reason = Reason::new(NAME, message, labels).suggest(suggestion);
    certain(reason, meant)
}
