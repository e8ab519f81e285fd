//! A scenario's cluster as a file: the fleet, the scenario's objects, and the pods of the DaemonSets before.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use daemonset_validation::placement::{ADMISSION_KINDS, KINDS, Kind};
use serde_json::{Value, json};

use super::objects::{BUILT_IN, FIRST, account};
use super::placement::{Place, Placement};
use super::scenario::Scenario;

/// The objects that stand in a cluster.
#[derive(Clone, Debug)]
pub struct Snapshot {
    items: Vec<Value>,
}

impl Snapshot {
    /// The cluster before the scenario's first DaemonSet comes.
    pub fn new(fleet: &[Value], scenario: &Scenario) -> Self {
        let mut items: Vec<Value> = fleet.iter().chain(&scenario.objects).cloned().collect();
        items.extend(made_by_others(scenario, &items));
        for item in &mut items {
            // Only what a server printed has one, and of what a server printed the absent is absent.
            item["metadata"]["uid"] = "00000000-0000-0000-0000-000000000000".into();
        }
        // Admission writes the class's value into the pod.
        let value = |name: &Value| {
            let class =
                items.iter().find(|one| one["kind"] == "PriorityClass" && one["metadata"]["name"] == *name);
            class.map(|class| class["value"].clone())
        };
        let priorities: Vec<Option<Value>> =
            items.iter().map(|item| value(&item["spec"]["priorityClassName"])).collect();
        for (item, priority) in items.iter_mut().zip(priorities) {
            if let Some(priority) = priority {
                item["spec"]["priority"] = priority;
            }
        }
        Self { items }
    }

    /// What is made or changed later: an object that is there already is replaced.
    pub fn apply(&mut self, objects: &[Value]) {
        for object in objects {
            let same = |item: &Value| {
                item["kind"] == object["kind"]
                    && ["namespace", "name"]
                        .iter()
                        .all(|key| item["metadata"][key] == object["metadata"][key])
            };
            self.items.retain(|item| !same(item));
            let mut object = object.clone();
            object["metadata"]["uid"] = "00000000-0000-0000-0000-000000000000".into();
            self.items.push(object);
        }
    }

    /// Adds the pods that were bound, as the controller makes them.
    pub fn add(&mut self, daemon_set: &Value, placement: &Placement) {
        let (name, template) = (&daemon_set["metadata"]["name"], &daemon_set["spec"]["template"]);
        let namespace = daemon_set["metadata"]["namespace"].as_str().unwrap_or("default");
        let is_there =
            |item: &Value| item["kind"] == "DaemonSet" && item["metadata"] == daemon_set["metadata"];
        if placement.rejected || self.items.iter().any(is_there) {
            return;
        }
        self.items.push(daemon_set.clone());
        for (number, (node, place)) in placement.nodes.iter().enumerate() {
            if matches!(place, Place::NotWanted | Place::Refused(_) | Place::Short(..)) {
                continue;
            }
            let mut spec = template["spec"].clone();
            if *place == Place::Runs {
                spec["nodeName"] = node.as_str().into();
            }
            spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"] = json!({
                "nodeSelectorTerms": [{ "matchFields": [{
                    "key": "metadata.name", "operator": "In", "values": [node],
                }] }],
            });
            self.items.push(json!({
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {
                    "name": format!("{}-{number}", name.as_str().unwrap_or_default()),
                    "namespace": namespace,
                    "labels": template["metadata"]["labels"],
                    "ownerReferences": [{
                        "apiVersion": "apps/v1", "kind": "DaemonSet", "name": name, "controller": true,
                        "uid": "00000000-0000-0000-0000-000000000000",
                    }],
                },
                "spec": spec,
                "status": { "phase": "Pending" },
            }));
        }
    }

    /// Writes it as `kubectl get -o json` would.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<PathBuf, String> {
        let path = folder.join("snapshot.json");
        // Every kind was asked for, so what is not among the items is not in the cluster.
        let empty = |kind: Kind| json!({ "apiVersion": kind.api_version(), "kind": format!("{}List", kind.as_str()), "items": [] });
        let items: Vec<Value> =
            self.items.iter().cloned().chain(KINDS.into_iter().chain(ADMISSION_KINDS).map(empty)).collect();
        let list = json!({ "apiVersion": "v1", "kind": "List", "items": items });
        std::fs::write(&path, list.to_string()).map_err(|error| error.to_string())?;
        Ok(path)
    }
}

/// What a server and its controllers make by themselves: the first namespaces, and an account in each namespace. A scenario that is not
/// explicit also has the namespaces, the accounts and, where it has none, the priority classes that its objects name.
fn made_by_others(scenario: &Scenario, items: &[Value]) -> Vec<Value> {
    let word = |value: &Value| value.as_str().map(str::to_owned);
    let known = |kind: &str| -> BTreeSet<String> {
        let of_kind = items.iter().filter(|item| item["kind"] == kind);
        of_kind.filter_map(|item| word(&item["metadata"]["name"])).collect()
    };
    let named = known("Namespace");
    let mut namespaces: BTreeSet<String> = FIRST.map(str::to_owned).into();
    let (mut accounts, mut classes) = (BTreeSet::new(), BTreeSet::new());
    if !scenario.explicit {
        for object in items.iter().chain(&scenario.daemon_sets) {
            let namespace = word(&object["metadata"]["namespace"]).unwrap_or_else(|| "default".into());
            if let Some(account) = account(object) {
                accounts.insert((namespace.clone(), account.to_owned()));
            }
            namespaces.insert(namespace);
            classes.extend(word(&object["spec"]["template"]["spec"]["priorityClassName"]));
        }
    }
    accounts.extend(namespaces.union(&named).map(|namespace| (namespace.clone(), "default".to_owned())));
    let namespaces = namespaces.difference(&named).map(|name| {
        json!({
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": { "name": name, "labels": { "kubernetes.io/metadata.name": name } },
            "status": { "phase": "Active" },
        })
    });
    let there = |namespace: &str, name: &str| {
        items.iter().any(|item| {
            item["kind"] == "ServiceAccount"
                && item["metadata"]["namespace"] == namespace
                && item["metadata"]["name"] == name
        })
    };
    let accounts = accounts.iter().filter(|(namespace, name)| !there(namespace, name)).map(|(namespace, name)| {
        json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "namespace": namespace, "name": name } })
    });
    let is_made = |name: &String| known("PriorityClass").is_empty() && !BUILT_IN.contains(&name.as_str());
    let classes = classes.iter().filter(|name| is_made(name)).map(|name| {
        json!({
            "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": { "name": name }, "value": 1000,
        })
    });
    namespaces.chain(accounts).chain(classes).collect()
}
