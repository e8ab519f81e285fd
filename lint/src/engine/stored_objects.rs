//! The DaemonSets as they were before: what a server holds of the texts of `--against`, by namespace and name.

use std::collections::HashMap;

use daemonset_validation::rules::Levels;
use daemonset_validation::together::{Companion, What};
use daemonset_validation::{
    Anchor, FieldPath, Server, Subject, SubjectKind, Tree, check, stored_object, subjects,
    was_read_from_a_server,
};
use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::headless;
use super::locate::{Manifest, Place};
use super::namespace::in_namespace;
use crate::source::{self, Content, LineIndex};

/// The DaemonSets of some texts.
#[derive(Debug)]
pub struct StoredObjects {
    server: Server,
    namespace: Option<String>,
    by_name: HashMap<(String, String), StoredObject>,
    /// The fingerprints of the data of ConfigMaps.
    configs: HashMap<(Box<str>, Box<str>), u64>,
}

/// What is wrong with the kind or the version of an object.
fn unknown(tree: &Tree<'_>, subject: &Subject) -> String {
    let checked = check(tree, subject, None, &Server::default(), &Levels::default());
    checked.findings.into_iter().next().map(|finding| finding.message.into_owned()).unwrap_or_default()
}

/// One DaemonSet of the texts.
#[derive(Debug)]
pub struct StoredObject {
    /// What a server holds, or why none holds it.
    pub held: Result<DaemonSet, String>,
    /// The position of its text among those that were added.
    pub text: usize,
    /// The place of its name in the text.
    pub place: Place,
    /// Whether it was read from a server rather than written as a manifest.
    pub is_live: bool,
}

impl StoredObjects {
    /// No objects yet. Those without a namespace are in `namespace`, or in `default`.
    pub fn new(server: Server, namespace: Option<&str>) -> Self {
        Self {
            server,
            namespace: namespace.map(str::to_owned),
            by_name: HashMap::new(),
            configs: HashMap::new(),
        }
    }

    /// Adds the DaemonSets of the text at `position`. Of two with the same namespace and name, the later one counts.
    ///
    /// # Errors
    ///
    /// A sentence, if a document of the text cannot be parsed, or the kind or version of a DaemonSet is misspelt: without the stored object, an update would be checked as a create.
    pub fn add(&mut self, position: usize, text: &str) -> Result<(), String> {
        let lines = LineIndex::new(text);
        for document in source::documents(text) {
            let tree = match (document.content, document.not_json) {
                (Content::Empty, _) => continue,
                (Content::Broken(error), _) => return Err(error.message),
                (Content::Tree(tree), Some(error)) if !headless::is_manifest(&tree) => {
                    return Err(error.message);
                }
                (Content::Tree(tree), _) => tree,
            };
            for mut subject in subjects(&tree) {
                match subject.classify() {
                    SubjectKind::DaemonSet => {}
                    SubjectKind::Unknown => return Err(unknown(&tree, &subject)),
                    SubjectKind::Other => {
                        let _ = in_namespace(&mut subject, &tree, self.namespace.as_deref());
                        self.configs.extend(config(&tree, &subject));
                        continue;
                    }
                }
                // An object of another namespace than `-n` was not applied with it, and is matched by its own.
                let _ = in_namespace(&mut subject, &tree, self.namespace.as_deref());
                let manifest = Manifest { tree: &tree, root: subject.node, text, lines: &lines };
                let stored = StoredObject {
                    held: stored_object(&tree, &subject, &self.server),
                    text: position,
                    place: manifest.place(&FieldPath::of(&["metadata", "name"]), Anchor::Value),
                    is_live: is_live(&tree, subject.node),
                };
                self.by_name.insert((subject.namespace, subject.name), stored);
            }
        }
        Ok(())
    }

    /// The object of this namespace and name.
    pub fn find(&self, namespace: &str, name: &str) -> Option<&StoredObject> {
        self.by_name.get(&(namespace.to_owned(), name.to_owned()))
    }

    /// The fingerprint of the data of the ConfigMap of this namespace and name.
    pub fn config(&self, namespace: &str, name: &str) -> Option<u64> {
        self.configs.get(&(namespace.into(), name.into())).copied()
    }

