//! The way of a pod through the server, in the server's order.

use k8s_openapi::api::apps::v1::DaemonSet;

use super::pod::Pod;
use super::refusal::Refusal;
use super::surroundings::Surroundings;
use crate::server::Server;

/// A pod that the server would store.
#[derive(Clone, Debug, Default)]
pub struct Admitted {
    /// The pod as the server stores it.
    pub pod: Pod,
    /// How many pods like it the quotas take, and what refuses the next one. `None` where no quota limits them.
    pub room: Option<(usize, Refusal)>,
}

/// What the server does with the pods that the controller makes of a DaemonSet, which the server has stored.
///
/// # Errors
///
/// The refusal, if the server stores none of them.
pub fn admit(
    daemon_set: &DaemonSet,
    surroundings: &Surroundings<'_>,
    _server: &Server,
) -> Result<Admitted, Refusal> {
    let mut spec = daemon_set.spec.template.spec.clone().unwrap_or_default();
    if let super::Lookup::Found(class) = surroundings.runtime_class {
        if let Some(overhead) = class.overhead.as_ref().and_then(|overhead| overhead.pod_fixed.as_ref()) {
            spec.overhead = Some(overhead.clone());
        }
        if let Some(scheduling) = &class.scheduling {
            for (key, value) in scheduling.node_selector.iter().flatten() {
                spec.node_selector.get_or_insert_default().entry(key.clone()).or_insert_with(|| value.clone());
            }
            let added = scheduling.tolerations.iter().flatten().cloned();
            spec.tolerations.get_or_insert_default().extend(added);
        }
    }
    let named = |name: &str| match name {
        "system-cluster-critical" => Some((2_000_000_000, None)),
        "system-node-critical" => Some((2_000_001_000, None)),
        name => {
            let mut classes = surroundings.priority_classes.iter().flatten();
            let class = classes.find(|class| class.metadata.name.as_deref() == Some(name))?;
            Some((class.value.unwrap_or(0), class.preemption_policy.clone()))
        }
    };
    let class = match spec.priority_class_name.as_deref().filter(|name| !name.is_empty()) {
        Some(name) => named(name),
        None => {
            let classes = surroundings.priority_classes.iter().flatten();
            let default = classes.filter(|class| class.global_default == Some(true));
            let default = default.min_by_key(|class| class.value);
            default.map(|class| (class.value.unwrap_or(0), class.preemption_policy.clone()))
        }
    };
    if let Some((value, policy)) = class {
        spec.priority = Some(value);
        spec.preemption_policy = spec.preemption_policy.or(policy);
    }
    if surroundings.service_account == super::Lookup::Absent {
        let name = spec.service_account_name.unwrap_or_default();
        let namespace = daemon_set.metadata.namespace.as_deref().unwrap_or("default");
        return Err(Refusal {
            plugin: super::Plugin::ServiceAccount,
            message: format!("error looking up service account {namespace}/{name}: serviceaccount \"{name}\" not found"),
            path: crate::path::FieldPath::of(&["spec", "template", "spec", "serviceAccountName"]),
            detail: super::Detail::Other,
        });
    }
    Ok(Admitted { pod: Pod { spec, ..Pod::default() }, room: None })
}
