//! What admission adds to a pod from its RuntimeClass: overhead, a node selector and tolerations.

use std::borrow::Cow;

use k8s_openapi::api::core::v1::PodSpec;

use super::snapshot::Snapshot;

/// The pod as admission leaves it. Where the class is not in the snapshot the pod stays as it is.
///
/// Upstream: `plugin/admission/runtimeclass.setOverhead`, `plugin/admission/runtimeclass.setScheduling`.
pub(super) fn admit<'p>(pod: &'p PodSpec, snapshot: &Snapshot) -> Cow<'p, PodSpec> {
    let class = pod.runtime_class_name.as_deref().and_then(|name| snapshot.runtime_classes.get(name));
    let Some(class) = class else { return Cow::Borrowed(pod) };
    let mut admitted = pod.clone();
    if let Some(overhead) = class.overhead.as_ref().and_then(|overhead| overhead.pod_fixed.as_ref()) {
        admitted.overhead = Some(overhead.clone());
    }
    if let Some(scheduling) = &class.scheduling {
        for (key, value) in scheduling.node_selector.iter().flatten() {
            // Admission rejects a pod whose selector conflicts with the class's; its own selector is kept.
            admitted
                .node_selector
                .get_or_insert_default()
                .entry(key.clone())
                .or_insert_with(|| value.clone());
        }
        let added = scheduling.tolerations.iter().flatten().cloned();
        admitted.tolerations.get_or_insert_default().extend(added);
    }
    Cow::Owned(admitted)
}
