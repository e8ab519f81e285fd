//! The rule `log-symlinks`. Its page is `log_symlinks.md`.

use super::rule;
use crate::edit::{Edit, NewValue};
use crate::levels::Level;
use crate::path::FieldPath;
use crate::rules::pod::{containers, is_within, mounted_path, spec, spec_path, volumes};
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "log-symlinks",
    Level::Warning,
    (
        "`/var/log/containers` is mounted without `/var/log/pods`, where its links lead",
        include_str!("log_symlinks.md"),
    ),
    check,
);

const LINKS: &str = "/var/log/containers";
const TARGETS: &str = "/var/log/pods";

/// The name of a volume that the fix adds.
const NAME: &str = "var-log-pods";

/// A volume with the targets of the links, and its mount.
fn with_targets(mounts: FieldPath) -> Vec<Edit> {
    let text = |key: &str, value: &str| (key.to_owned(), NewValue::from(value));
    let volume = vec![text("name", NAME), ("hostPath".to_owned(), NewValue::entry("path", TARGETS))];
    let read_only = ("readOnly".to_owned(), NewValue::Bool(true));
    let mount = vec![text("name", NAME), text("mountPath", TARGETS), read_only];
    vec![
        Edit::Append { path: mounts, value: NewValue::Map(mount) },
        Edit::Append { path: spec_path().field("volumes"), value: NewValue::Map(volume) },
    ]
}

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object.daemon_set) else { return };
    let volumes = volumes(spec);
    for listed in containers(spec) {
        let mut links = None;
        let mut has_targets = false;
        for (index, mount) in listed.container.volume_mounts.iter().flatten().enumerate() {
            let Some(seen) = mounted_path(mount, &volumes) else { continue };
            if is_within(&seen, LINKS) {
                links.get_or_insert(index);
            }
            has_targets |= is_within(TARGETS, &seen);
        }
        if let Some(index) = links.filter(|_| !has_targets) {
            let message = "the files in `/var/log/containers` are links to `/var/log/pods`, which the container does not \
                           see, so it reads no logs";
            let mounts = listed.path().field("volumeMounts");
            let finding = RULE
                .finding(mounts.clone().index(index), message)
                .help("mount `/var/log/pods` as well, at the same path");
            findings.push(match volumes.contains_key(NAME) {
                true => finding,
                false => finding.fix(false, with_targets(mounts)),
            });
        }
    }
}
