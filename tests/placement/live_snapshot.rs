//! A snapshot that follows a cluster is equal to a new one: after random events on random clusters the previews of several DaemonSets are
//! the same, and nothing of a deleted object is left. Copies that were made on the way, as the webhook publishes them, do not change.

use std::collections::HashSet;

use daemonset_tests::clusters::{Case, case};
use daemonset_tests::random::Random;
use daemonset_validation::Server;
use daemonset_validation::apiserver::strategy::admit_create;
use daemonset_validation::levels::Level;
use daemonset_validation::placement::{
    ADMISSION_KINDS, COMMAND_KINDS, Kind, LiveSnapshot, Object, Preview, Snapshot, SnapshotBuilder,
    all_kinds, explain,
};
use daemonset_validation::rules::Levels;
use daemonset_validation::rules::{Previewed, check_preview};
use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::api::core::v1::PodSpec;
use serde_json::{Value, json};

const SEED: u64 = 41;
const CLUSTERS: u64 = 120;
/// As many random cases give their objects to one cluster: objects of the same name are the same object at different times.
const CASES: usize = 4;
const EVENTS: usize = 120;
const COMPARED_EVERY: usize = 12;
const COPIED_EVERY: usize = 20;

/// The objects that are there, as a simple list.
#[derive(Default)]
struct Model {
    objects: Vec<(Kind, Value)>,
    refused: Vec<Kind>,
}

fn kind_of(object: &Value) -> Kind {
    Kind::of(object["apiVersion"].as_str().unwrap(), object["kind"].as_str().unwrap()).unwrap()
}

fn name_of(object: &Value) -> (&str, &str) {
    let metadata = &object["metadata"];
    (metadata["namespace"].as_str().unwrap_or_default(), metadata["name"].as_str().unwrap())
}

fn read(kind: Kind, object: &Value, server: &Server) -> Object {
    // From text, since that is how objects come.
    let text = object.to_string();
    Object::read(kind, &mut serde_json::Deserializer::from_str(&text), server).unwrap()
}

impl Model {
    fn upsert(&mut self, kind: Kind, object: &Value) {
        let known =
            self.objects.iter_mut().find(|(of, known)| *of == kind && name_of(known) == name_of(object));
        match known {
            Some((_, known)) => *known = object.clone(),
            None => self.objects.push((kind, object.clone())),
        }
    }

    fn of(&self, kind: Kind) -> impl Iterator<Item = &Value> {
        self.objects.iter().filter(move |(of, _)| *of == kind).map(|(_, object)| object)
    }

    fn find(&self, kind: Kind, namespace: &str, name: &str) -> Option<&Value> {
        let is = |(found, named): (&str, &str)| {
            named == name && (found == namespace || (found.is_empty() && namespace == "default"))
        };
        self.of(kind).find(|object| is(name_of(object)))
    }

    /// A snapshot made anew, in the order of the one that lives.
    fn fresh(&self, live: &Snapshot, server: &Server) -> Snapshot {
        let mut builder = SnapshotBuilder::new(*server);
        let mut add = |kind: Kind, object: &Value| {
            let text = object.to_string();
            builder.add(kind, &mut serde_json::Deserializer::from_str(&text)).unwrap();
        };
        for node in live.nodes() {
            add(Kind::Node, self.find(Kind::Node, "", &node.name).expect("a node that is there"));
        }
        for pod in live.pods().iter().filter(|pod| !pod.name.is_empty()) {
            let known = self.find(Kind::Pod, &pod.shape.namespace, &pod.name);
            add(Kind::Pod, known.expect("a pod that is there"));
        }
        for (kind, object) in &self.objects {
            add(*kind, object);
        }
        for kind in all_kinds() {
            match self.refused.contains(&kind) {
                true => builder.mark_refused(kind, "not yours".to_owned()),
                false => builder.mark_read(kind),
            }
        }
        builder.finish()
    }
}

