//! A look ends at its budget, and what is not known is told of that object alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use daemonset_validation::facts::{Facts, Unknown};
use daemonset_validation::placement::rollout::Before;
use daemonset_validation::placement::{Budget, KINDS, Kind, Snapshot, SnapshotBuilder, explain_within};
use daemonset_validation::{Finding, Server};
use k8s_openapi::api::apps::v1::DaemonSet;
use serde_json::{Value, json};

use super::{Judgement, Old, Question, judge_on};
use crate::config::{Config, Level};
use crate::policy::Levels;

/// A DaemonSet whose node affinity has so many terms, none of which matches.
fn with_terms(name: &str, terms: usize) -> Value {
    let term = |number: usize| json!({ "matchExpressions": [{ "key": format!("k{number}"), "operator": "Exists" }] });
    let terms: Vec<Value> = (0..terms).map(term).collect();
    let mut object = json!({
        "metadata": { "name": name, "namespace": "default" },
        "spec": {
            "selector": { "matchLabels": { "app": name } },
            "template": {
                "metadata": { "labels": { "app": name } },
                "spec": { "containers": [{ "name": "c", "image": "i", "ports": [{ "containerPort": 80, "hostPort": 9100 }] }] }
            }
        }
    });
    if !terms.is_empty() {
        object["spec"]["template"]["spec"]["affinity"] = json!({
            "nodeAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": { "nodeSelectorTerms": terms } }
        });
    }
    object
}

fn daemon_set(value: Value) -> DaemonSet {
    serde_json::from_value(value).unwrap()
}

/// Nodes that differ, and DaemonSets that are there.
fn cluster(daemon_sets: Vec<Value>) -> Snapshot {
    let mut builder = SnapshotBuilder::new(Server::newest());
    for number in 0..200 {
        let labels = json!({ "number": number.to_string() });
        builder
            .add(Kind::Node, json!({ "metadata": { "name": format!("n{number}"), "labels": labels } }))
            .unwrap();
    }
    for one in daemon_sets {
        builder.add(Kind::DaemonSet, one).unwrap();
    }
    KINDS.iter().for_each(|kind| builder.mark_read(*kind));
    builder.finish()
}

fn judge(new: &DaemonSet, old: Option<&DaemonSet>, snapshot: &Snapshot, budget: &Budget) -> Judgement {
    let rules = ["placement-unknown", "lands-nowhere", "host-port-clash"];
    let levels = rules.iter().map(|rule| ((*rule).to_owned(), Level::Deny)).collect();
    let levels = Levels::new(&Config { levels, ..Config::default() });
    let question = Question { server: &Server::newest(), levels: &levels, named_nodes: 3, budget };
    let mut old = || old.map_or(Old::None, |old| Old::Object(Box::new(old.clone())));
    judge_on(new, &mut old, snapshot, &question)
}

fn rules(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.rule).collect()
}

fn why(findings: &[Finding]) -> Option<Unknown> {
    findings.iter().find_map(|finding| match finding.facts.as_deref() {
        Some(Facts::Unknown(why, _)) => Some(*why),
        _ => None,
    })
}

/// The units that a look at a DaemonSet takes.
fn units(daemon_set: &DaemonSet, snapshot: &Snapshot) -> u64 {
    let budget = Budget::of_work(u64::MAX / 2);
    explain_within(daemon_set, Before::Snapshot, snapshot, &Server::newest(), &budget).unwrap();
    (u64::MAX / 2).saturating_sub(budget.left())
}

#[test]
fn an_object_that_takes_too_much_work_is_unknown_and_an_update_to_it_introduces_that() {
    let snapshot = cluster(Vec::new());
    let (light, heavy) = (daemon_set(with_terms("agent", 1)), daemon_set(with_terms("agent", 5_000)));
    let (least, most) = (units(&light, &snapshot), units(&heavy, &snapshot));
    assert!(least < most, "{least} {most}");
    let budget = Budget::of_work(least.midpoint(most));
    let said = |new: &DaemonSet, old: Option<&DaemonSet>| judge(new, old, &snapshot, &budget);

    let created = said(&heavy, None);
    assert_eq!(
        (rules(&created.introduced), why(&created.introduced)),
        (vec!["placement-unknown"], Some(Unknown::Work))
    );
    let message = &created.introduced[0].message;
    assert!(message.contains("more work than is allowed for one: shorten its"), "{message}");
    // Each object has a budget of its own, so the stored one is known, and is better.
    assert_eq!(rules(&said(&heavy, Some(&light)).introduced), ["placement-unknown"]);
    assert_eq!(said(&heavy, Some(&heavy)).introduced, []);
    // Nothing is known of the stored one, so nothing is known to be worse.
    let mended = said(&light, Some(&heavy));
    assert_eq!((rules(&mended.introduced), rules(&mended.kept)), (vec![], vec!["lands-nowhere"]));
    // The others are judged as before.
    assert_eq!(rules(&said(&light, None).introduced), ["lands-nowhere"]);
}

#[test]
fn a_look_ends_when_the_time_is_over() {
    let snapshot = cluster(Vec::new());
    let heavy = daemon_set(with_terms("agent", 5_000));
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    assert!(units(&heavy, &snapshot) > 10_000);
    let budget = Budget::new(u64::MAX / 2, move || {
        counter.fetch_add(1, Ordering::Relaxed);
        true
    });
    let created = judge(&heavy, None, &snapshot, &budget);
    assert_eq!(why(&created.introduced), Some(Unknown::Time));
    // It did not go on after the answer.
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    // The time is over for the stored object as well.
    let updated = judge(&heavy, Some(&heavy), &snapshot, &budget);
    assert_eq!((updated.introduced, why(&updated.kept)), (Vec::new(), Some(Unknown::Time)));
}

