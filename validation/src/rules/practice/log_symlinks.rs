//! The rule `log-symlinks`. Its page is `log_symlinks.md`.

use super::rule;
use crate::levels::Level;
use crate::rules::pod::{containers, is_within, mounted_path, spec, volumes};
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
            let path = listed.path().field("volumeMounts").index(index);
            findings
                .push(RULE.finding(path, message).help("mount `/var/log/pods` as well, at the same path"));
        }
    }
}
