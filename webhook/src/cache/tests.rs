//! The cache with its parts, and an API server that is a function.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use bytes::Bytes;
use daemonset_validation::placement::{LiveSnapshot, Object, Snapshot};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use kube::client::Body;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::*;
use crate::metrics::Metrics;

/// An API server: what it lists, and the watches that are open.
#[derive(Default)]
struct Api {
    objects: Mutex<Vec<(&'static str, Value)>>,
    watches: Mutex<Vec<(String, mpsc::UnboundedSender<Bytes>)>>,
    lists: Mutex<Vec<String>>,
}

impl Api {
    fn client(self: &Arc<Self>) -> Client {
        let api = self.clone();
        let service = tower::service_fn(move |request: http::Request<Body>| {
            let uri = request.uri().clone();
            let body = api.answer(uri.path(), uri.query().unwrap_or_default());
            async move { Ok::<_, std::io::Error>(http::Response::new(body)) }
        });
        Client::new(service, "default")
    }

    fn answer(&self, path: &str, query: &str) -> UnsyncBoxBody<Bytes, std::io::Error> {
        let resource = path.rsplit('/').next().unwrap();
        if query.contains("watch=1") {
            let (sender, mut events) = mpsc::unbounded_channel();
            self.watches.lock().unwrap().push((resource.to_owned(), sender));
            let events = futures_util::stream::poll_fn(move |context| {
                events
                    .poll_recv(context)
                    .map(|bytes| bytes.map(|bytes| Ok::<_, std::io::Error>(hyper::body::Frame::data(bytes))))
            });
            return UnsyncBoxBody::new(StreamBody::new(events));
        }
        self.lists.lock().unwrap().push(resource.to_owned());
        let objects = self.objects.lock().unwrap();
        let items: Vec<&Value> =
            objects.iter().filter(|(of, _)| *of == resource).map(|(_, object)| object).collect();
        let list = json!({ "metadata": { "resourceVersion": "7" }, "items": items }).to_string();
        UnsyncBoxBody::new(Full::from(list).map_err(|never| match never {}))
    }

    fn put(&self, resource: &'static str, object: Value) {
        self.objects.lock().unwrap().push((resource, object));
    }

    /// Sends events in one piece to the newest watch of a resource.
    fn send(&self, resource: &str, kind: &str, objects: &[Value]) {
        let line = |object: &Value| format!("{}\n", json!({ "type": kind, "object": object }));
        let lines: String = objects.iter().map(line).collect();
        let watches = self.watches.lock().unwrap();
        let watch = watches.iter().rev().find(|(of, _)| of == resource).expect("a watch");
        watch.1.send(Bytes::from(lines)).expect("an open watch");
    }

