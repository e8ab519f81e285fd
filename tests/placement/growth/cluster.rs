//! The cluster that is looked at.

use daemonset_validation::Server;
use daemonset_validation::placement::{KINDS, Kind, Snapshot, SnapshotBuilder};
use serde_json::{Value, json};

/// Nodes in three zones and eleven pools, pods of a hundred applications on them, and so many claims with their volumes.
pub(super) fn of(nodes: usize, pods: usize, claims: usize) -> Snapshot {
    let mut builder = SnapshotBuilder::new(Server::newest());
    for kind in KINDS {
        builder.mark_read(kind);
    }
    let mut add = |kind: Kind, object: Value| builder.add(kind, object).unwrap();
    for number in 0..nodes {
        add(Kind::Node, node(number, nodes));
    }
    for number in 0..pods {
        add(Kind::Pod, pod(number, nodes));
    }
    for number in 0..claims {
        let zone = format!("zone-{}", number % 4);
        add(
            Kind::PersistentVolume,
            json!({
                "metadata": { "name": format!("volume-{number}"), "labels": { "topology.kubernetes.io/zone": zone } },
                "spec": {
                    "storageClassName": "disk", "capacity": { "storage": "1Gi" }, "accessModes": ["ReadWriteOnce"],
                    "csi": { "driver": "disk.example.com", "volumeHandle": format!("handle-{number}") },
                    "nodeAffinity": { "required": { "nodeSelectorTerms": [{ "matchExpressions": [
                        { "key": "topology.kubernetes.io/zone", "operator": "In", "values": [zone] }
                    ] }] } }
                },
                "status": { "phase": "Bound" }
            }),
        );
        add(
            Kind::PersistentVolumeClaim,
            json!({
                "metadata": {
                    "name": format!("claim-{number}"), "namespace": "team",
                    "annotations": { "pv.kubernetes.io/bind-completed": "yes" }
                },
                "spec": { "volumeName": format!("volume-{number}"), "storageClassName": "disk", "accessModes": ["ReadWriteOnce"] },
                "status": { "phase": "Bound" }
            }),
        );
    }
    let topology = json!([{ "matchLabelExpressions": [{ "key": "topology.kubernetes.io/zone", "values": ["zone-1"] }] }]);
    for (name, topologies) in [("late", Value::Null), ("zonal", topology)] {
        add(
            Kind::StorageClass,
            json!({
                "metadata": { "name": name }, "provisioner": "disk.example.com",
                "volumeBindingMode": "WaitForFirstConsumer", "allowedTopologies": topologies
            }),
        );
    }
    add(Kind::PriorityClass, json!({ "metadata": { "name": "high" }, "value": 1000 }));
    for number in 0..20 {
        add(
            Kind::PodDisruptionBudget,
            json!({
                "metadata": { "name": format!("budget-{number}"), "namespace": "team" },
                "spec": { "selector": { "matchLabels": { "app": format!("app-{number}") } } },
                "status": { "disruptionsAllowed": 1, "currentHealthy": 1, "desiredHealthy": 1, "expectedPods": 1 }
            }),
        );
    }
    builder.finish()
}

fn node(number: usize, nodes: usize) -> Value {
    let taints = if number.is_multiple_of(10) {
        json!([{ "key": "dedicated", "value": format!("team-{}", number % 5), "effect": "NoSchedule" }])
    } else {
        json!([])
    };
    json!({
        "metadata": { "name": format!("node-{number}"), "uid": "u", "labels": {
            "kubernetes.io/hostname": format!("node-{number}"),
            "kubernetes.io/os": "linux",
            "topology.kubernetes.io/zone": format!("zone-{}", number % 3),
            "pool": format!("pool-{}", number % 11),
            "cores": (number % 7).to_string(),
            "half": if number < nodes / 2 { "first" } else { "second" }
        } },
        "spec": { "taints": taints },
        "status": { "allocatable": { "cpu": "4", "memory": "16Gi", "pods": "250", "example.com/r1": "1" } }
    })
}

fn pod(number: usize, nodes: usize) -> Value {
    let labels = json!({ "app": format!("app-{}", number % 100), "tier": "web" });
    json!({
        "metadata": { "name": format!("pod-{number}"), "namespace": "team", "labels": labels },
        "spec": {
            "nodeName": format!("node-{}", number % nodes),
            "priority": 0,
            "containers": [{
                "name": "main",
                "resources": { "requests": { "cpu": "100m", "memory": "64Mi" } },
                "ports": [{ "containerPort": 80, "hostPort": 8000 + number / nodes % 50 }]
            }],
            "volumes": [{ "name": "data", "awsElasticBlockStore": { "volumeID": format!("vol-{}", number / nodes) } }]
        },
        "status": { "phase": "Running" }
    })
}
