//! The answers to reviews.

use daemonset_validation::Server;
use daemonset_validation::placement::{Budget, KINDS, Kind, Snapshot, SnapshotBuilder};
use k8s_openapi::api::apps::v1::DaemonSet;
use serde_json::{Value, json};

use super::wire::{API_VERSION, KIND};
use super::*;
use crate::config::Level;
use crate::placement::{Judgement, Old, Question, judge_on};
use crate::policy::Levels;

fn daemon_set() -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet",
        "metadata": { "name": "agent", "namespace": "monitoring", "uid": "1", "creationTimestamp": "2026-11-01T00:00:00Z", "generation": 1,
            "managedFields": [{ "manager": "kubectl", "operation": "Apply", "fieldsV1": { "f:spec": { "f:a": {} } } }] },
        "spec": { "selector": { "matchLabels": { "app": "agent" } }, "template": { "metadata": { "labels": { "app": "agent" } },
            "spec": { "containers": [{ "name": "agent", "image": "registry.example/agent:1", "imagePullPolicy": "IfNotPresent", "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File" }],
                "restartPolicy": "Always", "dnsPolicy": "ClusterFirst", "schedulerName": "default-scheduler", "securityContext": {}, "terminationGracePeriodSeconds": 30 } },
            "updateStrategy": { "type": "RollingUpdate", "rollingUpdate": { "maxUnavailable": 1, "maxSurge": 0 } }, "revisionHistoryLimit": 10 },
        "status": { "currentNumberScheduled": 0, "desiredNumberScheduled": 0, "numberMisscheduled": 0, "numberReady": 0 }
    })
}

fn with(path: &str, value: Value) -> Value {
    let mut object = daemon_set();
    let (parent, key) = path.rsplit_once('/').unwrap();
    object.pointer_mut(parent).unwrap()[key] = value;
    object
}

fn review(operation: &str, object: &Value, old: &Value) -> Vec<u8> {
    let review = json!({
        "apiVersion": API_VERSION, "kind": KIND,
        "request": { "uid": "u", "kind": { "group": "apps", "version": "v1", "kind": "DaemonSet" }, "operation": operation,
            "userInfo": { "username": "admin" }, "object": object, "oldObject": old, "dryRun": true }
    });
    serde_json::to_vec(&review).unwrap()
}

fn levels(of: &[(&str, Level)]) -> Levels {
    let levels = of.iter().map(|(rule, level)| ((*rule).to_owned(), *level)).collect();
    Levels::new(&crate::config::Config { levels, ..crate::config::Config::default() })
}

fn decide(body: &[u8], levels: &Levels, placement: Option<&dyn PlacementJudge>) -> Decision {
    let (faultless, budget) = (FaultlessSpecs::default(), Budget::unbounded());
    let context = Context {
        levels,
        server: Some(Server::newest()),
        faultless: &faultless,
        placement,
        named_nodes: 3,
        budget: &budget,
    };
    judge(body, &context).unwrap().decision
}

/// A cluster of nodes, each of which is named after its number and has it as a label. The cluster has a DaemonSet that uses the host port
/// 9100 on the first five.
fn cluster(nodes: usize) -> OnSnapshot {
    let mut builder = SnapshotBuilder::new(Server::newest());
    for number in 1..=nodes {
        let labels = json!({ "node": number.to_string(), "half": if number <= 5 { "1" } else { "2" } });
        let node = json!({ "metadata": { "name": format!("n{number}"), "labels": labels } });
        builder.add(Kind::Node, node).unwrap();
    }
    let mut other = with_port(9100);
    other["metadata"]["name"] = json!("other");
    other["spec"]["selector"]["matchLabels"] = json!({ "app": "other" });
    other["spec"]["template"]["metadata"]["labels"] = json!({ "app": "other" });
    other["spec"]["template"]["spec"]["nodeSelector"] = json!({ "half": "1" });
    builder.add(Kind::DaemonSet, other).unwrap();
    KINDS.iter().for_each(|kind| builder.mark_read(*kind));
    OnSnapshot(builder.finish())
}

