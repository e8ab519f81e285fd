//! The rule `misspelt-reference`. Its page is `misspelt_reference.md`.

use super::{MOST, is_placeholder, rule};
use crate::did_you_mean;
use crate::edit::Edit;
use crate::finding::Finding;
use crate::levels::Level;
use crate::path::FieldPath;
use crate::placement::Kind;
use crate::rules::{PeerFindings, Rule};
use crate::together::{Companion, Member, Together, What};

pub(in crate::rules) static RULE: Rule = rule(
    "misspelt-reference",
    Level::Warning,
    (
        "the pods name an object or a key that the files do not have, and the files have one with nearly this name",
        include_str!("misspelt_reference.md"),
    ),
    check,
);

/// With more objects of a kind than this, a near name says little.
const MOST_NAMES: usize = 64;

/// Names that exist without a file.
const OF_CLUSTER: [&str; 5] = [
    "default",
    "kube-root-ca.crt",
    "openshift-service-ca.crt",
    "system-node-critical",
    "system-cluster-critical",
];

fn check(together: &Together<'_>, findings: &mut PeerFindings) {
    for (place, member) in together.members() {
        let beside = together.beside(place);
        if beside.is_empty() {
            continue;
        }
        for used in &member.uses.references {
            if is_placeholder(&used.name) || OF_CLUSTER.contains(&&*used.name) {
                continue;
            }
            let same: Vec<&Companion> =
                beside.iter().filter(|one| is_of(one, used.kind, &member)).copied().collect();
            if same.len() > MOST_NAMES || same.iter().any(|one| one.name == used.name) {
                continue;
            }
            // What a pod of the files names by its right name is not what this one means.
            let free = same.iter().filter(|one| {
                !is_placeholder(&one.name)
                    && !together.daemon_sets(place).any(|other| names(&other, used.kind, &one.name))
            });
            let near = did_you_mean(&used.name, free.map(|one| &*one.name));
            let Some(near) = near.filter(|near| is_misspelling(&used.name, near)) else { continue };
            let Some(one) = same.iter().find(|one| &*one.name == near) else { continue };
            let message =
                format!("the files have no {} `{}`, but {}", used.kind.as_str(), used.name, one.shown());
            findings.push(place, finding(&used.path, message, near));
        }
        keys(&member, beside).into_iter().take(MOST).for_each(|finding| findings.push(place, finding));
    }
}

fn finding(path: &FieldPath, message: String, near: &str) -> Finding {
    let edit = Edit::Replace { path: path.clone(), value: near.into() };
    RULE.finding(path.clone(), message).help(format!("did you mean `{near}`?")).fix(false, vec![edit])
}

/// The misspelt keys of ConfigMaps and Secrets. A key that is like no other may be added by something else.
fn keys(member: &Member<'_>, beside: &[&Companion]) -> Vec<Finding> {
    let misspelt = member.uses.keys.iter().filter_map(|used| {
        let is_meant = |one: &&&Companion| is_of(one, used.kind, member) && one.name == used.name;
        let one = beside.iter().find(is_meant)?;
        let (What::Config { keys, .. } | What::Secret { keys }) = &one.what else { return None };
        if keys.len() > MOST_NAMES || keys.contains(&used.key) || is_placeholder(&used.key) {
            return None;
        }
        let is_free = |key: &&str| {
            let mut of_member = member.uses.keys.iter();
            !of_member.any(|other| (other.kind, &other.name, &*other.key) == (used.kind, &used.name, *key))
        };
        let near = did_you_mean(&used.key, keys.iter().map(|key| &**key).filter(is_free))?;
        let message = format!("{} has no key `{}`, but `{near}`", one.shown(), used.key);
        is_misspelling(&used.key, near).then(|| finding(&used.path, message, near))
    });
    misspelt.collect()
}

fn is_of(one: &Companion, kind: Kind, member: &Member<'_>) -> bool {
    one.kind == kind.as_str() && (!kind.is_namespaced() || *one.namespace == *member.peer.namespace)
}

fn names(member: &Member<'_>, kind: Kind, name: &str) -> bool {
    member.uses.references.iter().any(|used| used.kind == kind && &*used.name == name)
}

/// Whether two names differ as words do that were mistyped: `agent-1` and `agent-2`, or `a-tls` and `a-ca`, are two names.
fn is_misspelling(one: &str, other: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    if one.len() < 5 || digits(one) != digits(other) {
        return false;
    }
    let words = |text: &str| text.split(['-', '.', '_']).map(str::to_owned).collect::<Vec<_>>();
    let (ones, others) = (words(one), words(other));
    if ones.len() != others.len() {
        // A plural, or a word that was run together: `agentconfig`.
        let joined = |words: &[String]| words.concat();
        return joined(&ones) == joined(&others);
    }
    let mut pairs = ones.iter().zip(&others).filter(|(one, other)| one != other);
    let Some((one, other)) = pairs.next() else { return false };
    // The one word that differs is long enough to be the same word.
    pairs.next().is_none()
        && one.len() >= 4
        && other.len() >= 4
        && strsim::damerau_levenshtein(one, other) <= if one.len() >= 7 { 2 } else { 1 }
}
