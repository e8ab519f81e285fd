//! The rule `script-not-executable`. Its page is `script_not_executable.md`.

use std::collections::HashMap;

use k8s_openapi::api::core::v1::{KeyToPath, Volume};

use super::rule;
use crate::levels::Level;
use crate::path::FieldPath;
use crate::rules::pod::{Listed, containers, spec, volumes};
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "script-not-executable",
    Level::Error,
    (
        "a container runs a file of a ConfigMap or Secret that nobody may execute",
        include_str!("script_not_executable.md"),
    ),
    check,
);

/// A volume with more items than this is not looked into, so that the work stays in proportion to the object.
const MOST_ITEMS: usize = 100;

/// The mode of files where nothing else is written.
const DEFAULT_MODE: i32 = 0o644;

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object.daemon_set) else { return };
    let volumes = volumes(spec);
    for listed in containers(spec) {
        let own = listed.container.command.as_ref();
        report(own, &listed, &volumes, || listed.path(), "the container does not start", findings);
        for handler in listed.handlers() {
            let words = handler.exec.and_then(|exec| exec.command.as_ref());
            let path = || listed.path_to(&handler).field("exec");
            report(words, &listed, &volumes, path, "it always fails", findings);
        }
    }
}

fn report(
    words: Option<&Vec<String>>,
    listed: &Listed<'_>,
    volumes: &HashMap<&str, &Volume>,
    path: impl Fn() -> FieldPath,
    effect: &str,
    findings: &mut Findings,
) {
    let Some(program) = words.and_then(|words| words.first()) else { return };
    if let Some(mode) = mode_of(program, listed, volumes).filter(|mode| mode & 0o111 == 0) {
        let message = format!(
            "`{program}` comes from a volume with mode {mode:04o}, so nobody may execute it: {effect}"
        );
        let help =
            "write `defaultMode: 0755` on the volume, or run the file with its shell: `[\"sh\", \"/path\"]`";
        findings.push(RULE.finding(path().field("command").index(0), message).help(help));
    }
}

/// The mode of the file, if it is one of a ConfigMap or Secret.
fn mode_of(program: &str, listed: &Listed<'_>, volumes: &HashMap<&str, &Volume>) -> Option<i32> {
    let mounts = listed.container.volume_mounts.iter().flatten();
    // The longest path is the one that is seen.
    let within = mounts.filter(|mount| crate::rules::pod::is_within(program, &mount.mount_path));
    let mount = within.max_by_key(|mount| mount.mount_path.trim_end_matches('/').len())?;
    let volume = volumes.get(mount.name.as_str())?;
    let of_map = volume.config_map.as_ref().map(|source| (source.items.as_ref(), source.default_mode));
    let (items, mode) = of_map
        .or_else(|| volume.secret.as_ref().map(|source| (source.items.as_ref(), source.default_mode)))?;
    let below = program.get(mount.mount_path.trim_end_matches('/').len()..).unwrap_or_default();
    let file = match mount.sub_path.as_deref().filter(|path| !path.is_empty()) {
        Some(path) => format!("{path}{below}"),
        None => below.trim_start_matches('/').to_owned(),
    };
    if items.is_some_and(|items| items.len() > MOST_ITEMS) {
        return None;
    }
    let is_file = |item: &&KeyToPath| item.path.trim_start_matches('/') == file;
    let own = items.into_iter().flatten().find(is_file).and_then(|item| item.mode);
    Some(own.or(mode).unwrap_or(DEFAULT_MODE))
}
