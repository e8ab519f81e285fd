//! The rule `bootstrap-toleration`. Its page is `bootstrap_toleration.md`.

use k8s_openapi::api::core::v1::PodSpec;

use super::{pod_spec, rule, spec, tolerates, toleration};
use crate::edit::{Edit, NewValue};
use crate::finding::Anchor;
use crate::levels::Level;
use crate::rules::{Check, Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "bootstrap-toleration",
    Level::Warning,
    (
        "what makes a node ready does not tolerate that the node is not ready",
        include_str!("bootstrap_toleration.md"),
    ),
    Check::Object(check),
);

const NOT_READY: &str = "node.kubernetes.io/not-ready";
const UNINITIALIZED: &str = "node.cloudprovider.kubernetes.io/uninitialized";

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object) else { return };
    let (what, key) = if installs_network(spec) && spec.host_network == Some(true) {
        ("a node is not ready before its network is installed", NOT_READY)
    } else if is_cloud_controller(spec) {
        ("a node has this taint until the cloud controller has initialized it", UNINITIALIZED)
    } else {
        return;
    };
    if !tolerates(spec, key, "NoSchedule") {
        let message = format!(
            "the taint `{key}` is not tolerated for NoSchedule: {what}, so on a new node each waits for the other"
        );
        let help = format!("add a toleration of `{key}` with `operator: Exists` and `effect: NoSchedule`");
        let edit = match &spec.tolerations {
            Some(_) => Edit::Append { path: pod_spec().field("tolerations"), value: toleration(key) },
            None => Edit::Insert {
                path: pod_spec(),
                key: "tolerations".to_owned(),
                value: NewValue::List(vec![toleration(key)]),
            },
        };
        let finding = RULE.finding(pod_spec().field("tolerations"), message).at(Anchor::Key).help(help);
        findings.push(finding.fix(false, vec![edit]));
    }
}

/// Whether the pods write the configuration and the program of the pod network on the host.
fn installs_network(spec: &PodSpec) -> bool {
    let has = |folder: &str| {
        let paths = spec.volumes.iter().flatten().filter_map(|volume| volume.host_path.as_ref());
        paths.map(|host| host.path.trim_end_matches('/')).any(|path| path == folder)
    };
    has("/etc/cni/net.d") && has("/opt/cni/bin")
}

fn is_cloud_controller(spec: &PodSpec) -> bool {
    let images = spec.containers.iter().filter_map(|container| container.image.as_deref());
    images.into_iter().any(|image| image.contains("cloud-controller-manager"))
}
