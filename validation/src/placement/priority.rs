//! The priority of a pod.

use k8s_openapi::api::core::v1::PodSpec;

use super::snapshot::Snapshot;

/// The classes that every server has.
const BUILT_IN: [(&str, i32); 2] =
    [("system-cluster-critical", 2_000_000_000), ("system-node-critical", 2_000_001_000)];

/// A pod's priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Priority {
    /// The value; higher is more important.
    pub value: i32,
    /// Whether the scheduler may preempt pods of lower priority for it.
    pub preempts: bool,
}

impl Priority {
    /// The priority that admission gives a pod; `None` where its class is not in the snapshot.
    ///
    /// Upstream: `plugin/admission/priority.admitPod`.
    pub(super) fn of(pod: &PodSpec, snapshot: &Snapshot) -> Option<Self> {
        let never = |policy: Option<&str>| policy == Some("Never");
        let written = pod.preemption_policy.as_deref();
        let name = pod.priority_class_name.as_deref().filter(|name| !name.is_empty());
        let class = match name {
            Some(name) => {
                if let Some((_, value)) = BUILT_IN.iter().find(|(known, _)| *known == name) {
                    return Some(Self { value: *value, preempts: !never(written) });
                }
                Some(snapshot.priority_classes.get(name)?)
            }
            // Of several global defaults the one with the lowest value counts.
            None => snapshot
                .priority_classes
                .values()
                .filter(|class| class.global_default == Some(true))
                .min_by_key(|class| class.value),
        };
        let value = class.and_then(|class| class.value).unwrap_or(0);
        let policy = written.or(class.and_then(|class| class.preemption_policy.as_deref()));
        Some(Self { value, preempts: !never(policy) })
    }
}
