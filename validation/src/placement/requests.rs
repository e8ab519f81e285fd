//! What a pod requests in total.
//!
//! Containers run together, init containers one after another before them, except restartable ones; the pod's overhead is added, and
//! a request of the pod itself replaces the sum of its containers'. Sums are made of exact quantities and rounded once, at the end.
//!
//! Upstream: `component-helpers/resource`.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use k8s_openapi::api::core::v1::{self, PodSpec};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Written;

use super::resource::ResourceTotals;
use super::wire;
use crate::gates::{Change, Gate};
use crate::quantity::Quantity;
use crate::server::Server;

/// Sums of quantities by resource. A list, since a pod requests few resources; where it requests many, their places are looked up.
#[derive(Clone, Debug, Default)]
pub(super) struct Sums<'a> {
    list: Vec<(Cow<'a, str>, Quantity)>,
    /// The places of the first resources of a long list.
    places: HashMap<Cow<'a, str>, usize>,
    /// How many of the list these are.
    known: usize,
}

/// A list of so many resources is searched one by one.
const FEW: usize = 12;

impl<'a> Sums<'a> {
    fn of_list(list: Vec<(Cow<'a, str>, Quantity)>) -> Self {
        Self { list, ..Self::default() }
    }

    fn entry(&mut self, name: &str) -> Option<&mut Quantity> {
        if self.list.len() <= FEW {
            return self.list.iter_mut().find(|(known, _)| &**known == name).map(|(_, amount)| amount);
        }
        // Of a list with two entries of one name, the first counts.
        for place in self.known..self.list.len() {
            if let Some((name, _)) = self.list.get(place) {
                self.places.entry(name.clone()).or_insert(place);
            }
        }
        self.known = self.list.len();
        let place = self.places.get(name).copied()?;
        self.list.get_mut(place).map(|(_, amount)| amount)
    }

    /// Upstream: `component-helpers/resource.addResourceList`.
    fn add(&mut self, other: &Self) {
        for (name, amount) in &other.list {
            match self.entry(name) {
                Some(sum) => sum.add(amount),
                None => self.list.push((name.clone(), amount.clone())),
            }
        }
    }

    /// Upstream: `component-helpers/resource.maxResourceList`.
    fn max(&mut self, other: &Self) {
        for (name, amount) in &other.list {
            match self.entry(name) {
                Some(most) if *amount > *most => *most = amount.clone(),
                Some(_) => {}
                None => self.list.push((name.clone(), amount.clone())),
            }
        }
    }

    /// The same for what `all` has of the resources of another list.
    fn max_of(&mut self, all: &mut Self, other: &Self) {
        for (name, _) in &other.list {
            let Some(amount) = all.entry(name) else { continue };
            match self.entry(name) {
                Some(most) if *amount > *most => *most = amount.clone(),
                Some(_) => {}
                None => self.list.push((name.clone(), amount.clone())),
            }
        }
    }

    /// Adds what another list has of the same resources.
    fn add_known(&mut self, other: &mut Self) {
        for (name, sum) in &mut self.list {
            if let Some(amount) = other.entry(name) {
                sum.add(amount);
            }
        }
    }

    /// Adds what is not there yet.
    fn fill_from(&mut self, other: &Self) {
        for (name, amount) in &other.list {
            if self.entry(name).is_none() {
                self.list.push((name.clone(), amount.clone()));
            }
        }
    }

    /// Upstream: `component-helpers/resource.applyPodLevelResources`.
    fn replace_with_pod_level(&mut self, other: &Self) {
        for (name, amount) in other.list.iter().filter(|(name, _)| is_pod_level_resource(name)) {
            match self.entry(name) {
                Some(sum) => *sum = amount.clone(),
                None => self.list.push((name.clone(), amount.clone())),
            }
        }
    }

    fn of_wire(list: &wire::ResourceList<'a>) -> Self {
        Self::of_list(list.0.iter().map(|(name, amount)| (name.0.clone(), amount.clone())).collect())
    }

    /// A limit without a request is the request.
    ///
    /// Upstream: `core/v1.SetDefaults_Pod`.
    fn of_wire_resources(resources: Option<&wire::Resources<'a>>) -> Self {
        let Some(resources) = resources else { return Self::default() };
        let mut sums = resources.requests.as_ref().map(Self::of_wire).unwrap_or_default();
        sums.fill_from(&resources.limits.as_ref().map(Self::of_wire).unwrap_or_default());
        sums
    }

    fn of_written(list: Option<&'a BTreeMap<String, Written>>) -> Self {
        let pairs = list.into_iter().flatten();
        Self::of_list(
            pairs.map(|(name, amount)| (Cow::Borrowed(name.as_str()), Quantity::of(amount))).collect(),
        )
    }

    fn totals(&self) -> ResourceTotals {
        ResourceTotals::of_pod(self.list.iter().map(|(name, amount)| (&**name, amount)))
    }
}

/// Upstream: `component-helpers/resource.IsSupportedPodLevelResource`.
fn is_pod_level_resource(name: &str) -> bool {
    matches!(name, "cpu" | "memory") || name.starts_with("hugepages-")
}

/// Containers that run together and init containers, with whether they stay.
///
/// Upstream: `component-helpers/resource.aggregateContainerResourcesByFn`.
fn aggregate<'a>(
    containers: impl Iterator<Item = Sums<'a>>,
    init_containers: impl Iterator<Item = (Sums<'a>, bool)>,
) -> Sums<'a> {
    let mut result = Sums::default();
    for one in containers {
        result.add(&one);
    }
    let mut staying = Sums::default();
    let mut most = Sums::default();
    for (one, stays) in init_containers {
        if stays {
            result.add(&one);
            staying.add(&one);
            // Of other resources the same ones stay as before, and `most` has these.
            most.max_of(&mut staying, &one);
        } else {
            let mut together = one;
            together.add_known(&mut staying);
            most.max(&together);
        }
    }
    result.max(&most);
    result
}

