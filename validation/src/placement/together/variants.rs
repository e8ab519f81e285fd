//! Variants of one agent: nodes that run two of them, and nodes that run none.
//!
//! DaemonSets of one namespace are variants where two of these three agree, so that unrelated agents are not taken for some:
//! the label that names the application (with `app.kubernetes.io/instance` and `component`), the first container's image without
//! registry, tag and digest, and the name without the operating systems and architectures at its end (`agent-linux-amd64` is
//! `agent`).

use std::collections::{BTreeMap, HashMap};

use super::{Gathering, Party, Standing};
use crate::placement::filter::Filter;
use crate::placement::note::Note;
use crate::words::names::folded;

/// The labels that name the application, the first one present counts.
const NAMING: &[&str] = &["app.kubernetes.io/name", "k8s-app", "app", "name"];

/// What the end of a name may say of the nodes that it is for: `GOOS` and `GOARCH` of nodes, and what people write for them.
const PLATFORMS: &[&str] = &[
    "amd64", "x86", "x64", "i386", "386", "arm64", "aarch64", "arm", "armv7", "ppc64le", "s390x", "riscv64",
    "linux", "windows", "win",
];

/// As many kinds of uncovered nodes are told apart.
const MOST_KINDS: usize = 3;

/// The notes on each family of variants.
pub(super) fn notes(all: &Gathering<'_>) -> Vec<(usize, Note)> {
    let mut notes = Vec::new();
    for family in families(all) {
        let members: Vec<(usize, &Party)> =
            family.iter().filter_map(|place| Some((*place, all.get(*place)?))).collect();
        for (place, one) in members.iter().filter(|(place, _)| *place < all.given) {
            notes.extend(beside(all, one, &members).map(|note| (*place, note)));
            notes.extend(uncovered(all, &members).map(|note| (*place, note)));
        }
    }
    notes
}

/// The families of at least two, each sorted.
fn families(all: &Gathering<'_>) -> Vec<Vec<usize>> {
    let mut agreeing: HashMap<(&str, u8, String, String), usize> = HashMap::new();
    // To which family each belongs; families that turn out to be one are joined under the smaller number.
    let mut family: Vec<usize> = Vec::new();
    for (place, party) in all.parties.iter().enumerate() {
        family.push(place);
        let (label, image, stem) = (application(party), repository(party), stem(&party.name));
        let pairs = [(0, &label, &image), (1, &label, &stem), (2, &image, &stem)];
        for (kind, first, second) in pairs {
            let (Some(first), Some(second)) = (first, second) else { continue };
            let key = (&*party.namespace, kind, first.clone(), second.clone());
            let earlier = *agreeing.entry(key).or_insert(place);
            let numbers = (family.get(earlier).copied(), family.get(place).copied());
            if let (Some(one), Some(two)) = numbers
                && one != two
            {
                let (low, high) = (one.min(two), one.max(two));
                family.iter_mut().filter(|number| **number == high).for_each(|number| *number = low);
            }
        }
    }
    let mut families: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (place, number) in family.into_iter().enumerate() {
        let members = families.entry(number).or_default();
        // The same object in two files is one.
        let known = |known: &usize| all.get(*known).zip(all.get(place)).is_some_and(|(one, two)| one.is(two));
        if !members.iter().any(known) {
            members.push(place);
        }
    }
    families.into_values().filter(|members| members.len() > 1).collect()
}

fn application(party: &Party) -> Option<String> {
    let name = NAMING.iter().find_map(|label| party.labels.get(*label))?;
    let instance = party.labels.get("app.kubernetes.io/instance").map(String::as_str).unwrap_or_default();
    let component = party.labels.get("app.kubernetes.io/component").map(String::as_str).unwrap_or_default();
    Some(format!("{name} {instance} {component}"))
}

