//! What several rules read of a pod template: its containers, their texts, and the paths of the host that they mount.

use std::borrow::Cow;
use std::collections::HashMap;

use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::api::core::v1::{
    Container, ExecAction, HTTPGetAction, PodSpec, Probe, TCPSocketAction, Volume, VolumeMount,
};

use crate::path::FieldPath;

/// The spec of the pod template.
pub(super) const fn spec(daemon_set: &DaemonSet) -> Option<&PodSpec> {
    daemon_set.spec.template.spec.as_ref()
}

/// The path of the spec of the pod template.
pub(super) fn spec_path() -> FieldPath {
    FieldPath::of(&["spec", "template", "spec"])
}

/// Whether the pods use the node's network.
pub(super) fn on_host_network(spec: &PodSpec) -> bool {
    spec.host_network == Some(true)
}

/// A container and its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listed<'s> {
    /// The field of its list.
    pub(super) list: &'static str,
    /// Its index in the list.
    pub(super) index: usize,
    /// The container.
    pub(super) container: &'s Container,
}

impl<'s> Listed<'s> {
    /// Its path.
    pub(super) fn path(&self) -> FieldPath {
        spec_path().field(self.list).index(self.index)
    }

    /// Whether it runs as long as the pod does, unlike an init container that ends.
    pub(super) fn keeps_running(&self) -> bool {
        self.list == "containers" || self.container.restart_policy.as_deref() == Some("Always")
    }

    /// The words of its command and then of its arguments.
    pub(super) fn words(&self) -> impl Iterator<Item = Word<'s>> + use<'s> {
        let of = |field: &'static str, words: &'s Option<Vec<String>>| {
            words.iter().flatten().enumerate().map(move |(index, text)| Word { field, index, text })
        };
        of("command", &self.container.command).chain(of("args", &self.container.args))
    }

    /// The path of one of its words.
    pub(super) fn path_of(&self, word: &Word<'_>) -> FieldPath {
        self.path().field(word.field).index(word.index)
    }

    /// Its probes with the names of their fields.
    pub(super) fn probes(&self) -> impl Iterator<Item = (&'static str, &'s Probe)> + use<'s> {
        let container = self.container;
        [
            ("livenessProbe", &container.liveness_probe),
            ("readinessProbe", &container.readiness_probe),
            ("startupProbe", &container.startup_probe),
        ]
        .into_iter()
        .filter_map(|(name, probe)| Some((name, probe.as_ref()?)))
    }

    /// What its probes and hooks do.
    pub(super) fn handlers(&self) -> impl Iterator<Item = Handler<'s>> + use<'s> {
        let probes = self.probes().map(|(name, probe)| Handler {
            parent: None,
            name,
            exec: probe.exec.as_ref(),
            http: probe.http_get.as_ref(),
            tcp: probe.tcp_socket.as_ref(),
        });
        let hooks = self.container.lifecycle.iter().flat_map(|lifecycle| {
            [("postStart", lifecycle.post_start.as_ref()), ("preStop", lifecycle.pre_stop.as_ref())]
        });
        probes.chain(hooks.filter_map(|(name, hook)| {
            let hook = hook?;
            let (exec, http, tcp) = (hook.exec.as_ref(), hook.http_get.as_ref(), hook.tcp_socket.as_ref());
            Some(Handler { parent: Some("lifecycle"), name, exec, http, tcp })
        }))
    }

    /// The path of one of its probes or hooks.
    pub(super) fn path_to(&self, handler: &Handler<'_>) -> FieldPath {
        match handler.parent {
            Some(parent) => self.path().field(parent).field(handler.name),
            None => self.path().field(handler.name),
        }
    }

    /// Whether it may do on the node what root may do.
    pub(super) fn is_privileged(&self) -> bool {
        self.container.security_context.as_ref().is_some_and(|context| context.privileged == Some(true))
    }
}

/// A word of a command or an argument.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'s> {
    /// `command` or `args`.
    field: &'static str,
    /// Its index in the list.
    index: usize,
    /// The word.
    pub(super) text: &'s str,
}

/// What a probe or a hook does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Handler<'s> {
    /// The field of the container that it is in, if it is not the container itself.
    parent: Option<&'static str>,
    /// Its field.
    name: &'static str,
    /// It runs a command.
    pub(super) exec: Option<&'s ExecAction>,
    /// It sends a request.
    pub(super) http: Option<&'s HTTPGetAction>,
    /// It opens a connection.
    pub(super) tcp: Option<&'s TCPSocketAction>,
}

/// The init containers, then the others.
pub(super) fn containers(spec: &PodSpec) -> impl Iterator<Item = Listed<'_>> {
    let init = spec.init_containers.iter().flatten().enumerate();
    let init = init.map(|(index, container)| Listed { list: "initContainers", index, container });
    let ordinary = spec.containers.iter().enumerate();
    init.chain(ordinary.map(|(index, container)| Listed { list: "containers", index, container }))
}

/// The volumes by their names.
pub(super) fn volumes(spec: &PodSpec) -> HashMap<&str, &Volume> {
    spec.volumes.iter().flatten().map(|volume| (volume.name.as_str(), volume)).collect()
}

/// The path of the node that a volume is.
pub(super) fn host_path(volume: &Volume) -> Option<Cow<'_, str>> {
    volume.host_path.as_ref().map(|source| on_node(&source.path))
}

/// The path of the node that is seen at the mount.
pub(super) fn mounted_path<'s>(
    mount: &'s VolumeMount,
    volumes: &HashMap<&str, &'s Volume>,
) -> Option<Cow<'s, str>> {
    let whole = host_path(volumes.get(mount.name.as_str())?)?;
    match mount.sub_path.as_deref().filter(|path| !path.is_empty()) {
        Some(below) => Some(format!("{}/{}", whole.trim_end_matches('/'), below.trim_matches('/')).into()),
        None => Some(whole),
    }
}

/// The path of a node without a slash at its end, and without the link `/var/run`, which is `/run`.
pub(super) fn on_node(path: &str) -> Cow<'_, str> {
    let path = match path.trim_end_matches('/') {
        "" => "/",
        path => path,
    };
    match path.strip_prefix("/var/run") {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("/run{rest}").into(),
        _ => path.into(),
    }
}

/// Whether `path` is `folder` or below it.
pub(super) fn is_within(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_a_node_are_compared_by_their_parts() {
        assert_eq!(on_node("/var/run/docker.sock"), "/run/docker.sock");
        assert_eq!(on_node("/var/runner/"), "/var/runner");
        assert_eq!(on_node("//"), "/");
        assert!(is_within("/var/log/pods", "/var/log") && is_within("/var/log", "/"));
        assert!(is_within("/var/log", "/var/log/") && !is_within("/var/logs", "/var/log"));
    }
}
