//! The rule `unknown-capability`. Its page is `unknown_capability.md`.

use super::rule;
use crate::did_you_mean::did_you_mean;
use crate::edit::Edit;
use crate::levels::Level;
use crate::rules::pod::{containers, spec};
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "unknown-capability",
    Level::Warning,
    ("a capability that Linux does not have under this name", include_str!("unknown_capability.md")),
    check,
);

/// The capabilities of Linux, without their prefix.
const KNOWN: &[&str] = &[
    "ALL",
    "AUDIT_CONTROL",
    "AUDIT_READ",
    "AUDIT_WRITE",
    "BLOCK_SUSPEND",
    "BPF",
    "CHECKPOINT_RESTORE",
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "IPC_LOCK",
    "IPC_OWNER",
    "KILL",
    "LEASE",
    "LINUX_IMMUTABLE",
    "MAC_ADMIN",
    "MAC_OVERRIDE",
    "MKNOD",
    "NET_ADMIN",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_RAW",
    "PERFMON",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYSLOG",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_CHROOT",
    "SYS_MODULE",
    "SYS_NICE",
    "SYS_PACCT",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "WAKE_ALARM",
];

/// For so many names of an object the nearest one is looked for.
const MOST_GUESSES: usize = 20;

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object.daemon_set) else { return };
    let mut guessed = 0_usize;
    for listed in containers(spec) {
        let context = listed.container.security_context.as_ref();
        let Some(capabilities) = context.and_then(|context| context.capabilities.as_ref()) else { continue };
        for (field, names) in [("add", &capabilities.add), ("drop", &capabilities.drop)] {
            // A privileged container has all of them.
            if field == "add" && listed.is_privileged() {
                continue;
            }
            for (index, name) in names.iter().flatten().enumerate() {
                let upper = name.to_ascii_uppercase();
                if KNOWN.contains(&upper.as_str()) {
                    continue;
                }
                let path =
                    listed.path().field("securityContext").field("capabilities").field(field).index(index);
                let bare = upper.strip_prefix("CAP_").filter(|bare| KNOWN.contains(bare));
                let done = if field == "add" { "added" } else { "dropped" };
                let message = match bare {
                    Some(_) => format!(
                        "containerd puts `CAP_` before the name itself, so `{name}` becomes one that Linux does not have, and \
                         nothing is {done}"
                    ),
                    None => format!("Linux has no capability `{name}`, so nothing is {done}"),
                };
                let finding = RULE.finding(path.clone(), message);
                let meant = bare.or_else(|| {
                    // A guess takes far longer than the rest, and the first ones are enough.
                    guessed = guessed.saturating_add(1);
                    let name = upper.strip_prefix("CAP_").unwrap_or(&upper);
                    if guessed > MOST_GUESSES { None } else { did_you_mean(name, KNOWN.iter().copied()) }
                });
                findings.push(match meant {
                    Some(meant) => finding
                        .help(format!("write `{meant}`"))
                        .fix(bare.is_some(), vec![Edit::Replace { path, value: meant.into() }]),
                    None => finding.help("delete it, or write the name of a capability without `CAP_`"),
                });
            }
        }
    }
}
