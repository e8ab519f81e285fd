//! The plugin `PodSecurity`: questions, and the answers of both sides.

use std::collections::BTreeMap;

use daemonset_validation::Server;
use daemonset_validation::admission::{
    Lookup, Namespace, Pod, PodSecurityDefaults, Surroundings, pod_security_warning, validate_pod_security,
};
use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::api::core::v1::{PodSpec, PodTemplateSpec};
use serde::{Deserialize, Serialize};

pub use super::pod_security_cases::question;
pub use super::pod_security_run::{Run, Tally, check_names, compare};

/// The mode of the oracle.
pub const MODE: &str = "podsecurity";

/// The oracle sweeps over the versions up to this one and `latest`.
const NEWEST: u64 = 39;

/// The pod's name in the oracle's sentence.
const REFUSAL: &str = "pods \"agent-x7k2p\" is forbidden: ";

/// A pod template in a namespace, as the oracle reads it.
#[derive(Clone, Debug, Deserialize)]
pub struct Question {
    /// The plugin's configuration.
    config: Config,
    /// The namespace.
    namespace: Place,
    /// The template of the pod and of the DaemonSet.
    pub template: PodTemplateSpec,
    /// Whether all versions are asked for.
    #[serde(default)]
    pub sweep: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct Config {
    #[serde(default)]
    defaults: BTreeMap<String, String>,
    #[serde(default)]
    exemptions: Exemptions,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Exemptions {
    namespaces: Vec<String>,
    runtime_classes: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct Place {
    name: String,
    #[serde(default)]
    labels: BTreeMap<String, String>,
}

/// What is said about a question.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(default)]
pub struct Answer {
    /// The refusal of the pod; empty where it is taken.
    pub pod: String,
    /// The warnings about the DaemonSet.
    pub warnings: Vec<String>,
    /// For `baseline` and `restricted`: the sentence at each version that has another one than the version before it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sweep: Vec<Vec<(String, String)>>,
}

impl Answer {
    /// The answer as it is recorded: with one number in place of the many sentences of a sweep.
    #[must_use]
    pub fn condensed(mut self) -> (Self, Option<u64>) {
        let sweep = std::mem::take(&mut self.sweep);
        let texts = sweep.iter().flatten().flat_map(|(version, sentence)| [version, sentence]);
        // FNV-1a, since the standard library's hash may change.
        let digest =
            texts.flat_map(|text| text.bytes().chain([0])).fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3_u64)
            });
        (self, (!sweep.is_empty()).then_some(digest))
    }
}

/// The oracle's answer.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(default)]
pub struct Theirs {
    /// What we have to say as well.
    #[serde(flatten)]
    pub answer: Answer,
    /// A bit for each check that is violated, in the order of the names.
    pub violated: u64,
    /// What stands in a recorded answer for the sweep.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<u64>,
    /// The names of the checks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<String>,
    /// Why the question was not understood.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub malformed: String,
    /// What upstream's code stumbled over.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub panic: String,
}

impl Theirs {
    /// The answer as it is recorded.
    #[must_use]
    pub fn condensed(self) -> Self {
        let (answer, digest) = self.answer.condensed();
        Self { answer, digest, ..self }
    }
}

impl Question {
    /// Reads a question from its line.
    ///
    /// # Errors
    ///
    /// What is wrong with the line.
    pub fn read(line: &str) -> serde_json::Result<Self> {
        serde_json::from_str(line)
    }

    /// The pod of the template.
    pub fn pod(&self) -> Pod {
        let metadata = self.template.metadata.clone().unwrap_or_default();
        Pod {
            namespace: self.namespace.name.clone(),
            annotations: metadata.annotations.unwrap_or_default(),
            spec: self.template.spec.clone().unwrap_or_default(),
            ..Pod::default()
        }
    }

    /// The namespace with its own labels.
    pub fn namespace(&self) -> Namespace {
        let Place { name, labels } = self.namespace.clone();
        Namespace { name: name.into(), labels, ..Namespace::default() }
    }

    /// What is known around the pod.
    pub fn surroundings<'s>(&self, namespace: &'s Namespace) -> Surroundings<'s> {
        let Config { defaults, exemptions } = self.config.clone();
        Surroundings {
            namespace: Lookup::Found(namespace),
            pod_security: PodSecurityDefaults {
                labels: defaults,
                exempt_namespaces: exemptions.namespaces,
                exempt_runtime_classes: exemptions.runtime_classes,
                exempts_controller: false,
            },
            ..Surroundings::default()
        }
    }

    /// Our answer.
    pub fn ours(&self, server: &Server) -> Answer {
        let namespace = self.namespace();
        let surroundings = self.surroundings(&namespace);
        let pod = self.pod();
        let mut daemon_set = DaemonSet::default();
        daemon_set.metadata.namespace = Some(self.namespace.name.clone());
        daemon_set.spec.template = self.template.clone();
        // A DaemonSet with a template always has a spec in it, where the oracle's types have an empty one.
        daemon_set.spec.template.spec.get_or_insert_with(PodSpec::default);
        let refusal = validate_pod_security(&pod, &surroundings, server);
        Answer {
            pod: refusal.map(|refusal| format!("{REFUSAL}{}", refusal.message)).unwrap_or_default(),
            warnings: pod_security_warning(&daemon_set, &surroundings, server)
                .map(|warning| warning.sentence)
                .into_iter()
                .collect(),
            sweep: if self.sweep { sweep(&pod, server) } else { Vec::new() },
        }
    }
}

/// A namespace that enforces a level at a version.
pub fn enforcing(level: &str, version: &str) -> Namespace {
    let label = |name: &str, value: &str| (format!("pod-security.kubernetes.io/{name}"), value.to_owned());
    Namespace {
        name: "team".into(),
        labels: BTreeMap::from([label("enforce", level), label("enforce-version", version)]),
        ..Namespace::default()
    }
}

fn sweep(pod: &Pod, server: &Server) -> Vec<Vec<(String, String)>> {
    let numbers = (0..=NEWEST).map(|number| format!("v1.{number}"));
    let versions: Vec<String> = numbers.chain(["latest".to_owned()]).collect();
    let of_level = |level: &str| {
        let mut last = String::new();
        let mut changes = Vec::new();
        for version in &versions {
            let namespace = enforcing(level, version);
            let surroundings =
                Surroundings { namespace: Lookup::Found(&namespace), ..Surroundings::default() };
            let refusal = validate_pod_security(pod, &surroundings, server);
            let message = refusal.map(|refusal| refusal.message).unwrap_or_default();
            let prefix = format!("violates PodSecurity \"{level}:{version}\": ");
            let sentence = message.strip_prefix(&prefix).unwrap_or(&message).to_owned();
            if sentence != last {
                changes.push((version.clone(), sentence.clone()));
                last = sentence;
            }
        }
        changes
    };
    vec![of_level("baseline"), of_level("restricted")]
}
