//! The rule `node-label-on-pods`. Its page is `node_label_on_pods.md`.

use super::rule;
use crate::edit::Edit;
use crate::finding::Anchor;
use crate::levels::Level;
use crate::path::FieldPath;
use crate::rules::pod::{spec, spec_path};
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "node-label-on-pods",
    Level::Warning,
    (
        "a label of nodes is written on the pods, where it selects nothing",
        include_str!("node_label_on_pods.md"),
    ),
    check,
);

fn check(object: &Object<'_>, findings: &mut Findings) {
    let of = &object.daemon_set.spec;
    let labels = of.template.metadata.as_ref().and_then(|metadata| metadata.labels.as_ref());
    let Some(spec) = spec(object.daemon_set) else { return };
    for (key, value) in labels.into_iter().flatten() {
        let is_selected = spec.node_selector.as_ref().is_some_and(|selector| selector.contains_key(key))
            || spec.affinity.as_ref().is_some_and(|affinity| affinity.node_affinity.is_some());
        if is_selected || !is_of_nodes(key) {
            continue;
        }
        let path = FieldPath::of(&["spec", "template", "metadata", "labels"]).key(key);
        let message = format!("`{key}` is a label of nodes; on the pods it does not choose where they run");
        let help = format!("write `{key}: {value}` in `spec.template.spec.nodeSelector`");
        let finding = RULE.finding(path.clone(), message).at(Anchor::Key).help(help);
        let is_own = of.selector.match_labels.as_ref().is_some_and(|labels| labels.contains_key(key));
        findings.push(if is_own {
            finding
        } else {
            finding.fix(false, vec![Edit::Move { path, to: spec_path().field("nodeSelector").key(key) }])
        });
    }
}

fn is_of_nodes(key: &str) -> bool {
    let is_known = |key: &str| ["kubernetes.io/os", "kubernetes.io/arch"].contains(&key);
    is_known(key)
        || key.strip_prefix("beta.").is_some_and(is_known)
        || key == "os.kubernetes.io"
        || key.starts_with("node-role.kubernetes.io/")
}