/// What the pod of a template requests.
///
/// Upstream: `component-helpers/resource.PodRequests`.
pub(super) fn of_template(pod: &PodSpec, server: &Server) -> ResourceTotals {
    let stays = |container: &v1::Container| container.restart_policy.as_deref() == Some("Always");
    let mut sums = aggregate(
        pod.containers.iter().map(requests),
        pod.init_containers.iter().flatten().map(|one| (requests(one), stays(one))),
    );
    if server.enabled(Gate::PodLevelResources) && pod.resources.is_some() {
        let container_limits = aggregate(
            pod.containers.iter().map(limits),
            pod.init_containers.iter().flatten().map(|one| (limits(one), stays(one))),
        );
        let written = pod.resources.as_ref();
        let own = Sums::of_written(written.and_then(|resources| resources.requests.as_ref()));
        let own_limits = Sums::of_written(written.and_then(|resources| resources.limits.as_ref()));
        sums.replace_with_pod_level(&pod_level(own, own_limits, &sums, &container_limits, server));
    }
    sums.add(&Sums::of_written(pod.overhead.as_ref()));
    sums.totals()
}

/// A limit without a request is the request; the server fills it in when the pod is made, not in the template.
///
/// Upstream: `core/v1.SetDefaults_Pod`.
fn requests(container: &v1::Container) -> Sums<'_> {
    let resources = container.resources.as_ref();
    let mut sums = Sums::of_written(resources.and_then(|resources| resources.requests.as_ref()));
    sums.fill_from(&limits(container));
    sums
}

fn limits(container: &v1::Container) -> Sums<'_> {
    Sums::of_written(container.resources.as_ref().and_then(|resources| resources.limits.as_ref()))
}