/// Objects of the kinds that admission and the command read, two of each, in two namespaces where the kind has them.
fn around_pods() -> Vec<(Kind, Value)> {
    let body = |kind: Kind| match kind {
        Kind::LimitRange => {
            json!({ "spec": { "limits": [{ "type": "Container", "min": { "cpu": "1m" } }] } })
        }
        Kind::ResourceQuota => {
            json!({ "spec": { "hard": { "pods": "1000" } }, "status": { "used": { "pods": "1" } } })
        }
        Kind::ServiceAccount => json!({ "imagePullSecrets": [{ "name": "pull" }] }),
        Kind::ConfigMap | Kind::Secret => json!({ "data": { "key": "value" } }),
        Kind::MutatingWebhookConfiguration | Kind::ValidatingWebhookConfiguration => {
            json!({ "webhooks": [{ "name": "a.example.com", "rules": [{ "resources": ["pods"] }] }] })
        }
        Kind::ValidatingAdmissionPolicy => json!({ "spec": { "failurePolicy": "Ignore" } }),
        Kind::ValidatingAdmissionPolicyBinding => json!({ "spec": { "policyName": "p" } }),
        _ => json!({}),
    };
    let kinds = ADMISSION_KINDS.into_iter().chain(COMMAND_KINDS);
    let each = kinds.flat_map(|kind| ["default", "monitoring"].map(|namespace| (kind, namespace)));
    let object = |(kind, namespace): (Kind, &str)| {
        let mut object = body(kind);
        object["metadata"] = match kind.is_namespaced() {
            true => json!({ "namespace": namespace, "name": "a" }),
            false => json!({ "name": namespace }),
        };
        (kind, object)
    };
    each.map(object).collect()
}

/// What a snapshot knows around the pods of two namespaces.
fn around(snapshot: &Snapshot) -> String {
    let spec = PodSpec { service_account_name: Some("a".to_owned()), ..PodSpec::default() };
    let each = ["default", "monitoring"].map(|namespace| snapshot.surroundings(namespace, &spec));
    let counts: Vec<usize> = all_kinds().map(|kind| snapshot.count(kind)).collect();
    format!("{each:?} {counts:?}")
}

/// The objects of several cases, and their DaemonSets.
fn pool(cluster: u64, server: &Server) -> (Vec<(Kind, Value)>, Vec<DaemonSet>) {
    let cases: Vec<Case> =
        (cluster * 1_000..).filter_map(|number| case(SEED, number, server)).take(CASES).collect();
    let mut objects = around_pods();
    let mut daemon_sets = Vec::new();
    for case in &cases {
        objects.extend(case.objects.iter().map(|object| (kind_of(object), object.clone())));
        let typed = serde_json::from_value(case.daemon_set.clone()).unwrap();
        let stored = admit_create(typed, true, server).daemon_set;
        let mut value = serde_json::to_value(&stored).unwrap();
        value["apiVersion"] = json!("apps/v1");
        value["kind"] = json!("DaemonSet");
        objects.push((Kind::DaemonSet, value));
        daemon_sets.push(stored);
    }
    (objects, daemon_sets)
}

/// An object as it may come next: pods finish, go, become ready and find their nodes, and some are their DaemonSet's.
fn changed(object: &Value, kind: Kind, random: &mut Random, nodes: &[String]) -> Value {
    let mut object = object.clone();
    if kind != Kind::Pod {
        return object;
    }
    let chance = random.below(10);
    match chance {
        0 => object["status"]["phase"] = json!("Succeeded"),
        1 => object["metadata"]["deletionTimestamp"] = json!("2026-05-10T09:03:14Z"),
        2 => object["spec"]["nodeName"] = json!(""),
        3 => object["spec"]["nodeName"] = json!(random.pick(nodes)),
        4 => {
            object["status"]["conditions"] =
                json!([{ "type": "Ready", "status": "True", "lastTransitionTime": "2026-05-10T09:03:14Z" }]);
        }
        5 => {
            object["metadata"]["ownerReferences"] = json!([{ "apiVersion": "apps/v1", "kind": "DaemonSet", "name": "agent", "controller": true, "uid": "u" }]);
        }
        6 => object["spec"]["nodeName"] = json!("elsewhere"),
        _ => {}
    }
    object
}

