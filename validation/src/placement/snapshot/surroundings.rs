//! What a snapshot knows of the namespace and the cluster around a pod.

use std::sync::Arc;

use k8s_openapi::api::core::v1::PodSpec;
use k8s_openapi::api::scheduling::v1::PriorityClass;

use super::Snapshot;
use super::read::or_default;
use crate::admission::{Lookup, Namespace, PodSecurityDefaults, ServiceAccount, Surroundings};
use crate::placement::kind::Kind;

/// The account that every namespace has.
const DEFAULT: &str = "default";

/// The namespaces that every cluster has: what was read without them was not read whole.
///
/// Upstream: `controlplane/controller/systemnamespaces`, and `default`, which the server makes as well.
const ALWAYS: [&str; 4] = [DEFAULT, "kube-system", "kube-public", "kube-node-lease"];

impl Snapshot {
    /// The same with what the API server's own configuration says of pod security, which no API shows.
    #[must_use]
    pub fn with_pod_security(mut self, defaults: Arc<PodSecurityDefaults>) -> Self {
        self.pod_security = Some(defaults);
        self
    }

    /// What is known of the namespace and the cluster around a pod with this spec. An empty namespace is `default`.
    pub fn surroundings<'s>(&'s self, namespace: &str, spec: &PodSpec) -> Surroundings<'s> {
        let namespace = or_default(namespace);
        let of_namespace = |kind| self.has_whole(kind) || self.around.has_any(kind, namespace);
        let ranges = || self.around.limit_ranges.of(namespace).map(|(_, range)| range).collect();
        let quotas = || self.around.quotas.of(namespace).map(|(_, quota)| quota).collect();
        Surroundings {
            namespace: self.namespace(namespace),
            limit_ranges: of_namespace(Kind::LimitRange).then(ranges),
            quotas: of_namespace(Kind::ResourceQuota).then(quotas),
            service_account: self.service_account(namespace, spec.service_account_name.as_deref()),
            priority_classes: self.priority_classes(spec.priority_class_name.as_deref()),
            runtime_class: spec.runtime_class_name.as_deref().map_or(Lookup::Unknown, |name| {
                lookup(self.runtime_classes.get(name), self.has(Kind::RuntimeClass))
            }),
            pod_security: self.pod_security.as_deref().cloned().unwrap_or_default(),
        }
    }

    /// A namespace.
    pub fn namespace(&self, name: &str) -> Lookup<&Namespace> {
        let name = or_default(name);
        // A list without any namespace is not that of a cluster.
        let known = self.has(Kind::Namespace) && self.namespaces.len() > 0 && !ALWAYS.contains(&name);
        lookup(self.namespaces.get(name), known)
    }

    /// A service account, `default` where none is named.
    pub fn service_account(&self, namespace: &str, name: Option<&str>) -> Lookup<&ServiceAccount> {
        let name = name.filter(|name| !name.is_empty()).unwrap_or(DEFAULT);
        // The controller manager makes the account `default` of a namespace that has none.
        let known = name != DEFAULT && self.knows_in(Kind::ServiceAccount, namespace);
        lookup(self.around.service_accounts.get(namespace, name), known)
    }

    /// All priority classes, if they are known or if they have what the pod asks for.
    fn priority_classes(&self, name: Option<&str>) -> Option<Vec<&PriorityClass>> {
        let is_known = match name.filter(|name| !name.is_empty()) {
            Some(name) => self.priority_classes.contains_key(name),
            None => self.priority_classes.values().any(|class| class.global_default == Some(true)),
        };
        if !is_known && !self.has(Kind::PriorityClass) {
            return None;
        }
        let mut classes: Vec<&PriorityClass> = self.priority_classes.values().collect();
        classes.sort_by(|one, other| one.metadata.name.cmp(&other.metadata.name));
        Some(classes)
    }

    /// Whether all objects of a kind of all namespaces were read.
    pub const fn has_whole(&self, kind: Kind) -> bool {
        self.whole & kind.bit() != 0
    }

    /// Whether all objects of a kind that are in a namespace were read. Files often hold the objects of one namespace.
    pub fn knows_in(&self, kind: Kind, namespace: &str) -> bool {
        self.has_whole(kind) || (self.has(kind) && self.around.has_any(kind, namespace))
    }
}

fn lookup<T>(found: Option<T>, known: bool) -> Lookup<T> {
    match found {
        Some(found) => Lookup::Found(found),
        None if known => Lookup::Absent,
        None => Lookup::Unknown,
    }
}
