//! The findings about an object, and what of them an update introduces.

use daemonset_validation::rules::Levels;
use daemonset_validation::{
    Bounds, Checked, Finding, Fingerprints, Rest, Server, ServerVerdict, Stored, Subject, TooLarge, Tree,
    check_within,
};
use k8s_openapi::api::apps::v1::DaemonSet;

use super::context::Context;
use super::decision::SortedFindings;
use crate::config::Level;

/// An object of a review in its tree.
pub(super) type InTree<'b> = (Tree<'b>, Subject);

/// So many findings of a rule are made in full. An answer shows a few of them.
const IN_FULL: usize = 100;

/// The result of validation.
pub(super) struct Found {
    /// The object as it would be stored; `None` if the API server would refuse it.
    daemon_set: Option<DaemonSet>,
    /// The findings that the request introduces.
    introduced: Vec<Finding>,
    /// The findings that the stored object already had.
    kept: Vec<Finding>,
    /// The findings that are only counted; `known` are those that the stored object already had.
    more: Rest,
}

impl Found {
    /// Adds the findings to others; returns the object as it would be stored, if the API server would not refuse it.
    pub(super) fn sort_into(self, sorted: &mut SortedFindings, context: &Context<'_>) -> Option<DaemonSet> {
        let Self { daemon_set, introduced, kept, more } = self;
        sorted.add(introduced, context.levels, Level::Deny);
        sorted.add(kept, context.levels, Level::Warn);
        sorted.count(&more.counts, context.levels, Level::Deny);
        sorted.count(&more.known, context.levels, Level::Warn);
        daemon_set
    }
}

/// Checks an object that is created, or the update of an old one. Each may take so much memory, in bytes.
///
/// # Errors
///
/// [`TooLarge`] if one of them takes more.
pub(super) fn find(
    new: &InTree<'_>,
    old: Option<&InTree<'_>>,
    server: &Server,
    levels: &Levels,
    memory: usize,
) -> Result<Found, TooLarge> {
    let stored = old.map(|(tree, subject)| Stored::Document { tree, subject });
    let check = |bounds: Bounds| check_within(&new.0, &new.1, stored, server, levels, bounds.memory(memory));
    let Checked { verdict, findings, rest, daemon_set } = check(Bounds::first(IN_FULL))?;
    let daemon_set = daemon_set.filter(|_| verdict == ServerVerdict::Accepted);
    let Some((tree, subject)) = old.filter(|_| !findings.is_empty()) else {
        return Ok(Found { daemon_set, introduced: findings, kept: Vec::new(), more: rest });
    };
    let prints = Fingerprints::default();
    let bounds = Bounds::fingerprints(prints.clone()).memory(memory);
    let had = check_within(tree, subject, None, server, levels, bounds)?.rest.prints;
    let mut known = had.clone();
    let (introduced, kept) =
        findings.into_iter().partition(|finding: &Finding| !known.take(prints.of(finding)));
    if rest.is_empty() {
        return Ok(Found { daemon_set, introduced, kept, more: rest });
    }
    // There are more findings than are made in full, and the first ones may be those that the old object had. The object is not in memory
    // twice meanwhile.
    drop(daemon_set);
    let Checked { findings: introduced, rest: mut more, daemon_set, .. } =
        check(Bounds::introduced(IN_FULL, prints, had))?;
    for finding in &kept {
        if let Some(count) = more.known.get_mut(finding.rule) {
            *count = count.saturating_sub(1);
        }
    }
    let daemon_set = daemon_set.filter(|_| verdict == ServerVerdict::Accepted);
    Ok(Found { daemon_set, introduced, kept, more })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use daemonset_validation::Server;
    use daemonset_validation::placement::Budget;
    use serde_json::{Value, json};

    use crate::config::{Config, Level};
    use crate::policy::Levels;
    use crate::review::{Context, Decision, FaultlessSpecs, judge};

    /// A DaemonSet with environment variables of these names.
    fn object(names: impl Iterator<Item = String>) -> Value {
        let env: Vec<Value> = names.map(|name| json!({ "name": name })).collect();
        json!({
            "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": { "name": "agent", "namespace": "default" },
            "spec": {
                "selector": { "matchLabels": { "app": "agent" } },
                "template": {
                    "metadata": { "labels": { "app": "agent" } },
                    "spec": { "containers": [{ "name": "agent", "image": "agent:1", "env": env }] },
                },
            },
        })
    }

    fn decide(new: &Value, old: Option<&Value>) -> Decision {
        let operation = if old.is_some() { "UPDATE" } else { "CREATE" };
        let body = json!({
            "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
            "request": {
                "uid": "u", "kind": { "group": "apps", "version": "v1", "kind": "DaemonSet" },
                "operation": operation, "object": new, "oldObject": old,
            },
        });
        let levels = BTreeMap::from([("api/*".to_owned(), Level::Deny)]);
        let context = Context {
            levels: &Levels::new(&Config { levels, ..Config::default() }),
            server: Some(Server::newest()),
            faultless: &FaultlessSpecs::default(),
            placement: None,
            named_nodes: 3,
            budget: &Budget::unbounded(),
        };
        judge(body.to_string().as_bytes(), &context).unwrap().decision
    }

    /// A name that no server accepts.
    fn bad(number: usize) -> String {
        format!("={number}")
    }

    #[test]
    fn what_an_update_introduces_is_found_among_thousands() {
        let old = object((0..3_000).map(bad));
        let same = decide(&old, Some(&old));
        assert!(same.answer.allowed());
        assert_eq!(same.findings, [("api/invalid", Level::Warn, 3_000)]);
        let last = same.answer.warnings.last().map(String::as_str).unwrap_or_default();
        assert!(last.starts_with("and 2,9") && last.ends_with(" more; daemonset-lint shows them"), "{last}");

        // One more behind all others, which is the last finding.
        let more = decide(&object((0..3_001).map(bad)), Some(&old));
        assert_eq!(more.findings, [("api/invalid", Level::Deny, 1), ("api/invalid", Level::Warn, 3_000)]);
        let denial = more.answer.denial.unwrap();
        assert_eq!(denial.causes.len(), 1);
        assert_eq!(denial.causes[0].field, "spec.template.spec.containers[0].env[3000].name");

        // Each is another one than before.
        let others = decide(&object((3_000..6_000).map(bad)), Some(&old));
        assert!(others.answer.allowed(), "the server's message is the same, and so is the place");
        let fewer = decide(&object((0..10).map(bad)), Some(&old));
        assert!(fewer.answer.allowed());
        assert_eq!(fewer.findings, [("api/invalid", Level::Warn, 10)]);
    }

    #[test]
    fn the_reasons_that_are_not_named_are_counted() {
        let decision = decide(&object((0..3_000).map(bad)), None);
        assert_eq!(decision.findings, [("api/invalid", Level::Deny, 3_000)]);
        let denial = decision.answer.denial.unwrap();
        assert!(denial.message.starts_with("3,000 reasons\n- spec.template.spec.containers[0].env[0].name"));
        assert!(
            denial.message.ends_with("\n- and 2,980 more; daemonset-lint shows them"),
            "{}",
            denial.message
        );
        assert_eq!(denial.causes.len(), 20);
    }
}
