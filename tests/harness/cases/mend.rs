//! Makes a generated DaemonSet consistent: unique names, mounts of existing volumes, declared claims.

use crate::json::Json;
use crate::random::Random;

const POD: &[&str] = &["spec", "template", "spec"];
const CONTAINERS: &[(&str, &str)] =
    &[("containers", "c"), ("initContainers", "i"), ("ephemeralContainers", "e")];

/// What the containers may refer to.
struct Around {
    volumes: Vec<String>,
    scratch: Vec<String>,
    disks: Vec<String>,
    images: Vec<String>,
    claims: Vec<String>,
    host_network: bool,
    shared_user: bool,
}

/// Mends the document in place.
pub(crate) fn mend(document: &mut Json, random: &mut Random) {
    let Some(pod) = document.at_mut(POD) else { return };
    name_all(pod, "volumes", "v");
    unique(pod, "resourceClaims", "name");
    let around = look_around(pod);
    if pod.get("hostUsers") == Some(&Json::Bool(false)) {
        ["hostPID", "hostIPC", "hostNetwork"].iter().for_each(|key| pod.remove(key));
    }
    if around.host_network {
        pod.remove("hostnameOverride");
        if let Some(sysctls) = pod.at_mut(&["securityContext", "sysctls"]) {
            keep(sysctls, |sysctl| {
                !sysctl.get("name").and_then(Json::as_str).unwrap_or("").starts_with("net")
            });
        }
    }
    if pod.get("evictionResponders").is_some() {
        pod.remove("schedulingGroup");
    }
    unique(pod, "schedulingGates", "name");
    unique(pod, "evictionResponders", "name");
    unique(pod, "topologySpreadConstraints", "topologyKey");
    if let Some(context) = pod.get_mut("securityContext") {
        unique(context, "sysctls", "name");
    }
    let mut host_ports: Vec<String> = Vec::new();
    for (list, letter) in CONTAINERS {
        name_all(pod, list, letter);
        for container in pod.get_mut(list).map(Json::items_mut).unwrap_or_default() {
            mend_container(container, &around, &mut host_ports, random);
        }
    }
}

fn name_all(above: &mut Json, list: &str, letter: &str) {
    for (position, item) in
        above.get_mut(list).map(Json::items_mut).unwrap_or_default().iter_mut().enumerate()
    {
        item.set("name", Json::String(format!("{letter}{position}")));
    }
}

fn look_around(pod: &Json) -> Around {
    let names = |wanted: &[&str]| -> Vec<String> {
        let volumes = pod.get("volumes").map(Json::items).unwrap_or_default();
        let fitting = volumes
            .iter()
            .filter(|volume| wanted.is_empty() || wanted.iter().any(|key| volume.get(key).is_some()));
        fitting.filter_map(|volume| volume.get("name")?.as_str().map(str::to_owned)).collect()
    };
    let claims = pod.get("resourceClaims").map(Json::items).unwrap_or_default();
    Around {
        volumes: names(&[]),
        scratch: names(&["emptyDir"]),
        disks: names(&["persistentVolumeClaim", "ephemeral"]),
        images: names(&["image"]),
        claims: claims.iter().filter_map(|claim| claim.get("name")?.as_str().map(str::to_owned)).collect(),
        host_network: pod.get("hostNetwork") == Some(&Json::Bool(true)),
        shared_user: pod.get("hostUsers") != Some(&Json::Bool(false)),
    }
}

fn mend_container(container: &mut Json, around: &Around, host_ports: &mut Vec<String>, random: &mut Random) {
    mend_mounts(container, around, random);
    mend_devices(container, around, random);
    unique(container, "resizePolicy", "resourceName");
    if let Some(Json::List(variables)) = container.get_mut("env") {
        let reference = &["valueFrom", "fileKeyRef"];
        variables.retain(|variable| variable.at(reference).is_none() || !around.scratch.is_empty());
        for place in variables.iter_mut().filter_map(|variable| variable.at_mut(reference)) {
            choose(place, "volumeName", &around.scratch, random);
        }
    }
    if let Some(Json::List(claims)) = container.at_mut(&["resources", "claims"]) {
        claims.retain(|_| !around.claims.is_empty());
        claims.truncate(around.claims.len());
        for (claim, name) in claims.iter_mut().zip(&around.claims) {
            claim.set("name", Json::text(name));
        }
    }
    unique(container, "ports", "name");
    for port in container.get_mut("ports").map(Json::items_mut).unwrap_or_default() {
        let number = port.get("containerPort").map(Json::to_string).unwrap_or_default();
        if around.host_network && port.get("hostPort").is_some() {
            port.set("hostPort", Json::Number(number.clone()));
        }
        if around.host_network || port.get("hostPort").is_some() {
            if host_ports.contains(&number) {
                let other = host_ports.len().saturating_add(10_000).to_string();
                port.set("containerPort", Json::Number(other.clone()));
                if port.get("hostPort").is_some() {
                    port.set("hostPort", Json::Number(other));
                }
            } else {
                host_ports.push(number);
            }
        }
    }
}

fn mend_mounts(container: &mut Json, around: &Around, random: &mut Random) {
    let privileged = container.at(&["securityContext", "privileged"]) == Some(&Json::Bool(true));
    let Some(Json::List(mounts)) = container.get_mut("volumeMounts") else { return };
    mounts.retain(|_| !around.volumes.is_empty());
    for (position, mount) in mounts.iter_mut().enumerate() {
        choose(mount, "name", &around.volumes, random);
        mount.set("mountPath", Json::String(format!("/m{position}")));
        let image = around.images.iter().any(|name| mount.get("name").and_then(Json::as_str) == Some(name));
        if image {
            mount.remove("bindMountOptions");
        }
        if privileged && mount.get("mountPropagation").is_some() {
            mount.set("mountPropagation", Json::text("Bidirectional"));
        }
    }
}

/// Devices need a disk, one each, that the container does not mount too.
fn mend_devices(container: &mut Json, around: &Around, random: &mut Random) {
    let mounted: Vec<String> = container
        .get("volumeMounts")
        .map(Json::items)
        .unwrap_or_default()
        .iter()
        .filter_map(|mount| mount.get("name")?.as_str().map(str::to_owned))
        .collect();
    let free: Vec<String> = around.disks.iter().filter(|disk| !mounted.contains(disk)).cloned().collect();
    let Some(Json::List(devices)) = container.get_mut("volumeDevices") else { return };
    devices.truncate(if around.shared_user { free.len().min(1) } else { 0 });
    for (position, device) in devices.iter_mut().enumerate() {
        choose(device, "name", &free, random);
        device.set("devicePath", Json::String(format!("/d{position}")));
    }
}

fn choose(place: &mut Json, key: &str, names: &[String], random: &mut Random) {
    if let Some(name) = random.pick(names) {
        place.set(key, Json::text(name));
    }
}

fn keep(list: &mut Json, wanted: impl Fn(&Json) -> bool) {
    if let Json::List(items) = list {
        items.retain(wanted);
    }
}

/// Drops the items whose `key` an earlier item has too.
fn unique(above: &mut Json, list: &str, key: &str) {
    let Some(Json::List(items)) = above.get_mut(list) else { return };
    let mut seen: Vec<Json> = Vec::new();
    items.retain(|item| match item.get(key) {
        Some(value) if seen.contains(value) => false,
        Some(value) => {
            seen.push(value.clone());
            true
        }
        None => true,
    });
}
