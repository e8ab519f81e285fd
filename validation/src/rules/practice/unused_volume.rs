//! The rule `unused-volume`. Its page is `unused_volume.md`.

use std::collections::HashSet;

use k8s_openapi::api::core::v1::Volume;

use super::{rule, series};
use crate::edit::Edit;
use crate::levels::Level;
use crate::rules::pod::{containers, spec, spec_path};
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "unused-volume",
    Level::Warning,
    ("a volume that no container mounts, and that the pods wait for", include_str!("unused_volume.md")),
    check,
);

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object.daemon_set) else { return };
    let mut used = HashSet::new();
    for listed in containers(spec) {
        used.extend(listed.container.volume_mounts.iter().flatten().map(|mount| mount.name.as_str()));
        used.extend(listed.container.volume_devices.iter().flatten().map(|device| device.name.as_str()));
    }
    let volumes = spec.volumes.iter().flatten().enumerate();
    // Charts leave empty directories and paths of the node behind, which do no harm.
    let is_unused = |volume: &Volume| !used.contains(volume.name.as_str()) && is_waited_for(volume);
    let unused: Vec<_> = volumes.filter(|(_, volume)| is_unused(volume)).collect();
    let Some((first, _)) = unused.first() else { return };
    let names: Vec<String> = unused.iter().map(|(_, volume)| format!("`{}`", volume.name)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (noun, them, they_are) =
        if names.len() == 1 { ("volume", "it", "it is") } else { ("volumes", "them", "they are") };
    let message = format!(
        "no container mounts the {noun} {}, but the pod does not start without {them}",
        shown(&names)
    );
    let path = |index: usize| spec_path().field("volumes").index(index);
    // From the last one, so that the numbers of the others stay.
    let edits = unused.iter().rev().map(|(index, _)| Edit::Remove { path: path(*index) }).collect();
    let help = format!("mount {them} where {they_are} needed, or delete {them}");
    findings.push(RULE.finding(path(*first).field("name"), message).help(help).fix(false, edits));
}

/// The first names, and how many there are besides.
fn shown(names: &[&str]) -> String {
    const MOST: usize = 5;
    match names.get(MOST..) {
        None | Some([]) => series(names),
        Some(rest) => format!(
            "{} and {} more",
            names.iter().take(MOST).copied().collect::<Vec<_>>().join(", "),
            rest.len()
        ),
    }
}

/// Whether a pod waits until the volume is there.
fn is_waited_for(volume: &Volume) -> bool {
    let must_exist =
        |kind: &str| matches!(kind, "Directory" | "File" | "Socket" | "CharDevice" | "BlockDevice");
    volume.config_map.as_ref().is_some_and(|source| source.optional != Some(true))
        || volume.secret.as_ref().is_some_and(|source| source.optional != Some(true))
        || volume.persistent_volume_claim.is_some()
        || volume.csi.is_some()
        || volume.host_path.as_ref().is_some_and(|source| source.type_.as_deref().is_some_and(must_exist))
}
