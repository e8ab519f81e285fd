//! The cache follows an API server on loopback: paged lists, watches, a server that forgets, refuses or does not answer.

mod apiserver;

use std::sync::Arc;
use std::time::{Duration, Instant};

use apiserver::ApiServer;
use daemonset_validation::Server;
use daemonset_validation::admission::PodSecurityDefaults;
use daemonset_validation::placement::{Budget, Kind};
use daemonset_webhook::cache::{Admission, Cache, Mode, Options, View, Watched, Why};
use daemonset_webhook::metrics::Metrics;
use daemonset_webhook::placement::{Old, Question, judge};
use daemonset_webhook::policy::Levels;
use daemonset_webhook::supervise::Supervisor;
use k8s_openapi::api::apps::v1::DaemonSet;
use serde_json::{Value, json};

fn options() -> Options {
    Options {
        page: 2,
        pause: (Duration::from_millis(5), Duration::from_millis(50)),
        refused: Duration::from_millis(100),
        ..Options::default()
    }
}

fn cache(server: &ApiServer, mode: Mode) -> Cache {
    cache_of(server, mode.into())
}

fn cache_of(server: &ApiServer, watched: Watched) -> Cache {
    let uri = format!("http://127.0.0.1:{}", server.port).parse().unwrap();
    let client = kube::Client::try_from(kube::Config::new(uri)).unwrap();
    let supervisor = Supervisor::new(Arc::new(Metrics::new()));
    Cache::start(&client, watched, Server::newest(), options(), &supervisor)
}

/// Waits until something holds.
async fn until(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(20), "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn count(cache: &Cache, kind: Kind) -> usize {
    cache.counts().into_iter().find(|(of, _)| *of == kind).unwrap().1
}

fn node(name: &str, taint: Option<&str>) -> Value {
    let taints: Vec<Value> = taint.iter().map(|key| json!({ "key": key, "effect": "NoSchedule" })).collect();
    json!({
        "kind": "Node", "apiVersion": "v1", "metadata": { "name": name, "uid": name },
        "spec": { "taints": taints }, "status": { "allocatable": { "cpu": "4", "memory": "8Gi", "pods": "110" } }
    })
}

fn pod(name: &str, node: &str, cpu: &str) -> Value {
    json!({
        "kind": "Pod", "apiVersion": "v1", "metadata": { "name": name, "namespace": "default" },
        "spec": { "nodeName": node, "containers": [{ "name": "c", "resources": { "requests": { "cpu": cpu } } }] },
        "status": { "phase": "Running" }
    })
}

fn lines(cache: &Cache) -> Vec<String> {
    lines_of(
        cache,
        &json!({ "containers": [{ "name": "c", "image": "agent:1", "resources": { "requests": { "cpu": "2" } } }] }),
    )
}

/// What is said of a DaemonSet with these pods.
fn lines_of(cache: &Cache, pods: &Value) -> Vec<String> {
    let agent: DaemonSet = serde_json::from_value(json!({
        "metadata": { "name": "agent", "namespace": "default" },
        "spec": {
            "selector": { "matchLabels": { "app": "agent" } },
            "template": {
                "metadata": { "labels": { "app": "agent" } },
                "spec": pods
            }
        }
    }))
    .unwrap();
    let (server, levels, budget) = (Server::newest(), Levels::default(), Budget::unbounded());
    let question = Question { server: &server, levels: &levels, named_nodes: 3, budget: &budget };
    let judged = judge(&agent, &mut || Old::None, &cache.view(), &question);
    judged.introduced.into_iter().map(|finding| finding.message.into_owned()).collect()
}

#[tokio::test]
async fn what_is_listed_and_what_happens_after_it_is_what_reviews_see() {
    let server = ApiServer::start();
    for number in 1..=5 {
        server.put("nodes", node(&format!("w-{number}"), None));
    }
    server.put("pods", pod("p", "w-1", "3"));
    let cache = cache(&server, Mode::Pods);
    assert!(matches!(cache.view(), View::Cold { .. }));
    assert_eq!(
        lines(&cache)[0],
        "placement is unknown: nodes are not read yet, and 11 more kinds are missing"
    );
    until("all is read", || matches!(cache.view(), View::Ready(_))).await;
    assert_eq!(lines(&cache), ["runs on 4 of 5 nodes; pending on w-1: needs 1 CPU more than is free"]);
    assert!(server.world().asked.iter().any(|uri| uri == "/api/v1/nodes?limit=2&continue=4"));
    server.put("nodes", node("gpu-1", Some("nvidia.com/gpu")));
    server.delete("pods", "default", "p");
    until("the watches tell", || count(&cache, Kind::Node) == 6 && count(&cache, Kind::Pod) == 0).await;
    assert_eq!(lines(&cache), ["runs on 5 of 6 nodes; not on gpu-1: taint nvidia.com/gpu is not tolerated"]);
    server.put("nodes", node("gpu-1", None));
    until("the taint is gone", || lines(&cache).is_empty()).await;
    server.put("pods", pod("q", "w-2", "4"));
    until("the pod is there", || !lines(&cache).is_empty()).await;
    let mut finished = pod("q", "w-2", "4");
    finished["status"]["phase"] = json!("Succeeded");
    server.put("pods", finished);
    until("the pod is finished", || lines(&cache).is_empty()).await;
    assert!(cache.age().iter().all(|(_, age)| age.is_some_and(|age| age < Duration::from_secs(20))));
}

