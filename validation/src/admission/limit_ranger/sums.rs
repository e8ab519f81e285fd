//! What a pod requests and is limited to as a whole.

use std::borrow::Cow;
use std::cmp::Ordering;

use k8s_openapi::api::core::v1::{PodSpec, ResourceRequirements};

use super::constraint::{Amounts, Parsed, ResourceList, parsed};
use crate::gates::Gate;
use crate::quantity::Quantity;
use crate::server::Server;

/// The resources that a pod as a whole may have.
const OF_PODS: [&str; 2] = ["cpu", "memory"];

type Part = fn(&ResourceRequirements) -> Option<&ResourceList>;

/// The plugin sums them up without the pod's overhead.
///
/// Upstream: `plugin/admission/limitranger.podRequests`, `plugin/admission/limitranger.podLimits`.
pub(super) fn of_pod<'p>(spec: &'p PodSpec, server: &Server) -> Amounts<'p> {
    Amounts {
        requests: sum(spec, |resources| resources.requests.as_ref(), server),
        limits: sum(spec, |resources| resources.limits.as_ref(), server),
    }
}

/// Containers run together with all sidecars; an init container with the sidecars before it.
fn sum<'p>(spec: &'p PodSpec, part: Part, server: &Server) -> Parsed<'p> {
    let list = |resources: &'p Option<ResourceRequirements>| parsed(resources.as_ref().and_then(part));
    let mut total = Parsed::new();
    for container in &spec.containers {
        add(&mut total, list(&container.resources));
    }
    let (mut sidecars, mut most) = (Parsed::new(), Parsed::new());
    for container in spec.init_containers.iter().flatten() {
        let own = list(&container.resources);
        let is_sidecar = container.restart_policy.as_deref() == Some("Always");
        if is_sidecar {
            add(&mut total, own.clone());
            add(&mut sidecars, own.clone());
        }
        for (name, amount) in own {
            // Of what the container does not have, the sidecars' sum was counted when it last grew.
            let mut together = amount;
            match sidecars.get(&name) {
                Some(sum) if is_sidecar => together.clone_from(sum),
                Some(sum) => together.add(sum),
                None => {}
            }
            keep_larger(&mut most, name, together);
        }
    }
    for (name, amount) in most {
        keep_larger(&mut total, name, amount);
    }
    if server.enabled(Gate::PodLevelResources) {
        let own = list(&spec.resources).into_iter();
        total.extend(own.filter(|(name, _)| OF_PODS.contains(&name.as_ref())));
    }
    total
}

/// Upstream: `plugin/admission/limitranger.addResourceList`.
fn add<'p>(to: &mut Parsed<'p>, list: Parsed<'p>) {
    for (name, amount) in list {
        match to.get_mut(&name) {
            Some(sum) => sum.add(&amount),
            None => {
                to.insert(name, amount);
            }
        }
    }
}

/// Upstream: `plugin/admission/limitranger.maxResourceList`.
fn keep_larger<'p>(of: &mut Parsed<'p>, name: Cow<'p, str>, mut amount: Quantity) {
    match of.get_mut(&name) {
        Some(most) => {
            if amount.compare_and_keep_digits(most) == Ordering::Greater {
                *most = amount;
            }
        }
        None => {
            of.insert(name, amount);
        }
    }
}
