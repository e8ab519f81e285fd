//! How many pods a quota takes until one of its limits is exceeded.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ResourceQuota;

use super::read::{hard, matches, name};
use super::usage::{self, Usage};
use crate::admission::plugin::Plugin;
use crate::admission::pod::Pod;
use crate::admission::refusal::{Detail, QuotaAmount, Refusal};
use crate::path::FieldPath;
use crate::quantity::Quantity;
use crate::server::Server;

/// Pods that are deleted before the new ones are made.
#[derive(Clone, Copy, Debug)]
pub struct Freed<'p> {
    /// A pod like them, as it is stored.
    pub pod: &'p Pod,
    /// How many.
    pub count: usize,
}

/// More pods than this are as many as come: two to this power.
const DOUBLINGS: usize = 40;

/// What a quota has in use, by resource.
type Used<'q> = BTreeMap<&'q str, Quantity>;

/// A quota that takes some pods and refuses the next one.
#[derive(Debug)]
pub(super) struct Charged<'q, 'u> {
    quota: &'q ResourceQuota,
    /// How many pods it takes.
    pub(super) taken: usize,
    /// The resources that the next pod exceeds.
    exceeded: Vec<Limited<'q, 'u>>,
    /// The other resources that the quota limits and the pods use.
    others: Vec<Limited<'q, 'u>>,
}

/// A resource that the quota limits and the pod uses.
#[derive(Clone, Debug)]
struct Limited<'q, 'u> {
    name: &'q str,
    /// What a pod uses.
    requested: &'u Quantity,
    /// What is in use, without these pods.
    used: Quantity,
    hard: Quantity,
}

impl Limited<'_, '_> {
    /// What is in use with so many pods.
    fn used_with(&self, pods: usize) -> Quantity {
        let mut used = self.used.clone();
        used.add_times(self.requested, pods);
        used
    }

    /// How many pods it takes; `None` for as many as come.
    ///
    /// The number is found by doubling: limits may be so high that counting would not end.
    fn room(&self) -> Option<usize> {
        let fits = |used: &Quantity| *used <= self.hard;
        let with = |used: &Quantity, more: &Quantity| {
            let mut sum = used.clone();
            sum.add(more);
            sum
        };
        // The pods of one, two, four, ….
        let mut powers = vec![self.requested.clone()];
        while let Some(last) = powers.last()
            && fits(&with(&self.used, last))
        {
            if powers.len() > DOUBLINGS {
                return None;
            }
            let double = with(last, last);
            powers.push(double);
        }
        let mut taken = 0_usize;
        let mut used = self.used.clone();
        for power in powers.iter().rev() {
            let more = with(&used, power);
            taken = taken.saturating_mul(2);
            if fits(&more) {
                used = more;
                taken = taken.saturating_add(1);
            }
        }
        Some(taken)
    }
}

/// What the quota has in use once these pods are gone: not less than nothing.
pub(super) fn used_after<'q>(quota: &'q ResourceQuota, freed: &[Freed<'_>], server: &Server) -> Used<'q> {
    let status = quota.status.as_ref().and_then(|status| status.used.as_ref());
    let mut used: Used<'q> =
        status.into_iter().flatten().map(|(name, amount)| (name.as_str(), Quantity::of(amount))).collect();
    for Freed { pod, count } in freed {
        if *count == 0 || !matches(quota, pod, server) {
            continue;
        }
        let of_one = usage::of_pod(pod);
        for (name, used) in &mut used {
            let Some(one) = of_one.get(*name) else { continue };
            let mut all = Quantity::default();
            all.add_times(one, *count);
            used.subtract(&all);
            if used.sign() < 0 {
                *used = Quantity::default();
            }
        }
    }
    used
}

/// Charges pods with this usage until a limit is exceeded; `None` if none ever is.
///
/// Upstream: `apiserver/admission/plugin/resourcequota.CheckRequest`, `apiserver/quota/v1.LessThanOrEqual`,
/// `apiserver/quota/v1.Mask`, `apiserver/quota/v1.RemoveZeros`.
pub(super) fn until_exceeded<'q, 'u>(
    quota: &'q ResourceQuota,
    mut used: Used<'q>,
    usage: &'u Usage<'_>,
) -> Option<Charged<'q, 'u>> {
    let mut limited = Vec::new();
    for (name, hard) in hard(quota) {
        let Some(requested) = usage.get(name.as_str()).filter(|requested| !requested.is_zero()) else {
            continue;
        };
        let used = used.remove(name.as_str()).unwrap_or_default();
        limited.push(Limited { name, requested, used, hard: Quantity::of(hard) });
    }
    let rooms: Vec<Option<usize>> = limited.iter().map(Limited::room).collect();
    let taken = rooms.iter().flatten().copied().min()?;
    let (exceeded, others): (Vec<_>, Vec<_>) =
        limited.into_iter().zip(rooms).partition(|(_, room)| *room == Some(taken));
    let bare = |all: Vec<(Limited<'q, 'u>, Option<usize>)>| all.into_iter().map(|(one, _)| one).collect();
    Some(Charged { quota, taken, exceeded: bare(exceeded), others: bare(others) })
}

impl Charged<'_, '_> {
    /// What the quota says to the pod behind those that it takes.
    pub(super) fn refusal(&self) -> Refusal {
        let amount = |limited: &Limited<'_, '_>| QuotaAmount {
            resource: limited.name.into(),
            requested: limited.requested.clone(),
            used: limited.used_with(self.taken),
            hard: limited.hard.clone(),
        };
        let exceeded: Vec<QuotaAmount> = self.exceeded.iter().map(amount).collect();
        let others = self.others.iter().map(amount).collect();
        let list = |amount: fn(&QuotaAmount) -> &Quantity| {
            let parts: Vec<String> =
                exceeded.iter().map(|one| format!("{}={}", one.resource, amount(one))).collect();
            parts.join(",")
        };
        let message = format!(
            "exceeded quota: {}, requested: {}, used: {}, limited: {}",
            name(self.quota),
            list(|one| &one.requested),
            list(|one| &one.used),
            list(|one| &one.hard)
        );
        Refusal {
            plugin: Plugin::ResourceQuota,
            message,
            path: FieldPath::of(&["spec", "template", "spec"]),
            detail: Detail::QuotaExceeded { quota: name(self.quota).into(), exceeded, others },
        }
    }
}
