//! The objects around a pod, as the engine wants them.

use daemonset_validation::admission::{Lookup, Namespace, ServiceAccount, Surroundings};
use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::api::core::v1::{self, LimitRange, ResourceQuota};
use k8s_openapi::api::node::v1::RuntimeClass;
use k8s_openapi::api::scheduling::v1::PriorityClass;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// All objects of a case, by kind and sorted by name.
#[derive(Debug, Default)]
pub(crate) struct Around {
    namespaces: Vec<Namespace>,
    limit_ranges: Vec<LimitRange>,
    quotas: Vec<ResourceQuota>,
    accounts: Vec<ServiceAccount>,
    priority_classes: Vec<PriorityClass>,
    runtime_classes: Vec<RuntimeClass>,
}

fn typed<T: DeserializeOwned>(object: &Value) -> Result<T, String> {
    T::deserialize(object).map_err(|error| format!("{error}: {object}"))
}

fn name(metadata: &ObjectMeta) -> &str {
    metadata.name.as_deref().unwrap_or_default()
}

impl Around {
    /// Reads them.
    ///
    /// # Errors
    ///
    /// An object that has another kind, or is none of its kind.
    pub(crate) fn read(objects: &[Value]) -> Result<Self, String> {
        let mut all = Self::default();
        for object in objects {
            match object.get("kind").and_then(Value::as_str) {
                Some("Namespace") => all.namespaces.push((&typed::<v1::Namespace>(object)?).into()),
                Some("LimitRange") => all.limit_ranges.push(typed(object)?),
                Some("ResourceQuota") => all.quotas.push(typed(object)?),
                Some("ServiceAccount") => all.accounts.push((&typed::<v1::ServiceAccount>(object)?).into()),
                Some("PriorityClass") => all.priority_classes.push(typed(object)?),
                Some("RuntimeClass") => all.runtime_classes.push(typed(object)?),
                _ => return Err(format!("no kind: {object}")),
            }
        }
        all.limit_ranges.sort_by(|left, right| name(&left.metadata).cmp(name(&right.metadata)));
        all.quotas.sort_by(|left, right| name(&left.metadata).cmp(name(&right.metadata)));
        all.priority_classes.sort_by(|left, right| name(&left.metadata).cmp(name(&right.metadata)));
        Ok(all)
    }

    /// What is around the pods of a DaemonSet. All kinds are known.
    pub(crate) fn of(&self, daemon_set: &DaemonSet) -> Surroundings<'_> {
        let namespace = daemon_set.metadata.namespace.as_deref().unwrap_or("default");
        let spec = daemon_set.spec.template.spec.as_ref();
        let given = |name: Option<&String>| name.filter(|name| !name.is_empty()).cloned();
        let account = given(spec.and_then(|spec| spec.service_account_name.as_ref()));
        let account = account.unwrap_or_else(|| "default".to_owned());
        let class = given(spec.and_then(|spec| spec.runtime_class_name.as_ref())).unwrap_or_default();
        let here = |metadata: &ObjectMeta| metadata.namespace.as_deref() == Some(namespace);
        let ranges = self.limit_ranges.iter().filter(|range| here(&range.metadata));
        let quotas = self.quotas.iter().filter(|quota| here(&quota.metadata));
        let accounts = self.accounts.iter();
        Surroundings {
            namespace: found(self.namespaces.iter().find(|known| *known.name == *namespace)),
            limit_ranges: Some(ranges.collect()),
            quotas: Some(quotas.collect()),
            service_account: found(
                accounts.clone().find(|known| *known.namespace == *namespace && *known.name == *account),
            ),
            priority_classes: Some(self.priority_classes.iter().collect()),
            runtime_class: found(self.runtime_classes.iter().find(|known| name(&known.metadata) == class)),
            ..Surroundings::default()
        }
    }
}

fn found<T>(object: Option<T>) -> Lookup<T> {
    object.map_or(Lookup::Absent, Lookup::Found)
}
