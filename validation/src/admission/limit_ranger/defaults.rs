//! What containers get from a limit range where they say nothing.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container, LimitRangeItem};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Written;

use super::constraint::ResourceList;
use crate::admission::pod::Pod;

/// The type of an item that is about containers.
pub(super) const CONTAINER: &str = "Container";

/// Where the server notes what it has set.
const ANNOTATION: &str = "kubernetes.io/limit-ranger";

/// Amounts by resource, as the range has them.
type Amounts<'r> = BTreeMap<&'r str, &'r Written>;

#[derive(Default)]
struct Defaults<'r> {
    requests: Amounts<'r>,
    limits: Amounts<'r>,
}

impl<'r> Defaults<'r> {
    /// Of several items for containers the last one that names a resource counts.
    ///
    /// Upstream: `plugin/admission/limitranger.defaultContainerResourceRequirements`.
    fn of(items: &'r [LimitRangeItem]) -> Self {
        let mut all = Self::default();
        for item in items.iter().filter(|item| item.type_ == CONTAINER) {
            let own = Self::of_item(item);
            all.requests.extend(own.requests);
            all.limits.extend(own.limits);
        }
        all
    }

    /// A maximum is the default limit, a default limit or a minimum the default request. The server does this when it stores a
    /// range, so that it changes nothing in one that was read from a cluster.
    ///
    /// Upstream: `core/v1.SetDefaults_LimitRangeItem`.
    fn of_item(item: &'r LimitRangeItem) -> Self {
        let mut limits = amounts(item.default.as_ref());
        fill(&mut limits, amounts(item.max.as_ref()));
        let mut requests = amounts(item.default_request.as_ref());
        fill(&mut requests, limits.clone());
        fill(&mut requests, amounts(item.min.as_ref()));
        Self { requests, limits }
    }
}

fn amounts(list: Option<&ResourceList>) -> Amounts<'_> {
    list.into_iter().flatten().map(|(name, amount)| (name.as_str(), amount)).collect()
}

fn fill<'r>(list: &mut Amounts<'r>, more: Amounts<'r>) {
    for (name, amount) in more {
        list.entry(name).or_insert(amount);
    }
}

/// Gives the pod's containers what they lack, and notes it in an annotation. A later range overwrites the note of an earlier one.
///
/// Upstream: `plugin/admission/limitranger.PodMutateLimitFunc`, `plugin/admission/limitranger.mergePodResourceRequirements`.
pub(super) fn apply(pod: &mut Pod, items: &[LimitRangeItem]) {
    let defaults = Defaults::of(items);
    let mut notes = Vec::new();
    for container in &mut pod.spec.containers {
        merge(container, &defaults, "container", &mut notes);
    }
    for container in pod.spec.init_containers.iter_mut().flatten() {
        merge(container, &defaults, "init container", &mut notes);
    }
    if !notes.is_empty() {
        let note = format!("LimitRanger plugin set: {}", notes.join("; "));
        pod.annotations.insert(ANNOTATION.to_owned(), note);
    }
}

/// Upstream: `plugin/admission/limitranger.mergeContainerResources`.
fn merge(container: &mut Container, defaults: &Defaults<'_>, kind: &str, notes: &mut Vec<String>) {
    if defaults.limits.is_empty() && defaults.requests.is_empty() {
        return;
    }
    let resources = container.resources.get_or_insert_default();
    let limits = add(&mut resources.limits, &defaults.limits);
    let requests = add(&mut resources.requests, &defaults.requests);
    for (set, what) in [(requests, "request"), (limits, "limit")] {
        if !set.is_empty() {
            notes.push(format!("{} {what} for {kind} {}", set.join(", "), container.name));
        }
    }
}

/// Adds the amounts that a list lacks and gives their names, sorted.
fn add<'r>(list: &mut Option<ResourceList>, defaults: &Amounts<'r>) -> Vec<&'r str> {
    let mut set = Vec::new();
    for (name, amount) in defaults {
        let known = list.as_ref().is_some_and(|list| list.contains_key(*name));
        if !known {
            list.get_or_insert_default().insert((*name).to_owned(), (*amount).clone());
            set.push(*name);
        }
    }
    set
}
