//! The rule `missing-key`. Its page is `missing_key.md`.

use std::collections::HashSet;

use super::{MOST, is_placeholder, rule};
use crate::did_you_mean;
use crate::levels::Level;
use crate::rules::{PeerFindings, Rule};
use crate::together::{Companion, Member, Together, UsedKey, What};
use crate::words::names::folded;

pub(in crate::rules) static RULE: Rule = rule(
    "missing-key",
    Level::Warning,
    (
        "the pods need a key that the ConfigMap or Secret of the files does not have",
        include_str!("missing_key.md"),
    ),
    check,
);

fn check(together: &Together<'_>, findings: &mut PeerFindings) {
    for (place, member) in together.members() {
        let mut said = HashSet::new();
        for used in &member.uses.keys {
            let object = (used.kind, &*used.name);
            if said.len() >= MOST || said.contains(&object) {
                continue;
            }
            let found = together.beside(place).iter().find(|one| is_meant(one, used, &member));
            let Some((one, keys)) = found.and_then(|one| Some((one, keys(one)?))) else { continue };
            let absent = |used: &&UsedKey| !keys.contains(&used.key) && !is_placeholder(&used.key);
            if !absent(&used) {
                continue;
            }
            said.insert(object);
            let same = member.uses.keys.iter().filter(|other| (other.kind, &*other.name) == object);
            let names: Vec<String> = same.filter(absent).map(|used| format!("`{}`", used.key)).collect();
            let shown: Vec<&str> = names.iter().map(String::as_str).collect();
            let message =
                format!("{} has no key {}, and the pods do not start without it", one.shown(), folded(&shown));
            let help = match did_you_mean(&used.key, keys.iter().map(|key| &**key)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "add the key, or write `optional: true` if the pods can do without it".to_owned(),
            };
            findings.push(place, RULE.finding(used.path.clone(), message).help(help));
        }
    }
}

fn is_meant(one: &Companion, used: &UsedKey, member: &Member<'_>) -> bool {
    one.kind == used.kind.as_str() && one.name == used.name && *one.namespace == *member.peer.namespace
}

/// The keys of an object; `None` where it has none, as something else fills it in then.
fn keys(one: &Companion) -> Option<&[Box<str>]> {
    match &one.what {
        What::Config { keys, .. } | What::Secret { keys } => Some(&**keys).filter(|keys| !keys.is_empty()),
        _ => None,
    }
}