/// The image's last part without tag and digest.
fn repository(party: &Party) -> Option<String> {
    let image = party.image.as_deref()?;
    let last = image.split('@').next()?.rsplit('/').next()?;
    last.split(':').next().filter(|name| !name.is_empty()).map(str::to_owned)
}

/// The name without platforms at its end, and without anything else: `agent-linux-amd64` is `agent`.
fn stem(name: &str) -> Option<String> {
    let mut stem = name;
    while let Some((start, end)) = stem.rsplit_once('-')
        && PLATFORMS.contains(&end)
    {
        stem = start;
    }
    Some(stem.to_owned())
}

fn beside(all: &Gathering<'_>, one: &Party, members: &[(usize, &Party)]) -> Option<Note> {
    let others = members.iter().map(|(_, other)| *other).filter(|other| !one.is(other));
    let mut names = Vec::new();
    for other in others.clone() {
        if !all.nodes_where(|node| one.runs(node) && other.runs(node)).is_empty() {
            names.push(&*other.name);
        }
    }
    let nodes = all.nodes_where(|node| one.runs(node) && others.clone().any(|other| other.runs(node)));
    if nodes.is_empty() {
        return None;
    }
    let message = format!(
        "runs beside {}, a variant of the same agent, on {}: if one is enough, let their `nodeSelector` or affinity exclude \
         each other",
        folded(&names),
        folded(&nodes)
    );
    Some(Note { id: "variants-on-one-node", message, path: None })
}

fn uncovered(all: &Gathering<'_>, members: &[(usize, &Party)]) -> Option<Note> {
    // By what keeps each variant away.
    let mut kinds: BTreeMap<Vec<Filter>, Vec<&str>> = BTreeMap::new();
    for (place, node) in all.nodes.iter().enumerate() {
        let kept = members.iter().map(|(_, member)| match member.standings.get(place) {
            Some(Standing::Kept(filter)) => Some(*filter),
            _ => None,
        });
        if let Some(filters) = kept.collect::<Option<Vec<_>>>() {
            kinds.entry(filters).or_default().push(&node.name);
        }
    }
    let mut kinds: Vec<(Vec<Filter>, Vec<&str>)> = kinds.into_iter().collect();
    // Those that concern the most nodes first.
    kinds.sort_by_key(|(_, nodes)| std::cmp::Reverse(nodes.len()));
    let described = kinds.iter().take(MOST_KINDS).map(|(filters, nodes)| {
        let why = members
            .iter()
            .zip(filters)
            .map(|((_, member), filter)| format!("{}: {}", member.name, filter.as_str()));
        format!("{} ({})", folded(nodes), why.take(MOST_KINDS).collect::<Vec<_>>().join(", "))
    });
    let described: Vec<String> = described.collect();
    if described.is_empty() {
        return None;
    }
    let more = kinds.iter().skip(MOST_KINDS).map(|(_, nodes)| nodes.len()).sum::<usize>();
    let more = if more == 0 { String::new() } else { format!("; {more} more nodes for other reasons") };
    let names: Vec<&str> = members.iter().map(|(_, member)| &*member.name).collect();
    let message = format!(
        "of the variants {} none runs on {}{more}; if the agent belongs there, widen one of them or add a variant",
        folded(&names),
        described.join("; ")
    );
    Some(Note { id: "uncovered-nodes", message, path: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stem_loses_platforms_only() {
        for (name, expected) in
            [("agent-linux-amd64", "agent"), ("agent-gpu", "agent-gpu"), ("amd64", "amd64"), ("a-win", "a")]
        {
            assert_eq!(stem(name).as_deref(), Some(expected));
        }
    }

    #[test]
    fn an_image_is_known_by_its_last_part() {
        let of = |image: &str| repository(&Party { image: Some(image.to_owned()), ..Party::default() });
        assert_eq!(of("reg:5000/a/agent:v1@sha256:ab").as_deref(), Some("agent"));
        assert_eq!(of("agent").as_deref(), Some("agent"));
    }
}
