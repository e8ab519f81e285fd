//! The pod that the DaemonSet controller sends to the API server.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::api::core::v1::{PodSpec, Toleration};

/// What stands for the end of a name that is random, and for the hash of a template, which only the controller knows.
pub(super) const UNKNOWN: &str = "xxxxx";

/// The annotation that holds the generation of a DaemonSet's template.
const GENERATION: &str = "deprecated.daemonset.template.generation";

/// How many characters of `generateName` the server keeps.
const LONGEST_BASE: usize = 58;

/// The longest name of a pod, in bytes.
const LONGEST_NAME: usize = 253;

const NO_SCHEDULE: &str = "NoSchedule";
const NO_EXECUTE: &str = "NoExecute";

/// The taints that every daemon pod tolerates.
pub(crate) const TOLERATED_ALWAYS: [(&str, &str); 6] = [
    ("node.kubernetes.io/not-ready", NO_EXECUTE),
    ("node.kubernetes.io/unreachable", NO_EXECUTE),
    ("node.kubernetes.io/disk-pressure", NO_SCHEDULE),
    ("node.kubernetes.io/memory-pressure", NO_SCHEDULE),
    ("node.kubernetes.io/pid-pressure", NO_SCHEDULE),
    ("node.kubernetes.io/unschedulable", NO_SCHEDULE),
];

/// The taint that a daemon pod on the node's own network tolerates as well: it must start before the cluster's network is there.
pub(crate) const TOLERATED_WITH_HOST_NETWORK: (&str, &str) =
    ("node.kubernetes.io/network-unavailable", NO_SCHEDULE);

/// A pod on its way through admission.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pod {
    /// Its namespace.
    pub namespace: String,
    /// `metadata.generateName`: the DaemonSet's name and a dash.
    pub generate_name: String,
    /// `metadata.labels`.
    pub labels: BTreeMap<String, String>,
    /// `metadata.annotations`.
    pub annotations: BTreeMap<String, String>,
    /// `metadata.finalizers`, which the template gives as well.
    pub finalizers: Vec<String>,
    /// `spec`.
    pub spec: PodSpec,
}

impl Pod {
    /// The pod that the controller makes of a DaemonSet that the server has stored.
    ///
    /// Two things are left out, since no plugin reads them: the owner, and the required node affinity that pins the pod to its node.
    /// The hash of the template, which is a label, is `xxxxx`.
    ///
    /// Upstream: `controller/daemon/util.CreatePodTemplate`, `controller/daemon/util.GetTemplateGeneration`,
    /// `controller.GetPodFromTemplate`.
    pub fn of(daemon_set: &DaemonSet) -> Self {
        let template = &daemon_set.spec.template;
        let metadata = template.metadata.clone().unwrap_or_default();
        let mut labels = metadata.labels.unwrap_or_default();
        labels.extend(added_labels(daemon_set));
        let mut spec = template.spec.clone().unwrap_or_default();
        tolerate_node_conditions(&mut spec);
        Self {
            namespace: namespace_of(daemon_set).to_owned(),
            generate_name: prefix(daemon_set),
            labels,
            annotations: metadata.annotations.unwrap_or_default(),
            finalizers: metadata.finalizers.unwrap_or_default(),
            spec,
        }
    }
}

/// The labels that the controller adds to the template's: the DaemonSet's generation and the template's hash, which is `xxxxx`.
///
/// Upstream: `controller/daemon/util.CreatePodTemplate`.
pub(crate) fn added_labels(daemon_set: &DaemonSet) -> [(String, String); 2] {
    let annotations = daemon_set.metadata.annotations.as_ref();
    let written = annotations.and_then(|annotations| annotations.get(GENERATION)?.parse::<i64>().ok());
    // The server numbers the first template.
    let generation = written.unwrap_or(1).to_string();
    [
        ("pod-template-generation".to_owned(), generation),
        ("controller-revision-hash".to_owned(), UNKNOWN.to_owned()),
    ]
}

/// What the names of its pods begin with. A name that the server has yet to invent has the server's length.
///
/// Upstream: `controller.getPodsPrefix`, `apiserver/storage/names.simpleNameGenerator.GenerateName`.
fn prefix(daemon_set: &DaemonSet) -> String {
    let metadata = &daemon_set.metadata;
    let written = metadata.name.as_deref().filter(|name| !name.is_empty());
    let mut name = match (written, metadata.generate_name.as_deref()) {
        (Some(name), _) => name.to_owned(),
        (None, Some(base)) => base.chars().take(LONGEST_BASE).chain(UNKNOWN.chars()).collect(),
        (None, None) => String::new(),
    };
    if name.len() < LONGEST_NAME {
        name.push('-');
    }
    name
}

/// The namespace of a DaemonSet, `default` where it names none.
pub(super) fn namespace_of(daemon_set: &DaemonSet) -> &str {
    daemon_set.metadata.namespace.as_deref().filter(|name| !name.is_empty()).unwrap_or("default")
}

/// Upstream: `controller/daemon/util.AddOrUpdateDaemonPodTolerations`.
fn tolerate_node_conditions(spec: &mut PodSpec) {
    let host_network = spec.host_network.unwrap_or(false);
    let tolerations = spec.tolerations.get_or_insert_default();
    for (key, effect) in
        TOLERATED_ALWAYS.into_iter().chain(host_network.then_some(TOLERATED_WITH_HOST_NETWORK))
    {
        add_or_update(tolerations, key, effect);
    }
}

/// The tolerations that differ at most in their seconds are replaced, and lose them.
///
/// Upstream: `apis/core/v1/helper.AddOrUpdateTolerationInPodSpec`, `api/core/v1.Toleration.MatchToleration`.
fn add_or_update(tolerations: &mut Vec<Toleration>, key: &str, effect: &str) {
    let is = |text: &Option<String>, wanted: &str| text.as_deref().unwrap_or_default() == wanted;
    let mut found = false;
    for known in tolerations.iter_mut() {
        let same = is(&known.key, key) && is(&known.effect, effect);
        if same && is(&known.operator, "Exists") && is(&known.value, "") {
            found = true;
            known.toleration_seconds = None;
        }
    }
    if !found {
        tolerations.push(exists(key, effect, None));
    }
}

/// A toleration of a key with any value.
pub(super) fn exists(key: &str, effect: &str, seconds: Option<i64>) -> Toleration {
    Toleration {
        key: Some(key.to_owned()),
        operator: Some("Exists".to_owned()),
        value: None,
        effect: Some(effect.to_owned()),
        toleration_seconds: seconds,
    }
}