/// Judges on a snapshot.
struct OnSnapshot(Snapshot);

impl PlacementJudge for OnSnapshot {
    fn judge(&self, new: &DaemonSet, old: &mut dyn FnMut() -> Old, question: &Question<'_>) -> Judgement {
        judge_on(new, old, &self.0, question)
    }
}

/// A DaemonSet that runs on these nodes only.
fn on(nodes: &[usize]) -> Value {
    let values: Vec<String> = nodes.iter().map(ToString::to_string).collect();
    let term = json!({ "matchExpressions": [{ "key": "node", "operator": "In", "values": values }] });
    with(
        "/spec/template/spec/affinity",
        json!({ "nodeAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": { "nodeSelectorTerms": [term] } } }),
    )
}

fn with_port(port: u16) -> Value {
    let mut object = daemon_set();
    object["spec"]["template"]["spec"]["containers"][0]["ports"] =
        json!([{ "containerPort": 80, "hostPort": port, "protocol": "TCP" }]);
    object
}

#[test]
fn a_valid_object_is_allowed_without_warnings() {
    let decision = decide(&review("CREATE", &daemon_set(), &Value::Null), &Levels::default(), None);
    assert!(decision.judged);
    assert_eq!(decision.answer, Answer::default());
    let decision = decide(&review("UPDATE", &daemon_set(), &daemon_set()), &Levels::default(), None);
    assert_eq!(decision.answer, Answer::default());
}

#[test]
fn an_invalid_object_is_told_or_refused_as_configured() {
    let body =
        review("CREATE", &with("/spec/template/metadata/labels", json!({ "app": "other" })), &Value::Null);
    let decision = decide(&body, &Levels::default(), None);
    assert!(decision.answer.allowed());
    assert_eq!(
        decision.answer.warnings,
        [
            "spec.template.metadata.labels: Invalid value: `selector` does not match template `labels` (api/invalid)"
        ]
    );
    let refused = decide(&body, &levels(&[("api/*", Level::Deny)]), None);
    let denial = refused.answer.denial.unwrap();
    assert!(denial.message.contains("`selector` does not match"), "{}", denial.message);
    assert_eq!(denial.causes[0].reason, "FieldValueInvalid");
    assert_eq!(denial.causes[0].field, "spec.template.metadata.labels");
    assert_eq!(refused.answer.audit.as_deref(), Some("api/invalid=deny"));
    let silent = decide(&body, &levels(&[("api/*", Level::Off)]), None);
    assert_eq!(silent.answer, Answer::default());
}

#[test]
fn an_update_is_refused_only_for_what_it_introduces() {
    let deny =
        levels(&[("api/*", Level::Deny), ("lands-nowhere", Level::Deny), ("skips-nodes", Level::Deny)]);
    let bad = with("/spec/minReadySeconds", json!(-1));
    let worse = {
        let mut worse = bad.clone();
        worse["spec"]["revisionHistoryLimit"] = json!(-1);
        worse
    };
    let same =
        decide(&review("UPDATE", &with("/metadata/labels", json!({"a": "b"})), &daemon_set()), &deny, None);
    assert!(same.answer.allowed());
    let kept = decide(&review("UPDATE", &bad, &bad), &deny, None);
    assert!(kept.answer.allowed(), "{:?}", kept.answer);
    assert_eq!(kept.answer.warnings.len(), 1);
    let more = decide(&review("UPDATE", &worse, &bad), &deny, None);
    assert_eq!(more.answer.denial.unwrap().causes.len(), 1);

    let cluster = cluster(10);
    let allowed = |new: Value, old: Value| {
        let operation = if old.is_null() { "CREATE" } else { "UPDATE" };
        let answer = decide(&review(operation, &new, &old), &deny, Some(&cluster)).answer;
        assert!(!answer.allowed() || answer.warnings.len() == 1, "{answer:?}");
        answer.allowed()
    };
    let first = |count: usize| on(&(1..=count).collect::<Vec<_>>());
    let nowhere = || on(&[99]);
    assert!(!allowed(nowhere(), Value::Null));
    assert!(!allowed(nowhere(), daemon_set()) && !allowed(nowhere(), first(1)));
    assert!(!allowed(first(5), first(6)) && allowed(first(6), first(5)) && allowed(first(1), nowhere()));
    let mut still = nowhere();
    still["spec"]["minReadySeconds"] = json!(5);
    assert!(allowed(still, nowhere()));
    // As many nodes as before, and others.
    assert!(!allowed(on(&[6, 7, 8]), on(&[1, 2, 3])));
}

