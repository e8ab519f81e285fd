//! The answers to reviews.

use daemonset_validation::{Finding, Server};
use k8s_openapi::api::apps::v1::DaemonSet;
use serde_json::{Value, json};

use super::wire::{API_VERSION, KIND};
use super::*;
use crate::config::Level;
use crate::placement::Question;
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
    let faultless = FaultlessSpecs::default();
    let context =
        Context { levels, server: Some(Server::newest()), faultless: &faultless, placement, named_nodes: 3 };
    judge(body, &context).unwrap().decision
}

/// A cluster of ten nodes. A DaemonSet runs on as many of them as its node selector says; without one, on all.
struct Ten;

impl PlacementJudge for Ten {
    fn judge(&self, daemon_set: &DaemonSet, question: &Question<'_>) -> Vec<Finding> {
        let severity = daemonset_validation::Severity::Warning;
        let rule = match self.left_out(daemon_set, question.server) {
            Some(0) => return Vec::new(),
            Some(10) => "lands-nowhere",
            _ => "skips-nodes",
        };
        vec![Finding::new(rule, severity, daemonset_validation::FieldPath::of(&["spec"]), "some nodes")]
    }

    fn left_out(&self, daemon_set: &DaemonSet, _: &Server) -> Option<usize> {
        let spec = daemon_set.spec.template.spec.as_ref()?;
        let runs = spec.node_selector.as_ref().and_then(|selector| selector.get("nodes"));
        10_usize.checked_sub(runs.map_or(10, |runs| runs.parse().unwrap()))
    }
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

    let on = |nodes: &str| with("/spec/template/spec/nodeSelector", json!({ "nodes": nodes }));
    let allowed = |new: Value, old: Value| {
        let operation = if old.is_null() { "CREATE" } else { "UPDATE" };
        let answer = decide(&review(operation, &new, &old), &deny, Some(&Ten)).answer;
        assert!(!answer.allowed() || answer.warnings.len() == 1);
        answer.allowed()
    };
    assert!(!allowed(on("0"), Value::Null));
    assert!(!allowed(on("0"), daemon_set()) && !allowed(on("0"), on("1")));
    assert!(!allowed(on("5"), on("6")) && allowed(on("6"), on("5")) && allowed(on("1"), on("0")));
    let mut still = on("0");
    still["spec"]["minReadySeconds"] = json!(5);
    assert!(allowed(still, on("0")));
}

#[test]
fn an_object_that_is_being_deleted_always_passes() {
    let deny =
        levels(&[("api/*", Level::Deny), ("lands-nowhere", Level::Deny), ("skips-nodes", Level::Deny)]);
    let mut dying = with("/spec/minReadySeconds", json!(-1));
    dying["metadata"]["deletionTimestamp"] = json!("2026-11-26T00:00:00Z");
    dying["metadata"]["finalizers"] = json!([]);
    assert_eq!(decide(&review("UPDATE", &dying, &daemon_set()), &deny, Some(&Ten)).answer, Answer::default());
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
