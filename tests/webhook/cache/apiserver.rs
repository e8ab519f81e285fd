//! A fake API server: paged lists and watches, which a test can make forget, refuse or hang.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use daemonset_tests::http_server::{self, Answer, Parts};
use serde_json::{Value, json};

/// What the server knows.
#[derive(Default)]
pub struct World {
    version: u64,
    /// By resource, namespace and name.
    objects: BTreeMap<(String, String, String), Value>,
    /// State, resource, type and object.
    events: Vec<(u64, String, &'static str, Value)>,
    /// Watches from older states are refused.
    pub oldest: u64,
    /// Watches that began before this number end.
    pub generation: u64,
    /// Verb and resource.
    pub refused: HashSet<(&'static str, &'static str)>,
    /// Whether it answers at all.
    pub silent: bool,
    /// What was asked.
    pub asked: Vec<String>,
}

/// A server on loopback.
#[derive(Clone)]
pub struct ApiServer {
    pub port: u16,
    world: Arc<(Mutex<World>, Condvar)>,
}

impl ApiServer {
    pub fn start() -> Self {
        let world = Arc::new((Mutex::new(World { version: 10, ..World::default() }), Condvar::new()));
        let answering = Self { port: 0, world };
        let world = answering.world.clone();
        let answer = move |uri: &str| answering.answer(uri);
        Self { port: http_server::serve(answer).unwrap(), world }
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.0.lock().unwrap()
    }

    /// Changes something, and wakes the watches.
    pub fn change(&self, change: impl FnOnce(&mut World)) {
        change(&mut self.world());
        self.world.1.notify_all();
    }

    /// Puts an object there, or in the place of the one of its name.
    pub fn put(&self, resource: &str, object: Value) {
        self.change(|world| world.put(resource, object));
    }

    /// Takes an object away.
    pub fn delete(&self, resource: &str, namespace: &str, name: &str) {
        self.change(|world| world.delete(resource, namespace, name));
    }

    fn answer(&self, uri: &str) -> Answer {
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let resource = path.rsplit('/').next().unwrap_or_default();
        let query: BTreeMap<&str, &str> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let verb = if query.contains_key("watch") { "watch" } else { "list" };
        let mut world = self.world();
        world.asked.push(uri.to_owned());
        while world.silent {
            world = self.world.1.wait(world).unwrap();
        }
        if world.refused.iter().any(|(of, refused)| *of == verb && *refused == resource) {
            let message =
                format!("{resource} is forbidden: User \"w\" cannot {verb} resource \"{resource}\"");
            drop(world);
            return Answer::status(403, &message);
        }
        if verb == "list" {
            let page = world.page(path, resource, &query);
            drop(world);
            return Answer::Json(200, page.to_string());
        }
        let from: u64 = query["resourceVersion"].parse().unwrap();
        if from < world.oldest {
            drop(world);
            return Answer::status(410, "too old resource version");
        }
        let began = world.generation;
        drop(world);
        let lasting: u64 = query["timeoutSeconds"].parse().unwrap();
        let (server, resource) = (self.clone(), resource.to_owned());
        Answer::Stream(Box::new(move |parts| {
            // A client that goes away is no fault of the test.
            let _ = server.follow(&resource, from, began, Duration::from_secs(lasting), &parts);
        }))
    }

    fn follow(
        &self,
        resource: &str,
        mut from: u64,
        began: u64,
        lasting: Duration,
        parts: &Parts,
    ) -> std::io::Result<()> {
        let until = Instant::now() + lasting;
        let mut world = self.world();
        while world.generation == began && Instant::now() < until {
            let mut lines = String::new();
            for (version, of, kind, object) in &world.events {
                if *version > from && of == resource {
                    lines += &format!("{}\n", json!({ "type": kind, "object": object }));
                }
            }
            from = from.max(world.version);
            if lines.is_empty() {
                let left = until.saturating_duration_since(Instant::now());
                world = self.world.1.wait_timeout(world, left).unwrap().0;
                continue;
            }
            drop(world);
            // Lines come as the network likes it, not as they are.
            for part in lines.as_bytes().chunks(37) {
                parts.send(part.to_vec())?;
            }
            world = self.world();
        }
        Ok(())
    }
}

impl World {
    pub fn put(&mut self, resource: &str, mut object: Value) {
        self.version += 1;
        object["metadata"]["resourceVersion"] = json!(self.version.to_string());
        let known = self.objects.insert(key(resource, &object), object.clone());
        let kind = if known.is_some() { "MODIFIED" } else { "ADDED" };
        self.events.push((self.version, resource.to_owned(), kind, object));
    }

    pub fn delete(&mut self, resource: &str, namespace: &str, name: &str) {
        self.version += 1;
        let key = (resource.to_owned(), namespace.to_owned(), name.to_owned());
        let mut object = self.objects.remove(&key).unwrap();
        object["metadata"]["resourceVersion"] = json!(self.version.to_string());
        self.events.push((self.version, resource.to_owned(), "DELETED", object));
    }

    /// An event that is none of an object, such as `ERROR`.
    pub fn say(&mut self, resource: &str, kind: &'static str, object: Value) {
        self.version += 1;
        self.events.push((self.version, resource.to_owned(), kind, object));
    }

    /// Forgets all events so far and ends all watches.
    pub fn forget(&mut self) {
        self.events.clear();
        self.oldest = self.version;
        self.generation += 1;
    }

    fn page(&self, path: &str, resource: &str, query: &BTreeMap<&str, &str>) -> Value {
        let all: Vec<&Value> =
            self.objects.iter().filter(|((of, ..), _)| of == resource).map(|(_, object)| object).collect();
        let from: usize = query.get("continue").map_or(0, |token| token.parse().unwrap());
        let limit: usize = query["limit"].parse().unwrap();
        let items: Vec<&Value> = all.iter().skip(from).take(limit).copied().collect();
        let next = from + items.len();
        let token = if next < all.len() { next.to_string() } else { String::new() };
        json!({
            "kind": "List", "apiVersion": path,
            "metadata": { "resourceVersion": self.version.to_string(), "continue": token }, "items": items
        })
    }
}

fn key(resource: &str, object: &Value) -> (String, String, String) {
    let text = |name: &str| object["metadata"][name].as_str().unwrap_or_default().to_owned();
    (resource.to_owned(), text("namespace"), text("name"))
}
