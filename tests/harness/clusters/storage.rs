//! Claims, volumes, storage classes and the drivers of nodes.

use serde_json::{Value, json};

use super::words::{self, HOSTNAME, ZONE};
use super::{Plan, Theme};

const DRIVER: &str = "disk.example.com";

/// How a claim stands to its volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    /// Bound to this volume, and done.
    To(usize),
    /// Not bound, or not yet done.
    No,
}

fn claim_object(
    plan: &mut Plan<'_>,
    name: &str,
    namespace: &str,
    class: Option<&str>,
    bound: Bound,
) -> Value {
    let mut claim = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": { "name": name, "namespace": namespace, "uid": format!("{namespace}-{name}") },
        "spec": {
            "accessModes": [plan.pick(&["ReadWriteOnce", "ReadWriteMany"])],
            "resources": { "requests": { "storage": plan.pick(&["1Gi", "500M", "2Gi"]) } },
            "volumeMode": "Filesystem",
        },
        "status": { "phase": "Pending" },
    });
    if let Some(class) = class {
        claim["spec"]["storageClassName"] = json!(class);
    }
    if let Bound::To(number) = bound {
        claim["metadata"]["annotations"] = json!({ "pv.kubernetes.io/bind-completed": "yes" });
        claim["spec"]["volumeName"] = json!(format!("pv{number}"));
        claim["status"]["phase"] = json!("Bound");
    }
    claim
}

fn volume_object(plan: &mut Plan<'_>, number: usize, class: &str, claim: Option<&Value>) -> Value {
    let mut volume = json!({
        "apiVersion": "v1", "kind": "PersistentVolume",
        "metadata": { "name": format!("pv{number}"), "uid": format!("pv-{number}") },
        "spec": {
            "capacity": { "storage": plan.pick(&["1Gi", "3Gi", "10Gi"]) },
            "accessModes": ["ReadWriteOnce", "ReadWriteMany"],
            "persistentVolumeReclaimPolicy": "Retain", "storageClassName": class, "volumeMode": "Filesystem",
        },
        "status": { "phase": if claim.is_some() { "Bound" } else { "Available" } },
    });
    match plan.below(3) {
        0 => volume["spec"]["nfs"] = json!({ "server": "nfs.example", "path": "/" }),
        1 => volume["spec"]["hostPath"] = json!({ "path": "/data", "type": "" }),
        _ => {
            volume["spec"]["csi"] = json!({ "driver": DRIVER, "volumeHandle": format!("handle-{number}") });
        }
    }
    if let Some(claim) = claim {
        volume["spec"]["claimRef"] = json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": claim["metadata"]["namespace"],
            "name": claim["metadata"]["name"], "uid": claim["metadata"]["uid"],
        });
    }
    volume
}

fn some_nodes(plan: &mut Plan<'_>) -> Value {
    let (key, values) = if plan.percent(50) {
        let names = plan.nodes.clone();
        let chosen: Vec<String> = names.into_iter().filter(|_| plan.percent(50)).collect();
        (HOSTNAME, if chosen.is_empty() { vec!["n1".to_owned()] } else { chosen })
    } else {
        (ZONE, vec![plan.pick(words::ZONES).to_owned()])
    };
    let mut terms = vec![json!({ "matchExpressions": [{ "key": key, "operator": "In", "values": values }] })];
    if plan.percent(15) {
        terms.push(json!({ "matchExpressions": [{ "key": "rack", "operator": "Exists" }] }));
    }
    json!({ "required": { "nodeSelectorTerms": terms } })
}

/// A storage class of this name, once.
fn class(plan: &mut Plan<'_>, name: &str, mode: &str, provisioner: &str) {
    if plan.others.iter().any(|other| other["kind"] == "StorageClass" && other["metadata"]["name"] == name) {
        return;
    }
    let mut class = json!({
        "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": { "name": name },
        "provisioner": provisioner, "volumeBindingMode": mode, "reclaimPolicy": "Delete",
    });
    if mode == "WaitForFirstConsumer" && plan.percent(40) {
        let zones: Vec<&str> = (0..1 + plan.below(2)).map(|_| plan.pick(words::ZONES)).collect();
        class["allowedTopologies"] = json!([{ "matchLabelExpressions": [{ "key": ZONE, "values": zones }] }]);
    }
    plan.others.push(class);
}

