//! Creates a scenario's objects in the API server with their status, and deletes them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use http_body_util::BodyExt;
use kube::api::{Api, ApiResource, DeleteParams, DynamicObject, ListParams, Patch, PatchParams, PostParams};
use kube::client::Body;
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

/// The namespaces that every server makes.
pub(super) const FIRST: [&str; 4] = ["default", "kube-system", "kube-public", "kube-node-lease"];

/// The priority classes that every server makes.
pub(super) const BUILT_IN: [&str; 2] = ["system-node-critical", "system-cluster-critical"];

/// What the server did with a DaemonSet.
#[derive(Clone, Debug)]
pub(super) enum Judged {
    /// It stored it, with these warnings.
    Stored(Vec<String>),
    /// Its validation or its decoder rejected it.
    Rejected,
    /// Its admission refused it.
    Refused(String),
}

/// How long deleted objects may take to go.
const GONE: Duration = Duration::from_secs(20);

/// A class that was made is known everywhere within this time.
const KNOWN_WITHIN: Duration = Duration::from_secs(20);

/// A client of the API server.
pub struct Objects<'p> {
    plane: &'p ControlPlane,
    client: Client,
    made: Vec<Value>,
    /// The DaemonSets as they were given.
    daemon_sets: Vec<Value>,
    /// Whether nothing is made that a scenario does not name.
    pub explicit: bool,
    namespaces: BTreeSet<String>,
    accounts: BTreeSet<(String, String)>,
    /// The nodes that the fleet has for a template's rules, by the rules.
    pub(super) wanted: BTreeMap<String, Vec<String>>,
    priorities: BTreeSet<String>,
}

impl<'p> Objects<'p> {
    /// The client of `admin`.
    ///
    /// # Errors
    ///
    /// Where there is no client.
    pub fn new(plane: &'p ControlPlane) -> Result<Self, String> {
        let namespaces = FIRST.map(str::to_owned).into();
        let priorities = BUILT_IN.map(str::to_owned).into();
        Ok(Self {
            plane,
            client: plane.client()?,
            made: Vec::new(),
            daemon_sets: Vec::new(),
            explicit: false,
            namespaces,
            accounts: BTreeSet::new(),
            priorities,
            wanted: BTreeMap::new(),
        })
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
        let mut dynamic: DynamicObject =
            serde_json::from_value(object.clone()).map_err(|error| error.to_string())?;
        let deleted = dynamic.metadata.deletion_timestamp.take().is_some();
        let api = self.api(object);
        let deadline = Instant::now() + KNOWN_WITHIN;
        loop {
            match self.plane.block_on(api.create(&PostParams::default(), &dynamic)) {
                Ok(_) => break,
                // Admission hears a moment later of a class that was made, and of one that was deleted. The account of a namespace is made a
                // moment after it.
                Err(kube::Error::Api(status))
                    if status.code == 403
                        && [
                            "no PriorityClass",
                            "already marked as default",
                            "error looking up service account",
                        ]
                        .iter()
                        .any(|words| status.message.contains(words))
                        && Instant::now() < deadline =>
                {
                    std::thread::sleep(Duration::from_millis(50));
                }
                // What a scenario says of something that the server makes itself.
                Err(kube::Error::Api(status)) if status.code == 409 => {
                    self.plane
                        .block_on(api.patch(name, &PatchParams::default(), &Patch::Merge(object)))
                        .map_err(told)?;
                    break;
                }
                Err(error) => return Err(told(error)),
            }
        }
        self.made.push(object.clone());
        if deleted {
            // It stays while its finalizers do.
            self.plane.block_on(api.delete(name, &DeleteParams::default())).map_err(told)?;
        } else if object["kind"] == "Namespace" {
            self.account_of(name)?;
        } else if object["kind"] == "ResourceQuota" {
            self.counted(object)?;
        } else if object["kind"] == "Node" {
            // The server's own taint for a node that no kubelet has called ready.
            let taints = &object["spec"]["taints"];
            let taints = if taints.is_null() { json!(null) } else { taints.clone() };
            let patch = Patch::Merge(json!({ "spec": { "taints": taints } }));
            self.plane.block_on(api.patch(name, &PatchParams::default(), &patch)).map_err(told)?;
        }
        if let Some(status) = object.get("status").filter(|_| object["kind"] != "ResourceQuota" && !deleted) {
            let patch = Patch::Merge(json!({ "status": status }));
            self.plane.block_on(api.patch_status(name, &PatchParams::default(), &patch)).map_err(told)?;
        }
        Ok(())
    }

