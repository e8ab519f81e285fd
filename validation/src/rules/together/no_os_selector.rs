//! The rule `no-os-selector`. Its page is `no_os_selector.md`.

use super::rule;
use crate::levels::Level;
use crate::path::FieldPath;
use crate::rules::{PeerFindings, Rule};
use crate::together::{OperatingSystem, Together};

pub(in crate::rules) static RULE: Rule = rule(
    "no-os-selector",
    Level::Warning,
    (
        "the files have a DaemonSet for Windows nodes, and this one does not ask for Linux",
        include_str!("no_os_selector.md"),
    ),
    check,
);

fn check(together: &Together<'_>, findings: &mut PeerFindings) {
    // `lands-on-windows` names the nodes.
    if together.knows_nodes {
        return;
    }
    for (place, member) in together.members() {
        if member.uses.os != OperatingSystem::Any {
            continue;
        }
        let mut others = together.daemon_sets(place);
        let windows = others.find(|other| {
            other.uses.os == OperatingSystem::Windows
                && other.peer.namespace == member.peer.namespace
                // Where Windows nodes have a taint, it keeps these pods off.
                && (!other.uses.tolerates_system || member.uses.tolerates_all)
        });
        let Some(windows) = windows else { continue };
        let (name, origin) = (&windows.peer.name, &windows.peer.origin);
        let origin = if origin.is_empty() { String::new() } else { format!(" ({origin})") };
        let message = format!(
            "DaemonSet `{name}`{origin} is for Windows nodes, so there are some, and nothing keeps these pods off them"
        );
        let help = "if the image is for Linux, add `nodeSelector: { kubernetes.io/os: linux }`";
        let path = FieldPath::of(&["spec", "template", "spec"]);
        findings.push(place, RULE.finding(path, message).at(crate::finding::Anchor::Key).help(help));
    }
}
