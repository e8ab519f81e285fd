//! The way of a pod through the server, in the server's order.

use k8s_openapi::api::apps::v1::DaemonSet;

use super::namespace_lifecycle::namespace_refusal;
use super::pod::Pod;
use super::priority::Priority;
use super::quota::{self, Room};
use super::refusal::Refusal;
use super::surroundings::Surroundings;
use super::{default_toleration_seconds, limit_ranger, priority, runtime_class, service_account};
use crate::server::Server;

/// A pod that the server would store.
#[derive(Clone, Debug, Default)]
pub struct Admitted {
    /// The pod as the server stores it.
    pub pod: Pod,
    /// Its priority; `None` where its class is not known.
    pub priority: Option<Priority>,
    /// How many pods like it the quotas take, and what refuses the next one. `None` where no quota limits them.
    pub room: Option<(usize, Refusal)>,
}

/// What the server does with the pods that the controller makes of a DaemonSet, which the server has stored: it has its defaults.
///
/// Plugins that only concern pods on a node that is known, or only updates, are left out: `PodTopologyLabels`,
/// `NodeDeclaredFeatureValidator`, `PodResizeValidator`.
///
/// # Errors
///
/// The refusal, if the server stores none of them.
///
/// Upstream: `apiserver/endpoints/handlers.createHandler`, `kubeapiserver/options.AllOrderedPlugins`.
pub fn admit(
    daemon_set: &DaemonSet,
    surroundings: &Surroundings<'_>,
    server: &Server,
) -> Result<Admitted, Refusal> {
    let mut pod = Pod::of(daemon_set);
    set_defaults(&mut pod, server);
    let priority = change(&mut pod, surroundings)?;
    prepare(&mut pod, server);
    if let Some(refusal) = validate(&pod, surroundings, server) {
        return Err(refusal);
    }
    let room = room(&pod, surroundings, server)?;
    Ok(Admitted { pod, priority, room })
}

/// The plugins that change a pod. Most refuse here already, before the pod has a name.
fn change(pod: &mut Pod, surroundings: &Surroundings<'_>) -> Result<Option<Priority>, Refusal> {
    if let Some(refusal) = namespace_refusal(&pod.namespace, surroundings) {
        return Err(refusal);
    }
    limit_ranger::admit(pod, surroundings.limit_ranges.as_deref().unwrap_or_default());
    service_account::admit(pod, surroundings.service_account)?;
    let priority = priority::admit(&mut pod.spec, surroundings.priority_classes.as_deref())?;
    default_toleration_seconds::admit(&mut pod.spec);
    runtime_class::admit(&mut pod.spec, surroundings.runtime_class)?;
    Ok(priority)
}

/// The pod's own validation, then the plugins that only look at it.
fn validate(pod: &Pod, surroundings: &Surroundings<'_>, server: &Server) -> Option<Refusal> {
    let ranges = surroundings.limit_ranges.as_deref().unwrap_or_default();
    validate_pod(pod, server)
        .or_else(|| limit_ranger::validate(pod, ranges, server))
        .or_else(|| service_account::validate(pod, surroundings.service_account))
        .or_else(|| check_security(pod, surroundings, server))
        .or_else(|| runtime_class::validate(&pod.spec, surroundings.runtime_class))
}

fn set_defaults(pod: &mut Pod, server: &Server) {
    super::pod_defaults::set(&mut pod.spec, server);
}

fn prepare(pod: &mut Pod, server: &Server) {
    super::pod_validation::prepare(pod, server);
}

fn validate_pod(pod: &Pod, server: &Server) -> Option<Refusal> {
    super::pod_validation::validate(pod, server)
}

fn check_security(pod: &Pod, surroundings: &Surroundings<'_>, server: &Server) -> Option<Refusal> {
    super::validate_pod_security(pod, surroundings, server)
}

fn room(
    pod: &Pod,
    surroundings: &Surroundings<'_>,
    server: &Server,
) -> Result<Option<(usize, Refusal)>, Refusal> {
    match quota::room(pod, surroundings.quotas.as_deref().unwrap_or_default(), server) {
        Room::Unlimited => Ok(None),
        Room::Takes(count, next) => Ok(Some((count, next))),
        Room::None(refusal) => Err(refusal),
    }
}