/// What the pod itself requests, once the server has filled in what follows from its limits and its containers.
///
/// Upstream: `core/v1.defaultHugePagePodLimits`, `core/v1.defaultPodRequests`, `api/pod.DefaultPodLevelResources`.
fn pod_level<'a>(
    mut requests: Sums<'a>,
    mut limits: Sums<'a>,
    containers: &Sums<'a>,
    container_limits: &Sums<'a>,
    server: &Server,
) -> Sums<'a> {
    if limits.list.is_empty() && requests.list.is_empty() {
        return requests;
    }
    for (name, amount) in container_limits.list.iter().filter(|(name, _)| name.starts_with("hugepages-")) {
        if requests.entry(name).is_none() && limits.entry(name).is_none() {
            limits.list.push((name.clone(), amount.clone()));
        }
    }
    if limits.list.is_empty() && !server.enabled(Gate::PodLevelResourcesFixDefaulting) {
        return requests;
    }
    for (name, amount) in containers.list.iter().filter(|(name, _)| matches!(&**name, "cpu" | "memory")) {
        if requests.entry(name).is_none() {
            requests.list.push((name.clone(), amount.clone()));
        }
    }
    let supported = limits.list.into_iter().filter(|(name, _)| is_pod_level_resource(name));
    requests.fill_from(&Sums::of_list(supported.collect()));
    requests
}

/// What an existing pod holds: the most of what it requests, was allocated and uses, since it may be resized in place.
///
/// Upstream: `scheduler/framework.PodInfo.CalculateResource`.
pub(super) fn of_pod(pod: &wire::Pod<'_>, server: &Server) -> ResourceTotals {
    let resizable = server.enabled(Gate::InPlacePodVerticalScaling);
    let pod_level_resizable = server.enabled(Gate::InPlacePodLevelResourcesVerticalScaling);
    let infeasible = resizable && is_resize_infeasible(pod);
    let whole = server.has(Change::ResizedPodsAreSummedWhole);
    let wanted = aggregate_pod(pod, |container, _, _| Sums::of_wire_resources(container.resources.as_ref()));
    let mut sums = if !resizable || has_no_status_resources(pod) {
        wanted
    } else if whole {
        let (allocated, actuated) = given(pod, infeasible, pod_level_resizable);
        let mut most = if infeasible { Sums::default() } else { wanted };
        most.max(&actuated);
        most.max(&allocated);
        most
    } else {
        aggregate_pod(pod, |container, status, passing| effective(container, status, passing, infeasible))
    };
    if server.enabled(Gate::PodLevelResources) {
        let status = &pod.status;
        let spec = pod_level_of_pod(pod, server);
        if spec.list.iter().any(|(name, _)| is_pod_level_resource(name)) {
            let mut effective = spec.clone();
            if let (true, true, Some(actual)) = (resizable, pod_level_resizable, &status.resources) {
                if infeasible {
                    effective = Sums::default();
                }
                effective.max(&actual.requests.as_ref().map(Sums::of_wire).unwrap_or_default());
                effective.max(&status.allocated_resources.as_ref().map(Sums::of_wire).unwrap_or_default());
            }
            if !whole {
                // Only pod-level requests are replaced; what was not allocated counts as 0.
                let names = spec.list.into_iter().map(|(name, _)| name);
                let mut list = Vec::new();
                for name in names {
                    let amount = effective.entry(&name).map(|amount| amount.clone()).unwrap_or_default();
                    list.push((name, amount));
                }
                effective = Sums::of_list(list);
            }
            sums.replace_with_pod_level(&effective);
        }
    }
    sums.add(&pod.spec.overhead.as_ref().map(Sums::of_wire).unwrap_or_default());
    sums.totals()
}

/// The pod-level requests, with the defaults that the server sets.
fn pod_level_of_pod<'a>(pod: &wire::Pod<'a>, server: &Server) -> Sums<'a> {
    let Some(written) = &pod.spec.resources else { return Sums::default() };
    if server.enabled(Gate::PodLevelResourcesFixDefaulting) {
        return Sums::of_wire_resources(Some(written));
    }
    let list = |list: &Option<wire::ResourceList<'a>>| list.as_ref().map(Sums::of_wire).unwrap_or_default();
    let containers =
        aggregate_pod(pod, |container, _, _| Sums::of_wire_resources(container.resources.as_ref()));
    let container_limits = aggregate_pod(pod, |container, _, _| {
        container.resources.as_ref().map(|resources| list(&resources.limits)).unwrap_or_default()
    });
    pod_level(list(&written.requests), list(&written.limits), &containers, &container_limits, server)
}

