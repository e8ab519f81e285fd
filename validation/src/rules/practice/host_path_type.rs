//! The rule `host-path-type`. Its page is `host_path_type.md`.

use super::rule;
use crate::edit::Edit;
use crate::levels::Level;
use crate::rules::pod::{spec, spec_path};
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "host-path-type",
    Level::Off,
    ("a socket or file of the node is mounted without a `type`", include_str!("host_path_type.md")),
    check,
);

/// Files that agents mount.
const FILES: &[&str] = &[
    "/etc/group",
    "/etc/hostname",
    "/etc/hosts",
    "/etc/localtime",
    "/etc/machine-id",
    "/etc/os-release",
    "/etc/passwd",
    "/etc/resolv.conf",
    "/run/xtables.lock",
];

/// Whether a `type` is written in the volume: the server's default is an empty one.
fn has_type(object: &Object<'_>, index: usize) -> bool {
    let find = || {
        let written = object.written?;
        let tree = written.tree;
        let volume = *tree.items(written.get(&["spec", "template", "spec", "volumes"])?).get(index)?;
        tree.get(tree.get(volume, "hostPath")?, "type")
    };
    find().is_some()
}

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object.daemon_set) else { return };
    for (index, volume) in spec.volumes.iter().flatten().enumerate() {
        let Some(source) = &volume.host_path else { continue };
        if source.type_.as_deref().is_some_and(|kind| !kind.is_empty()) {
            continue;
        }
        let path = crate::rules::pod::on_node(&source.path);
        let kind = if path.ends_with(".sock") {
            "Socket"
        } else if FILES.contains(&&*path) {
            "File"
        } else {
            continue;
        };
        let message = format!(
            "without `type` a node that lacks `{}` gets an empty directory of this name, and the container starts with it",
            source.path
        );
        let at = spec_path().field("volumes").index(index).field("hostPath");
        let edit = match has_type(object, index) {
            true => Edit::Replace { path: at.clone().field("type"), value: kind.into() },
            false => Edit::Insert { path: at.clone(), key: "type".to_owned(), value: kind.into() },
        };
        findings.push(RULE.finding(at, message).help(format!("write `type: {kind}`")).fix(false, vec![edit]));
    }
}
