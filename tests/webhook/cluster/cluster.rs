//! The cluster under test: 44 nodes, three of them with a taint that few pods tolerate.

use serde_json::{Value, json};

use crate::api::ApiClient;
use crate::world::TRIED;

/// The nodes with accelerators.
pub const TAINTED: [&str; 3] = ["gpu-1", "gpu-2", "gpu-3"];

/// All nodes.
pub const NODES: usize = 44;

/// Makes the nodes and the namespaces.
pub async fn make(api: &ApiClient) -> Result<(), String> {
    for name in [TRIED, "load"] {
        let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } });
        api.create("/api/v1/namespaces", &namespace).await?;
    }
    let plain = (1..=NODES - TAINTED.len()).map(|number| format!("node-{number:02}"));
    for name in plain.chain(TAINTED.map(str::to_owned)) {
        let mut object = node(&name);
        if TAINTED.contains(&name.as_str()) {
            object["spec"]["taints"] =
                json!([{ "key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule" }]);
        }
        api.create("/api/v1/nodes", &object).await?;
        let status = api
            .merge(&format!("/api/v1/nodes/{name}/status"), &json!({ "status": object["status"] }))
            .await?;
        if !status.accepted() {
            return Err(status.message());
        }
    }
    Ok(())
}

/// A node as a kubelet would register it.
pub fn node(name: &str) -> Value {
    let room = json!({ "cpu": "4", "memory": "16Gi", "ephemeral-storage": "100Gi", "pods": "110" });
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": { "name": name, "labels": {
            "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
            "topology.kubernetes.io/zone": format!("zone-{}", name.bytes().map(u32::from).sum::<u32>() % 3),
        } },
        "spec": {},
        "status": { "capacity": room, "allocatable": room,
            "conditions": [{ "type": "Ready", "status": "True", "reason": "KubeletReady" }],
            "nodeInfo": {
                "architecture": "amd64", "bootID": "", "containerRuntimeVersion": "containerd://2.1.0",
                "kernelVersion": "6.12.0", "kubeProxyVersion": "", "kubeletVersion": "v1.37.2", "machineID": "",
                "operatingSystem": "linux", "osImage": "Linux", "systemUUID": "",
            } },
    })
}

/// What the API server keeps a log of: what the release's accounts ask for, and what is done to DaemonSets.
pub fn audit_policy() -> String {
    json!({
        "apiVersion": "audit.k8s.io/v1", "kind": "Policy",
        "omitStages": ["RequestReceived"],
        "rules": [
            { "level": "Metadata", "userGroups": [format!("system:serviceaccounts:{}", crate::world::NAMESPACE)] },
            { "level": "None", "namespaces": ["load"] },
            { "level": "Metadata", "resources": [{ "group": "apps", "resources": ["daemonsets"] }], "users": ["admin"] },
            { "level": "None" },
        ],
    })
    .to_string()
}
