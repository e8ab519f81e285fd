//! Values to begin with for fields that must not be missing.

use k8s_openapi::api::core::v1::PodSpec;

use crate::edit::NewValue;
use crate::path::PathSegment;

use super::look::Look;

/// A value for the field `name` of the struct `owner` in the mapping `here`.
pub(super) fn sample(owner: &str, name: &str, here: &[PathSegment], look: &Look<'_>) -> Option<NewValue> {
    let pod = look.daemon_set.spec.template.spec.as_ref();
    let text = |text: &str| Some(NewValue::from(text));
    match (owner, name) {
        ("ObjectMeta", "name") => text("my-daemonset"),
        ("ObjectMeta", "labels") => look.daemon_set.spec.selector.match_labels.as_ref().map(labels),
        ("Container" | "EphemeralContainer", "name") => text(&free("main", &container_names(pod))),
        ("Container", "image") => text("example.com/image:1.0"),
        ("EnvVar", "name") => text("NAME"),
        ("Volume", "name") => {
            text(&mount_without_volume(pod).unwrap_or_else(|| free("data", &volume_names(pod))))
        }
        ("VolumeMount" | "VolumeDevice", "name") => {
            let names = volume_names(pod);
            let mounted = mounted(pod);
            let unused = names.iter().find(|name| !mounted.contains(name));
            unused.or(names.first()).map(|name| NewValue::from(name.as_str()))
        }
        ("VolumeMount", "mountPath") => {
            let volume = look.node(here).and_then(|mount| look.tree.get_str(mount, "name"));
            text(&format!("/mnt/{}", volume.unwrap_or("data")))
        }
        ("HostPathVolumeSource", "path") => text("/var/lib/example"),
        ("ContainerPort", "containerPort") => {
            let host = look.node(here).and_then(|port| look.tree.get(port, "hostPort"));
            let number = host.and_then(|node| look.scalar(node)).and_then(|text| text.parse().ok());
            Some(NewValue::Number(number.unwrap_or(8080)))
        }
        ("Probe", _) => Some(handler(pod)),
        ("HTTPGetAction" | "TCPSocketAction" | "GRPCAction", "port") => Some(port(pod)),
        ("HTTPGetAction", "path") => text("/healthz"),
        ("ExecAction", "command") => Some(NewValue::List(vec![NewValue::from("/bin/true")])),
        ("ObjectFieldSelector", "fieldPath") => text("metadata.name"),
        ("ResourceFieldSelector", "resource") => text("limits.cpu"),
        ("ConfigMapKeySelector" | "SecretKeySelector", "key") => text("my-key"),
        ("LabelSelectorRequirement" | "NodeSelectorRequirement", "operator") => {
            let values = look.node(here).and_then(|node| look.tree.get(node, "values"));
            text(if values.is_some() { "In" } else { "Exists" })
        }
        ("LabelSelectorRequirement" | "NodeSelectorRequirement", "key") => text("kubernetes.io/os"),
        ("LabelSelectorRequirement" | "NodeSelectorRequirement", "values") => {
            Some(NewValue::List(vec![NewValue::from("value")]))
        }
        ("Toleration", "operator") => text("Exists"),
        ("TopologySpreadConstraint", "topologyKey") | ("PodAffinityTerm", "topologyKey") => {
            text("kubernetes.io/hostname")
        }
        ("TopologySpreadConstraint", "whenUnsatisfiable") => text("ScheduleAnyway"),
        ("TopologySpreadConstraint", "maxSkew") => Some(NewValue::Number(1)),
        ("SeccompProfile" | "AppArmorProfile", "type") => text("RuntimeDefault"),
        ("SecretVolumeSource", "secretName") => text("my-secret"),
        ("PersistentVolumeClaimVolumeSource", "claimName") => text("my-claim"),
        ("KeyToPath", "key") => {
            look.node(here).and_then(|item| look.tree.get_str(item, "path")).map(NewValue::from)
        }
        ("KeyToPath", "path") => {
            look.node(here).and_then(|item| look.tree.get_str(item, "key")).map(NewValue::from)
        }
        ("DownwardAPIVolumeFile", "fieldRef") => Some(NewValue::entry("fieldPath", "metadata.labels")),
        ("DownwardAPIVolumeFile", "path") => text("file"),
        ("PodSpec", "containers") => Some(NewValue::List(vec![NewValue::Map(vec![
            ("name".to_owned(), NewValue::from("main")),
            ("image".to_owned(), NewValue::from("example.com/image:1.0")),
        ])])),
        ("NodeSelector", "nodeSelectorTerms") => Some(NewValue::List(vec![NewValue::entry(
            "matchExpressions",
            NewValue::List(vec![NewValue::Map(vec![
                ("key".to_owned(), NewValue::from("kubernetes.io/os")),
                ("operator".to_owned(), NewValue::from("Exists")),
            ])]),
        )])),
        ("CSIVolumeSource", "driver") => text("csi.example.com"),
        _ if name == "name" => text("example"),
        _ => None,
    }
}

/// Labels as a value.
pub(super) fn labels<'m>(labels: impl IntoIterator<Item = (&'m String, &'m String)>) -> NewValue {
    let pairs = labels.into_iter().map(|(key, value)| (key.clone(), NewValue::from(value.as_str())));
    NewValue::Map(pairs.collect())
}

/// `tcpSocket` with a port of the pod.
pub(super) fn handler(pod: Option<&PodSpec>) -> NewValue {
    NewValue::entry("port", port(pod))
}

fn port(pod: Option<&PodSpec>) -> NewValue {
    let ports = pod
        .into_iter()
        .flat_map(|pod| &pod.containers)
        .flat_map(|container| container.ports.iter().flatten());
    let number = ports.map(|port| i64::from(port.container_port)).find(|port| (1..=65535).contains(port));
    NewValue::Number(number.unwrap_or(8080))
}

fn container_names(pod: Option<&PodSpec>) -> Vec<String> {
    let containers =
        pod.into_iter().flat_map(|pod| pod.init_containers.iter().flatten().chain(&pod.containers));
    containers.map(|container| container.name.clone()).collect()
}

pub(super) fn volume_names(pod: Option<&PodSpec>) -> Vec<String> {
    let volumes = pod.into_iter().flat_map(|pod| pod.volumes.iter().flatten());
    volumes.map(|volume| volume.name.clone()).filter(|name| !name.is_empty()).collect()
}

/// The names that volume mounts have.
pub(super) fn mounted(pod: Option<&PodSpec>) -> Vec<String> {
    let containers =
        pod.into_iter().flat_map(|pod| pod.init_containers.iter().flatten().chain(&pod.containers));
    let mounts = containers.flat_map(|container| container.volume_mounts.iter().flatten());
    mounts.map(|mount| mount.name.clone()).filter(|name| !name.is_empty()).collect()
}

/// The name of a mount that has no volume.
pub(super) fn mount_without_volume(pod: Option<&PodSpec>) -> Option<String> {
    let names = volume_names(pod);
    mounted(pod).into_iter().find(|name| !names.contains(name))
}

/// The name, with a number if it is taken.
pub(super) fn free(name: &str, taken: &[String]) -> String {
    let numbered = (2_u32..100).map(|number| format!("{name}-{number}"));
    std::iter::once(name.to_owned()).chain(numbered).find(|name| !taken.contains(name)).unwrap_or_default()
}
