//! Whether objects that a pod names are there.

use super::Snapshot;
use super::around::DataKeys;
use super::name::key;
use crate::admission::Lookup;
use crate::placement::kind::Kind;

/// A ConfigMap of every namespace, which the controller manager makes.
const ROOT_CERTIFICATES: &str = "kube-root-ca.crt";

impl Snapshot {
    /// Whether an object that a pod names is there; of a ConfigMap and a Secret, its keys where they are known.
    pub fn reference(&self, kind: Kind, namespace: &str, name: &str) -> Lookup<Option<&DataKeys>> {
        let (found, known) = match kind {
            Kind::ConfigMap => {
                (self.around.config_maps.get(namespace, name).map(Some), name != ROOT_CERTIFICATES)
            }
            Kind::Secret => (self.around.secrets.get(namespace, name).map(Some), true),
            Kind::ServiceAccount => return map(self.service_account(namespace, Some(name))),
            Kind::PersistentVolumeClaim => {
                (self.claims.contains_key(&key(namespace, name)).then_some(None), true)
            }
            Kind::PriorityClass => {
                let is_built_in = matches!(name, "system-cluster-critical" | "system-node-critical");
                (self.priority_classes.contains_key(name).then_some(None), !is_built_in)
            }
            Kind::RuntimeClass => (self.runtime_classes.contains_key(name).then_some(None), true),
            _ => return Lookup::Unknown,
        };
        let is_read = match kind {
            Kind::ConfigMap | Kind::Secret => self.knows_in(kind, namespace),
            _ => self.has(kind),
        };
        match found {
            Some(found) => Lookup::Found(found),
            None if known && is_read => Lookup::Absent,
            None => Lookup::Unknown,
        }
    }

    /// The names of the objects of such a kind that a pod of the namespace could name.
    pub fn names_for(&self, kind: Kind, namespace: &str) -> Vec<&str> {
        match kind {
            Kind::ConfigMap => self.around.config_maps.of(namespace).map(|(name, _)| name).collect(),
            Kind::Secret => self.around.secrets.of(namespace).map(|(name, _)| name).collect(),
            Kind::ServiceAccount => {
                self.around.service_accounts.of(namespace).map(|(name, _)| name).collect()
            }
            Kind::PriorityClass => self.priority_classes.keys().collect(),
            Kind::RuntimeClass => self.runtime_classes.keys().collect(),
            Kind::PersistentVolumeClaim => {
                let of = |key: &'_ str| key.strip_prefix(namespace).is_some_and(|rest| rest.starts_with('/'));
                let here = self.claims.keys().filter(|key| of(key));
                here.filter_map(|key| key.split_once('/').map(|(_, name)| name)).collect()
            }
            _ => Vec::new(),
        }
    }
}

fn map<T>(lookup: Lookup<&T>) -> Lookup<Option<&'static DataKeys>> {
    match lookup {
        Lookup::Found(_) => Lookup::Found(None),
        Lookup::Absent => Lookup::Absent,
        Lookup::Unknown => Lookup::Unknown,
    }
}
