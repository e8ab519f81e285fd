//! An object around a pod, as far as it is kept.

use k8s_openapi::api::core::v1::{LimitRange, ResourceQuota};

use super::decider::{Binding, Decider};
use super::keys::DataKeys;
use crate::admission::ServiceAccount;
use crate::placement::kind::Kind;
use crate::placement::snapshot::name::key;

impl One {
    /// A quota that is applied keeps the status of the one that is there.
    pub(in crate::placement::snapshot) fn keep_status(&mut self, known: &ResourceQuota) {
        if let Kept::ResourceQuota(quota) = &mut self.kept {
            quota.status.clone_from(&known.status);
        }
    }

    /// The name by which it is found.
    pub(in crate::placement::snapshot) fn key(&self) -> Box<str> {
        if self.kind.is_namespaced() {
            key(&self.namespace, &self.name).into_boxed_str()
        } else {
            self.name.clone()
        }
    }
}

/// An object of one of these kinds, as far as it is kept.
#[derive(Clone, Debug)]
pub(in crate::placement::snapshot) struct One {
    pub(in crate::placement::snapshot) kind: Kind,
    /// Empty for a kind without namespaces.
    pub(in crate::placement::snapshot) namespace: Box<str>,
    pub(in crate::placement::snapshot) name: Box<str>,
    pub(super) kept: Kept,
}

#[derive(Clone, Debug)]
pub(super) enum Kept {
    LimitRange(Box<LimitRange>),
    ResourceQuota(Box<ResourceQuota>),
    ServiceAccount(Box<ServiceAccount>),
    ConfigMap(DataKeys),
    Secret(DataKeys),
    Mutating(Vec<Decider>),
    Validating(Vec<Decider>),
    Policy(Box<Decider>),
    Binding(Box<Binding>),
    MutatingPolicy(Box<Decider>),
    MutatingBinding(Box<Binding>),
    /// Nothing but the name.
    NameOnly,
}