/// Lets something happen; the answer is how many pods there were at most.
fn event(
    live: &mut LiveSnapshot,
    model: &mut Model,
    pool: &[(Kind, Value)],
    random: &mut Random,
    server: &Server,
) -> usize {
    let nodes: Vec<String> = pool
        .iter()
        .filter(|(kind, _)| *kind == Kind::Node)
        .map(|(_, node)| name_of(node).1.to_owned())
        .collect();
    match random.below(100) {
        0..62 => {
            let (kind, object) = random.pick(pool).unwrap();
            if model.refused.contains(kind) {
                return 0;
            }
            let object = changed(object, *kind, random, &nodes);
            live.upsert(read(*kind, &object, server));
            model.upsert(*kind, &object);
        }
        62..85 => {
            let gone = random.below(model.objects.len() + 1);
            if gone < model.objects.len() {
                let (kind, object) = model.objects.remove(gone);
                let (namespace, name) = name_of(&object);
                live.remove(kind, namespace, name);
                // Gone is gone, whoever says it twice.
                live.remove(kind, namespace, name);
            }
        }
        85..94 => {
            let kind = *random.pick(&all_kinds().collect::<Vec<_>>()).unwrap();
            live.begin_list(kind);
            let listed: Vec<Value> =
                pool.iter().filter(|(of, _)| *of == kind).map(|(_, object)| object.clone()).collect();
            let listed: Vec<Value> = listed
                .into_iter()
                .filter(|_| random.percent(60))
                .collect::<Vec<_>>()
                .into_iter()
                .map(|object| changed(&object, kind, random, &nodes))
                .collect();
            // Until the list is complete, what is going to be gone is still there.
            let mut most = 0;
            for object in &listed {
                live.upsert(read(kind, object, server));
                most = most.max(live.count(Kind::Pod));
            }
            live.end_list(kind);
            let names: HashSet<(&str, &str)> = listed.iter().map(name_of).collect();
            model.objects.retain(|(of, object)| *of != kind || names.contains(&name_of(object)));
            for object in &listed {
                model.upsert(kind, object);
            }
            model.refused.retain(|refused| *refused != kind);
            return most;
        }
        _ => {
            let kind = *random.pick(&all_kinds().skip(1).collect::<Vec<_>>()).unwrap();
            live.refuse(kind, "not yours".to_owned());
            model.objects.retain(|(of, _)| *of != kind);
            model.refused.retain(|refused| *refused != kind);
            model.refused.push(kind);
        }
    }
    live.count(Kind::Pod)
}

/// What is used of each node, by names, without resources of which nothing is used.
fn usage(snapshot: &Snapshot) -> Vec<(String, Vec<String>, String, Vec<String>)> {
    let pod = |index: u32| {
        let pod = snapshot.pod(index).unwrap();
        format!("{}/{} {:?}", pod.shape.namespace, pod.name, pod.node)
    };
    let nodes = (0..).zip(snapshot.nodes());
    nodes
        .map(|(index, node)| {
            let usage = snapshot.usage(index).unwrap();
            let mut requested = usage.requested.clone();
            requested.scalar.retain(|(_, amount)| *amount != 0);
            let ports = usage.ports.iter().map(|(port, holder)| format!("{} {}", port.shown(), pod(*holder)));
            (
                node.name.to_string(),
                usage.pods.iter().map(|index| pod(*index)).collect(),
                format!("{requested:?}"),
                ports.collect(),
            )
        })
        .collect()
}

fn shapes(snapshot: &Snapshot) -> usize {
    let named = snapshot.pods().iter().filter(|pod| !pod.name.is_empty());
    named.map(|pod| pod.shape_number).collect::<HashSet<u32>>().len()
}

/// A copy that was published, with what was in it then.
struct Published {
    snapshot: Snapshot,
    /// All of it, in words.
    content: String,
    previews: Vec<Preview>,
    number: usize,
}

impl Published {
    fn new(live: &LiveSnapshot, daemon_sets: &[DaemonSet], number: usize, server: &Server) -> Self {
        let snapshot = live.snapshot().clone();
        let previews = daemon_sets.iter().map(|one| explain(one, &snapshot, server)).collect();
        Self { content: content(&snapshot), snapshot, previews, number }
    }

