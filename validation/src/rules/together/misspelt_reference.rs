//! The rule `misspelt-reference`. Its page is `misspelt_reference.md`.

use super::{is_placeholder, rule};
use crate::did_you_mean;
use crate::levels::Level;
use crate::placement::Kind;
use crate::rules::{PeerFindings, Rule};
use crate::together::{Companion, Member, Together};

pub(in crate::rules) static RULE: Rule = rule(
    "misspelt-reference",
    Level::Warning,
    (
        "the pods name an object that the files do not have, and the files have one with nearly this name",
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
            findings.push(
                place,
                RULE.finding(used.path.clone(), message).help(format!("did you mean `{near}`?")),
            );
        }
    }
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
    let words = |text: &str| text.split(['-', '.']).map(str::to_owned).collect::<Vec<_>>();
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