    /// Makes an object, or changes it where it is there already.
    ///
    /// # Errors
    ///
    /// What the server says.
    pub fn change(&mut self, object: &Value) -> Result<(), String> {
        if self.get(object)?.is_none() {
            return self.create(object);
        }
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        let mut patch = object.clone();
        if let Some(patch) = patch.as_object_mut() {
            patch.remove("status");
        }
        let patched =
            self.plane.block_on(self.api(object).patch(name, &PatchParams::default(), &Patch::Merge(patch)));
        patched.map_err(|error| format!("{name}: {error}"))?;
        if object["kind"] == "ResourceQuota" { self.counted(object) } else { Ok(()) }
    }

    /// Waits until the namespace has the account that a controller makes.
    fn account_of(&self, namespace: &str) -> Result<(), String> {
        let account = json!({
            "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "namespace": namespace, "name": "default" },
        });
        self.wait(
            || self.get(&account).map(|found| found.is_some()),
            || format!("{namespace} has no account"),
        )
    }

    /// Waits until the controller of quotas has counted what the scenario says that it counts.
    fn counted(&self, quota: &Value) -> Result<(), String> {
        let status = || self.get(quota).map(|found| found.unwrap_or_default()["status"].clone());
        let same = || status().map(|status| status == quota["status"]);
        self.wait(same, || {
            format!("{} counts {:?}, and not {}", quota["metadata"]["name"], status(), quota["status"])
        })
    }

    fn wait(&self, done: impl Fn() -> Result<bool, String>, told: impl Fn() -> String) -> Result<(), String> {
        let deadline = Instant::now() + GONE;
        while !done()? {
            if Instant::now() > deadline {
                return Err(told());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// Makes a DaemonSet as kubectl does, with strict field validation, or updates it where it is there and is to change.
    ///
    /// # Errors
    ///
    /// Where the server did not judge.
    pub(super) fn apply_daemon_set(&mut self, object: &Value) -> Result<Judged, String> {
        let stored = self.get(object)?;
        if stored.is_some() && self.daemon_sets.contains(object) {
            return Ok(Judged::Stored(Vec::new()));
        }
        self.make_room(object)?;
        let url = format!("/apis/apps/v1/namespaces/{}/daemonsets", namespace(object));
        let body = serde_json::to_vec(object).map_err(|error| error.to_string())?;
        let plain = Request::new(url);
        let request = match &stored {
            None => plain.create(&PostParams::default(), body),
            Some(_) => {
                self.forget_events(namespace(object))?;
                plain.replace(
                    object["metadata"]["name"].as_str().unwrap_or_default(),
                    &PostParams::default(),
                    body,
                )
            }
        };
        let mut request = request.map_err(|error| error.to_string())?;
        let strict = format!("{}&fieldValidation=Strict", request.uri().to_string().trim_end_matches('&'));
        *request.uri_mut() = strict.parse().map_err(|_| "no URL".to_owned())?;
        let answer = self.plane.block_on(async {
            let answer =
                self.client.send(request.map(Body::from)).await.map_err(|error| error.to_string())?;
            let (head, body) = answer.into_parts();
            let body = body.collect().await.map_err(|error| error.to_string())?;
            Ok::<_, String>((head, body.to_bytes()))
        });
        let (head, body) = answer?;
        let body: Value = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
        let message = body["message"].as_str().unwrap_or_default().to_owned();
        match head.status.as_u16() {
            200 | 201 => {
                self.daemon_sets.push(object.clone());
                Ok(Judged::Stored(head.headers.get_all("warning").iter().filter_map(warning).collect()))
            }
            400 | 422 => Ok(Judged::Rejected),
            403 | 404 => Ok(Judged::Refused(message)),
            code => Err(format!("{code}: {message}")),
        }
    }

    /// Deletes a DaemonSet with its pods.
    ///
    /// # Errors
    ///
    /// What the server says.
    pub(super) fn delete_daemon_set(&mut self, object: &Value) -> Result<(), String> {
        let now = DeleteParams::background().grace_period(0);
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        self.daemon_sets.retain(|made| made != object);
        self.plane.block_on(self.api(object).delete(name, &now)).map_err(|error| error.to_string())?;
        let selector = ListParams::default().labels(&format!("app={name}"));
        let any =
            json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "namespace": namespace(object) } });
        self.wait(
            || {
                let pods = self.api(&any);
                self.plane
                    .block_on(pods.delete_collection(&now, &selector))
                    .map_err(|error| error.to_string())?;
                let left = self.plane.block_on(pods.list(&selector)).map_err(|error| error.to_string())?;
                Ok(left.items.is_empty())
            },
            || format!("the pods of {name} do not go"),
        )
    }

