//! Our engine's answer for a case.

use daemonset_validation::Server;
use daemonset_validation::apiserver::strategy::admit_create;
use daemonset_validation::placement::{KINDS, Kind, PodName, Reason, SnapshotBuilder, explain};
use daemonset_validation::words::brief::{Brief, brief};

use super::Case;
use super::answer::{NodeAnswer, ResourceAnswer};

/// Our answer for each node, in the order of the nodes.
///
/// # Errors
///
/// Where an object cannot be read.
pub fn ours(case: &Case, server: &Server) -> Result<Vec<NodeAnswer>, String> {
    let typed = serde_json::from_value(case.daemon_set.clone()).map_err(|error| error.to_string())?;
    let stored = admit_create(typed, true, server).daemon_set;
    let mut builder = SnapshotBuilder::new(*server);
    for kind in KINDS {
        builder.mark_read(kind);
    }
    for object in &case.objects {
        let word = |name: &str| object[name].as_str().unwrap_or_default();
        let Some(kind) = Kind::of(word("apiVersion"), word("kind")) else { continue };
        // From text, since that is how objects come.
        let text = object.to_string();
        builder
            .add(kind, &mut serde_json::Deserializer::from_str(&text))
            .map_err(|error| format!("{error}: {text}"))?;
    }
    let snapshot = builder.finish();
    let verdicts = explain(&stored, &snapshot, server).verdicts;
    Ok(snapshot
        .nodes()
        .iter()
        .zip(verdicts)
        .map(|(node, verdict)| {
            let reasons = verdict.outcome.reasons();
            // What is only unknown is no objection.
            let first = reasons.iter().find(|reason| reason.missing.is_none()).or(reasons.first());
            let plugin = first.map(|reason| reason.filter);
            NodeAnswer {
                name: node.name.to_string(),
                verdict: verdict.outcome.kind().as_str().to_owned(),
                plugin: plugin.map(|plugin| plugin.as_str().to_owned()).unwrap_or_default(),
                reasons: reasons.iter().map(words).collect(),
                resources: reasons
                    .iter()
                    .filter(|reason| Some(reason.filter) == plugin)
                    .filter_map(resource)
                    .collect(),
                victims: verdict.preemption.map(|preemption| {
                    let mut names: Vec<String> = preemption
                        .victims
                        .iter()
                        .map(|PodName { namespace, name }| format!("{namespace}/{name}"))
                        .collect();
                    names.sort();
                    names
                }),
            }
        })
        .collect())
}

/// A reason in a few words, for the tally.
fn words(reason: &Reason) -> String {
    match brief(reason) {
        Brief::Phrase(phrase) => phrase,
        Brief::Insufficient { resource, .. } => resource,
        Brief::Selection(words) => words.join(", "),
    }
}

fn resource(reason: &Reason) -> Option<ResourceAnswer> {
    let missing = reason.insufficient()?;
    Some(ResourceAnswer {
        resource: missing.name.to_string(),
        requested: missing.requested,
        used: missing.used,
        capacity: missing.allocatable,
    })
}