/// Whoever stores a heavy DaemonSet does not decide about the DaemonSets of others that use the same host port.
#[test]
fn a_heavy_daemon_set_of_the_cluster_costs_others_nothing() {
    let heavy: Vec<Value> = (0..5).map(|number| with_terms(&format!("heavy-{number}"), 5_000)).collect();
    let mut all = heavy;
    all.push(with_terms("other", 0));
    let snapshot = cluster(all);
    let agent = daemon_set(with_terms("agent", 0));
    // One of the others may take a 32nd of the work.
    let (least, most) = (units(&agent, &snapshot), units(&daemon_set(with_terms("heavy", 5_000)), &snapshot));
    let budget = Budget::of_work(least.midpoint(most) * 32);
    let created = judge(&agent, None, &snapshot, &budget);
    assert_eq!(rules(&created.introduced), ["host-port-clash"], "{:#?}", created.introduced);
    assert!(created.introduced[0].message.contains("default/other"));
}

/// A cluster with a namespace of this level. `read` says whether namespaces were read at all.
fn guarded(level: &str, read: bool) -> Snapshot {
    let mut builder = SnapshotBuilder::new(Server::newest());
    for number in 0..3 {
        builder.add(Kind::Node, json!({ "metadata": { "name": format!("n{number}") } })).unwrap();
    }
    if read {
        let labels = json!({ "pod-security.kubernetes.io/enforce": level });
        builder.add(Kind::Namespace, json!({ "metadata": { "name": "default", "labels": labels } })).unwrap();
    }
    KINDS.iter().filter(|kind| read || **kind != Kind::Namespace).for_each(|kind| builder.mark_read(*kind));
    builder.finish()
}

/// A DaemonSet whose pods use so much of their host.
fn on_host(more: Value) -> DaemonSet {
    let mut object = with_terms("agent", 0);
    object["spec"]["template"]["spec"]["containers"] = json!([{ "name": "c", "image": "i" }]);
    for (key, value) in more.as_object().into_iter().flatten() {
        object["spec"]["template"]["spec"][key] = value.clone();
    }
    daemon_set(object)
}

fn refused(new: &DaemonSet, old: Option<&DaemonSet>, snapshot: &Snapshot) -> [Vec<String>; 2] {
    let levels = [("pods-refused".to_owned(), Level::Deny)].into();
    let levels = Levels::new(&Config { levels, ..Config::default() });
    let budget = Budget::of_work(u64::MAX / 2);
    let question = Question { server: &Server::newest(), levels: &levels, named_nodes: 3, budget: &budget };
    let mut old = || old.map_or(Old::None, |old| Old::Object(Box::new(old.clone())));
    let judged = judge_on(new, &mut old, snapshot, &question);
    [judged.introduced, judged.kept].map(|findings| {
        let of_rule = findings.into_iter().filter(|finding| finding.rule == "pods-refused");
        of_rule.map(|finding| finding.message.into_owned()).collect()
    })
}

#[test]
fn an_update_introduces_only_the_pods_that_it_has_refused() {
    let (plain, pid, both) = (
        on_host(json!({})),
        on_host(json!({ "hostPID": true })),
        on_host(json!({ "hostPID": true, "hostIPC": true })),
    );
    let snapshot = guarded("baseline", true);
    let all = "3 of 3 pods would be refused: violates PodSecurity \"baseline:latest\": host namespaces (hostPID=true)";
    assert_eq!(refused(&pid, None, &snapshot), [vec![all.to_owned()], vec![]]);
    assert_eq!(refused(&pid, Some(&plain), &snapshot)[1], [""; 0]);
    assert!(refused(&pid, Some(&plain), &snapshot)[0][0].contains("violates PodSecurity"));
    // Whoever mends something else of it, or makes it no worse, is not held up.
    assert_eq!(refused(&pid, Some(&pid), &snapshot), [vec![], vec![all.to_owned()]]);
    assert_eq!(refused(&pid, Some(&both), &snapshot), [vec![], vec![all.to_owned()]]);
    assert_eq!(refused(&plain, Some(&pid), &snapshot), [vec![""; 0], vec![]]);
    assert_eq!(refused(&both, None, &guarded("privileged", true)), [vec![""; 0], vec![]]);
}

#[test]
fn what_is_not_known_refuses_nothing() {
    assert_eq!(
        refused(&on_host(json!({ "hostPID": true })), None, &guarded("baseline", false)),
        [vec![""; 0], vec![]]
    );
    let named = on_host(json!({ "serviceAccountName": "nobody" }));
    assert_eq!(refused(&named, None, &guarded("privileged", true)), [vec![""; 0], vec![]]);
}

#[test]
fn the_servers_own_configuration_counts() {
    let pid = on_host(json!({ "hostPID": true }));
    let snapshot = |text: &str, level: &str| {
        let config =
            Config::parse(format!(r#"{{"schemaVersion": 1, "podSecurity": {text}}}"#).as_bytes(), "x")
                .unwrap();
        guarded(level, true).with_pod_security(Arc::new(config.pod_security.engine()))
    };
    let exempt = snapshot(r#"{"exemptions": {"namespaces": ["default"]}}"#, "restricted");
    assert_eq!(refused(&pid, None, &exempt), [vec![""; 0], vec![]]);
    assert_eq!(refused(&pid, None, &snapshot("{}", "restricted"))[0].len(), 1);
}