fn used(name: &str) -> Value {
    json!({ "persistentVolumeClaim": { "claimName": name } })
}

/// A claim in one of the many states that matter to where a pod can be.
pub(crate) fn claim(plan: &mut Plan<'_>) -> Value {
    let number = plan.next();
    let name = format!("claim{number}");
    let namespace = plan.namespace;
    match plan.below(14) {
        0 => {}
        1 => {
            class(plan, "at-once", "Immediate", DRIVER);
            let claim = claim_object(plan, &name, namespace, Some("at-once"), Bound::No);
            plan.others.push(claim);
        }
        2 => {
            let mut claim = claim_object(plan, &name, namespace, Some("fast"), Bound::To(number));
            claim["metadata"]["deletionTimestamp"] = json!("2026-02-01T00:00:00Z");
            claim["metadata"]["finalizers"] = json!(["kubernetes.io/pvc-protection"]);
            let volume = volume_object(plan, number, "fast", Some(&claim));
            plan.others.extend([claim, volume]);
        }
        3 => {
            // Bound to a volume that is gone, or lost.
            let mut claim = claim_object(plan, &name, namespace, Some("fast"), Bound::To(number));
            if plan.percent(50) {
                claim["status"]["phase"] = json!("Lost");
            }
            plan.others.push(claim);
        }
        4 => {
            // A class that nobody made, or none.
            let class = if plan.percent(70) { Some("nobody") } else { None };
            let claim = claim_object(plan, &name, namespace, class, Bound::No);
            plan.others.push(claim);
        }
        5 => {
            // The volume is named, but the binding is not complete.
            class(plan, "late", "WaitForFirstConsumer", DRIVER);
            let class = plan.pick(&["late", "fast"]);
            let mut claim = claim_object(plan, &name, namespace, Some(class), Bound::To(number));
            claim["metadata"]["annotations"] = json!({});
            claim["status"]["phase"] = json!("Pending");
            let volume = volume_object(plan, number, class, Some(&claim));
            plan.others.extend([claim, volume]);
        }
        6 | 7 => {
            class(plan, "late", "WaitForFirstConsumer", DRIVER);
            let claim = claim_object(plan, &name, namespace, Some("late"), Bound::No);
            plan.others.push(claim);
        }
        8..=10 => {
            class(plan, "local", "WaitForFirstConsumer", "kubernetes.io/no-provisioner");
            let claim = claim_object(plan, &name, namespace, Some("local"), Bound::No);
            plan.others.push(claim);
            for _ in 0..plan.below(3) {
                let number = plan.next();
                let mut volume = volume_object(plan, number, "local", None);
                if plan.percent(80) {
                    volume["spec"]["nodeAffinity"] = some_nodes(plan);
                }
                plan.others.push(volume);
            }
        }
        _ => {
            let claim = claim_object(plan, &name, namespace, Some("fast"), Bound::To(number));
            let mut volume = volume_object(plan, number, "fast", Some(&claim));
            if plan.percent(85) {
                volume["spec"]["nodeAffinity"] = some_nodes(plan);
            }
            plan.others.extend([claim, volume]);
        }
    }
    used(&name)
}

/// A bound claim whose volume's labels name a zone.
pub(crate) fn zoned_claim(plan: &mut Plan<'_>) -> Value {
    let number = plan.next();
    let name = format!("zoned{number}");
    let namespace = plan.namespace;
    let claim = claim_object(plan, &name, namespace, Some("fast"), Bound::To(number));
    let mut volume = volume_object(plan, number, "fast", Some(&claim));
    let key = plan.pick(&[
        ZONE,
        ZONE,
        "failure-domain.beta.kubernetes.io/zone",
        "topology.kubernetes.io/region",
        "failure-domain.beta.kubernetes.io/region",
    ]);
    let value = if key.ends_with("region") {
        plan.pick(&["r", "s"])
    } else {
        plan.pick(&["a", "b", "c", "a__b", "b__c"])
    };
    volume["metadata"]["labels"] = json!({ key: value });
    plan.others.extend([claim, volume]);
    used(&name)
}

