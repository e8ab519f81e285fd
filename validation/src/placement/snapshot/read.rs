//! From an object of the API to what a snapshot keeps of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::api::resource;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::jiff::Timestamp;

use super::node::labels;
use super::pod::PodShape;
use crate::placement::volume::PodVolume;
use crate::placement::{host_port, requests, wire};
use crate::quantity::Quantity;
use crate::server::Server;

const CLASS_ANNOTATION: &str = "volume.beta.kubernetes.io/storage-class";

/// Whether the pod is finished: the scheduler ignores such pods.
pub(super) fn is_finished(pod: &wire::Pod<'_>) -> bool {
    matches!(&*pod.status.phase, "Succeeded" | "Failed")
}

/// The DaemonSet whose controller made the pod.
pub(super) fn daemon_set<'p>(pod: &'p wire::Pod<'_>) -> Option<&'p str> {
    let owners = pod.metadata.owner_references.iter().flatten();
    let mut managing = owners.filter(|owner| owner.controller == Some(true));
    managing.find(|owner| &*owner.kind == "DaemonSet").map(|owner| &*owner.name)
}

/// Since when the pod is ready, in seconds of the epoch; `None` where it is not.
pub(super) fn ready_since(pod: &wire::Pod<'_>) -> Option<i64> {
    let ready = pod.status.conditions.iter().flatten().find(|one| &*one.kind == "Ready");
    let ready = ready.filter(|condition| &*condition.status == "True");
    ready.map(|condition| condition.last_transition_time.as_deref().and_then(seconds).unwrap_or(i64::MIN))
}

/// `status.startTime` in seconds of the epoch.
pub(super) fn started(pod: &wire::Pod<'_>) -> Option<i64> {
    pod.status.start_time.as_deref().and_then(seconds)
}

/// What the pod shares with others of its workload.
pub(super) fn shape(
    pod: &wire::Pod<'_>,
    namespace: Arc<str>,
    daemon_set: Option<Arc<str>>,
    server: &Server,
) -> PodShape {
    let affinity = pod.spec.affinity.clone().unwrap_or_default();
    let terms = |required: Option<wire::RequiredTerms>| {
        let terms = required.and_then(|terms| terms.required_during_scheduling_ignored_during_execution);
        terms.unwrap_or_default().into_boxed_slice()
    };
    PodShape {
        namespace,
        labels: labels(pod.metadata.labels.clone()),
        daemon_set,
        priority: pod.spec.priority.unwrap_or(0),
        requests: requests::of_pod(pod, server),
        ports: host_port::of_pod(&pod.spec).into_boxed_slice(),
        affinity: terms(affinity.pod_affinity),
        anti_affinity: terms(affinity.pod_anti_affinity),
        volumes: pod.spec.volumes.iter().flatten().filter_map(PodVolume::of_wire).collect(),
    }
}

/// A namespace, `default` where none is given.
pub(super) fn or_default(namespace: &str) -> &str {
    if namespace.is_empty() { "default" } else { namespace }
}

/// An annotation.
pub(in crate::placement) fn annotation<'m>(metadata: &'m ObjectMeta, name: &str) -> Option<&'m str> {
    metadata.annotations.as_ref().and_then(|texts| texts.get(name)).map(String::as_str)
}

/// The class that a claim or a volume names. The annotation, which is older than the field, takes precedence.
pub(super) fn class<'m>(metadata: &'m ObjectMeta, field: Option<&'m str>) -> Option<&'m str> {
    annotation(metadata, CLASS_ANNOTATION).or(field)
}

/// `volumeMode`, `Filesystem` where it is absent.
pub(super) fn volume_mode(written: Option<&str>) -> Box<str> {
    Box::from(written.unwrap_or("Filesystem"))
}

/// The storage among resources, 0 where there is none.
pub(super) fn storage(resources: Option<&BTreeMap<String, resource::Quantity>>) -> Quantity {
    resources.and_then(|resources| resources.get("storage")).map(Quantity::of).unwrap_or_default()
}

/// A list of texts with no room to spare.
pub(super) fn texts(list: Option<&[String]>) -> Box<[Box<str>]> {
    list.into_iter().flatten().map(|text| Box::from(&**text)).collect()
}

/// Seconds of the epoch.
fn seconds(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_second)
}
