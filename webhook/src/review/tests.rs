use serde_json::{Value, json};

use super::*;

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

fn decide(body: &[u8], levels: &Levels, placement: &dyn Fn(&DaemonSet) -> Vec<Finding>) -> Decision {
    let context = Context { levels, server: Some(Server::newest()), placement };
    judge(&read(body).unwrap(), &context).unwrap()
}

fn nothing(_: &DaemonSet) -> Vec<Finding> {
    Vec::new()
}

/// A stand-in for placement: what a DaemonSet whose image says so is found guilty of.
fn lands_nowhere(daemon_set: &DaemonSet) -> Vec<Finding> {
    let text = serde_json::to_string(daemon_set).unwrap();
    if !text.contains("nowhere") {
        return Vec::new();
    }
    let severity = daemonset_validation::Severity::Warning;
    vec![Finding::new(
        "lands-nowhere",
        severity,
        daemonset_validation::FieldPath::of(&["spec"]),
        "runs on no node",
    )]
}

#[test]
fn what_the_server_sends_is_allowed_and_nothing_is_said() {
    let decision = decide(&review("CREATE", &daemon_set(), &Value::Null), &Levels::default(), &nothing);
    assert!(decision.judged);
    assert_eq!(decision.answer, Answer::default());
    let decision = decide(&review("UPDATE", &daemon_set(), &daemon_set()), &Levels::default(), &nothing);
    assert_eq!(decision.answer, Answer::default());
}

#[test]
fn an_invalid_object_is_told_or_refused_as_configured() {
    let body =
        review("CREATE", &with("/spec/template/metadata/labels", json!({ "app": "other" })), &Value::Null);
    let told = decide(&body, &Levels::default(), &nothing);
    assert!(told.answer.allowed());
    assert_eq!(
        told.answer.warnings,
        [
            "spec.template.metadata.labels: Invalid value: `selector` does not match template `labels` (api/invalid)"
        ]
    );
    let refused = decide(&body, &levels(&[("api/*", Level::Deny)]), &nothing);
    let denial = refused.answer.denial.unwrap();
    assert!(denial.message.contains("`selector` does not match"), "{}", denial.message);
    assert_eq!(denial.causes[0].reason, "FieldValueInvalid");
    assert_eq!(denial.causes[0].field, "spec.template.metadata.labels");
    assert_eq!(refused.answer.audit.as_deref(), Some("api/invalid=deny"));
    let silent = decide(&body, &levels(&[("api/*", Level::Off)]), &nothing);
    assert_eq!(silent.answer, Answer::default());
}

#[test]
fn an_update_is_refused_only_for_what_it_introduces() {
    let deny = levels(&[("api/*", Level::Deny), ("lands-nowhere", Level::Deny)]);
    let bad = with("/spec/minReadySeconds", json!(-1));
    let worse = {
        let mut worse = bad.clone();
        worse["spec"]["revisionHistoryLimit"] = json!(-1);
        worse
    };
    let same = decide(
        &review("UPDATE", &with("/metadata/labels", json!({"a": "b"})), &daemon_set()),
        &deny,
        &nothing,
    );
    assert!(same.answer.allowed());
    let kept = decide(&review("UPDATE", &bad, &bad), &deny, &nothing);
    assert!(kept.answer.allowed(), "{:?}", kept.answer);
    assert_eq!(kept.answer.warnings.len(), 1);
    let more = decide(&review("UPDATE", &worse, &bad), &deny, &nothing);
    assert_eq!(more.answer.denial.unwrap().causes.len(), 1);

    let nowhere = with("/spec/template/spec/nodeSelector", json!({ "zone": "nowhere" }));
    let still = with("/spec/template/spec/nodeSelector", json!({ "zone": "nowhere", "more": "1" }));
    assert!(!decide(&review("CREATE", &nowhere, &Value::Null), &deny, &lands_nowhere).answer.allowed());
    assert!(!decide(&review("UPDATE", &nowhere, &daemon_set()), &deny, &lands_nowhere).answer.allowed());
    let mended = decide(&review("UPDATE", &still, &nowhere), &deny, &lands_nowhere);
    assert!(mended.answer.allowed() && mended.answer.warnings.len() == 1);
}

#[test]
fn an_object_that_is_being_deleted_always_passes() {
    let deny = levels(&[("api/*", Level::Deny), ("lands-nowhere", Level::Deny)]);
    let mut dying = with("/spec/minReadySeconds", json!(-1));
    dying["metadata"]["deletionTimestamp"] = json!("2026-11-26T00:00:00Z");
    dying["metadata"]["finalizers"] = json!([]);
    assert_eq!(
        decide(&review("UPDATE", &dying, &daemon_set()), &deny, &lands_nowhere).answer,
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
        let decision =
            decide(&serde_json::to_vec(&body).unwrap(), &levels(&[("api/*", Level::Deny)]), &nothing);
        assert!(decision.answer.allowed() && !decision.judged);
    }
}

#[test]
fn what_cannot_be_read_as_a_daemon_set_is_told_apart() {
    let context = Context {
        levels: &levels(&[("api/*", Level::Deny)]),
        server: Some(Server::newest()),
        placement: &nothing,
    };
    let answer = |object: Value| {
        judge(&read(&review("CREATE", &object, &Value::Null)).unwrap(), &context)
            .map(|decision| decision.answer)
    };
    let denial = answer(with("/spec/minReadySeconds", json!("soon"))).unwrap().denial.unwrap();
    assert_eq!(denial.causes[0].reason, "DecodeError");
    assert!(answer(json!([])).unwrap_err().to_string().contains("is not a DaemonSet"));
    assert!(answer(json!({ "apiVersion": "v1", "kind": "List", "items": [daemon_set()] })).is_err());
}

#[test]
fn a_self_test_hears_itself() {
    let object = with("/metadata/annotations", json!({ SELF_TEST: "n\nonce" }));
    let decision = decide(&review("CREATE", &object, &Value::Null), &Levels::default(), &nothing);
    assert!(decision.answer.warnings[0].starts_with("self-test n once: reviewed by daemonset-webhook "));
}
