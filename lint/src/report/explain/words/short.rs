//! A reason in as few words as a column of a table has room for.

use std::collections::HashSet;

use daemonset_validation::placement::{Cause, Kind, Missing, Reason};
use daemonset_validation::words::brief::{Brief, brief};

/// What the reasons say together, by what the first of them is about: `too little cpu, memory`. They are those of groups of nodes,
/// the largest group's first.
pub(crate) fn short<'r>(reasons: impl Iterator<Item = &'r Reason> + Clone) -> String {
    // What is unknown beside a refusal changes nothing.
    let refusals = || reasons.clone().filter(|reason| reason.missing.is_none());
    let Some(first) = refusals().next() else {
        let missing = distinct(reasons.filter_map(|reason| reason.missing).map(what));
        return format!("{} not read", missing.join(", "));
    };
    match &first.cause {
        Cause::Taints(_) => taints(refusals()),
        Cause::Insufficient(_) => resources(refusals()),
        Cause::Refused(refused) => format!("{}: {}", first.filter.as_str(), refused.refusal.message),
        Cause::HostPort(held) => format!("port {} in use", held.port.shown()),
        _ => match brief(first) {
            Brief::Phrase(phrase) => phrase,
            Brief::Insufficient { resource, .. } => format!("too little {resource}"),
            Brief::Selection(words) => words.join(", "),
        },
    }
}

const fn what(missing: Missing) -> &'static str {
    match missing {
        Missing::Kind(Kind::PersistentVolumeClaim) => "claims",
        Missing::Kind(Kind::PersistentVolume) => "volumes",
        Missing::ResourceClaims => "resource claims",
        Missing::StorageCapacities => "storage capacities",
        Missing::Kind(_) | Missing::Allocatable => missing.as_str(),
    }
}

fn taints<'r>(reasons: impl Iterator<Item = &'r Reason>) -> String {
    let keys = reasons.filter_map(|reason| match &reason.cause {
        Cause::Taints(taints) => Some(taints.iter().map(|taint| &*taint.key)),
        _ => None,
    });
    match distinct(keys.flatten()).as_slice() {
        [one] => format!("taint {one} not tolerated"),
        more => format!("{} taints not tolerated", more.len()),
    }
}

fn resources<'r>(reasons: impl Iterator<Item = &'r Reason>) -> String {
    let numbers: Vec<_> = reasons.filter_map(Reason::insufficient).collect();
    let little = |some: bool| {
        let found = numbers.iter().filter(move |one| (one.allocatable > 0) == some);
        distinct(found.map(|one| &*one.name))
    };
    let short = little(true);
    if let ["pods"] = short.as_slice() {
        return "no room for another pod".to_owned();
    }
    if short.is_empty() {
        return format!("no {}", little(false).join(", "));
    }
    format!("too little {}", short.join(", "))
}

fn distinct<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<&'t str> {
    let mut known = HashSet::new();
    texts.filter(|text| known.insert(*text)).collect()
}
