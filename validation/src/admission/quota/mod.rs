//! The quotas of the namespace: how many pods they take, and what they say to the next one.

mod charge;
mod constraints;
mod quality;
mod read;
mod resources;
mod scopes;
mod usage;

use k8s_openapi::api::core::v1::ResourceQuota;

use super::plugin::Plugin;
use super::pod::Pod;
use super::refusal::{Detail, Refusal};
use crate::path::FieldPath;
use crate::server::Server;
use charge::Charged;
use read::{hard, has_status, has_usage, matches, name};

pub use charge::Freed;

/// What the quotas of a namespace take of pods that are created one after another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Room {
    /// As many as come.
    Unlimited,
    /// So many pods, at least one; the next one is refused.
    Takes(usize, Refusal),
    /// None at all.
    None(Refusal),
}

/// What the quotas take of pods like this one, which is as it would be stored. Which quota refuses a pod that several refuse is
/// decided by their order here; the server has none.
///
/// A quota whose status is empty is new, and its controller will soon write the status: it is read as if nothing was used yet. The
/// server has no limited resources by default, for which there must be a quota.
///
/// Upstream: `apiserver/admission/plugin/resourcequota.CheckRequest`.
pub fn room(pod: &Pod, quotas: &[&ResourceQuota], server: &Server) -> Room {
    room_after(pod, quotas, &[], server)
}

/// The same after pods are deleted and the controller of the quotas has seen it.
pub fn room_after(pod: &Pod, quotas: &[&ResourceQuota], freed: &[Freed<'_>], server: &Server) -> Room {
    let mut interesting: Vec<&ResourceQuota> = Vec::with_capacity(quotas.len());
    for quota in quotas.iter().copied().filter(|quota| matches(quota, pod, server)) {
        let restricted = resources::matching(hard(quota).keys());
        let missing = constraints::missing(&restricted, pod);
        if !missing.is_empty() {
            return Room::None(constraints::refusal(quota, missing, pod));
        }
        if has_status(quota) && !has_usage(quota, &restricted) {
            return Room::None(status_unknown(quota, restricted));
        }
        interesting.push(quota);
    }
    let usage = usage::of_pod(pod);
    let negative: Vec<String> =
        usage.iter().filter(|(_, amount)| amount.sign() < 0).map(|(name, _)| name.to_string()).collect();
    if !negative.is_empty() {
        return Room::None(usage_is_negative(negative));
    }
    // Of two quotas that refuse the same pod, the first one speaks.
    let mut first: Option<Charged<'_, '_>> = None;
    for quota in interesting {
        let used = charge::used_after(quota, freed, server);
        if let Some(charged) = charge::until_exceeded(quota, used, &usage)
            && first.as_ref().is_none_or(|first| charged.taken < first.taken)
        {
            first = Some(charged);
        }
    }
    match first {
        None => Room::Unlimited,
        Some(charged) if charged.taken == 0 => Room::None(charged.refusal()),
        Some(charged) => Room::Takes(charged.taken, charged.refusal()),
    }
}

fn status_unknown(quota: &ResourceQuota, mut restricted: Vec<&str>) -> Refusal {
    restricted.sort_unstable();
    Refusal {
        plugin: Plugin::ResourceQuota,
        message: format!("status unknown for quota: {}, resources: {}", name(quota), restricted.join(",")),
        path: FieldPath::of(&["spec", "template", "spec"]),
        detail: Detail::QuotaUnknown {
            quota: name(quota).into(),
            resources: restricted.into_iter().map(str::to_owned).collect(),
        },
    }
}

fn usage_is_negative(negative: Vec<String>) -> Refusal {
    Refusal {
        plugin: Plugin::ResourceQuota,
        message: format!("quota usage is negative for resource(s): {}", negative.join(",")),
        path: FieldPath::of(&["spec", "template", "spec"]),
        detail: Detail::QuotaNegative { resources: negative },
    }
}

#[cfg(test)]
mod tests;
