//! Creates a scenario's objects in the API server with their status, and deletes them.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use kube::api::{Api, ApiResource, DeleteParams, DynamicObject, ListParams, Patch, PatchParams, PostParams};
use kube::core::{GroupVersionKind, Request};
use kube::{Client, ResourceExt};
use serde_json::{Value, json};

use crate::controlplane::ControlPlane;

/// Kinds that live in no namespace.
const CLUSTER_WIDE: &[&str] = &[
    "Namespace",
    "Node",
    "PersistentVolume",
    "PriorityClass",
    "StorageClass",
    "CSINode",
    "CSIDriver",
    "RuntimeClass",
    "ClusterRole",
    "ClusterRoleBinding",
    "DeviceClass",
    "ResourceSlice",
];

/// How long deleted objects may take to go.
const GONE: Duration = Duration::from_secs(20);

/// A class that was made is known everywhere within this time.
const KNOWN_WITHIN: Duration = Duration::from_secs(5);

/// A client of the API server.
pub struct Objects<'p> {
    plane: &'p ControlPlane,
    client: Client,
    made: Vec<Value>,
    namespaces: BTreeSet<String>,
    priorities: BTreeSet<String>,
}

impl<'p> Objects<'p> {
    /// The client of `admin`.
    ///
    /// # Errors
    ///
    /// Where there is no client.
    pub fn new(plane: &'p ControlPlane) -> Result<Self, String> {
        let namespaces =
            ["default", "kube-system", "kube-public", "kube-node-lease"].map(str::to_owned).into();
        let priorities = ["system-node-critical", "system-cluster-critical"].map(str::to_owned).into();
        Ok(Self { plane, client: plane.client()?, made: Vec::new(), namespaces, priorities })
    }

