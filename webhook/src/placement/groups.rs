//! Nodes that do not run the pod for the same reason, together.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use daemonset_validation::FieldPath;
use daemonset_validation::placement::{Brief, Node, Outcome, Preview, Reason, amount_of};

/// All nodes that do not simply run the pod.
#[derive(Debug, Default)]
pub(super) struct Groups {
    /// How many nodes there are in all.
    pub(super) nodes: usize,
    /// Nodes that do not run it, what a person should see first coming first.
    pub(super) kept: Vec<Group>,
    /// What is not known, and how many nodes' answers hang on it.
    pub(super) unknown: BTreeMap<String, usize>,
    /// How many nodes' answers are not known.
    pub(super) unknown_nodes: usize,
}

/// What became of the nodes of a group. What should be seen first stands first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// A pod is made, and waits.
    Pending,
    /// No pod is made, though the manifest does not leave the node out.
    NotWanted,
    /// The manifest chooses other nodes.
    NotChosen,
}

/// Nodes of which the same is said.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) standing: Standing,
    /// The nodes' names, in the order of people.
    pub(super) names: Vec<String>,
    /// Why.
    pub(super) reason: String,
    /// The place in the manifest that decides.
    pub(super) path: FieldPath,
    /// The change that would help on all of them, where there is one.
    pub(super) help: Option<String>,
}

/// What must be equal for nodes to be told together, and what their amounts are.
type Key = (Standing, Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Phrase(String),
    Short(String),
    None(String),
}

struct Building<'p> {
    names: Vec<&'p str>,
    first: &'p Reason,
    same_help: bool,
    /// The least and the most that is missing of each resource.
    missing: BTreeMap<String, (i64, i64)>,
    /// By what the manifest chooses, and how many nodes that leaves out.
    choices: BTreeMap<String, usize>,
}

impl Groups {
    /// The groups of a preview.
    pub(super) fn of(preview: &Preview, nodes: &[Node]) -> Self {
        let mut groups = Self { nodes: nodes.len(), ..Self::default() };
        let mut building: BTreeMap<Key, Building<'_>> = BTreeMap::new();
        for (node, verdict) in nodes.iter().zip(&preview.verdicts) {
            let standing = match &verdict.outcome {
                Outcome::Runs => continue,
                Outcome::Unknown(reasons) => {
                    groups.doubt(reasons);
                    continue;
                }
                Outcome::Pending(_) => Standing::Pending,
                Outcome::NotWanted(_) => Standing::NotWanted,
            };
            // What is only unknown beside a refusal changes nothing.
            let reasons: Vec<&Reason> =
                verdict.outcome.reasons().iter().filter(|reason| reason.lacks.is_none()).collect();
            add(&mut building, standing, &reasons, &node.name);
        }
        groups.kept = building.into_iter().map(|(key, group)| finish(key, group)).collect();
        groups.kept.sort_by_key(|group| (group.standing, Reverse(group.names.len())));
        groups
    }

    fn doubt(&mut self, reasons: &[Reason]) {
        self.unknown_nodes = self.unknown_nodes.saturating_add(1);
        let mut lacking: Vec<&str> = reasons.iter().filter_map(|reason| reason.lacks).collect();
        lacking.sort_unstable();
        lacking.dedup();
        for kind in lacking {
            let count = self.unknown.entry(kind.to_owned()).or_default();
            *count = count.saturating_add(1);
        }
    }
}

