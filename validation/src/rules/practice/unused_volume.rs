//! The rule `unused-volume`. Its page is `unused_volume.md`.

use std::collections::HashSet;

use super::rule;
use crate::edit::Edit;
use crate::levels::Level;
use crate::rules::pod::{containers, spec, spec_path};
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "unused-volume",
    Level::Warning,
    ("a volume that no container mounts", include_str!("unused_volume.md")),
    check,
);

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object.daemon_set) else { return };
    let mut used = HashSet::new();
    for listed in containers(spec) {
        used.extend(listed.container.volume_mounts.iter().flatten().map(|mount| mount.name.as_str()));
        used.extend(listed.container.volume_devices.iter().flatten().map(|device| device.name.as_str()));
    }
    for (index, volume) in spec.volumes.iter().flatten().enumerate() {
        if used.contains(volume.name.as_str()) {
            continue;
        }
        let is_waited_for = volume.config_map.as_ref().is_some_and(|source| source.optional != Some(true))
            || volume.secret.as_ref().is_some_and(|source| source.optional != Some(true))
            || volume.persistent_volume_claim.is_some()
            || volume.csi.is_some()
            || volume.host_path.as_ref().is_some_and(|source| source.type_.as_deref().is_some_and(|kind| !kind.is_empty()));
        let name = &volume.name;
        let message = if is_waited_for {
            format!("no container mounts the volume `{name}`, but the pod does not start without it")
        } else {
            format!("no container mounts the volume `{name}`")
        };
        let path = spec_path().field("volumes").index(index);
        let edit = Edit::Remove { path: path.clone() };
        let help = "mount it where it is needed, or delete it";
        findings.push(RULE.finding(path.field("name"), message).help(help).fix(false, vec![edit]));
    }
}
