//! The API server on loopback: paged lists, generated while they are sent, and watches.

use std::time::Duration;

use daemonset_tests::http_server::{self, Answer, Parts};
use serde_json::{Value, json};

use super::Wanted;
use super::objects::{node, pod};

/// Events of 1 MB about nodes.
const LARGE_EVENTS: usize = 100;

/// Answers until it is ended.
pub(crate) fn serve(wanted: Wanted) -> ! {
    let answer = move |uri: &str| {
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let resource = path.rsplit('/').next().unwrap_or_default();
        let number = |name: &str| {
            let found = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
            found.and_then(|value| value.parse::<usize>().ok()).unwrap_or(0)
        };
        if query.contains("watch=1") {
            let resource = resource.to_owned();
            Answer::Stream(Box::new(move |parts| {
                // The client may end first.
                let _ = watch(&parts, &resource, wanted);
            }))
        } else {
            Answer::Json(200, list(resource, number("continue"), number("limit"), wanted))
        }
    };
    println!("{}", http_server::serve(answer).expect("a port"));
    loop {
        std::thread::park();
    }
}

/// The objects of a kind by their numbers.
fn object(resource: &str, number: usize, wanted: Wanted) -> Option<Value> {
    match resource {
        "nodes" => (number < wanted.nodes).then(|| padded(node(number), wanted.padding)),
        "pods" => (number < wanted.pods).then(|| stateful(number, wanted)),
        "persistentvolumeclaims" | "persistentvolumes" => {
            let every = 100_usize.checked_div(wanted.stateful)?;
            let of = number * every;
            (of < wanted.pods).then(|| match resource {
                "persistentvolumes" => volume(of),
                _ => claim(of),
            })
        }
        "daemonsets" => (number < 60).then(|| daemon_set(&format!("agent-{number}"))),
        "csinodes" => (number < wanted.nodes).then(|| csi_node(number)),
        "namespaces" => (number < 40).then(|| json!({ "metadata": { "name": format!("team-{number}"), "labels": { "kubernetes.io/metadata.name": format!("team-{number}") } } })),
        // One for each component of each team, and what a platform gives to each namespace.
        "serviceaccounts" => (number < wanted.nodes).then(|| around(number, json!({}))),
        "resourcequotas" => (number < 80).then(|| {
            let hard = json!({ "requests.cpu": "4000", "requests.memory": "16Ti", "pods": "20000" });
            around(number, json!({ "spec": { "hard": hard }, "status": { "hard": hard, "used": { "requests.cpu": "1", "requests.memory": "1Gi", "pods": "12" } } }))
        }),
        "limitranges" => (number < 80).then(|| {
            let limit = json!({ "type": "Container", "default": { "memory": "16Gi" }, "defaultRequest": { "cpu": "10m" } });
            around(number, json!({ "spec": { "limits": [limit] } }))
        }),
        _ => None,
    }
}

/// An object of a namespace with such metadata as others give it.
fn around(number: usize, mut object: Value) -> Value {
    object["metadata"] = json!({
        "name": format!("component-{number}"), "namespace": format!("team-{}", number % 40), "uid": format!("u{number}"),
        "labels": { "app.kubernetes.io/managed-by": "Helm" }, "managedFields": managed(),
    });
    object
}

/// An object with an annotation of so many bytes.
fn padded(mut object: Value, bytes: usize) -> Value {
    if bytes > 0 {
        object["metadata"]["annotations"]["padding"] = json!("x".repeat(bytes));
    }
    object
}

/// A pod; some have a name in their labels and a claim, as those of StatefulSets do.
fn stateful(number: usize, wanted: Wanted) -> Value {
    let mut pod = pod(number, wanted.nodes);
    if let Some(every) = 100_usize.checked_div(wanted.stateful)
        && number.is_multiple_of(every)
    {
        let name = pod["metadata"]["name"].clone();
        pod["metadata"]["labels"]["statefulset.kubernetes.io/pod-name"] = name;
        pod["metadata"]["labels"]["apps.kubernetes.io/pod-index"] = json!(number.to_string());
        let volumes = pod["spec"]["volumes"].as_array_mut().expect("volumes");
        volumes.push(
            json!({ "name": "data", "persistentVolumeClaim": { "claimName": format!("data-{number}") } }),
        );
    }
    pod
}

fn managed() -> Value {
    json!([{ "apiVersion": "v1", "fieldsType": "FieldsV1", "manager": "kube-controller-manager", "operation": "Update", "time": "2026-05-10T09:03:14Z",
        "fieldsV1": { "f:metadata": { "f:annotations": { ".": {}, "f:pv.kubernetes.io/bind-completed": {}, "f:pv.kubernetes.io/bound-by-controller": {} } }, "f:spec": { "f:volumeName": {} } } }])
}