/// What one container holds: the most of what it requests, was allocated and uses; of an init container that ends, its requests.
///
/// Upstream: `component-helpers/resource.determineEffectiveRequests`.
fn effective<'a>(
    container: &wire::Container<'a>,
    status: Option<&wire::ContainerStatus<'a>>,
    passing: bool,
    infeasible: bool,
) -> Sums<'a> {
    let wanted = Sums::of_wire_resources(container.resources.as_ref());
    let Some((status, actual)) = status.and_then(|status| Some((status, status.resources.as_ref()?))) else {
        return wanted;
    };
    if passing {
        return wanted;
    }
    let mut most = if infeasible { Sums::default() } else { wanted };
    most.max(&actual.requests.as_ref().map(Sums::of_wire).unwrap_or_default());
    most.max(&status.allocated_resources.as_ref().map(Sums::of_wire).unwrap_or_default());
    most
}

/// `passes` says that it is an init container that ends.
fn aggregate_pod<'p, 'a: 'p>(
    pod: &'p wire::Pod<'a>,
    of: impl Fn(&'p wire::Container<'a>, Option<&'p wire::ContainerStatus<'a>>, bool) -> Sums<'a>,
) -> Sums<'a> {
    let status = |name: &str| {
        let all = pod.status.container_statuses.iter().chain(&pod.status.init_container_statuses);
        all.flatten().find(|status| &*status.name == name)
    };
    let stays = |container: &wire::Container<'_>| container.restart_policy.as_deref() == Some("Always");
    aggregate(
        pod.spec.containers.iter().map(|one| of(one, status(&one.name), false)),
        pod.spec.init_containers.iter().flatten().map(|one| {
            let stays = stays(one);
            (of(one, status(&one.name), !stays), stays)
        }),
    )
}

/// Most pods were never resized, and older servers do not report it.
fn has_no_status_resources(pod: &wire::Pod<'_>) -> bool {
    let mut all = pod.status.container_statuses.iter().chain(&pod.status.init_container_statuses).flatten();
    pod.status.allocated_resources.is_none()
        && pod.status.resources.is_none()
        && all.all(|status| status.allocated_resources.is_none() && status.resources.is_none())
        && !is_resize_infeasible(pod)
}

/// What the kubelet admitted and allocated.
fn given<'a>(pod: &wire::Pod<'a>, infeasible: bool, pod_level_resizable: bool) -> (Sums<'a>, Sums<'a>) {
    let status = &pod.status;
    let pod_level = (
        status.allocated_resources.as_ref(),
        status.resources.as_ref().and_then(|resources| resources.requests.as_ref()),
    );
    if let (true, (Some(allocated), Some(actuated))) = (pod_level_resizable, pod_level) {
        return (Sums::of_wire(allocated), Sums::of_wire(actuated));
    }
    let wanted = |container: &wire::Container<'a>| {
        if infeasible { Sums::default() } else { Sums::of_wire_resources(container.resources.as_ref()) }
    };
    let allocated = aggregate_pod(pod, |container, status, _| {
        match status.and_then(|status| status.allocated_resources.as_ref()) {
            Some(list) => Sums::of_wire(list),
            None => wanted(container),
        }
    });
    let actuated = aggregate_pod(pod, |container, status, _| {
        let actual = status.and_then(|status| status.resources.as_ref()?.requests.as_ref());
        match actual.or(status.and_then(|status| status.allocated_resources.as_ref())) {
            Some(list) => Sums::of_wire(list),
            None => wanted(container),
        }
    });
    (allocated, actuated)
}

/// Upstream: `component-helpers/resource.IsPodResizeInfeasible`.
fn is_resize_infeasible(pod: &wire::Pod<'_>) -> bool {
    let condition = pod.status.conditions.iter().flatten().find(|one| &*one.kind == "PodResizePending");
    condition.is_some_and(|condition| condition.reason.as_deref() == Some("Infeasible"))
}
