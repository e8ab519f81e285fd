//! The way of a pod through the server, in the server's order.

use k8s_openapi::api::apps::v1::DaemonSet;

use super::namespace_lifecycle::namespace_refusal;
use super::pod::Pod;
use super::priority::Priority;
use super::quota::{self, Room};
use super::refusal::Refusal;
use super::surroundings::Surroundings;
use super::{
    default_toleration_seconds, limit_ranger, pod_defaults, pod_security, pod_validation, priority,
    runtime_class, service_account,
};
use crate::apiserver::for_pods::set_template_spec;
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
    pod_validation::prepare(&mut pod, server);
    if let Some(refusal) = validate(&pod, surroundings, server) {
        return Err(refusal);
    }
    let room = room(&pod, surroundings, server)?;
    Ok(Admitted { pod, priority, room })
}

/// The same for a DaemonSet whose pods are there already, or are refused already, and of which only what placement needs may be kept:
/// they are changed, and are neither validated again nor counted in a quota.
///
/// # Errors
///
/// The refusal, where something around the pods is missing.
pub fn admit_kept(
    daemon_set: &DaemonSet,
    surroundings: &Surroundings<'_>,
    server: &Server,
) -> Result<Admitted, Refusal> {
    let mut pod = Pod::of(daemon_set);
    set_defaults(&mut pod, server);
    let priority = change(&mut pod, surroundings)?;
    Ok(Admitted { pod, priority, room: None })
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
    pod_validation::validate(pod, server)
        .or_else(|| limit_ranger::validate(pod, ranges, server))
        .or_else(|| service_account::validate(pod, surroundings.service_account))
        .or_else(|| pod_security::validate(pod, surroundings, server))
        .or_else(|| runtime_class::validate(&pod.spec, surroundings.runtime_class))
}

/// The defaults of templates and those of pods.
fn set_defaults(pod: &mut Pod, server: &Server) {
    // A template that was stored has these already; one that was written by hand, or of which only a part is kept, has not.
    set_template_spec(&mut pod.spec, server);
    pod_defaults::set(&mut pod.spec, server);
}

/// The quotas, which come last.
fn room(
    pod: &Pod,
    surroundings: &Surroundings<'_>,
    server: &Server,
) -> Result<Option<(usize, Refusal)>, Refusal> {
    match quota::room(pod, surroundings.quotas.as_deref().unwrap_or_default(), server) {
        Room::Unlimited => Ok(None),
        Room::Takes(count, refusal) => Ok(Some((count, refusal))),
        Room::None(refusal) => Err(refusal),
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::apps::v1::DaemonSetSpec;
    use k8s_openapi::api::core::v1::{Container, PodSpec, PodTemplateSpec};
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

    use super::*;
    use crate::admission::plugin::Plugin;
    use crate::admission::surroundings::{Lookup, Namespace};
    use crate::apiserver::strategy::with_defaults;

    fn daemon_set(change: impl FnOnce(&mut PodSpec)) -> DaemonSet {
        let labels = [("app".to_owned(), "agent".to_owned())];
        let main = Container {
            name: "main".to_owned(),
            image: Some("example.com/agent:1".to_owned()),
            ..Container::default()
        };
        let mut spec = PodSpec { containers: vec![main], ..PodSpec::default() };
        change(&mut spec);
        let metadata = ObjectMeta { labels: Some(labels.into()), ..ObjectMeta::default() };
        let template = PodTemplateSpec { metadata: Some(metadata), spec: Some(spec) };
        let metadata = ObjectMeta { name: Some("agent".to_owned()), ..ObjectMeta::default() };
        let spec = DaemonSetSpec { template, ..DaemonSetSpec::default() };
        with_defaults(DaemonSet { metadata, spec, ..DaemonSet::default() }, true, &Server::newest())
    }

    #[test]
    fn what_is_not_known_refuses_and_changes_nothing() {
        let named = daemon_set(|spec| {
            spec.service_account_name = Some("gone".to_owned());
            spec.priority_class_name = Some("gone".to_owned());
            spec.runtime_class_name = Some("gone".to_owned());
            spec.priority = Some(7);
        });
        let admitted = admit(&named, &Surroundings::default(), &Server::newest()).unwrap();
        assert_eq!(admitted.priority, None);
        assert!(admitted.room.is_none());
        assert_eq!(admitted.pod.namespace, "default");
        assert_eq!(admitted.pod.spec.priority, Some(7));
        assert!(admitted.pod.spec.volumes.is_none() && admitted.pod.spec.overhead.is_none());
    }

    #[test]
    fn classes_that_every_server_has_are_known_without_a_list() {
        let critical = daemon_set(|spec| spec.priority_class_name = Some("system-node-critical".to_owned()));
        let admitted = admit(&critical, &Surroundings::default(), &Server::newest()).unwrap();
        assert_eq!(admitted.priority, Some(Priority { value: 2_000_001_000, preempts: true }));

        let meek = daemon_set(|spec| {
            spec.priority_class_name = Some("system-node-critical".to_owned());
            spec.preemption_policy = Some("Never".to_owned());
        });
        let refusal = admit(&meek, &Surroundings::default(), &Server::newest()).unwrap_err();
        assert_eq!(refusal.plugin, Plugin::Priority);
        assert_eq!(refusal.path.to_string(), "spec.template.spec.preemptionPolicy");
    }

    #[test]
    fn the_first_plugin_refuses() {
        let named = daemon_set(|spec| spec.service_account_name = Some("gone".to_owned()));
        let terminating = Namespace { terminating: true, ..Namespace::default() };
        let refused_by = |namespace: Lookup<&Namespace>| {
            let surroundings = Surroundings {
                namespace,
                service_account: Lookup::Absent,
                priority_classes: Some(Vec::new()),
                ..Surroundings::default()
            };
            let refusal = admit(&named, &surroundings, &Server::newest()).unwrap_err();
            (refusal.plugin, refusal.message)
        };
        let (plugin, message) = refused_by(Lookup::Found(&terminating));
        assert_eq!(plugin, Plugin::NamespaceLifecycle);
        assert!(message.contains("being terminated"), "{message}");
        assert_eq!(refused_by(Lookup::Absent).1, "namespaces \"default\" not found");
        for namespace in [Lookup::Unknown, Lookup::Found(&Namespace::default())] {
            assert_eq!(refused_by(namespace).0, Plugin::ServiceAccount);
        }
    }
}