    fn api(&self, object: &Value) -> Api<DynamicObject> {
        let word = |key: &str| object[key].as_str().unwrap_or_default();
        let (group, version) = word("apiVersion").split_once('/').unwrap_or(("", word("apiVersion")));
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, word("kind")));
        if CLUSTER_WIDE.contains(&word("kind")) {
            Api::all_with(self.client.clone(), &resource)
        } else {
            Api::namespaced_with(self.client.clone(), namespace(object), &resource)
        }
    }

    /// All objects of a kind in all namespaces.
    ///
    /// # Errors
    ///
    /// What the server says.
    pub fn list(&self, version: &str, kind: &str) -> Result<Vec<Value>, String> {
        let (group, version) = version.split_once('/').unwrap_or(("", version));
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind));
        let api: Api<DynamicObject> = Api::all_with(self.client.clone(), &resource);
        let list =
            self.plane.block_on(api.list(&ListParams::default())).map_err(|error| error.to_string())?;
        list.items.iter().map(|item| serde_json::to_value(item).map_err(|error| error.to_string())).collect()
    }

    /// Reads an object again.
    ///
    /// # Errors
    ///
    /// What the server says.
    pub fn get(&self, object: &Value) -> Result<Option<Value>, String> {
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        let found = self.plane.block_on(self.api(object).get_opt(name)).map_err(|error| error.to_string())?;
        found.map(|found| serde_json::to_value(found).map_err(|error| error.to_string())).transpose()
    }

    /// Makes an object, with its status where it has one.
    ///
    /// # Errors
    ///
    /// What the server says.
    pub fn create(&mut self, object: &Value) -> Result<(), String> {
        self.make_room(object)?;
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        let told =
            |error: kube::Error| format!("{} {name}: {error}", object["kind"].as_str().unwrap_or_default());
        let dynamic: DynamicObject =
            serde_json::from_value(object.clone()).map_err(|error| error.to_string())?;
        let api = self.api(object);
        let deadline = Instant::now() + KNOWN_WITHIN;
        loop {
            match self.plane.block_on(api.create(&PostParams::default(), &dynamic)) {
                Ok(_) => break,
                // Admission hears of a class a moment after it is made.
                Err(kube::Error::Api(status))
                    if status.code == 403
                        && status.message.contains("no PriorityClass")
                        && Instant::now() < deadline =>
                {
                    std::thread::sleep(Duration::from_millis(50));
                }
                Err(error) => return Err(told(error)),
            }
        }
        self.made.push(object.clone());
        if let Some(status) = object.get("status") {
            let patch = Patch::Merge(json!({ "status": status }));
            self.plane.block_on(api.patch_status(name, &PatchParams::default(), &patch)).map_err(told)?;
        }
        Ok(())
    }

    /// Makes a DaemonSet as kubectl does, with strict field validation. `Ok(false)` where the server rejects it.
    ///
    /// # Errors
    ///
    /// Where the server did not judge.
    pub fn create_daemon_set(&mut self, object: &Value) -> Result<bool, String> {
        self.make_room(object)?;
        let url = format!("/apis/apps/v1/namespaces/{}/daemonsets", namespace(object));
        let body = serde_json::to_vec(object).map_err(|error| error.to_string())?;
        let mut request =
            Request::new(url).create(&PostParams::default(), body).map_err(|error| error.to_string())?;
        let strict = format!("{}&fieldValidation=Strict", request.uri().to_string().trim_end_matches('&'));
        *request.uri_mut() = strict.parse().map_err(|_| "no URL".to_owned())?;
        match self.plane.block_on(self.client.request::<Value>(request)) {
            Ok(_) => Ok(true),
            Err(kube::Error::Api(status)) if status.code == 422 || status.code == 400 => Ok(false),
            Err(error) => Err(error.to_string()),
        }
    }

    /// What an object needs so that the server takes it at all: its namespace and its pods' priority and runtime classes.
    fn make_room(&mut self, object: &Value) -> Result<(), String> {
        let namespace = namespace(object).to_owned();
        if self.namespaces.insert(namespace.clone()) {
            let object =
                json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": namespace } });
            let api = self.api(&object);
            let dynamic: DynamicObject = serde_json::from_value(object).map_err(|error| error.to_string())?;
            self.plane
                .block_on(api.create(&PostParams::default(), &dynamic))
                .map_err(|error| error.to_string())?;
        }
        let named = |kind: &str| self.made.iter().any(|made| made["kind"] == kind);
        let spec = &object["spec"]["template"]["spec"];
        if let Some(class) = spec["priorityClassName"].as_str().filter(|_| !named("PriorityClass"))
            && self.priorities.insert(class.to_owned())
        {
            let object = json!({
                "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass",
                "metadata": { "name": class }, "value": 1000,
            });
            self.create(&object)?;
        }
        Ok(())
    }

    /// Deletes the DaemonSets with their pods, all other pods, and what was made since `keep`.
    ///
    /// # Errors
    ///
    /// What the server says.
    pub fn clean(&mut self, keep: usize) -> Result<(), String> {
        let now = DeleteParams::default().grace_period(0);
        for kind in [("apps/v1", "DaemonSet"), ("v1", "Pod"), ("apps/v1", "ControllerRevision")] {
            let start = Instant::now();
            loop {
                let found = self.list(kind.0, kind.1)?;
                if found.is_empty() {
                    break;
                }
                if start.elapsed() > GONE {
                    return Err(format!("{} of kind {} do not go", found.len(), kind.1));
                }
                let namespaces: BTreeSet<_> =
                    found.iter().map(|object| namespace(object).to_owned()).collect();
                for namespace in namespaces {
                    let any = json!({ "apiVersion": kind.0, "kind": kind.1, "metadata": { "namespace": namespace } });
                    let all = ListParams::default();
                    let deleted = self.plane.block_on(self.api(&any).delete_collection(&now, &all));
                    deleted.map_err(|error| error.to_string())?;
                }
            }
        }
        while self.made.len() > keep {
            let Some(object) = self.made.pop() else { break };
            if object["kind"] == "PriorityClass" {
                let name = object["metadata"]["name"].as_str().unwrap_or_default();
                self.priorities.remove(name);
            }
            if object["kind"] == "Pod" {
                continue;
            }
            let name = object["metadata"]["name"].as_str().unwrap_or_default();
            let api = self.api(&object);
            let deleted = self.plane.block_on(api.delete(name, &now)).map_err(|error| error.to_string())?;
            // Finalizers that no controller of ours takes off.
            if deleted.left().is_some_and(|object| !object.finalizers().is_empty()) {
                let patch = Patch::Merge(json!({ "metadata": { "finalizers": null } }));
                let _ = self.plane.block_on(api.patch(name, &PatchParams::default(), &patch));
            }
        }
        Ok(())
    }

    /// How many objects were made.
    pub fn made(&self) -> usize {
        self.made.len()
    }
}

fn namespace(object: &Value) -> &str {
    object["metadata"]["namespace"].as_str().unwrap_or("default")
}