/// The message of the denial, if there is one.
fn denied(new: &Value, old: &Value, rules: &[&str], cluster: &OnSnapshot) -> Option<String> {
    let levels = levels(&rules.iter().map(|rule| (*rule, Level::Deny)).collect::<Vec<_>>());
    let decision = decide(&review("UPDATE", new, old), &levels, Some(cluster));
    decision.answer.denial.map(|denial| denial.message)
}

#[test]
fn the_denial_of_an_update_names_the_nodes_that_it_loses() {
    let (cluster, skips) = (cluster(10), ["skips-nodes", "lands-nowhere"]);
    let said = denied(&on(&[6, 7, 8]), &on(&[1, 2, 3]), &skips, &cluster).unwrap();
    assert!(said.contains("with this update it no longer runs on n1, n2, n3: they do not match"), "{said}");
    assert!(said.ends_with("; runs on 3 of 10 nodes (skips-nodes)"), "{said}");
    let said = denied(&on(&[2, 4]), &on(&[1, 2]), &skips, &cluster).unwrap();
    assert!(said.contains("no longer runs on n1: it does not match"), "{said}");
    let said = denied(&on(&[99]), &on(&[1, 2]), &skips, &cluster).unwrap();
    assert!(said.ends_with("; the stored version runs on n1, n2 (lands-nowhere)"), "{said}");
}

#[test]
fn a_clash_that_becomes_smaller_is_no_reason_to_deny() {
    let (cluster, clash) = (cluster(10), ["host-port-clash"]);
    let on_nodes = |port: u16, nodes: &[usize]| {
        let mut object = on(nodes);
        object["spec"]["template"]["spec"]["containers"][0]["ports"] =
            with_port(port)["spec"]["template"]["spec"]["containers"][0]["ports"].clone();
        object
    };
    let all: Vec<usize> = (1..=10).collect();
    let said = |new: &Value, old: &Value| denied(new, old, &clash, &cluster);
    assert_eq!(said(&on_nodes(9100, &[1, 2]), &on_nodes(9100, &all)), None);
    assert_eq!(said(&on_nodes(9100, &[6, 7]), &on_nodes(9100, &all)), None);
    let added = said(&on_nodes(9100, &[1, 2, 3]), &on_nodes(9100, &[1, 2])).unwrap();
    assert!(
        added.contains(
            "with this update host port 9100/TCP is also needed by DaemonSet monitoring/other on n3:"
        ),
        "{added}"
    );
    let new = said(&on_nodes(9100, &[1, 2]), &on_nodes(9200, &all)).unwrap();
    assert!(new.contains(": host port 9100/TCP is also needed by") && new.contains("on n1, n2:"), "{new}");
}

