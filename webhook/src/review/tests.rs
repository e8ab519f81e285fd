//! The answers to reviews.

use daemonset_validation::{Finding, Server};
use k8s_openapi::api::apps::v1::DaemonSet;
use serde_json::{Value, json};

use super::wire::{API_VERSION, KIND};
use super::*;
use crate::config::Level;
use crate::placement::{LeftOut, Question};
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
    fn look(&self) -> Box<dyn Look + '_> {
        Box::new(Self)
    }
}

impl Look for Ten {
    fn judge(&self, daemon_set: &DaemonSet, question: &Question<'_>) -> Vec<Finding> {
        let severity = daemonset_validation::Severity::Warning;
        let rule = match self.left_out(daemon_set, question.server) {
            Some(LeftOut { nodes: 0, .. }) => return Vec::new(),
            Some(LeftOut { nodes: 10, .. }) => "lands-nowhere",
            _ => "skips-nodes",
        };
        vec![Finding::new(rule, severity, daemonset_validation::FieldPath::of(&["spec"]), "some nodes")]
    }

    fn left_out(&self, daemon_set: &DaemonSet, _: &Server) -> Option<LeftOut> {
        let spec = daemon_set.spec.template.spec.as_ref()?;
        let selector = spec.node_selector.as_ref();
        let number = |key: &str| Some(selector?.get(key)?.parse::<usize>().unwrap());
        let nodes = 10_usize.checked_sub(number("nodes").unwrap_or(10))?;
        Some(LeftOut { nodes, unknown: number("unknown").unwrap_or(0) })
    }
}

/// The same cluster by a cache that is busy each second time it is asked.
#[derive(Default)]
struct Busy(std::sync::atomic::AtomicUsize);

impl PlacementJudge for Busy {
    fn look(&self) -> Box<dyn Look + '_> {
        if self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed).is_multiple_of(2) {
            Box::new(Ten)
        } else {
            Box::new(Unread)
        }
    }
}

/// A look at nothing.
struct Unread;

impl Look for Unread {
    fn judge(&self, _: &DaemonSet, _: &Question<'_>) -> Vec<Finding> {
        vec![crate::placement::unknown("the cache is being written, ask again")]
    }

    fn left_out(&self, _: &DaemonSet, _: &Server) -> Option<LeftOut> {
        None
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
fn both_objects_of_an_update_are_judged_with_one_look() {
    let deny = levels(&[("skips-nodes", Level::Deny)]);
    let on = |nodes: &str| with("/spec/template/spec/nodeSelector", json!({ "nodes": nodes }));
    let busy = Busy::default();
    // The first look is at the cluster, the second one finds the cache busy.
    for _ in 0..2 {
        let answer = decide(&review("UPDATE", &on("6"), &on("5")), &deny, Some(&busy)).answer;
        assert!(answer.allowed(), "{answer:?}");
    }
    assert_eq!(busy.0.load(std::sync::atomic::Ordering::Relaxed), 2);
    assert!(!decide(&review("UPDATE", &on("4"), &on("5")), &deny, Some(&busy)).answer.allowed());
}

#[test]
fn nothing_is_denied_where_it_is_not_known_to_be_worse() {
    let deny = levels(&[("skips-nodes", Level::Deny)]);
    let on = |nodes: &str, unknown: &str| {
        with("/spec/template/spec/nodeSelector", json!({ "nodes": nodes, "unknown": unknown }))
    };
    let allowed =
        |new: &Value, old: &Value| decide(&review("UPDATE", new, old), &deny, Some(&Ten)).answer.allowed();
    assert!(!allowed(&on("4", "0"), &on("6", "1")));
    assert!(allowed(&on("4", "0"), &on("6", "2")));
    // An old object that cannot be read, and one that is missing.
    assert!(allowed(&on("4", "0"), &with("/spec/template/spec/nodeSelector", json!(5))));
    assert!(allowed(&on("4", "0"), &Value::Null));
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
