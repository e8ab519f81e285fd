//! What becomes of the pods of a random DaemonSet in random surroundings: by the server's own plugins and registry, and by us.

use std::collections::BTreeMap;

use daemonset_validation::Server;
use daemonset_validation::admission::{Admitted, Detail, Pod, Refusal, admit};
use daemonset_validation::apiserver::strategy::{admit_create, is_same_template};
use k8s_openapi::api::apps::v1::{DaemonSet, DaemonSetSpec};
use k8s_openapi::api::core::v1::{PodSpec, PodTemplateSpec};
use serde::{Deserialize, Serialize};

use super::around::Around;
use super::chosen::Chosen;
use super::{plugins_objects, plugins_pod};
use crate::clusters::Case;
use crate::random::Random;

pub use super::plugins_tally::{KINDS, Tally, kind};

/// The oracle's answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Theirs {
    /// Whether the server stores the pod.
    pub stored: bool,
    /// Who refuses it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub plugin: String,
    /// When: `Admit`, `Create` or `Validate`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phase: String,
    /// How, without the words about the pod's name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sentence: String,
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

/// A pod as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StoredPod {
    /// `metadata.labels`.
    pub labels: BTreeMap<String, String>,
    /// `metadata.annotations`.
    pub annotations: BTreeMap<String, String>,
    /// `spec`.
    pub spec: PodSpec,
}

/// The case with this number, and its DaemonSet as the server stores it; `None` where the server would refuse the DaemonSet that
/// chance made.
pub fn case(seed: u64, number: u64, server: &Server) -> Option<(Case, DaemonSet)> {
    let random = &mut Random::of_case(seed, number);
    let choose = &mut Chosen(random);
    let namespace = if choose.percent(90) { "team-a" } else { "default" };
    let daemon_set = plugins_pod::daemon_set(choose, namespace);
    let objects = plugins_objects::objects(choose, namespace);
    let case = Case { daemon_set, objects };
    let stored = stored(&case, server)?;
    Some((case, stored))
}

/// The DaemonSet of a case as the server stores it; `None` if it does not.
pub fn stored(case: &Case, server: &Server) -> Option<DaemonSet> {
    let typed = DaemonSet::deserialize(&case.daemon_set).ok()?;
    let admission = admit_create(typed, true, server);
    let is_stored = admission.refusal.is_none() && admission.errors.is_empty();
    is_stored.then_some(admission.daemon_set)
}

/// Our answer.
///
/// # Errors
///
/// An object of the case that cannot be read.
pub fn ours(
    case: &Case,
    daemon_set: &DaemonSet,
    server: &Server,
) -> Result<Result<Admitted, Refusal>, String> {
    let around = Around::read(&case.objects)?;
    Ok(admit(daemon_set, &around.of(daemon_set), server))
}

/// Where the two answers differ, in words; `None` if they agree.
pub fn difference(theirs: &Theirs, ours: &Result<Admitted, Refusal>, server: &Server) -> Option<String> {
    if !theirs.panic.is_empty() || !theirs.malformed.is_empty() {
        return Some(format!("the oracle has no answer: {theirs:?}"));
    }
    match (ours, &theirs.pod) {
        (Ok(ours), Some(theirs)) => other_pod(theirs, &ours.pod, server),
        (Err(ours), None) if ours.plugin.as_str() == theirs.plugin && says(ours, &theirs.sentence) => None,
        (Err(ours), None) => Some(format!(
            "refusal\n  theirs: {} {}\n  ours:   {} {}",
            theirs.plugin,
            theirs.sentence,
            ours.plugin.as_str(),
            ours.message
        )),
        (Err(ours), Some(_)) => Some(format!("stored, and we say {} {}", ours.plugin.as_str(), ours.message)),
        (Ok(_), None) => Some(format!("not refused by us: {} {}", theirs.plugin, theirs.sentence)),
    }
}

/// Whether a refusal is the server's. Where the server goes through a map without order, its sentence is one of several.
fn says(ours: &Refusal, theirs: &str) -> bool {
    match &ours.detail {
        Detail::NodeSelectorConflicts { conflicts, .. } => conflicts.iter().any(|conflict| {
            let (key, of_class, of_pod) = (&conflict.key, &conflict.of_class, &conflict.of_pod);
            theirs
                == format!(
                    "conflict: runtimeClass.scheduling.nodeSelector[{key}] = {of_class}; pod.spec.nodeSelector[{key}] = {of_pod}"
                )
        }),
        Detail::LimitRange { .. } | Detail::Invalid(_) => sorted(&ours.message) == sorted(theirs),
        _ => ours.message == theirs,
    }
}

/// The sentences of an aggregate, sorted. Those of limit ranges begin with a bound or end with `ratio …`, those of validation begin
/// with a place; other parts between commas belong to the sentence before them.
fn sorted(aggregate: &str) -> Vec<String> {
    let inner = aggregate.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let Some(inner) = inner else { return vec![aggregate.to_owned()] };
    let mut sentences: Vec<String> = Vec::new();
    for part in inner.split(", ") {
        match sentences.last_mut() {
            Some(last) if !begins_sentence(part) => {
                last.push_str(", ");
                last.push_str(part);
            }
            _ => sentences.push(part.to_owned()),
        }
    }
    sentences.sort();
    sentences
}

fn begins_sentence(part: &str) -> bool {
    let starts = ["minimum ", "maximum ", "spec.", "metadata."];
    starts.iter().any(|start| part.starts_with(start)) || part.contains(" max limit to request ratio per ")
}

fn other_pod(theirs: &StoredPod, ours: &Pod, server: &Server) -> Option<String> {
    if (&theirs.labels, &theirs.annotations) != (&ours.labels, &ours.annotations) {
        let (labels, annotations) = (&ours.labels, &ours.annotations);
        return Some(format!("metadata\n  theirs: {theirs:?}\n  ours:   {labels:?} {annotations:?}"));
    }
    let same = is_same_template(&as_template(theirs.spec.clone()), &as_template(ours.spec.clone()), server);
    (!same).then(|| {
        let shown = |spec: &PodSpec| serde_json::to_string(spec).unwrap_or_default();
        format!("spec\n  theirs: {}\n  ours:   {}", shown(&theirs.spec), shown(&ours.spec))
    })
}

fn as_template(spec: PodSpec) -> DaemonSet {
    let template = PodTemplateSpec { spec: Some(spec), ..PodTemplateSpec::default() };
    let spec = DaemonSetSpec { template, ..DaemonSetSpec::default() };
    DaemonSet { spec, ..DaemonSet::default() }
}
