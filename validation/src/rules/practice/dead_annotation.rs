//! The rule `dead-annotation`. Its page is `dead_annotation.md`.

use super::rule_of_text;
use crate::edit::Edit;
use crate::finding::Anchor;
use crate::levels::Level;
use crate::path::FieldPath;
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule_of_text(
    "dead-annotation",
    Level::Warning,
    (
        "an annotation of old versions has no effect, and the server does not say so",
        include_str!("dead_annotation.md"),
    ),
    check,
);

/// Annotations that fields have replaced, and the fields. The server warns of others itself.
const DEAD: &[(&str, &str)] = &[
    ("pod.alpha.kubernetes.io/init-containers", "initContainers"),
    ("pod.alpha.kubernetes.io/initialized", ""),
    ("pod.beta.kubernetes.io/hostname", "hostname"),
    ("pod.beta.kubernetes.io/init-containers", "initContainers"),
    ("pod.beta.kubernetes.io/subdomain", "subdomain"),
    ("scheduler.alpha.kubernetes.io/affinity", "affinity"),
    ("scheduler.alpha.kubernetes.io/name", "schedulerName"),
    ("scheduler.alpha.kubernetes.io/tolerations", "tolerations"),
];

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(written) = object.written else { return };
    let of_pods = ["spec", "template", "metadata", "annotations"];
    let Some(annotations) = written.get(&of_pods) else { return };
    for (key, field) in DEAD {
        if written.tree.get(annotations, key).is_none() {
            continue;
        }
        let path = FieldPath::of(&of_pods).key(key);
        let is_set = !field.is_empty() && written.get(&["spec", "template", "spec", field]).is_some();
        let message = if field.is_empty() || is_set {
            format!("no supported version reads the annotation `{key}`")
        } else {
            format!("no supported version reads the annotation `{key}`, and the pods have no `{field}`")
        };
        let finding = RULE.finding(path.clone(), message).at(Anchor::Key);
        findings.push(if field.is_empty() || is_set {
            finding.help("delete it").fix(true, vec![Edit::Remove { path }])
        } else {
            finding.help(format!("write what it says in `spec.template.spec.{field}`, and delete it"))
        });
    }
}