fn add<'p>(
    building: &mut BTreeMap<Key, Building<'p>>,
    mut standing: Standing,
    reasons: &[&'p Reason],
    node: &'p str,
) {
    let Some(mut first) = reasons.first().copied() else { return };
    let (mut parts, mut short, mut choices) = (Vec::new(), Vec::new(), Vec::new());
    for reason in reasons {
        match reason.brief() {
            Brief::Choice(words) => {
                if choices.is_empty() {
                    first = reason;
                }
                choices.extend(words);
            }
            Brief::Short { resource, missing: Some(missing) } => {
                short.push((resource.to_string(), missing));
                parts.push(Part::Short(resource.into()));
            }
            Brief::Short { resource, missing: None } => parts.push(Part::None(resource.into())),
            Brief::Phrase(phrase) => parts.push(Part::Phrase(phrase)),
        }
    }
    if !choices.is_empty() {
        // The author leaves the node out. Whatever else speaks against it is of no interest.
        (parts, short) = (Vec::new(), Vec::new());
        if standing == Standing::NotWanted {
            standing = Standing::NotChosen;
        }
    }
    parts.dedup();
    let group = building.entry((standing, parts)).or_insert_with(|| Building {
        names: Vec::new(),
        first,
        same_help: true,
        missing: BTreeMap::new(),
        choices: BTreeMap::new(),
    });
    group.names.push(node);
    group.same_help &= group.first.suggestion == first.suggestion;
    for (resource, missing) in short {
        let (least, most) = group.missing.entry(resource).or_insert((missing, missing));
        (*least, *most) = ((*least).min(missing), (*most).max(missing));
    }
    for choice in choices {
        let count = group.choices.entry(choice).or_default();
        *count = count.saturating_add(1);
    }
}

/// As many words of choice are given.
const CHOICES: usize = 2;

fn finish((standing, parts): Key, building: Building<'_>) -> Group {
    let Building { names, first, same_help, missing, choices } = building;
    let mut phrases: Vec<String> = Vec::new();
    let (mut short, mut none) = (Vec::new(), Vec::new());
    for part in parts {
        match part {
            Part::Phrase(phrase) => phrases.push(phrase),
            Part::None(resource) if resource == "pods" => phrases.push("the node takes no pods".to_owned()),
            Part::Short(resource) if resource == "pods" => phrases.push("no room for another pod".to_owned()),
            Part::None(resource) => none.push(if resource == "cpu" { "CPU".to_owned() } else { resource }),
            Part::Short(resource) => short.push(match missing.get(&resource) {
                Some((least, most)) if least != most => {
                    format!("{} to {}", bare(&resource, *least), amount_of(&resource, *most))
                }
                Some((least, _)) => amount_of(&resource, *least),
                None => resource,
            }),
        }
    }
    if !short.is_empty() {
        phrases.push(format!("needs {} more than is free", short.join(" and ")));
    }
    if !none.is_empty() {
        phrases.push(format!("has no {}", none.join(" and no ")));
    }
    let mut choices: Vec<(String, usize)> = choices.into_iter().collect();
    choices.sort_by_key(|(_, count)| Reverse(*count));
    if !choices.is_empty() {
        let more = choices.len() > CHOICES;
        let words: Vec<String> = choices.into_iter().take(CHOICES).map(|(words, _)| words).collect();
        phrases.push(format!("{}{}", words.join(", "), if more { ", …" } else { "" }));
    }
    let mut names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    names.sort_by(|one, other| natural(one).cmp(&natural(other)));
    Group {
        standing,
        names,
        reason: super::line::clean(&phrases.join(" and ")),
        path: first.path.clone(),
        help: first.suggestion.clone().filter(|_| same_help),
    }
}

/// The amount without the resource's name.
fn bare(resource: &str, amount: i64) -> String {
    let full = amount_of(resource, amount);
    full.split(' ').next().unwrap_or_default().to_owned()
}

/// Numbers in names count as numbers: `gpu-2` comes before `gpu-10`.
fn natural(name: &str) -> Vec<(&str, u64, &str)> {
    let mut parts = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let text = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (words, behind) = rest.split_at_checked(text).unwrap_or((rest, ""));
        let digits = behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len());
        let (number, behind) = behind.split_at_checked(digits).unwrap_or((behind, ""));
        parts.push((words, number.parse().unwrap_or(u64::MAX), number));
        rest = behind;
    }
    parts
}
