//! An unknown field, and what was probably meant.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use crate::apiserver::decode::Fault;
use crate::did_you_mean::did_you_mean;
use crate::edit::Edit;
use crate::finding::{Anchor, Finding, Severity};
use crate::generated::{DAEMON_SET, Kind, Struct, Type};
use crate::path::PathSegment;

/// `unknown field "…"`, with a suggestion.
pub(super) fn finding(fault: &Fault, owner: &'static str, known: &[&'static str]) -> Finding {
    let finding =
        Finding::new("api/unknown-field", Severity::Error, fault.path.clone(), fault.message.clone())
            .because("UnknownField")
            .at(Anchor::Key);
    let Some(PathSegment::Field(name)) = fault.path.segments().last() else { return finding };
    let remove = || vec![Edit::Remove { path: fault.path.clone() }];
    match (owner, &**name) {
        ("DaemonSetSpec", "replicas") => {
            return finding
                .label("a DaemonSet runs one pod on every matching node, so it has no replicas")
                .help(format!("delete `{name}`"))
                .fix(true, remove());
        }
        ("DaemonSetSpec", "strategy") => {
            let edit = Edit::Rename { path: fault.path.clone(), key: "updateStrategy".to_owned() };
            return finding
                .label("this is a Deployment's field")
                .help("in a DaemonSet this field is called `updateStrategy`")
                .fix(false, vec![edit]);
        }
        ("DaemonSetSpec", "volumeClaimTemplates" | "serviceName") => {
            return finding
                .label("this is a StatefulSet's field")
                .help("a DaemonSet does not create claims for its pods: use a hostPath, a local volume or a generic ephemeral volume");
        }
        ("DaemonSetSpec", "templateGeneration") => {
            return finding
                .label("apps/v1 does not have this field")
                .help(format!("delete `{name}`"))
                .fix(true, remove());
        }
        ("LabelSelector", _) if !["matchLabel", "matchlabels", "matchExpression"].contains(&&**name) => {
            return finding
                .label("labels are not allowed here")
                .help(format!("move it to `matchLabels`: `selector: {{ matchLabels: {{ {name}: … }} }}`"));
        }
        ("NodeSelectorTerm", "key" | "operator" | "values") => {
            return finding
                .label("an expression is not allowed here")
                .help("move `key`, `operator` and `values` into an item of `matchExpressions`");
        }
        _ => {}
    }
    if let Some(meant) = did_you_mean(name, known.iter().copied()) {
        let edit = Edit::Rename { path: fault.path.clone(), key: meant.to_owned() };
        return finding
            .label(format!("did you mean `{meant}`?"))
            .help(format!("write `{meant}`"))
            .fix(false, vec![edit]);
    }
    finding.help(elsewhere(name, owner, fault))
}

/// Suggests where in a DaemonSet the field exists.
fn elsewhere(name: &str, owner: &str, fault: &Fault) -> Cow<'static, str> {
    let wanted = fault.path.segments().iter().filter_map(|segment| match segment {
        PathSegment::Field(field) => Some(&**field),
        _ => None,
    });
    let here: Vec<&str> = wanted.collect();
    let shared = |place: &&String| {
        place.split('.').zip(&here).take_while(|(left, right)| left.trim_end_matches("[]") == **right).count()
    };
    // Prefer a place above this one, where the indentation is wrong, then the place that shares the most of the path.
    let above = |place: &&String| shared(place) == place.split('.').count();
    let places = PLACES.get(name).into_iter().flatten();
    match places.max_by_key(|place| (above(place), shared(place), std::cmp::Reverse(place.len()))) {
        Some(place) => format!("`{name}` belongs to `{place}`: move it there, or delete it").into(),
        None => format!("{owner} has no field `{name}` in this Kubernetes version: delete it").into(),
    }
}

/// The places in a DaemonSet that have a field, by its name.
static PLACES: LazyLock<HashMap<&'static str, Vec<String>>> = LazyLock::new(|| {
    let mut places = HashMap::new();
    search(&DAEMON_SET, &mut Vec::new(), &mut places);
    places
});

/// The places of a field that are looked at.
const MOST: usize = 65;

fn search(shape: &'static Struct, trail: &mut Vec<String>, places: &mut HashMap<&'static str, Vec<String>>) {
    // Deep enough for `spec.template.spec.containers[].livenessProbe.httpGet`. The types below a DaemonSet are not recursive.
    if trail.len() > 7 {
        return;
    }
    for field in shape.fields.iter().filter(|_| !trail.is_empty()) {
        let known = places.entry(field.name).or_default();
        if known.len() < MOST {
            known.push(trail.join("."));
        }
    }
    for field in shape.fields {
        let (below, list) = match &field.holds {
            Type { kind: Kind::Struct(below), .. } => (*below, ""),
            Type { kind: Kind::List(Type { kind: Kind::Struct(below), .. }), .. } => (*below, "[]"),
            _ => continue,
        };
        if field.name == "status" {
            continue;
        }
        trail.push(format!("{}{list}", field.name));
        search(below, trail, places);
        trail.pop();
    }
}
