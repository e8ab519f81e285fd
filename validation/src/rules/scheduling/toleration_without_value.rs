//! The rule `toleration-without-value`. Its page is `toleration_without_value.md`.

use super::{rule, spec, text, toleration_path, tolerations};
use crate::edit::Edit;
use crate::levels::Level;
use crate::rules::{Check, Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "toleration-without-value",
    Level::Warning,
    (
        "a toleration has neither `operator: Exists` nor a value, and the taint usually has one",
        include_str!("toleration_without_value.md"),
    ),
    Check::Object(check),
);

/// Taints that are usually set with a value: their keys, and a value.
const WITH_VALUE: [(&str, &str); 13] = [
    ("node.cloudprovider.kubernetes.io/uninitialized", "true"),
    ("CriticalAddonsOnly", "true"),
    ("nvidia.com/gpu", "present"),
    ("amd.com/gpu", "present"),
    ("sku", "gpu"),
    ("eks.amazonaws.com/compute-type", "fargate"),
    ("kubernetes.azure.com/scalesetpriority", "spot"),
    ("cloud.google.com/gke-spot", "true"),
    ("cloud.google.com/gke-preemptible", "true"),
    ("cloud.google.com/gke-accelerator", "present"),
    ("kubernetes.io/arch", "arm64"),
    ("node.kubernetes.io/os", "windows"),
    ("virtual-kubelet.io/provider", "azure"),
];

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object) else { return };
    let all = tolerations(spec);
    for (index, one) in all.iter().enumerate() {
        let is_equal = matches!(text(one.operator.as_ref()), "" | "Equal");
        let key = text(one.key.as_ref());
        if !is_equal || !text(one.value.as_ref()).is_empty() {
            continue;
        }
        let Some((_, value)) = WITH_VALUE.iter().find(|(known, _)| *known == key) else { continue };
        let is_covered = all.iter().any(|other| {
            text(other.operator.as_ref()) == "Exists"
                && ["", key].contains(&text(other.key.as_ref()))
                && ["", text(one.effect.as_ref())].contains(&text(other.effect.as_ref()))
        });
        if !is_covered {
            let message = format!(
                "without `operator: Exists` it tolerates `{key}` with an empty value only, and this taint usually has one, such as `{value}`"
            );
            let path = toleration_path(index);
            let edit = match one.operator {
                None => Edit::Insert { path, key: "operator".to_owned(), value: "Exists".into() },
                Some(_) => Edit::Replace { path: path.field("operator"), value: "Exists".into() },
            };
            let finding = RULE.finding(toleration_path(index), message).help("write `operator: Exists`");
            findings.push(finding.fix(false, vec![edit]));
        }
    }
}
