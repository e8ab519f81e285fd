//! A warning of the server.

use crate::apiserver::strategy::Warning;
use crate::edit::{Edit, NewValue};
use crate::finding::{Finding, Severity};
use crate::path::{FieldPath, PathSegment};

/// Turns a warning into a finding, with the server's text unchanged.
pub(crate) fn from_warning(warning: Warning) -> Finding {
    let Warning { path, text, value } = warning;
    let finding = Finding::new("api/warning", Severity::Warning, path, text);
    let of_value = || {
        let value = value.as_deref()?;
        deprecated_key(&finding, value).or_else(|| thousandths(&finding, value))
    };
    match advice(&finding.path).or_else(of_value).or_else(|| negative(&finding)) {
        Some(Advice { help, safe, edit }) => finding.help(help).fix(safe, vec![edit]),
        None => finding,
    }
}

/// Labels of nodes that have another name now. The kubelet sets both names of the first four, so the selection stays the same; of the
/// last, new nodes have only the new one.
const LABELS: &[(&str, &str, bool)] = &[
    ("beta.kubernetes.io/arch", "kubernetes.io/arch", true),
    ("beta.kubernetes.io/os", "kubernetes.io/os", true),
    ("beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type", true),
    ("failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region", true),
    ("failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone", true),
    ("node-role.kubernetes.io/master", "node-role.kubernetes.io/control-plane", false),
];

/// Annotations of pods that no server reads any more.
const WITHOUT_EFFECT: &[&str] = &[
    "scheduler.alpha.kubernetes.io/critical-pod",
    "security.alpha.kubernetes.io/sysctls",
    "security.alpha.kubernetes.io/unsafe-sysctls",
    "seccomp.security.alpha.kubernetes.io/pod",
];

/// What to do about a warning.
struct Advice {
    help: String,
    safe: bool,
    edit: Edit,
}

fn renamed(label: &str) -> Option<(&'static str, bool)> {
    LABELS.iter().find(|(old, ..)| *old == label).map(|(_, new, safe)| (*new, *safe))
}

/// What to do about a key of a map that is deprecated.
fn advice(path: &FieldPath) -> Option<Advice> {
    let [above @ .., PathSegment::Key(key)] = path.segments() else { return None };
    let Some(PathSegment::Field(map)) = above.last() else { return None };
    match &**map {
        "nodeSelector" => {
            let (new, safe) = renamed(key)?;
            let edit = Edit::Rename { path: path.clone(), key: new.to_owned() };
            Some(Advice { help: format!("write `{new}`"), safe, edit })
        }
        "annotations" if WITHOUT_EFFECT.contains(&&**key) => Some(Advice {
            help: format!("delete `{key}`"),
            // What is meant is gone already. Whether the field that replaces it should be set is for its author to say.
            safe: true,
            edit: Edit::Remove { path: path.clone() },
        }),
        _ => None,
    }
}

/// The server takes a negative grace period for one second.
fn negative(finding: &Finding) -> Option<Advice> {
    let name = "terminationGracePeriodSeconds";
    if !matches!(finding.path.segments().last(), Some(PathSegment::Field(last)) if &**last == name) {
        return None;
    }
    let edit = Edit::Replace { path: finding.path.clone(), value: NewValue::Number(1) };
    Some(Advice {
        help: format!("write `{name}: 1`, which is what the server makes of it"),
        safe: true,
        edit,
    })
}

/// What to do about a deprecated label in an expression or a constraint.
fn deprecated_key(finding: &Finding, label: &str) -> Option<Advice> {
    let Some(PathSegment::Field(name)) = finding.path.segments().last() else { return None };
    if !matches!(&**name, "key" | "topologyKey") {
        return None;
    }
    let (new, safe) = renamed(label)?;
    let edit = Edit::Replace { path: finding.path.clone(), value: NewValue::from(new) };
    // What a topology is called decides what is counted together, so nodes that lack the new name matter.
    let safe = safe && name == "key";
    Some(Advice { help: format!("write `{name}: {new}`"), safe, edit })
}

/// Thousandths of a byte are mostly meant as mebibytes.
fn thousandths(finding: &Finding, written: &str) -> Option<Advice> {
    let [.., PathSegment::Key(resource)] = finding.path.segments() else { return None };
    let number: u64 = written.strip_suffix('m')?.parse().ok()?;
    let edit = Edit::Replace { path: finding.path.clone(), value: NewValue::from(format!("{number}Mi")) };
    let help = format!("write `{resource}: {number}Mi` for mebibytes: `m` means thousandths");
    Some(Advice { help, safe: false, edit })
}
