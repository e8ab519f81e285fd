//! The nodes and pods of a large cluster, as a server prints them.

use serde_json::{Value, json};

/// Three zones, a tenth of the nodes with GPUs and a taint, one in a hundred cordoned.
pub(crate) fn node(number: usize) -> Value {
    let name = format!("ip-10-{}-{}-{}.ec2.internal", number >> 16, (number >> 8) & 255, number & 255);
    let zone = format!("eu-west-1{}", ["a", "b", "c"][number % 3]);
    let gpu = number.is_multiple_of(10);
    let resources = |cpu: &str, memory: &str| {
        let mut list = json!({ "cpu": cpu, "ephemeral-storage": "95551679124", "hugepages-1Gi": "0", "hugepages-2Mi": "0", "memory": memory, "pods": "110" });
        if gpu {
            list["nvidia.com/gpu"] = json!("4");
        }
        list
    };
    let condition = |kind: &str, status: &str, reason: &str, message: &str| json!({ "lastHeartbeatTime": "2026-05-12T08:11:30Z", "lastTransitionTime": "2026-04-30T12:00:41Z", "message": message, "reason": reason, "status": status, "type": kind });
    let mut spec = json!({ "podCIDR": format!("10.{}.{}.0/24", 100 + (number >> 8), number & 255), "podCIDRs": [format!("10.{}.{}.0/24", 100 + (number >> 8), number & 255)], "providerID": format!("aws:///{zone}/i-{number:017x}") });
    if gpu {
        spec["taints"] = json!([{ "effect": "NoSchedule", "key": "nvidia.com/gpu", "value": "true" }]);
    }
    if number % 100 == 7 {
        spec["unschedulable"] = json!(true);
    }
    let images: Vec<Value> = (0..12)
        .map(|image| json!({ "names": [format!("registry.example.com/team-{image}/service@sha256:{:064x}", image * 7919), format!("registry.example.com/team-{image}/service:v1.{image}.0")], "sizeBytes": 81_000_000 + image }))
        .collect();
    json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "annotations": { "csi.volume.kubernetes.io/nodeid": "{\"ebs.csi.aws.com\":\"i-0\"}", "node.alpha.kubernetes.io/ttl": "15", "volumes.kubernetes.io/controller-managed-attach-detach": "true" },
            "creationTimestamp": "2026-04-30T12:00:01Z",
            "labels": {
                "beta.kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
                "kubernetes.io/hostname": name, "kubernetes.io/os": "linux",
                "node.kubernetes.io/instance-type": if gpu { "g5.12xlarge" } else { "m6i.4xlarge" },
                "topology.kubernetes.io/region": "eu-west-1", "topology.kubernetes.io/zone": zone
            },
            "name": name,
            "resourceVersion": format!("{}", 900_000 + number),
            "uid": uid(number)
        },
        "spec": spec,
        "status": {
            "addresses": [{ "address": "10.0.0.1", "type": "InternalIP" }, { "address": name, "type": "Hostname" }],
            "allocatable": resources("15890m", "61254968Ki"),
            "capacity": resources("16", "64406840Ki"),
            "conditions": [
                condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
                condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
                condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
                condition("Ready", "True", "KubeletReady", "kubelet is posting ready status")
            ],
            "daemonEndpoints": { "kubeletEndpoint": { "Port": 10250 } },
            "images": images,
            "nodeInfo": { "architecture": "amd64", "bootID": uid(number + 1), "containerRuntimeVersion": "containerd://2.1.4", "kernelVersion": "6.12.9", "kubeProxyVersion": "", "kubeletVersion": "v1.37.2", "machineID": uid(number + 2), "operatingSystem": "linux", "osImage": "Bottlerocket OS 1.40.0", "systemUUID": uid(number + 3) }
        }
    })
}

fn uid(number: usize) -> String {
    format!("{:08x}-0000-4000-8000-{:012x}", number.wrapping_mul(2_654_435_761) & 0xffff_ffff, number)
}