#[test]
fn nothing_is_denied_where_it_is_not_known_to_be_worse() {
    let (cluster, skips) = (cluster(10), ["skips-nodes"]);
    // An old object that cannot be read, and one that is missing.
    let unread = with("/spec/template/spec/nodeSelector", json!(5));
    assert_eq!(denied(&on(&[1]), &unread, &skips, &cluster), None);
    assert_eq!(denied(&on(&[1]), &Value::Null, &skips, &cluster), None);
    // Of one whose volume nobody knows, each node is unknown.
    let mut claims = on(&[1, 2, 3]);
    claims["spec"]["template"]["spec"]["volumes"] =
        json!([{ "name": "v", "persistentVolumeClaim": { "claimName": "c" } }]);
    let unread = OnSnapshot({
        let mut builder = SnapshotBuilder::new(Server::newest());
        builder.add(Kind::Node, json!({ "metadata": { "name": "n1", "labels": { "node": "1" } } })).unwrap();
        builder.add(Kind::Node, json!({ "metadata": { "name": "n2", "labels": { "node": "2" } } })).unwrap();
        builder.mark_read(Kind::Node);
        builder.finish()
    });
    assert_eq!(denied(&on(&[1]), &claims, &skips, &unread), None);
    assert!(denied(&on(&[1]), &on(&[1, 2]), &skips, &unread).is_some());
    let unknown = ["placement-unknown"];
    assert!(denied(&claims, &on(&[1]), &unknown, &unread).is_some());
    assert_eq!(denied(&claims, &claims, &unknown, &unread), None);
}

#[test]
fn an_object_that_is_being_deleted_always_passes() {
    let deny =
        levels(&[("api/*", Level::Deny), ("lands-nowhere", Level::Deny), ("skips-nodes", Level::Deny)]);
    let mut dying = with("/spec/minReadySeconds", json!(-1));
    dying["metadata"]["deletionTimestamp"] = json!("2026-11-26T00:00:00Z");
    dying["metadata"]["finalizers"] = json!([]);
    assert_eq!(
        decide(&review("UPDATE", &dying, &daemon_set()), &deny, Some(&cluster(10))).answer,
        Answer::default()
    );
}

#[test]
fn what_is_not_ours_passes_unseen() {
    for (operation, kind, sub_resource) in [
        ("DELETE", "DaemonSet", ""),
        ("CONNECT", "DaemonSet", ""),
        ("CREATE", "Pod", ""),
        ("UPDATE", "DaemonSet", "status"),
    ] {
        let body = json!({ "apiVersion": API_VERSION, "kind": KIND, "request": { "uid": "u", "operation": operation,
            "kind": { "group": "apps", "version": "v1", "kind": kind }, "subResource": sub_resource, "object": { "spec": 7 } } });
        let decision = decide(&serde_json::to_vec(&body).unwrap(), &levels(&[("api/*", Level::Deny)]), None);
        assert!(decision.answer.allowed() && !decision.judged);
    }
}

#[test]
fn a_wrong_type_in_a_field_is_a_finding_and_another_object_is_malformed() {
    let context = Context {
        levels: &levels(&[("api/*", Level::Deny)]),
        server: Some(Server::newest()),
        faultless: &FaultlessSpecs::default(),
        placement: None,
        named_nodes: 3,
        budget: &Budget::unbounded(),
    };
    let answer = |object: Value| {
        judge(&review("CREATE", &object, &Value::Null), &context).map(|judged| judged.decision.answer)
    };
    let denial = answer(with("/spec/minReadySeconds", json!("soon"))).unwrap().denial.unwrap();
    assert_eq!(denial.causes[0].reason, "DecodeError");
    assert!(answer(json!([])).unwrap_err().to_string().contains("is not a DaemonSet"));
    assert!(answer(json!({ "apiVersion": "v1", "kind": "List", "items": [daemon_set()] })).is_err());
}

#[test]
fn a_self_test_gets_its_warning() {
    let object = with("/metadata/annotations", json!({ SELF_TEST: "n\nonce" }));
    let decision = decide(&review("CREATE", &object, &Value::Null), &Levels::default(), None);
    assert!(decision.answer.warnings[0].starts_with("self-test n once: reviewed by daemonset-webhook "));
}
