//! What becomes of the pod that the controller makes of a DaemonSet, when no plugin stands between it and the store.

use std::collections::BTreeMap;

use daemonset_validation::admission::pod_validation::{prepare, validate};
use daemonset_validation::admission::{Detail, Pod, pod_defaults};
use daemonset_validation::apiserver::decode::decode;
use daemonset_validation::apiserver::error::FieldError;
use daemonset_validation::apiserver::strategy::{admit_create, is_same_template};
use daemonset_validation::{Server, SubjectKind, subjects};
use k8s_openapi::api::apps::v1::{DaemonSet, DaemonSetSpec};
use k8s_openapi::api::core::v1::{
    NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodSpec, PodTemplateSpec, Toleration,
};
use serde::{Deserialize, Serialize};

use crate::json::{Json, write_text};

/// The name of the node for which the oracle makes the pod.
const NODE: &str = "node-a";

/// The server's answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Theirs {
    /// The DaemonSet is not stored.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub skipped: bool,
    /// The sentence without the words about the pod's name; empty if the pod is stored.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub refusal: String,
    /// The errors behind the sentence.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<TheirError>,
    /// The pod as it is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod: Option<StoredPod>,
    /// Why the question could not be answered.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub malformed: String,
    /// Why the server's code failed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub panic: String,
}

/// An error about a pod.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct TheirError {
    /// The place in the pod.
    pub field: String,
    /// What stands in the sentence.
    pub text: String,
}

/// A pod as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StoredPod {
    /// `metadata.labels`.
    pub labels: BTreeMap<String, String>,
    /// `metadata.annotations`.
    pub annotations: BTreeMap<String, String>,
    /// `metadata.finalizers`.
    pub finalizers: Vec<String>,
    /// `spec`.
    pub spec: PodSpec,
}

/// Our answer.
#[derive(Clone, Debug)]
pub struct Ours {
    /// The sentence; empty if the pod is stored.
    pub refusal: String,
    /// The errors behind the sentence.
    pub errors: Vec<TheirError>,
    /// The pod as it would be stored.
    pub pod: Pod,
}

/// The question as the oracle reads it: one line.
pub fn question(number: u64, document: &Json) -> String {
    let mut text = String::new();
    document.write(&mut text);
    let mut line = format!("{{\"id\":{number},\"doc\":");
    write_text(&text, &mut line);
    line.push('}');
    line
}

/// The DaemonSet as the server stores it; `None` if it does not.
pub fn stored(document: &Json, server: &Server) -> Option<DaemonSet> {
    let tree = document.tree();
    let subjects = subjects(&tree);
    let [subject] = subjects.as_slice() else { return None };
    if subject.classify() != SubjectKind::DaemonSet {
        return None;
    }
    let decoded = decode(&tree, subject.node, server);
    if !decoded.faults.is_empty() {
        return None;
    }
    let admission = admit_create(decoded.daemon_set, decoded.selector_present, server);
    let is_stored = admission.refusal.is_none() && admission.errors.is_empty();
    is_stored.then_some(admission.daemon_set)
}

/// Our answer about the pods of a DaemonSet that is stored.
pub fn ours(daemon_set: &DaemonSet, server: &Server) -> Ours {
    let mut pod = made(daemon_set);
    pod_defaults::set(&mut pod.spec, server);
    prepare(&mut pod, server);
    let (mut refusal, mut errors) = (String::new(), Vec::new());
    if let Some(refused) = validate(&pod, server) {
        if let Detail::Invalid(found) = &refused.detail {
            errors = found.iter().map(their_error).collect();
        }
        refusal = refused.message;
    }
    Ours { refusal, errors, pod }
}

/// An error in the server's form, with its place in the pod: below the template, but for the pod's name.
fn their_error(error: &FieldError) -> TheirError {
    let place = error.path.to_string();
    let field = match place.as_str() {
        // The server leaves it out.
        "spec.template.spec.resourceClaims" => "[]",
        place => place.strip_prefix("spec.template.").unwrap_or(place),
    };
    TheirError { field: field.to_owned(), text: format!("{field}: {}", error.body()) }
}

/// The sentence that these errors make, each of them once.
fn sentence(errors: &[TheirError]) -> String {
    let mut texts: Vec<&str> = Vec::new();
    for error in errors {
        if !texts.contains(&error.text.as_str()) {
            texts.push(&error.text);
        }
    }
    match texts.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        several => format!("[{}]", several.join(", ")),
    }
}

fn sorted(errors: &[TheirError]) -> Vec<TheirError> {
    let mut errors = errors.to_vec();
    errors.sort();
    errors
}