/// Of thirty pods on a node four are of DaemonSets, the rest of Deployments of many sizes; one in fifty has finished.
pub(crate) fn pod(number: usize, nodes: usize) -> Value {
    let node = number % nodes.max(1);
    let node_name = format!("ip-10-{}-{}-{}.ec2.internal", node >> 16, (node >> 8) & 255, node & 255);
    let turn = number / nodes.max(1);
    let daemon = turn < 4;
    let app = if daemon { format!("agent-{turn}") } else { format!("service-{}", (number * 31) % 700) };
    let hash = format!(
        "{:010x}",
        app.bytes().fold(5381_usize, |sum, byte| sum.wrapping_mul(33) ^ byte as usize) & 0xff_ffff_ffff
    );
    let name = format!("{app}-{}{:05x}", if daemon { String::new() } else { format!("{hash}-") }, number);
    let namespace =
        if daemon { "kube-system".to_owned() } else { format!("team-{}", (number * 31) % 700 % 40) };
    let size = (number * 31) % 700 % 7;
    let mut labels = json!({ "app.kubernetes.io/instance": app, "app.kubernetes.io/name": app, "app.kubernetes.io/part-of": "platform" });
    labels[if daemon { "controller-revision-hash" } else { "pod-template-hash" }] = json!(hash);
    let phase = if !daemon && number % 50 == 49 { "Succeeded" } else { "Running" };
    let ports = if turn == 0 {
        json!([{ "containerPort": 9100, "hostPort": 9100, "name": "metrics", "protocol": "TCP" }])
    } else {
        json!([{ "containerPort": 8080, "name": "http", "protocol": "TCP" }])
    };
    let resources = json!({ "limits": { "memory": format!("{}Mi", 256 << (size % 3)) }, "requests": { "cpu": format!("{}m", 50 * (size + 1)), "memory": format!("{}Mi", 128 << (size % 3)) } });
    let condition = |kind: &str| json!({ "lastProbeTime": null, "lastTransitionTime": "2026-05-10T09:03:14Z", "observedGeneration": 1, "status": "True", "type": kind });
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "annotations": { "prometheus.io/port": "9100", "prometheus.io/scrape": "true" },
            "creationTimestamp": "2026-05-10T09:03:02Z",
            "generateName": format!("{app}-"),
            "generation": 1,
            "labels": labels,
            "name": name,
            "namespace": namespace,
            "ownerReferences": [{ "apiVersion": "apps/v1", "blockOwnerDeletion": true, "controller": true, "kind": if daemon { "DaemonSet" } else { "ReplicaSet" }, "name": app, "uid": uid(number + 9) }],
            "resourceVersion": format!("{}", 1_000_000 + number),
            "uid": uid(number)
        },
        "spec": {
            "containers": [{
                "env": [
                    { "name": "LOG_LEVEL", "value": "info" },
                    { "name": "TOKEN", "valueFrom": { "secretKeyRef": { "key": "token", "name": format!("{app}-token") } } },
                    { "name": "NODE_NAME", "valueFrom": { "fieldRef": { "apiVersion": "v1", "fieldPath": "spec.nodeName" } } }
                ],
                "image": format!("registry.example.com/platform/{app}:v1.2.3"),
                "imagePullPolicy": "IfNotPresent",
                "name": "main",
                "ports": ports,
                "resources": resources,
                "terminationMessagePath": "/dev/termination-log",
                "terminationMessagePolicy": "File",
                "volumeMounts": [{ "mountPath": "/etc/config", "name": "config" }, { "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "name": "kube-api-access", "readOnly": true }]
            }],
            "dnsPolicy": "ClusterFirst", "enableServiceLinks": true, "nodeName": node_name, "preemptionPolicy": "PreemptLowerPriority",
            "priority": if daemon { 2_000_001_000_i64 } else { 0 },
            "restartPolicy": "Always", "schedulerName": "default-scheduler", "securityContext": {}, "serviceAccount": app,
            "serviceAccountName": app, "terminationGracePeriodSeconds": 30,
            "tolerations": [
                { "effect": "NoExecute", "key": "node.kubernetes.io/not-ready", "operator": "Exists", "tolerationSeconds": 300 },
                { "effect": "NoExecute", "key": "node.kubernetes.io/unreachable", "operator": "Exists", "tolerationSeconds": 300 }
            ],
            "volumes": [
                { "configMap": { "defaultMode": 420, "name": format!("{app}-config") }, "name": "config" },
                { "name": "kube-api-access", "projected": { "defaultMode": 420, "sources": [
                    { "serviceAccountToken": { "expirationSeconds": 3607, "path": "token" } },
                    { "configMap": { "items": [{ "key": "ca.crt", "path": "ca.crt" }], "name": "kube-root-ca.crt" } },
                    { "downwardAPI": { "items": [{ "fieldRef": { "apiVersion": "v1", "fieldPath": "metadata.namespace" }, "path": "namespace" }] } }
                ] } }
            ]
        },
        "status": {
            "conditions": [condition("PodReadyToStartContainers"), condition("Initialized"), condition("Ready"), condition("ContainersReady"), condition("PodScheduled")],
            "containerStatuses": [{
                "allocatedResources": { "cpu": format!("{}m", 50 * (size + 1)), "memory": format!("{}Mi", 128 << (size % 3)) },
                "containerID": format!("containerd://{:064x}", number), "image": format!("registry.example.com/platform/{app}:v1.2.3"),
                "imageID": format!("registry.example.com/platform/{app}@sha256:{:064x}", number % 700), "lastState": {}, "name": "main", "ready": true,
                "resources": resources, "restartCount": 0, "started": true, "state": { "running": { "startedAt": "2026-05-10T09:03:10Z" } }
            }],
            "hostIP": "10.0.0.1", "hostIPs": [{ "ip": "10.0.0.1" }], "phase": phase, "podIP": "10.100.3.7", "podIPs": [{ "ip": "10.100.3.7" }],
            "qosClass": "Burstable", "startTime": "2026-05-10T09:03:02Z"
        }
    })
}
