//! The rule `docker-socket`. Its page is `docker_socket.md`.

use super::rule;
use crate::levels::Level;
use crate::rules::pod::{host_path, spec, spec_path};
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "docker-socket",
    Level::Warning,
    (
        "the only container runtime that is mounted is Docker, which nodes no longer have",
        include_str!("docker_socket.md"),
    ),
    check,
);

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object.daemon_set) else { return };
    let mut docker = None;
    for (index, volume) in spec.volumes.iter().flatten().enumerate() {
        let Some(path) = host_path(volume) else { continue };
        if path == "/run/docker.sock" {
            let kind =
                volume.host_path.as_ref().and_then(|source| source.type_.as_deref()).unwrap_or_default();
            docker.get_or_insert((index, kind == "Socket" || kind == "File"));
        } else if path == "/"
            || path == "/run"
            || ["containerd", "crio", "cri-o", "cri-dockerd"].iter().any(|name| path.contains(name))
        {
            // It asks another runtime as well.
            return;
        }
    }
    let Some((index, is_checked)) = docker else { return };
    let effect = if is_checked {
        "on a node without it the pod never starts"
    } else {
        "on a node without it the container gets an empty directory of this name"
    };
    let message = format!("Kubernetes does not use Docker any more, so few nodes have this socket: {effect}");
    let help = "mount the socket of the nodes' runtime, mostly `/run/containerd/containerd.sock`, or ask the kubelet";
    let path = spec_path().field("volumes").index(index).field("hostPath").field("path");
    findings.push(RULE.finding(path, message).help(help));
}
