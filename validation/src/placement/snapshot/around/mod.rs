//! The objects around a pod: what admission reads, what pods refer to, and who else may decide.

mod decider;
mod keys;
mod one;
mod read;
mod which;

pub use decider::{Binding, Decider, Rule, Scope};
pub use keys::DataKeys;

pub(in crate::placement::snapshot) use one::One;
pub(in crate::placement::snapshot) use read::{namespace, of};

use one::Kept;

use k8s_openapi::api::core::v1::{LimitRange, ResourceQuota};

use super::shared::{ByNamespace, Table};
use crate::admission::ServiceAccount;
use crate::placement::kind::Kind;

/// The objects around a pod, by kind.
#[derive(Clone, Debug, Default)]
pub(in crate::placement) struct Around {
    pub(in crate::placement) limit_ranges: ByNamespace<LimitRange>,
    pub(in crate::placement) quotas: ByNamespace<ResourceQuota>,
    pub(in crate::placement) service_accounts: ByNamespace<ServiceAccount>,
    pub(in crate::placement) config_maps: ByNamespace<DataKeys>,
    pub(in crate::placement) secrets: ByNamespace<DataKeys>,
    pub(in crate::placement) mutating_webhooks: Table<Vec<Decider>>,
    pub(in crate::placement) validating_webhooks: Table<Vec<Decider>>,
    pub(in crate::placement) policies: Table<Decider>,
    pub(in crate::placement) bindings: Table<Binding>,
    pub(in crate::placement) mutating_policies: Table<Decider>,
    pub(in crate::placement) mutating_bindings: Table<Binding>,
    pub(in crate::placement) security_contexts: Table<()>,
}

impl Around {
    /// Adds an object or replaces the one of its name.
    pub(super) fn insert(&mut self, one: One) {
        let One { namespace, name, kept, .. } = one;
        match kept {
            Kept::LimitRange(one) => self.limit_ranges.insert(&namespace, &name, *one),
            Kept::ResourceQuota(one) => self.quotas.insert(&namespace, &name, *one),
            Kept::ServiceAccount(one) => self.service_accounts.insert(&namespace, &name, *one),
            Kept::ConfigMap(keys) => self.config_maps.insert(&namespace, &name, keys),
            Kept::Secret(keys) => self.secrets.insert(&namespace, &name, keys),
            Kept::Mutating(webhooks) => self.mutating_webhooks.insert(name, webhooks),
            Kept::Validating(webhooks) => self.validating_webhooks.insert(name, webhooks),
            Kept::Policy(policy) => self.policies.insert(name, *policy),
            Kept::Binding(binding) => self.bindings.insert(name, *binding),
            Kept::MutatingPolicy(policy) => self.mutating_policies.insert(name, *policy),
            Kept::MutatingBinding(binding) => self.mutating_bindings.insert(name, *binding),
            Kept::NameOnly => self.security_contexts.insert(name, ()),
        }
    }

    /// Whether there is an object of this kind and name.
    pub(super) fn contains(&self, one: &One) -> bool {
        let (namespace, name) = (&*one.namespace, &*one.name);
        match one.kind {
            Kind::LimitRange => self.limit_ranges.get(namespace, name).is_some(),
            Kind::ResourceQuota => self.quotas.get(namespace, name).is_some(),
            Kind::ServiceAccount => self.service_accounts.get(namespace, name).is_some(),
            Kind::ConfigMap => self.config_maps.get(namespace, name).is_some(),
            Kind::Secret => self.secrets.get(namespace, name).is_some(),
            Kind::MutatingWebhookConfiguration => self.mutating_webhooks.contains_key(name),
            Kind::ValidatingWebhookConfiguration => self.validating_webhooks.contains_key(name),
            Kind::ValidatingAdmissionPolicy => self.policies.contains_key(name),
            Kind::ValidatingAdmissionPolicyBinding => self.bindings.contains_key(name),
            Kind::MutatingAdmissionPolicy => self.mutating_policies.contains_key(name),
            Kind::MutatingAdmissionPolicyBinding => self.mutating_bindings.contains_key(name),
            Kind::SecurityContextConstraints => self.security_contexts.contains_key(name),
            _ => false,
        }
    }