#[tokio::test]
async fn a_server_that_forgets_is_asked_for_everything_again() {
    let server = ApiServer::start();
    for name in ["a", "b", "c"] {
        server.put("nodes", node(name, None));
    }
    let cache = cache(&server, Mode::Nodes);
    until("all is read", || matches!(cache.view(), View::Ready(_))).await;
    // What happens while nobody watches is seen by the next list.
    server.change(|world| {
        world.delete("nodes", "", "b");
        world.put("nodes", node("d", Some("x")));
        world.put("nodes", node("e", Some("x")));
        world.put("nodes", node("e", None));
        world.forget();
    });
    until("it is listed again", || count(&cache, Kind::Node) == 4).await;
    assert_eq!(lines(&cache), ["runs on 3 of 4 nodes; not on d: taint x is not tolerated"]);
    // The same in the middle of a watch.
    let lists = |server: &ApiServer| {
        server
            .world()
            .asked
            .iter()
            .filter(|uri| uri.starts_with("/api/v1/nodes?limit=2&") || uri.ends_with("/nodes?limit=2"))
            .count()
    };
    let before = lists(&server);
    server.change(|world| {
        world.say("nodes", "ERROR", json!({ "kind": "Status", "code": 410, "message": "too old" }));
    });
    until("the list after the error", || lists(&server) > before).await;
    until("four nodes", || count(&cache, Kind::Node) == 4).await;
    server.delete("nodes", "", "d");
    until("the watch goes on", || lines(&cache).is_empty()).await;
    // A watch that ends in time is taken up where it was: nothing is listed.
    let before = lists(&server);
    server.change(|world| world.generation += 1);
    server.put("nodes", node("f", Some("x")));
    until("the new watch", || !lines(&cache).is_empty()).await;
    assert_eq!(lists(&server), before);
}

#[tokio::test]
async fn what_is_refused_is_named_and_asked_for_again_and_the_rest_goes_on() {
    let server = ApiServer::start();
    server.put("nodes", node("a", None));
    server.put("pods", pod("p", "a", "3"));
    server.change(|world| world.refused = [("list", "pods"), ("watch", "daemonsets")].into());
    let cache = cache(&server, Mode::Pods);
    until("all is read or refused", || matches!(cache.view(), View::Ready(_)) && cache.refusals().len() == 2)
        .await;
    let mut refusals: Vec<String> = cache.refusals().into_iter().map(|(_, why)| why).collect();
    refusals.sort();
    assert_eq!(
        refusals[0].split(':').next(),
        Some("the webhook may not list pods (verb list, for all namespaces)")
    );
    // The list is allowed and the watch is not: what was listed would soon be wrong.
    assert!(refusals[1].starts_with("the webhook may not watch daemonsets.apps (verb watch"), "{refusals:?}");
    assert_eq!(lines(&cache), [""; 0]);
    server.change(|world| world.refused.clear());
    until("it may be read", || cache.refusals().is_empty()).await;
    assert_eq!(lines(&cache)[0], "would be pending on the only node: needs 1 CPU more than is free");
}

/// Where the API server stores no pods of `agent`, by what is watched for admission.
#[tokio::test]
async fn what_decides_whether_pods_are_stored_is_watched_and_what_is_refused_refuses_nothing() {
    let server = ApiServer::start();
    server.put("nodes", node("a", None));
    let named = |name: &str, more: &Value| {
        let mut object = json!({ "metadata": { "name": name, "namespace": "default" } });
        for (key, value) in more.as_object().into_iter().flatten() {
            object[key] = value.clone();
        }
        object
    };
    server.put("namespaces", json!({ "metadata": { "name": "default" }, "status": { "phase": "Active" } }));
    let hard = json!({ "pods": "0" });
    server.put(
        "resourcequotas",
        named(
            "few",
            &json!({ "spec": { "hard": hard }, "status": { "hard": hard, "used": { "pods": "0" } } }),
        ),
    );
    server.change(|world| world.refused = [("list", "resourcequotas")].into());
    let cache = cache_of(&server, Watched::new(Mode::Nodes, Admission::default()));
    until("all is read or refused", || matches!(cache.view(), View::Ready(_)) && cache.refusals().len() == 1)
        .await;
    assert_eq!(lines(&cache), [""; 0]);
    server.change(|world| world.refused.clear());
    until("quotas may be read", || cache.refusals().is_empty()).await;
    assert_eq!(
        lines(&cache),
        [
            "1 of 1 pod would be refused: exceeded quota: few, requested: pods=1, used: pods=0, limited: pods=0"
        ]
    );
    server.delete("resourcequotas", "default", "few");
    until("the quota is gone", || lines(&cache).is_empty()).await;
    let limit = json!({ "type": "Container", "max": { "cpu": "1" } });
    server.put("limitranges", named("small", &json!({ "spec": { "limits": [limit] } })));
    until("the limit range is there", || !lines(&cache).is_empty()).await;
    assert!(lines(&cache)[0].starts_with("1 of 1 pod would be refused: "), "{:?}", lines(&cache));
    server.delete("limitranges", "default", "small");
    until("the limit range is gone", || lines(&cache).is_empty()).await;
    let labels = json!({ "pod-security.kubernetes.io/enforce": "restricted" });
    server.put("namespaces", json!({ "metadata": { "name": "default", "labels": labels } }));
    until("the namespace is guarded", || !lines(&cache).is_empty()).await;
    assert!(lines(&cache)[0].contains("violates PodSecurity \"restricted:latest\""), "{:?}", lines(&cache));
    cache.set_pod_security(PodSecurityDefaults {
        exempt_namespaces: vec!["default".into()],
        ..Default::default()
    });
    assert_eq!(lines(&cache), [""; 0]);
}

