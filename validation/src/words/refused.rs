//! What to do where the API server does not store a pod.

use std::collections::{BTreeMap, BTreeSet};

use super::count::thousands;
use crate::admission::{
    Bound, Detail, FieldChange, Found, LimitViolation, Limited, PodSecurityRefusal, QuotaAmount,
    SelectorConflict, Wanted,
};
use crate::placement::RefusedPod;

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// A sentence without its full stop, or a command.
    pub text: String,
    /// Whether it is a command for a shell.
    pub is_command: bool,
}

fn command(text: String) -> Advice {
    Advice { text, is_command: true }
}

fn prose(text: String) -> Advice {
    Advice { text, is_command: false }
}

/// As many changes or violations are named.
const NAMED: usize = 6;

/// What to do, each of which helps by itself; nothing where the server's sentence says all.
pub fn advice(refused: &RefusedPod) -> Vec<Advice> {
    let namespace = &refused.namespace;
    match &refused.refusal.detail {
        Detail::PodSecurity(found) => pod_security(found, namespace),
        Detail::NamespaceAbsent(name) => vec![command(format!("kubectl create namespace {name}"))],
        Detail::NamespaceTerminating(name) => {
            vec![prose(format!("wait until namespace {name} is gone, then create it again"))]
        }
        Detail::LimitRange { violations, .. } => limits(violations),
        Detail::ServiceAccountAbsent { namespace, name } => {
            vec![command(format!("kubectl create serviceaccount {name} -n {namespace}"))]
        }
        Detail::SecretNotAllowed { account, secret, for_images } => {
            let list = if *for_images { "imagePullSecrets" } else { "secrets" };
            vec![prose(format!("add `{secret}` to the `{list}` of service account {account}"))]
        }
        Detail::PriorityClassAbsent(name) => vec![class_absent("PriorityClass", name)],
        Detail::PriorityDiffers { written, class, .. } => {
            let other = match class {
                Some(_) => "",
                None => ", or name a PriorityClass of this value",
            };
            vec![prose(format!("delete `priority: {written}`{other}"))]
        }
        Detail::PreemptionPolicyDiffers { written, .. } => {
            vec![prose(format!("delete `preemptionPolicy: {written}`"))]
        }
        Detail::RuntimeClassAbsent(name) => vec![class_absent("RuntimeClass", name)],
        Detail::OverheadDiffers(_) | Detail::OverheadWithoutClass => {
            vec![prose("delete `overhead`: it comes from the RuntimeClass".to_owned())]
        }
        Detail::NodeSelectorConflicts { conflicts, .. } => conflicts.iter().map(conflict).collect(),
        Detail::QuotaMissing { missing, .. } => {
            vec![prose(set_amounts(missing))]
        }
        Detail::QuotaExceeded { quota, exceeded, others } => {
            vec![prose(raise_quota(quota, exceeded.iter().chain(others), refused.pods))]
        }
        detail @ Detail::Invalid(_) if detail.has_a_host_port_twice() => {
            let what = "use another `containerPort` in one of the containers: with `hostNetwork` they share the node's ports";
            vec![prose(what.to_owned())]
        }
        Detail::Invalid(_) | Detail::QuotaUnknown { .. } | Detail::QuotaNegative { .. } | Detail::Other => {
            Vec::new()
        }
    }
}

/// What to do, in one sentence; `None` where there is nothing to say.
pub fn advice_in_one(refused: &RefusedPod) -> Option<String> {
    let all = advice(refused);
    let text = |one: Advice| if one.is_command { format!("`{}`", one.text) } else { one.text };
    (!all.is_empty()).then(|| all.into_iter().map(text).collect::<Vec<_>>().join("; or "))
}

fn class_absent(kind: &str, name: &str) -> Advice {
    prose(format!("create the {kind} `{name}`, or name one that exists"))
}

fn conflict(conflict: &SelectorConflict) -> Advice {
    let SelectorConflict { key, of_class, .. } = conflict;
    prose(format!("write `{key}: {of_class}` in nodeSelector, or delete the line"))
}