    /// Ends a pod that is being deleted, as a kubelet does.
    ///
    /// # Errors
    ///
    /// What the server says.
    pub(super) fn end(&self, pod: &Value) -> Result<(), String> {
        let pod = json!({ "apiVersion": "v1", "kind": "Pod", "metadata": pod["metadata"] });
        let name = pod["metadata"]["name"].as_str().unwrap_or_default();
        match self.plane.block_on(self.api(&pod).delete(name, &DeleteParams::default().grace_period(0))) {
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
            other => other.map(|_| ()).map_err(|error| error.to_string()),
        }
    }

    fn forget_events(&self, namespace: &str) -> Result<(), String> {
        let any = json!({ "apiVersion": "v1", "kind": "Event", "metadata": { "namespace": namespace } });
        let deleted = self
            .plane
            .block_on(self.api(&any).delete_collection(&DeleteParams::default(), &ListParams::default()));
        deleted.map(|_| ()).map_err(|error| error.to_string())
    }

    /// What an object needs so that the server takes it at all: its namespace and its pods' account and priority class.
    ///
    /// # Errors
    ///
    /// What the server says.
    pub fn make_room(&mut self, object: &Value) -> Result<(), String> {
        if self.explicit {
            return Ok(());
        }
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
        if let Some(account) = account(object)
            && account != "default"
            && self.accounts.insert((namespace.clone(), account.to_owned()))
        {
            self.create(&json!({
                "apiVersion": "v1", "kind": "ServiceAccount",
                "metadata": { "namespace": namespace, "name": account },
            }))?;
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
        self.daemon_sets.clear();
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
            if object["kind"] == "ServiceAccount" {
                let name = object["metadata"]["name"].as_str().unwrap_or_default();
                self.accounts.remove(&(namespace(&object).to_owned(), name.to_owned()));
            }
            if object["kind"] == "Pod" || self.get(&object)?.is_none() {
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
            if object["kind"] == "Namespace" && !FIRST.contains(&name) {
                // The next scenario may have one of the same name.
                self.wait(
                    || self.get(&object).map(|found| found.is_none()),
                    || format!("namespace {name} does not go"),
                )?;
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

/// The account that an object's pods name.
pub(super) fn account(object: &Value) -> Option<&str> {
    let spec = if object["kind"] == "Pod" { &object["spec"] } else { &object["spec"]["template"]["spec"] };
    spec["serviceAccountName"].as_str().or_else(|| spec["serviceAccount"].as_str())
}

/// The text of a `Warning` header: `299 - "text"`.
fn warning(value: &http::HeaderValue) -> Option<String> {
    let text = std::str::from_utf8(value.as_bytes()).ok()?.strip_prefix("299 - \"")?.strip_suffix('"')?;
    let mut plain = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        plain.push(if character == '\\' { characters.next()? } else { character });
    }
    Some(plain)
}