    /// All objects with their namespaces and names, in the order of the texts.
    pub fn all(&self) -> Vec<(&str, &str, &StoredObject)> {
        let named = self.by_name.iter();
        let mut all: Vec<_> = named.map(|((namespace, name), one)| (&**namespace, &**name, one)).collect();
        all.sort_by_key(|(_, _, one)| (one.text, one.place.exact.start));
        all
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }
}

/// A namespace and a name.
type NamespacedName = (Box<str>, Box<str>);

/// A ConfigMap and the fingerprint of its data.
fn config(tree: &Tree<'_>, subject: &Subject) -> Option<(NamespacedName, u64)> {
    match Companion::of(tree, subject)? {
        Companion { namespace, name, what: What::Config { print, .. }, .. } => {
            Some(((namespace, name), print))
        }
        _ => None,
    }
}

fn is_live(tree: &Tree<'_>, object: daemonset_validation::NodeId) -> bool {
    let Some(metadata) = tree.get(object, "metadata") else { return false };
    let text = |key: &str| tree.get_str(metadata, key).map(str::to_owned);
    let typed =
        ObjectMeta { uid: text("uid"), resource_version: text("resourceVersion"), ..ObjectMeta::default() };
    was_read_from_a_server(&typed) || text("creationTimestamp").is_some_and(|time| !time.is_empty())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]
mod tests {
    use super::*;

    fn daemon_set(head: &str, spec: &str) -> String {
        format!(
            "{{ apiVersion: apps/v1, kind: DaemonSet, metadata: {{ {head} }}, spec: {{ selector: {{ matchLabels: {{ a: b }} }}, \
             template: {{ metadata: {{ labels: {{ a: b }} }}, spec: {{ {spec} containers: [{{ name: c, image: 'c:1' }}] }} }} }} }}\n"
        )
    }

    fn stored(text: &str, namespace: Option<&str>) -> StoredObjects {
        let mut stored = StoredObjects::new(Server::newest(), namespace);
        stored.add(0, text).unwrap();
        stored
    }

    #[test]
    fn an_object_of_a_list_is_found_by_namespace_and_name() {
        let text = format!(
            "kind: List\napiVersion: v1\nitems:\n- {}- {}- {{ apiVersion: v1, kind: Secret, metadata: {{ name: c }} }}\n---\n---\n{}",
            daemon_set("name: a", ""),
            daemon_set("name: b, namespace: logs", ""),
            daemon_set("name: d", "")
        );
        let objects = stored(&text, None);
        let names: Vec<_> = objects.all().into_iter().map(|(namespace, name, _)| (namespace, name)).collect();
        assert_eq!(names, [("default", "a"), ("logs", "b"), ("default", "d")]);
        assert!(objects.find("default", "b").is_none());
        assert!(objects.find("default", "c").is_none());
        let of_request = stored(&text, Some("agents"));
        assert!(of_request.find("agents", "a").is_some() && of_request.find("logs", "b").is_some());
        assert!(StoredObjects::new(Server::newest(), None).add(0, "a: [").is_err());
    }

    #[test]
    fn a_manifest_is_held_as_a_server_stores_it() {
        let gated = daemon_set("name: a", "schedulingGroup: { podGroupName: g }, notAField: 1,");
        let held = stored(&gated, None).find("default", "a").unwrap().held.clone().unwrap();
        let spec = held.spec.template.spec.unwrap();
        assert!(spec.scheduling_group.is_none());
        assert_eq!(spec.dns_policy.as_deref(), Some("ClusterFirst"));

        let live = daemon_set("name: a, uid: u1", "schedulingGroup: { podGroupName: g },");
        let live = stored(&live, None);
        let live = live.find("default", "a").unwrap();
        assert!(live.is_live);
        assert!(live.held.clone().unwrap().spec.template.spec.unwrap().scheduling_group.is_some());

        let invalid = daemon_set("name: a", "restartPolicy: Never,");
        let invalid = stored(&invalid, None);
        let why = invalid.find("default", "a").unwrap().held.clone().unwrap_err();
        assert!(why.starts_with("spec.template.spec.restartPolicy: Unsupported value"), "{why}");
        let wrong = stored(&daemon_set("name: a", "hostNetwork: 'yes',"), None);
        assert!(wrong.find("default", "a").unwrap().held.is_err());
    }
}