fn claim(number: usize) -> Value {
    json!({
        "metadata": { "name": format!("data-{number}"), "namespace": format!("team-{}", (number * 31) % 700 % 40), "uid": format!("c{number}"), "managedFields": managed(),
            "annotations": { "pv.kubernetes.io/bind-completed": "yes", "pv.kubernetes.io/bound-by-controller": "yes", "volume.kubernetes.io/storage-provisioner": "ebs.csi.aws.com" } },
        "spec": { "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "20Gi" } }, "storageClassName": "gp3", "volumeMode": "Filesystem", "volumeName": format!("pvc-{number}") },
        "status": { "phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": { "storage": "20Gi" } }
    })
}

fn volume(number: usize) -> Value {
    json!({
        "metadata": { "name": format!("pvc-{number}"), "uid": format!("v{number}"), "managedFields": managed(), "finalizers": ["kubernetes.io/pv-protection"] },
        "spec": { "accessModes": ["ReadWriteOnce"], "capacity": { "storage": "20Gi" }, "storageClassName": "gp3", "volumeMode": "Filesystem", "persistentVolumeReclaimPolicy": "Delete",
            "claimRef": { "apiVersion": "v1", "kind": "PersistentVolumeClaim", "name": format!("data-{number}"), "namespace": "team-1", "uid": format!("c{number}") },
            "csi": { "driver": "ebs.csi.aws.com", "fsType": "ext4", "volumeHandle": format!("vol-{number:017x}"), "volumeAttributes": { "storage.kubernetes.io/csiProvisionerIdentity": "1-2-ebs.csi.aws.com" } },
            "nodeAffinity": { "required": { "nodeSelectorTerms": [{ "matchExpressions": [{ "key": "topology.ebs.csi.aws.com/zone", "operator": "In", "values": ["eu-west-1a"] }] }] } } },
        "status": { "phase": "Bound" }
    })
}

fn csi_node(number: usize) -> Value {
    let node = node(number);
    json!({
        "metadata": { "name": node["metadata"]["name"], "managedFields": managed() },
        "spec": { "drivers": [{ "name": "ebs.csi.aws.com", "nodeID": format!("i-{number:017x}"), "allocatable": { "count": 26 }, "topologyKeys": ["kubernetes.io/os", "topology.ebs.csi.aws.com/zone"] }] }
    })
}

fn daemon_set(name: &str) -> Value {
    let container = json!({ "name": "main", "image": "registry.example.com/platform/agent:v1.2.3", "env": [{ "name": "A", "value": "b" }],
        "ports": [{ "containerPort": 80, "protocol": "TCP" }], "resources": { "requests": { "cpu": "50m", "memory": "64Mi" } }, "volumeMounts": [{ "name": "host", "mountPath": "/host" }] });
    json!({
        "metadata": { "name": name, "namespace": "kube-system", "managedFields": managed(), "resourceVersion": "2" },
        "spec": { "selector": { "matchLabels": { "app": name } }, "template": { "metadata": { "labels": { "app": name } },
            "spec": { "containers": [container], "volumes": [{ "name": "host", "hostPath": { "path": "/" } }], "tolerations": [{ "operator": "Exists" }] } } }
    })
}

fn list(resource: &str, from: usize, limit: usize, wanted: Wanted) -> String {
    let mut items = String::new();
    let mut number = from;
    while number < from + limit
        && let Some(object) = object(resource, number, wanted)
    {
        if number > from {
            items.push(',');
        }
        items += &object.to_string();
        number += 1;
    }
    let more = object(resource, number, wanted).is_some();
    let token = if more { number.to_string() } else { String::new() };
    format!(
        r#"{{"kind":"List","apiVersion":"v1","metadata":{{"resourceVersion":"1","continue":"{token}"}},"items":[{items}]}}"#
    )
}

/// Of pods the events that were asked for, and one pod more at the end, by which the end is known.
fn watch(parts: &Parts, resource: &str, wanted: Wanted) -> std::io::Result<()> {
    let line = |kind: &str, mut object: Value| {
        object["metadata"]["resourceVersion"] = json!("3");
        parts.send(format!("{}\n", json!({ "type": kind, "object": object })))
    };
    if wanted.events > 0 {
        // Until the memory before the events was looked at.
        std::thread::sleep(Duration::from_secs(30));
    }
    if resource == "nodes" && wanted.padding > 0 {
        for number in 0..LARGE_EVENTS.min(wanted.nodes) {
            line("MODIFIED", padded(node(number), 1_000_000))?;
        }
    }
    if resource == "pods" {
        for number in 0..wanted.events {
            line("DELETED", stateful(number % wanted.pods, wanted))?;
            let mut next = stateful(number % wanted.pods, wanted);
            next["metadata"]["name"] = json!(format!("next-{number}"));
            // A new template every thousand pods: shapes come and go as well.
            next["metadata"]["labels"]["pod-template-hash"] = json!(format!("{}", number / 1_000));
            line("ADDED", next.clone())?;
            line("MODIFIED", next.clone())?;
            line("DELETED", next)?;
            line("ADDED", stateful(number % wanted.pods, wanted))?;
        }
        let mut last = stateful(0, wanted);
        last["metadata"]["name"] = json!("the-last");
        line("ADDED", last)?;
    }
    loop {
        std::thread::sleep(Duration::from_secs(20));
        parts.send("\n")?;
    }
}