    fn lists_of(&self, resource: &str) -> usize {
        self.lists.lock().unwrap().iter().filter(|of| *of == resource).count()
    }
}

fn options() -> Options {
    Options { pause: (Duration::from_millis(2), Duration::from_millis(10)), ..Options::default() }
}

fn node(name: &str, round: usize) -> Value {
    json!({ "metadata": { "name": name, "uid": name, "labels": { "round": round.to_string() } } })
}

fn pod(name: &str) -> Value {
    json!({ "metadata": { "name": name, "namespace": "default" }, "spec": { "nodeName": "n0" }, "status": {} })
}

fn count(cache: &Cache, kind: Kind) -> usize {
    cache.counts().iter().find(|(of, _)| *of == kind).unwrap().1
}

fn restarts(metrics: &Metrics) -> u32 {
    let name = "daemonset_webhook_supervised_restarts_total{part=\"cache\"} ";
    metrics.render().lines().find_map(|line| line.strip_prefix(name)).unwrap().parse().unwrap()
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(30), "waited too long until {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

fn snapshot(cache: &Cache) -> Arc<Snapshot> {
    match cache.view() {
        View::Ready(snapshot) => snapshot,
        other => panic!("{other:?}"),
    }
}

fn rounds(snapshot: &Snapshot) -> Vec<String> {
    snapshot.nodes().iter().filter_map(|node| node.labels.get("round").cloned()).collect()
}

async fn ready(api: &Arc<Api>, mode: Mode) -> Cache {
    ready_with(api, mode, &Metrics::new().into()).await
}

async fn ready_with(api: &Arc<Api>, mode: Mode, metrics: &Arc<Metrics>) -> Cache {
    let supervisor = Supervisor::new(metrics.clone());
    let cache = Cache::start(&api.client(), mode, Server::newest(), options(), &supervisor);
    until("all is read", || matches!(cache.view(), View::Ready(_))).await;
    let watched = || api.watches.lock().unwrap().len() >= mode.kinds().len();
    until("all is watched", watched).await;
    cache
}

#[tokio::test]
async fn a_kind_without_an_answer_for_long_is_missing() {
    let options = Options { silence: Duration::from_millis(30), ..Options::default() };
    let shared = Shared::new(options, Server::newest(), &Mode::Nodes.into());
    let mut live = LiveSnapshot::new();
    assert_eq!(shared.missing(live.snapshot()).len(), 10);
    for kind in Mode::Nodes.kinds() {
        live.begin_list(*kind);
        live.end_list(*kind);
    }
    // What is published counts, not only that there was an answer.
    shared.record_response(Kind::Node);
    assert_eq!(shared.missing(&Snapshot::default()).len(), 10);
    std::thread::sleep(Duration::from_millis(40));
    let missing = shared.missing(live.snapshot());
    assert!(matches!(missing.first().map(|one| &one.why), Some(Why::Silent(_))), "{missing:?}");
    Mode::Nodes.kinds().iter().for_each(|kind| shared.record_response(*kind));
    assert_eq!(shared.missing(live.snapshot()), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_look_holds_up_neither_events_nor_other_looks() {
    const NODES: usize = 200;
    let api = Arc::<Api>::default();
    (0..NODES).for_each(|number| api.put("nodes", node(&format!("n{number}"), 0)));
    let cache = ready(&api, Mode::Nodes).await;
    let long = snapshot(&cache);
    // Each piece changes two nodes that are far from each other; a look sees both or none.
    for round in 1..=1_500 {
        let pair = [node("n0", round), node(&format!("n{}", NODES - 1), round)];
        api.send("nodes", "MODIFIED", &pair);
        if round % 10 == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
            let seen = snapshot(&cache);
            let of = |name: &str| {
                let node = seen.nodes().iter().find(|node| &*node.name == name).unwrap();
                node.labels["round"].clone()
            };
            assert_eq!(of("n0"), of(&format!("n{}", NODES - 1)));
            assert!(cache.age().iter().all(|(_, age)| age.is_some()));
        }
    }
    let last = || rounds(&snapshot(&cache)).iter().filter(|round| *round == "1500").count() == 2;
    until("the last events are seen", last).await;
    assert!(rounds(&long).iter().all(|round| round == "0"), "a view does not change");
}

#[tokio::test]
async fn a_panic_of_the_writer_is_followed_by_a_new_start_of_everything() {
    let api = Arc::<Api>::default();
    api.put("nodes", node("n0", 0));
    api.put("pods", pod("p0"));
    let metrics = Arc::new(Metrics::new());
    let cache = ready_with(&api, Mode::Pods, &metrics).await;
    *cache.shared.faults.events.lock().unwrap() = Some("n-panic");
    api.put("nodes", node("n1", 0));
    api.send("nodes", "ADDED", &[node("n-panic", 0)]);
    // What was known before is seen until the whole cluster is read again.
    until("all is read again", || {
        assert!(matches!(cache.view(), View::Ready(_)));
        count(&cache, Kind::Node) == 2
    })
    .await;
    assert_eq!(count(&cache, Kind::Pod), 1);
    assert_eq!((restarts(&metrics), api.lists_of("nodes"), api.lists_of("pods")), (1, 2, 2));
    until("all is watched again", || api.watches.lock().unwrap().len() >= 2 * Mode::Pods.kinds().len()).await;
    api.send("nodes", "ADDED", &[node("n2", 0)]);
    until("events are applied", || count(&cache, Kind::Node) == 3).await;
}

#[tokio::test]
async fn a_panic_of_a_watch_is_followed_by_a_list_of_its_kind() {
    let api = Arc::<Api>::default();
    api.put("nodes", node("n0", 0));
    let metrics = Arc::new(Metrics::new());
    let cache = ready_with(&api, Mode::Nodes, &metrics).await;
    *cache.shared.faults.watch.lock().unwrap() = Some(Kind::Node);
    api.put("nodes", node("n1", 0));
    // The watch ends, and the next one panics.
    api.watches.lock().unwrap().retain(|(of, _)| of != "nodes");
    until("the nodes are listed again", || count(&cache, Kind::Node) == 2).await;
    assert_eq!((restarts(&metrics), api.lists_of("nodes"), api.lists_of("daemonsets")), (1, 2, 1));
    assert!(matches!(cache.view(), View::Ready(_)));
}

#[tokio::test]
async fn pods_are_listed_again_for_another_version() {
    let api = Arc::<Api>::default();
    api.put("pods", pod("p0"));
    let cache = ready(&api, Mode::Pods).await;
    cache.set_server(Server::newest());
    api.put("pods", pod("p1"));
    cache.set_server(Server::of_version(Server::supported()[0]).unwrap());
    until("the pods are listed again", || count(&cache, Kind::Pod) == 2).await;
    assert_eq!((api.lists_of("pods"), api.lists_of("nodes")), (2, 1));
}

#[tokio::test]
async fn a_connection_that_is_made_again_is_told() {
    let api = Arc::<Api>::default();
    let cache = ready(&api, Mode::Nodes).await;
    let told = Arc::new(AtomicUsize::new(0));
    let (counted, counting) = (told.clone(), cache.clone());
    tokio::spawn(async move {
        loop {
            counting.reconnected().await;
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(told.load(Ordering::SeqCst), 0);
    // The API server ends all watches, long before their time.
    api.watches.lock().unwrap().clear();
    until("it is told", || told.load(Ordering::SeqCst) > 0).await;
}

#[tokio::test]
async fn an_object_that_cannot_be_read_does_not_hold_up_others() {
    let api = Arc::<Api>::default();
    let cache = ready(&api, Mode::Nodes).await;
    api.send("nodes", "ADDED", &[json!({ "metadata": { "name": 7 } }), node("n1", 0)]);
    // The names of events are read before their objects: the watch cannot go on, and the list has all others.
    api.put("nodes", json!({ "metadata": { "name": "n2", "labels": 7 } }));
    api.put("nodes", node("n1", 0));
    until("the other is read", || count(&cache, Kind::Node) == 1).await;
}

#[tokio::test]
async fn a_daemon_set_that_becomes_too_large_is_not_kept() {
    let api = Arc::<Api>::default();
    let daemon_set = |text: &str| {
        json!({
            "metadata": { "name": "agent", "namespace": "default" },
            "spec": {
                "selector": { "matchLabels": { "app": "agent" } },
                "template": {
                    "metadata": { "labels": { "app": "agent" } },
                    "spec": { "containers": [{ "name": "main", "image": "agent:1", "env": [{ "name": "A", "value": text }] }] }
                }
            }
        })
    };
    api.put("daemonsets", daemon_set("a"));
    let cache = ready(&api, Mode::Nodes).await;
    let kept = snapshot(&cache);
    let kept = kept.daemon_set("default", "agent").unwrap();
    let container = &kept.spec.template.spec.as_ref().unwrap().containers[0];
    assert_eq!((container.image.as_deref(), &container.env), (Some("agent:1"), &None));
    api.send("daemonsets", "MODIFIED", &[daemon_set(&"a".repeat(1 << 20))]);
    until("it is gone", || count(&cache, Kind::DaemonSet) == 0).await;
    api.send("daemonsets", "MODIFIED", &[daemon_set("b")]);
    until("it is there again", || count(&cache, Kind::DaemonSet) == 1).await;
}

#[test]
fn copies_of_a_snapshot_do_not_change_with_it() {
    let read = |kind, object: &Value| {
        let text = object.to_string();
        Object::read(kind, &mut serde_json::Deserializer::from_str(&text), &Server::newest()).unwrap()
    };
    let mut live = LiveSnapshot::new();
    (0..300).for_each(|number| live.upsert(read(Kind::Node, &node(&format!("n{number}"), 0))));
    (0..300).for_each(|number| live.upsert(read(Kind::Pod, &pod(&format!("p{number}")))));
    let copy = live.snapshot().clone();
    let before = format!("{copy:?}");
    (0..300).for_each(|number| live.remove(Kind::Node, "", &format!("n{}", number * 7 % 300)));
    (0..300).for_each(|number| live.remove(Kind::Pod, "default", &format!("p{number}")));
    assert_eq!(format!("{copy:?}"), before);
    assert_eq!((live.count(Kind::Node), live.count(Kind::Pod)), (0, 0));
}
