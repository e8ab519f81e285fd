//! A remedy in steps, each of which can be copied by itself.

use daemonset_validation::placement::{Insufficient, Reason, Remedy};

use super::remedy::{label_node, lead, remedy, selector, tolerations};
use super::{Sentence, refused};

/// One step of a remedy.
#[derive(Debug)]
pub(crate) struct Step {
    /// What it is.
    pub(crate) kind: StepKind,
    /// Its text.
    pub(crate) sentence: Sentence,
}

/// What a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StepKind {
    /// A sentence.
    Prose,
    /// A command for a shell.
    Command,
    /// An entry of `tolerations`, as YAML.
    Toleration,
    /// A sentence that stands by itself: it does not say how the node would run the pod.
    Said,
}

/// The steps of the remedy; none if there is no remedy.
pub(crate) fn steps(reason: &Reason, node: &str) -> Vec<Step> {
    let step = |sentence: Sentence| {
        let kind = match lead(reason) {
            "" => StepKind::Said,
            _ if sentence.is_command() => StepKind::Command,
            _ => StepKind::Prose,
        };
        Step { kind, sentence }
    };
    match &reason.remedy {
        Some(Remedy::SatisfyAdmission) => {
            let steps = refused::steps(&reason.cause).into_iter();
            let kind = |sentence: &Sentence| match sentence.is_command() {
                true => StepKind::Command,
                false => StepKind::Said,
            };
            steps.map(|sentence| Step { kind: kind(&sentence), sentence }).collect()
        }
        Some(Remedy::Tolerate) => {
            let entries = tolerations(&reason.cause).into_iter();
            let entry = |entry: String| Step {
                kind: StepKind::Toleration,
                sentence: Sentence::new(&format!("- {entry}")),
            };
            entries.map(entry).collect()
        }
        Some(Remedy::MatchNode { labels, manifest }) => {
            let command = (!labels.is_empty()).then(|| step(label_node(labels, node)));
            let change = (!manifest.is_empty())
                .then(|| step(Sentence::joined(manifest.iter().map(selector), ", and ")));
            command.into_iter().chain(change).collect()
        }
        // The sentence before it says what is requested now.
        Some(Remedy::LowerRequest { container: Some(container) }) => {
            reason.insufficient().map(|numbers| step(lower_to(container, numbers))).into_iter().collect()
        }
        _ => remedy(reason, node).map(step).into_iter().collect(),
    }
}

fn lower_to(container: &str, numbers: &Insufficient) -> Sentence {
    let name = &*numbers.name;
    Sentence::new("lower ")
        .code(&format!("requests.{name}"))
        .text(" of ")
        .code(container)
        .text(" to ")
        .limit(name, numbers.free())
        .text(" or less")
}