/// The pod that the controller makes for one node.
///
/// Upstream: `controller/daemon/util.CreatePodTemplate`, `controller.GetPodFromTemplate`,
/// `controller/daemon/util.ReplaceDaemonSetPodNodeNameNodeAffinity`.
pub fn made(daemon_set: &DaemonSet) -> Pod {
    let template = daemon_set.spec.template.clone();
    let metadata = template.metadata.unwrap_or_default();
    let mut spec = template.spec.unwrap_or_default();
    let mut labels = metadata.labels.unwrap_or_default();
    labels.insert(String::from("pod-template-generation"), String::from("1"));
    labels.insert(String::from("controller-revision-hash"), String::from("oracle"));
    tolerate(&mut spec);
    let affinity = spec.affinity.get_or_insert_default().node_affinity.get_or_insert_default();
    let field = NodeSelectorRequirement {
        key: String::from("metadata.name"),
        operator: String::from("In"),
        values: Some(vec![NODE.to_owned()]),
    };
    affinity.required_during_scheduling_ignored_during_execution = Some(NodeSelector {
        node_selector_terms: vec![NodeSelectorTerm {
            match_fields: Some(vec![field]),
            ..NodeSelectorTerm::default()
        }],
    });
    let name = daemon_set.metadata.name.clone().filter(|name| !name.is_empty());
    let prefix = daemon_set.metadata.generate_name.as_ref();
    // A generated name, with the oracle's constant for its random end.
    let generated = |prefix: &String| format!("{}xxxxx", prefix.chars().take(58).collect::<String>());
    let name = name.or_else(|| prefix.map(generated)).unwrap_or_default();
    let generate_name = if name.len() < 253 { format!("{name}-") } else { name };
    Pod {
        namespace: daemon_set.metadata.namespace.clone().unwrap_or_default(),
        generate_name,
        labels,
        annotations: metadata.annotations.unwrap_or_default(),
        finalizers: metadata.finalizers.unwrap_or_default(),
        spec,
    }
}

/// Upstream: `controller/daemon/util.AddOrUpdateDaemonPodTolerations`.
fn tolerate(spec: &mut PodSpec) {
    const ALWAYS: [(&str, &str); 6] = [
        ("not-ready", "NoExecute"),
        ("unreachable", "NoExecute"),
        ("disk-pressure", "NoSchedule"),
        ("memory-pressure", "NoSchedule"),
        ("pid-pressure", "NoSchedule"),
        ("unschedulable", "NoSchedule"),
    ];
    let more = (spec.host_network == Some(true)).then_some(("network-unavailable", "NoSchedule"));
    let tolerations = spec.tolerations.get_or_insert_default();
    for (key, effect) in ALWAYS.into_iter().chain(more) {
        let toleration = Toleration {
            key: Some(format!("node.kubernetes.io/{key}")),
            operator: Some(String::from("Exists")),
            effect: Some(effect.to_owned()),
            ..Toleration::default()
        };
        let same = |other: &Toleration| {
            other.key == toleration.key
                && other.effect == toleration.effect
                && other.operator == toleration.operator
                && other.value.as_deref().is_none_or(str::is_empty)
        };
        let mut found = false;
        for other in tolerations.iter_mut().filter(|other| same(other)) {
            *other = toleration.clone();
            found = true;
        }
        if !found {
            tolerations.push(toleration);
        }
    }
}

fn as_template(spec: PodSpec) -> DaemonSet {
    let template = PodTemplateSpec { spec: Some(spec), ..PodTemplateSpec::default() };
    let spec = DaemonSetSpec { template, ..DaemonSetSpec::default() };
    DaemonSet { spec, ..DaemonSet::default() }
}

/// Where the two answers differ, in words; `None` if they agree.
pub fn difference(theirs: &Theirs, ours: &Ours, server: &Server) -> Option<String> {
    if theirs.skipped || !theirs.panic.is_empty() || !theirs.malformed.is_empty() {
        return Some(format!("the oracle has no answer: {theirs:?}"));
    }
    // What the server finds in a map it says in any order, and we by name. The sentence is otherwise the same.
    if sentence(&ours.errors) != ours.refusal || sentence(&theirs.errors) != theirs.refusal {
        return Some(format!("sentence\n  theirs: {}\n  ours:   {}", theirs.refusal, ours.refusal));
    }
    if sorted(&theirs.errors) != sorted(&ours.errors) {
        return Some(format!("errors\n  theirs: {}\n  ours:   {}", theirs.refusal, ours.refusal));
    }
    let pod = theirs.pod.as_ref()?;
    if (&pod.labels, &pod.annotations, &pod.finalizers)
        != (&ours.pod.labels, &ours.pod.annotations, &ours.pod.finalizers)
    {
        return Some(format!("metadata\n  theirs: {pod:?}\n  ours:   {:?}", ours.pod));
    }
    let same = is_same_template(&as_template(pod.spec.clone()), &as_template(ours.pod.spec.clone()), server);
    (!same).then(|| {
        let shown = |spec: &PodSpec| serde_json::to_string(spec).unwrap_or_default();
        format!("spec\n  theirs: {}\n  ours:   {}", shown(&pod.spec), shown(&ours.pod.spec))
    })
}
