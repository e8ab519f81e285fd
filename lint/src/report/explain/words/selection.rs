//! By what a manifest selects other nodes, in a few words about the nodes that it leaves out.

use daemonset_validation::placement::{Cause, Requirement, UnmetRequirement};
use daemonset_validation::words::requirement::{more, requirement};

use super::label::short_key;

/// What the nodes that a manifest leaves out do not have.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Selection {
    /// A label, as `key=value` or `key`.
    Label(String),
    /// Requirements of one term, or something else that is matched.
    Match(String),
    /// The one node that `nodeName` names.
    Name(String),
}

impl Selection {
    /// `lack gpu=true`, as a predicate of so many nodes.
    pub(crate) fn predicate(&self, nodes: usize) -> String {
        let one = nodes == 1;
        match self {
            Self::Label(label) => format!("{} {label}", if one { "lacks" } else { "lack" }),
            Self::Match(wanted) => format!("{} not match {wanted}", if one { "does" } else { "do" }),
            Self::Name(name) => format!("{} not {name}", if one { "is" } else { "are" }),
        }
    }

    /// The same without the domain of a label that Kubernetes itself sets.
    pub(crate) fn short(&self) -> Self {
        match self {
            Self::Label(label) => Self::Label(short_key(label).to_owned()),
            other => other.clone(),
        }
    }

    /// `no node has gpu=true`.
    pub(crate) fn nowhere(&self) -> String {
        match self {
            Self::Label(label) => format!("no node has {label}"),
            Self::Match(wanted) => format!("no node matches {wanted}"),
            Self::Name(name) => format!("there is no node {name}"),
        }
    }
}

/// What a cause says of the manifest's selection, and the field that selects; `None` if it is about something else.
pub(crate) fn selection(cause: &Cause) -> Option<(Selection, &'static str)> {
    Some(match cause {
        Cause::NodeName { wanted } => (Selection::Name(wanted.to_string()), "nodeName"),
        Cause::NodeSelector { key, wanted, .. } => (Selection::Label(label(key, wanted)), "nodeSelector"),
        Cause::NodeAffinity(term) if term.terms > 1 => {
            (Selection::Match(format!("any of its {} terms", term.terms)), NODE_AFFINITY)
        }
        Cause::NodeAffinity(term) => (unmet(&term.unmet, term.more_unmet), NODE_AFFINITY),
        Cause::NoTerms => (Selection::Match("any term, since there is none".to_owned()), NODE_AFFINITY),
        _ => return None,
    })
}

const NODE_AFFINITY: &str = "nodeAffinity";

fn unmet(unmet: &[UnmetRequirement], others: usize) -> Selection {
    if let [UnmetRequirement::Label { requirement: one, .. }] = unmet
        && others == 0
        && let Some(label) = single_label(one)
    {
        return Selection::Label(label);
    }
    let shown = |unmet: &UnmetRequirement| match unmet {
        UnmetRequirement::Label { requirement: one, .. } | UnmetRequirement::Field(one) => {
            format!("`{}`", requirement(one))
        }
        UnmetRequirement::EmptyTerm => "an empty term".to_owned(),
    };
    let all: Vec<String> = unmet.iter().map(shown).collect();
    Selection::Match(all.join(" and ") + &more(others, " "))
}

/// The one label that a requirement asks for.
fn single_label(one: &Requirement) -> Option<String> {
    match (&*one.operator, &*one.values) {
        ("Exists", []) => Some(one.key.to_string()),
        ("In", [value]) => Some(label(&one.key, value)),
        _ => None,
    }
}

fn label(key: &str, value: &str) -> String {
    if value.is_empty() { format!("{key}=\"\"") } else { format!("{key}={value}") }
}