    /// Removes an object, if it is there. `key` is `namespace/name`, or `name` where the kind has no namespaces.
    pub(super) fn remove(&mut self, kind: Kind, key: &str) {
        let (namespace, name) = key.split_once('/').unwrap_or(("", key));
        match kind {
            Kind::LimitRange => self.limit_ranges.remove(namespace, name),
            Kind::ResourceQuota => self.quotas.remove(namespace, name),
            Kind::ServiceAccount => self.service_accounts.remove(namespace, name),
            Kind::ConfigMap => self.config_maps.remove(namespace, name),
            Kind::Secret => self.secrets.remove(namespace, name),
            Kind::MutatingWebhookConfiguration => drop(self.mutating_webhooks.remove(name)),
            Kind::ValidatingWebhookConfiguration => drop(self.validating_webhooks.remove(name)),
            Kind::ValidatingAdmissionPolicy => drop(self.policies.remove(name)),
            Kind::ValidatingAdmissionPolicyBinding => drop(self.bindings.remove(name)),
            Kind::MutatingAdmissionPolicy => drop(self.mutating_policies.remove(name)),
            Kind::MutatingAdmissionPolicyBinding => drop(self.mutating_bindings.remove(name)),
            Kind::SecurityContextConstraints => drop(self.security_contexts.remove(name)),
            _ => {}
        }
    }

    /// Removes all objects of a kind.
    pub(super) fn clear(&mut self, kind: Kind) {
        match kind {
            Kind::LimitRange => self.limit_ranges = ByNamespace::default(),
            Kind::ResourceQuota => self.quotas = ByNamespace::default(),
            Kind::ServiceAccount => self.service_accounts = ByNamespace::default(),
            Kind::ConfigMap => self.config_maps = ByNamespace::default(),
            Kind::Secret => self.secrets = ByNamespace::default(),
            Kind::MutatingWebhookConfiguration => self.mutating_webhooks = Table::default(),
            Kind::ValidatingWebhookConfiguration => self.validating_webhooks = Table::default(),
            Kind::ValidatingAdmissionPolicy => self.policies = Table::default(),
            Kind::ValidatingAdmissionPolicyBinding => self.bindings = Table::default(),
            Kind::MutatingAdmissionPolicy => self.mutating_policies = Table::default(),
            Kind::MutatingAdmissionPolicyBinding => self.mutating_bindings = Table::default(),
            Kind::SecurityContextConstraints => self.security_contexts = Table::default(),
            _ => {}
        }
    }

    /// How many objects of a kind there are.
    pub(super) fn count(&self, kind: Kind) -> usize {
        match kind {
            Kind::LimitRange => self.limit_ranges.len(),
            Kind::ResourceQuota => self.quotas.len(),
            Kind::ServiceAccount => self.service_accounts.len(),
            Kind::ConfigMap => self.config_maps.len(),
            Kind::Secret => self.secrets.len(),
            Kind::MutatingWebhookConfiguration => self.mutating_webhooks.len(),
            Kind::ValidatingWebhookConfiguration => self.validating_webhooks.len(),
            Kind::ValidatingAdmissionPolicy => self.policies.len(),
            Kind::ValidatingAdmissionPolicyBinding => self.bindings.len(),
            Kind::MutatingAdmissionPolicy => self.mutating_policies.len(),
            Kind::MutatingAdmissionPolicyBinding => self.mutating_bindings.len(),
            Kind::SecurityContextConstraints => self.security_contexts.len(),
            _ => 0,
        }
    }

    /// Whether the namespace has an object of a kind.
    pub(super) fn has_any(&self, kind: Kind, namespace: &str) -> bool {
        match kind {
            Kind::LimitRange => self.limit_ranges.has_any(namespace),
            Kind::ResourceQuota => self.quotas.has_any(namespace),
            Kind::ServiceAccount => self.service_accounts.has_any(namespace),
            Kind::ConfigMap => self.config_maps.has_any(namespace),
            Kind::Secret => self.secrets.has_any(namespace),
            _ => false,
        }
    }

    /// The names by which the objects of a kind are found.
    pub(super) fn names(&self, kind: Kind) -> Vec<Box<str>> {
        fn boxed(names: impl Iterator<Item = String>) -> Vec<Box<str>> {
            names.map(String::into_boxed_str).collect()
        }
        fn all<'n>(names: impl Iterator<Item = &'n str>) -> Vec<Box<str>> {
            names.map(Box::from).collect()
        }
        match kind {
            Kind::LimitRange => boxed(self.limit_ranges.keys()),
            Kind::ResourceQuota => boxed(self.quotas.keys()),
            Kind::ServiceAccount => boxed(self.service_accounts.keys()),
            Kind::ConfigMap => boxed(self.config_maps.keys()),
            Kind::Secret => boxed(self.secrets.keys()),
            Kind::MutatingWebhookConfiguration => all(self.mutating_webhooks.keys()),
            Kind::ValidatingWebhookConfiguration => all(self.validating_webhooks.keys()),
            Kind::ValidatingAdmissionPolicy => all(self.policies.keys()),
            Kind::ValidatingAdmissionPolicyBinding => all(self.bindings.keys()),
            Kind::MutatingAdmissionPolicy => all(self.mutating_policies.keys()),
            Kind::MutatingAdmissionPolicyBinding => all(self.mutating_bindings.keys()),
            Kind::SecurityContextConstraints => all(self.security_contexts.keys()),
            _ => Vec::new(),
        }
    }
}