/// A claim that only one pod of the cluster may use.
pub(crate) fn single_writer_claim(plan: &mut Plan<'_>) -> Value {
    if !plan.others.iter().any(|other| other["metadata"]["name"] == "single") {
        let number = plan.next();
        let namespace = plan.namespace;
        let mut claim = claim_object(plan, "single", namespace, Some("fast"), Bound::To(number));
        claim["spec"]["accessModes"] = json!(["ReadWriteOncePod"]);
        let mut volume = volume_object(plan, number, "fast", Some(&claim));
        volume["spec"]["accessModes"] = json!(["ReadWriteOncePod"]);
        plan.others.extend([claim, volume]);
    }
    used("single")
}

/// How many volumes each node takes.
fn drivers(plan: &mut Plan<'_>) {
    if plan.others.iter().any(|other| other["kind"] == "CSINode") {
        return;
    }
    for node in plan.nodes.clone() {
        if plan.percent(10) {
            continue;
        }
        let mut driver = json!({ "name": DRIVER, "nodeID": node, "topologyKeys": [] });
        if plan.percent(85) {
            driver["allocatable"] = json!({ "count": 1 + plan.below(2) });
        }
        let mut drivers = vec![driver];
        if plan.percent(20) {
            drivers.push(json!({ "name": "ebs.csi.aws.com", "nodeID": node, "topologyKeys": [], "allocatable": { "count": 1 } }));
        }
        plan.others.push(json!({
            "apiVersion": "storage.k8s.io/v1", "kind": "CSINode", "metadata": { "name": node }, "spec": { "drivers": drivers },
        }));
    }
    if plan.percent(50) {
        plan.others.push(json!({
            "apiVersion": "storage.k8s.io/v1", "kind": "CSIDriver", "metadata": { "name": DRIVER },
            "spec": { "attachRequired": true },
        }));
    }
}

/// A claim of the DaemonSet whose volume has to be attached.
pub(crate) fn attached_claim(plan: &mut Plan<'_>) -> Value {
    let namespace = plan.namespace;
    attached_claim_of(plan, namespace)
}

/// A claim in a namespace whose volume has to be attached; sometimes one that is there already.
pub(crate) fn attached_claim_of(plan: &mut Plan<'_>, namespace: &str) -> Value {
    drivers(plan);
    let there: Vec<String> = plan
        .others
        .iter()
        .filter(|other| {
            other["kind"] == "PersistentVolumeClaim" && other["metadata"]["namespace"] == namespace
        })
        .filter_map(|other| other["metadata"]["name"].as_str())
        .filter(|name| name.starts_with("disk"))
        .map(str::to_owned)
        .collect();
    if !there.is_empty() && plan.percent(15) {
        let chosen = plan.below(there.len());
        return used(&there[chosen]);
    }
    let number = plan.next();
    let name = format!("disk{number}");
    if plan.about(Theme::Limits) && plan.percent(10) {
        class(plan, "late", "WaitForFirstConsumer", DRIVER);
        let claim = claim_object(plan, &name, namespace, Some("late"), Bound::No);
        plan.others.push(claim);
        return used(&name);
    }
    let claim = claim_object(plan, &name, namespace, Some("fast"), Bound::To(number));
    let mut volume = volume_object(plan, number, "fast", Some(&claim));
    for source in ["nfs", "hostPath"] {
        if let Some(spec) = volume["spec"].as_object_mut() {
            spec.remove(source);
        }
    }
    volume["spec"]["csi"] = json!({ "driver": DRIVER, "volumeHandle": format!("handle-{number}") });
    plan.others.extend([claim, volume]);
    used(&name)
}