    fn assert_unchanged(&self, daemon_sets: &[DaemonSet], server: &Server, at: &str) {
        assert_eq!(content(&self.snapshot), self.content, "{at}: the copy after {} events", self.number);
        for (daemon_set, before) in daemon_sets.iter().zip(&self.previews) {
            let now = explain(daemon_set, &self.snapshot, server);
            assert_eq!((&now.verdicts, &now.rollout), (&before.verdicts, &before.rollout), "{at}");
        }
    }
}

/// All that is in a snapshot. Tables of copies are in the same order.
fn content(snapshot: &Snapshot) -> String {
    format!("{snapshot:?}")
}

#[test]
fn after_any_events_a_live_snapshot_is_what_one_made_anew_would_be() {
    let server = Server::newest();
    let (mut compared, mut reasons, mut rollouts, mut most_pods, mut copies) = (0, 0, 0, 0, 0);
    for cluster in 0..CLUSTERS {
        let random = &mut Random::of_case(SEED, cluster);
        let (pool, daemon_sets) = pool(cluster, &server);
        let (mut live, mut model) = (LiveSnapshot::new(), Model::default());
        for kind in all_kinds() {
            live.begin_list(kind);
            live.end_list(kind);
        }
        let (mut peak, mut published) = (0, Vec::<Published>::new());
        for number in 1..=EVENTS {
            peak = peak.max(event(&mut live, &mut model, &pool, random, &server));
            if number % COPIED_EVERY == 0 {
                published.push(Published::new(&live, &daemon_sets, number, &server));
            }
            if number % COMPARED_EVERY != 0 {
                continue;
            }
            let fresh = model.fresh(live.snapshot(), &server);
            let at = format!("cluster {cluster}, after {number} events");
            assert_eq!(live.count(Kind::Pod), fresh.pods().len(), "{at}");
            assert_eq!(live.count(Kind::Node), fresh.nodes().len(), "{at}");
            assert_eq!(usage(live.snapshot()), usage(&fresh), "{at}");
            assert_eq!(around(live.snapshot()), around(&fresh), "{at}");
            // Shapes that nobody has are gone, their numbers and the places of pods are used again.
            let (shapes_kept, places) = live.pod_shapes_and_places();
            assert_eq!(shapes_kept, shapes(&fresh), "{at}");
            assert!(places <= peak + 1, "{at}: {places} places for {peak} pods");
            let numbers = live.snapshot().pods().iter().map(|pod| pod.shape_number).max().unwrap_or(0);
            assert!(numbers as usize <= peak + 1, "{at}: shape number {numbers}");
            most_pods = most_pods.max(fresh.pods().len());
            let levels = Levels::by(|_| Level::Warning);
            for daemon_set in &daemon_sets {
                let (ours, wanted) =
                    (explain(daemon_set, live.snapshot(), &server), explain(daemon_set, &fresh, &server));
                assert_eq!(ours.verdicts, wanted.verdicts, "{at}");
                assert_eq!(ours.rollout, wanted.rollout, "{at}");
                assert_eq!(ours.priority, wanted.priority, "{at}");
                let findings = |preview, snapshot| {
                    check_preview(&Previewed::new(daemon_set, preview, snapshot, 3), &levels)
                };
                assert_eq!(findings(&ours, live.snapshot()), findings(&wanted, &fresh), "{at}");
                compared += 1;
                reasons += ours.verdicts.iter().filter(|one| !one.outcome.reasons().is_empty()).count();
                rollouts += usize::from(ours.rollout.is_some_and(|rollout| rollout.existing > 0));
            }
        }
        copies += published.len();
        for copy in &published {
            copy.assert_unchanged(&daemon_sets, &server, &format!("cluster {cluster}"));
        }
    }
    println!(
        "{compared} previews, {reasons} nodes with reasons, {rollouts} with pods, up to {most_pods} pods, {copies} copies"
    );
    // Previews without a word would prove nothing.
    assert!(reasons > compared && rollouts > 100 && most_pods > 15, "{reasons} {rollouts} {most_pods}");
}
