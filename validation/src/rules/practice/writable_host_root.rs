//! The rule `writable-host-root`. Its page is `writable_host_root.md`.

use super::rule;
use crate::edit::{Edit, NewValue};
use crate::levels::Level;
use crate::rules::pod::{containers, mounted_path, spec, volumes};
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "writable-host-root",
    Level::Warning,
    (
        "a container that is not privileged may write to all of the node's disk",
        include_str!("writable_host_root.md"),
    ),
    check,
);

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object.daemon_set) else { return };
    let volumes = volumes(spec);
    for listed in containers(spec).filter(|listed| !listed.is_privileged()) {
        for (index, mount) in listed.container.volume_mounts.iter().flatten().enumerate() {
            if mount.read_only != Some(true) && mounted_path(mount, &volumes).is_some_and(|seen| seen == "/")
            {
                let message = "the container may write everywhere on the node's disk, and so become root on the node, though it \
                               is not privileged";
                let path = listed.path().field("volumeMounts").index(index);
                let help = "write `readOnly: true`, or mount only what it writes";
                let (key, value) = ("readOnly", NewValue::Bool(true));
                let edit = match mount.read_only {
                    Some(_) => Edit::Replace { path: path.clone().field(key), value },
                    None => Edit::Insert { path: path.clone(), key: key.to_owned(), value },
                };
                findings.push(RULE.finding(path, message).help(help).fix(false, vec![edit]));
            }
        }
    }
}
