//! What a runtime class adds to its pods: overhead, a node selector and tolerations.

mod tolerations;

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::PodSpec;
use k8s_openapi::api::node::v1::{RuntimeClass, Scheduling};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Written;

use super::plugin::Plugin;
use super::refusal::{Detail, Refusal, SelectorConflict};
use super::surroundings::Lookup;
use crate::content::quote;
use crate::path::FieldPath;
use crate::quantity::Quantity;

const DIFFERS: &str = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

/// Adds what the class says.
///
/// # Errors
///
/// The refusal, where the class is absent or the pod says something else.
///
/// Upstream: `plugin/admission/runtimeclass.RuntimeClass.Admit`.
pub(super) fn admit(spec: &mut PodSpec, class: Lookup<&RuntimeClass>) -> Result<(), Refusal> {
    let Some(name) = spec.runtime_class_name.clone() else { return Ok(()) };
    let class = match class {
        Lookup::Unknown => return Ok(()),
        Lookup::Absent => return Err(absent(name)),
        Lookup::Found(class) => class,
    };
    set_overhead(spec, &name, class)?;
    match &class.scheduling {
        Some(scheduling) => set_scheduling(spec, &name, scheduling),
        None => Ok(()),
    }
}

/// Whether the pod's overhead is still that of its class.
///
/// Upstream: `plugin/admission/runtimeclass.RuntimeClass.Validate`, `plugin/admission/runtimeclass.validateOverhead`.
pub(super) fn validate(spec: &PodSpec, class: Lookup<&RuntimeClass>) -> Option<Refusal> {
    let known = match (&spec.runtime_class_name, class) {
        (None, _) => None,
        (Some(_), Lookup::Unknown) => return None,
        (Some(name), Lookup::Absent) => return Some(absent(name.clone())),
        (Some(name), Lookup::Found(class)) => class.overhead.as_ref().map(|overhead| (name, overhead)),
    };
    match known {
        Some((name, overhead)) => {
            let is_same = same(overhead.pod_fixed.as_ref(), spec.overhead.as_ref());
            (!is_same).then(|| overhead_differs(name))
        }
        None if spec.overhead.as_ref().is_none_or(BTreeMap::is_empty) => None,
        None => {
            let message =
                "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead";
            Some(refusal(message.to_owned(), pod_path("overhead"), Detail::OverheadWithoutClass))
        }
    }
}

/// Upstream: `plugin/admission/runtimeclass.setOverhead`.
fn set_overhead(spec: &mut PodSpec, name: &str, class: &RuntimeClass) -> Result<(), Refusal> {
    let Some(overhead) = &class.overhead else { return Ok(()) };
    let is_written = spec.overhead.as_ref().is_some_and(|written| !written.is_empty());
    if is_written && !same(overhead.pod_fixed.as_ref(), spec.overhead.as_ref()) {
        return Err(overhead_differs(name));
    }
    spec.overhead.clone_from(&overhead.pod_fixed);
    Ok(())
}

/// Upstream: `plugin/admission/runtimeclass.setScheduling`.
fn set_scheduling(spec: &mut PodSpec, name: &str, scheduling: &Scheduling) -> Result<(), Refusal> {
    let selector = spec.node_selector.as_ref();
    let mut conflicts = Vec::new();
    for (key, of_class) in scheduling.node_selector.iter().flatten() {
        let of_pod = selector.and_then(|selector| selector.get(key));
        if let Some(of_pod) = of_pod.filter(|of_pod| *of_pod != of_class) {
            let (key, of_class, of_pod) = (key.clone(), of_class.clone(), of_pod.clone());
            conflicts.push(SelectorConflict { key, of_class, of_pod });
        }
    }
    if let Some(first) = conflicts.first() {
        let SelectorConflict { key, of_class, of_pod } = first;
        // The server goes through a map without order and names the conflict that it finds first.
        let message = format!(
            "conflict: runtimeClass.scheduling.nodeSelector[{key}] = {of_class}; pod.spec.nodeSelector[{key}] = {of_pod}"
        );
        let path = pod_path("nodeSelector").key(key);
        let detail = Detail::NodeSelectorConflicts { class: name.to_owned(), conflicts };
        return Err(refusal(message, path, detail));
    }
    if let Some(added) = scheduling.node_selector.as_ref().filter(|added| !added.is_empty()) {
        let selector = spec.node_selector.get_or_insert_default();
        selector.extend(added.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    let own = spec.tolerations.take().unwrap_or_default();
    let all = own.into_iter().chain(scheduling.tolerations.iter().flatten().cloned()).collect();
    spec.tolerations = Some(tolerations::merge(all));
    Ok(())
}

/// Whether two overheads are semantically equal.
fn same(left: Option<&BTreeMap<String, Written>>, right: Option<&BTreeMap<String, Written>>) -> bool {
    let (left, right) = (left.into_iter().flatten(), right.into_iter().flatten());
    left.map(parsed).eq(right.map(parsed))
}

fn parsed<'q>((name, amount): (&'q String, &Written)) -> (&'q String, Quantity) {
    (name, Quantity::of(amount))
}

fn pod_path(field: &'static str) -> FieldPath {
    FieldPath::of(&["spec", "template", "spec"]).field(field)
}

fn refusal(message: String, path: FieldPath, detail: Detail) -> Refusal {
    Refusal { plugin: Plugin::RuntimeClass, message, path, detail }
}

fn absent(name: String) -> Refusal {
    let message = format!("pod rejected: RuntimeClass {} not found", quote(&name));
    refusal(message, pod_path("runtimeClassName"), Detail::RuntimeClassAbsent(name))
}

fn overhead_differs(name: &str) -> Refusal {
    refusal(DIFFERS.to_owned(), pod_path("overhead"), Detail::OverheadDiffers(name.to_owned()))
}
