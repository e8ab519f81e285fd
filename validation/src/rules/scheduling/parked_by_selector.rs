//! The rule `parked-by-selector`. Its page is `parked_by_selector.md`.

use super::{pod_spec, rule, spec};
use crate::edit::Edit;
use crate::levels::Level;
use crate::rules::{Check, Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "parked-by-selector",
    Level::Warning,
    (
        "`nodeSelector` names a label that was made up so that no pod runs",
        include_str!("parked_by_selector.md"),
    ),
    Check::Object(check),
);

/// Labels that people make up to stop a DaemonSet, without the characters that join their words.
const MADE_UP: [&str; 14] = [
    "nonexisting",
    "nonexistent",
    "nonexist",
    "notexisting",
    "notexist",
    "doesnotexist",
    "nosuchnode",
    "nonode",
    "nonodes",
    "nowhere",
    "never",
    "scaledtozero",
    "scaletozero",
    "scaledown",
];

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object) else { return };
    for (key, value) in spec.node_selector.iter().flatten() {
        let is_made_up = |text: &str| {
            let letters: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
            MADE_UP.contains(&letters.to_ascii_lowercase().as_str())
        };
        let name = key.rsplit('/').next().unwrap_or(key);
        if is_made_up(name) || is_made_up(value) {
            let message = format!("`{key}: {value}` looks like a label that no node has, so no pod runs");
            let help = "if the DaemonSet is to run again, take the entry out; if not, delete the DaemonSet";
            let path = pod_spec().field("nodeSelector").key(key);
            let fix = vec![Edit::Remove { path: path.clone() }];
            findings.push(RULE.finding(path, message).help(help).fix(false, fix));
        }
    }
}