fn pod_security(found: &PodSecurityRefusal, namespace: &str) -> Vec<Advice> {
    let level = found.sufficient.as_str();
    let label =
        format!("kubectl label namespace {namespace} pod-security.kubernetes.io/enforce={level} --overwrite");
    let changes: Vec<String> =
        found.violations.iter().flat_map(|violation| &violation.changes).filter_map(change).collect();
    let in_manifest = (!changes.is_empty()).then(|| prose(format!("in the manifest: {}", listed(&changes))));
    std::iter::once(command(label)).chain(in_manifest).collect()
}

fn change(change: &FieldChange) -> Option<String> {
    let path = change.path.to_string();
    let path = path.strip_prefix("spec.template.").unwrap_or(&path);
    let path = path.strip_prefix("spec.").unwrap_or(path);
    Some(match change.to {
        Wanted::Absent => format!("delete `{path}`"),
        Wanted::True => format!("set `{path}: true`"),
        Wanted::False => format!("set `{path}: false`"),
        Wanted::Text(text) => format!("set `{path}: {text}`"),
        Wanted::Including(text) => format!("add `{text}` to `{path}`"),
        Wanted::AnotherVolumeSource => format!("give `{path}` another source than the one it has"),
    })
}

fn limits(violations: &[LimitViolation]) -> Vec<Advice> {
    let each: Vec<String> = violations.iter().map(limit).collect();
    if each.is_empty() { Vec::new() } else { vec![prose(listed(&each))] }
}

fn limit(violation: &LimitViolation) -> String {
    let LimitViolation { limited, resource, bound, allowed, found } = violation;
    let whose = match limited {
        Limited::Container { name, .. } => format!("of container {name}"),
        Limited::Pod => "of all containers together".to_owned(),
    };
    let amount = match found {
        Found::NoRequest | Found::Request(_) => "requests",
        Found::NoLimit | Found::Limit(_) | Found::Ratio(_) => "limits",
    };
    match bound {
        Bound::Min => format!("set `{amount}.{resource}` {whose} to {allowed} or more"),
        Bound::Max => format!("set `{amount}.{resource}` {whose} to {allowed} or less"),
        Bound::MaxRatio => {
            format!("set `limits.{resource}` {whose} to at most {allowed} times the request")
        }
    }
}

/// What containers must request, those that lack the same together.
fn set_amounts(missing: &BTreeMap<String, BTreeSet<String>>) -> String {
    let mut of_containers: Vec<(&BTreeSet<String>, Vec<String>)> = Vec::new();
    for (resource, containers) in missing {
        let field =
            if resource.contains('.') { format!("`{resource}`") } else { format!("`requests.{resource}`") };
        match of_containers.iter_mut().find(|(same, _)| *same == containers) {
            Some((_, fields)) => fields.push(field),
            None => of_containers.push((containers, vec![field])),
        }
    }
    let quoted = |names: &BTreeSet<String>| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>();
    let each: Vec<String> = of_containers
        .iter()
        .map(|(containers, fields)| format!("set {} of {}", listed(fields), listed(&quoted(containers))))
        .collect();
    listed(&each)
}

/// What a quota must allow so that all pods are stored.
fn raise_quota<'a>(quota: &str, amounts: impl Iterator<Item = &'a QuotaAmount>, pods: usize) -> String {
    let raised = |QuotaAmount { resource, requested, used, hard }: &QuotaAmount| {
        let mut needed = used.clone();
        needed.add_times(requested, pods);
        (needed > *hard).then(|| format!("`{resource}` to {needed}"))
    };
    let each: Vec<String> = amounts.filter_map(raised).collect();
    let whom = match pods {
        1 => "one more pod".to_owned(),
        _ => format!("{} more pods", thousands(pods)),
    };
    format!("in quota {quota}, raise {} for {whom}", listed(&each))
}

/// `a, b and c`, or `a, b and 3 more`.
fn listed(parts: &[String]) -> String {
    let shown = parts.get(..NAMED).unwrap_or(parts);
    let more = parts.len().saturating_sub(shown.len());
    if more > 0 {
        return format!("{} and {} more", shown.join(", "), thousands(more));
    }
    match shown {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
