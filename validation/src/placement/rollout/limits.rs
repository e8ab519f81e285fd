//! How many pods a rolling update may replace at a time.

use k8s_openapi::api::apps::v1::{DaemonSet, RollingUpdateDaemonSet};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// What the update strategy allows for a number of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Whether the controller deletes old pods; with `OnDelete` it does not.
    pub rolling: bool,
    /// How many nodes the controller makes a pod for.
    pub desired: usize,
    /// How many pods may be unavailable.
    pub max_unavailable: usize,
    /// How many new pods may start beside available old ones.
    pub max_surge: usize,
    /// Whether the strategy lets a node have two pods at all.
    pub surges: bool,
}

impl Limits {
    /// The limits where `desired` nodes are to have a pod. `None` where the object holds a value that the server refuses.
    ///
    /// Upstream: `controller/daemon.updatedDesiredNodeCounts`, `util.UnavailableCount`, `util.SurgeCount`, `util.AllowsSurge`.
    pub fn new(daemon_set: &DaemonSet, desired: usize) -> Option<Self> {
        let strategy = daemon_set.spec.update_strategy.as_ref();
        let kind = strategy.and_then(|strategy| strategy.type_.as_deref());
        let rolling = kind == Some("RollingUpdate");
        let update = strategy.and_then(|strategy| strategy.rolling_update.as_ref()).filter(|_| rolling);
        let mut max_unavailable = match update {
            // The server sets a default, so upstream returns an error where it is absent.
            Some(update) => scaled(update.max_unavailable.as_ref()?, desired)?,
            None => 0,
        };
        let max_surge = surge(update, desired)?;
        if desired > 0 && max_unavailable == 0 && max_surge == 0 {
            max_unavailable = 1;
        }
        let surges = surge(update, 1).is_some_and(|count| count > 0);
        Some(Self { rolling, desired, max_unavailable, max_surge, surges })
    }

    /// How many available pods are replaced at once.
    pub const fn step(&self) -> usize {
        if self.max_surge > 0 { self.max_surge } else { self.max_unavailable }
    }
}

fn surge(update: Option<&RollingUpdateDaemonSet>, of: usize) -> Option<usize> {
    match update.and_then(|update| update.max_surge.as_ref()) {
        Some(value) => scaled(value, of),
        None => Some(0),
    }
}

/// A number as it is, a percentage of `of` rounded up.
///
/// Upstream: `apimachinery/pkg/util/intstr.GetScaledValueFromIntOrPercent` with `roundUp`.
fn scaled(value: &IntOrString, of: usize) -> Option<usize> {
    match value {
        IntOrString::Int(count) => usize::try_from(*count).ok(),
        IntOrString::String(text) => {
            let percent: usize = text.strip_suffix('%')?.parse().ok()?;
            Some(percent.checked_mul(of)?.div_ceil(100))
        }
    }
}
