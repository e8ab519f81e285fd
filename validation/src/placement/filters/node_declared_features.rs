//! Features that nodes declare.

use k8s_openapi::api::core::v1::Container;

use crate::gates::Gate;
use crate::path::FieldPath;
use crate::placement::cause::Cause;
use crate::placement::cluster::Cluster;
use crate::placement::filter::Filter;
use crate::placement::paths::pod_path;
use crate::placement::reason::Reason;
use crate::placement::reasons::Reasons;
use crate::placement::remedy::Remedy;
use crate::placement::site::Site;

const RESTART_ALL: &str = "RestartAllContainers";

/// What the pod needs of its node must be among what the node declares.
///
/// Upstream: `scheduler/framework/plugins/nodedeclaredfeatures.Filter`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Reasons) {
    if !cluster.context.server.enabled(Gate::NodeDeclaredFeatures) {
        return;
    }
    let spec = &cluster.context.pod.spec;
    let in_user_namespace = spec.host_network == Some(true) && spec.host_users == Some(false);
    let needed = [
        ("RestartAllContainersOnContainerExits", restarts_all(cluster)),
        ("UserNamespacesHostNetworkSupport", in_user_namespace.then(|| pod_path(&["hostUsers"]))),
    ];
    for (feature, path) in needed {
        let Some(path) = path else { continue };
        if site.node.declared_features.iter().any(|declared| **declared == *feature) {
            continue;
        }
        let cause = Cause::DeclaredFeature { name: feature };
        let reason = Reason::new(Filter::NodeDeclaredFeatures, cause, path);
        reasons.push(reason.remedy(Remedy::UpgradeNode).unresolvable());
    }
}

/// The path of a rule by which a container's exit restarts all containers.
fn restarts_all(cluster: &Cluster<'_>) -> Option<FieldPath> {
    let spec = &cluster.context.pod.spec;
    let init = spec.init_containers.as_deref().unwrap_or_default();
    let found = |list: &'static str, containers: &[Container]| {
        let place = containers.iter().position(|container| {
            container.restart_policy_rules.iter().flatten().any(|rule| rule.action == RESTART_ALL)
        })?;
        Some(pod_path(&[list]).index(place).field("restartPolicyRules"))
    };
    found("containers", &spec.containers).or_else(|| found("initContainers", init))
}
