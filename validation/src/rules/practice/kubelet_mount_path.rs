//! The rule `kubelet-mount-path`. Its page is `kubelet_mount_path.md`.

use super::rule;
use crate::edit::Edit;
use crate::levels::Level;
use crate::rules::pod::{containers, mounted_path, spec, volumes};
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "kubelet-mount-path",
    Level::Warning,
    (
        "the kubelet's folder of pods is mounted to share mounts, but at another path than on the node",
        include_str!("kubelet_mount_path.md"),
    ),
    check,
);

/// Folders whose paths the kubelet hands to a driver.
const HANDED: &[&str] = &["/var/lib/kubelet", "/var/lib/kubelet/pods", "/var/lib/kubelet/plugins"];

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object.daemon_set) else { return };
    let volumes = volumes(spec);
    for listed in containers(spec) {
        for (index, mount) in listed.container.volume_mounts.iter().flatten().enumerate() {
            if mount.mount_propagation.as_deref() != Some("Bidirectional") {
                continue;
            }
            let Some(seen) = mounted_path(mount, &volumes) else { continue };
            if HANDED.contains(&&*seen) && mount.mount_path.trim_end_matches('/') != seen {
                let message = format!(
                    "the kubelet names paths below `{seen}`, which the container has at `{}`: what it mounts there goes to \
                     the container's own disk",
                    mount.mount_path
                );
                let path = listed.path().field("volumeMounts").index(index).field("mountPath");
                let help = format!("write `mountPath: {seen}`");
                let edit = Edit::Replace { path: path.clone(), value: seen.to_string().into() };
                findings.push(RULE.finding(path, message).help(help).fix(false, vec![edit]));
            }
        }
    }
}