/// Of an account it is known that it is there, whatever its annotation forbids.
#[tokio::test]
async fn accounts_are_there_or_not() {
    let server = ApiServer::start();
    server.put("nodes", node("a", None));
    let metadata = json!({ "name": "agent", "namespace": "default", "annotations": { "kubernetes.io/enforce-mountable-secrets": "true" } });
    server.put("serviceaccounts", json!({ "metadata": { "name": "default", "namespace": "default" } }));
    let cache = cache_of(&server, Watched::new(Mode::Nodes, Admission::default()));
    until("all is read", || matches!(cache.view(), View::Ready(_))).await;
    let pods = json!({
        "serviceAccountName": "agent", "containers": [{ "name": "c", "image": "i" }],
        "volumes": [{ "name": "key", "secret": { "secretName": "key" } }],
    });
    let absent = "1 of 1 pod would be refused: error looking up service account default/agent: serviceaccount \"agent\" not found";
    assert_eq!(lines_of(&cache, &pods), [absent]);
    server.put("serviceaccounts", json!({ "metadata": metadata }));
    until("the account is there", || lines_of(&cache, &pods).is_empty()).await;
    server.delete("serviceaccounts", "default", "agent");
    until("the account is gone", || lines_of(&cache, &pods) == [absent]).await;
    // Where nobody watches accounts, none is missed.
    let blind =
        cache_of(&server, "limitranges".parse().map(|watched| Watched::new(Mode::Nodes, watched)).unwrap());
    until("all is read", || matches!(blind.view(), View::Ready(_))).await;
    assert_eq!(lines_of(&blind, &pods), [""; 0]);
    assert!(
        !cache.counts().is_empty() && blind.counts().iter().all(|(kind, _)| *kind != Kind::ServiceAccount)
    );
}

#[tokio::test]
async fn without_nodes_there_is_no_answer_and_reviews_do_not_wait_for_one() {
    let server = ApiServer::start();
    server.change(|world| world.refused = [("list", "nodes")].into());
    let cache_of_refused = cache(&server, Mode::Nodes);
    let refused = || match cache_of_refused.view() {
        View::Cold { missing } => missing.len() == 1 && matches!(missing[0].why, Why::Refused(_)),
        _ => false,
    };
    until("nodes are refused", refused).await;
    assert!(lines(&cache_of_refused)[0].starts_with("placement is unknown: the webhook may not list nodes"));
    let silent = ApiServer::start();
    silent.change(|world| world.silent = true);
    let cold = cache(&silent, Mode::Nodes);
    let start = Instant::now();
    for _ in 0..1_000 {
        assert!(matches!(cold.view(), View::Cold { .. }));
    }
    assert!(start.elapsed() < Duration::from_secs(1));
    assert!(matches!(Cache::off().view(), View::Off));
}

#[tokio::test]
async fn an_object_that_cannot_be_read_does_not_stop_the_others() {
    let server = ApiServer::start();
    server.put("nodes", node("a", None));
    let mut odd = node("b", None);
    odd["status"]["allocatable"]["cpu"] = json!("four");
    server.put("nodes", odd);
    server.put("nodes", node("c", None));
    let cache = cache(&server, Mode::Nodes);
    until("the others are read", || matches!(cache.view(), View::Ready(_)) && count(&cache, Kind::Node) == 2)
        .await;
    server.put("nodes", node("b", None));
    until("it was mended", || count(&cache, Kind::Node) == 3).await;
    let before = server.world().asked.len();
    drop(cache);
    tokio::time::sleep(Duration::from_millis(50)).await;
    server.change(|world| world.forget());
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(server.world().asked.len(), before, "without its cache a watch goes on");
}
