//! A fake API server in this process: a few objects, and get, create and patch with their preconditions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

pub(crate) const NAMESPACE: &str = "hooks";
pub(crate) const SECRET: &str = "/api/v1/namespaces/hooks/secrets/certificates";
pub(crate) const LEASE: &str = "/apis/coordination.k8s.io/v1/namespaces/hooks/leases/certificates";
pub(crate) const CONFIGURATION: &str =
    "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/hook";

/// One API server.
#[derive(Clone)]
pub(crate) struct Fake {
    inner: Arc<Mutex<Inner>>,
    pub(crate) port: u16,
    /// Whether answers have a `Date`, as those of an API server do.
    dated: bool,
}

#[derive(Default)]
struct Inner {
    version: u64,
    objects: BTreeMap<String, Value>,
    /// `verb plural` of requests that are answered with 403.
    forbidden: BTreeSet<String>,
    /// Whether all requests are answered with 500.
    down: bool,
    /// `verb path` of every write.
    writes: Vec<String>,
    requests: usize,
    /// Each published bundle, with the time when it was published.
    bundles: Vec<(Instant, Vec<u8>)>,
}

impl Fake {
    /// Serves on loopback until the runtime ends.
    pub(crate) async fn start() -> Fake {
        Fake::serve(true).await
    }

    /// One behind a proxy that hides its time.
    pub(crate) async fn start_without_time() -> Fake {
        Fake::serve(false).await
    }

    async fn serve(dated: bool) -> Fake {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let fake = Fake { inner: Arc::default(), port: listener.local_addr().unwrap().port(), dated };
        let router = axum::Router::new().fallback(answer).with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        fake
    }

    pub(crate) fn client(&self) -> kube::Client {
        let address = format!("http://127.0.0.1:{}", self.port).parse().unwrap();
        kube::Client::try_from(kube::Config::new(address)).unwrap()
    }

    /// Creates what the chart creates: an empty Secret, and a configuration with two webhooks.
    pub(crate) fn install(&self) {
        let secret = json!({ "metadata": { "name": "certificates" }, "type": "Opaque" });
        self.put(SECRET, secret);
        let webhook = |name: &str| {
            json!({ "name": name, "sideEffects": "None", "admissionReviewVersions": ["v1"],
                "clientConfig": { "service": { "name": "hook", "namespace": NAMESPACE } } })
        };
        self.put(
            CONFIGURATION,
            json!({ "metadata": { "name": "hook" }, "webhooks": [webhook("a.hook"), webhook("b.hook")] }),
        );
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    pub(crate) fn get(&self, path: &str) -> Option<Value> {
        self.lock().objects.get(path).cloned()
    }

    /// Writes an object without a precondition.
    pub(crate) fn put(&self, path: &str, object: Value) {
        self.lock().put(path, object);
    }

    /// Changes an object without a precondition.
    pub(crate) fn change(&self, path: &str, change: impl FnOnce(&mut Value)) {
        let mut inner = self.lock();
        let mut object = inner.objects.get(path).unwrap().clone();
        change(&mut object);
        inner.put(path, object);
    }

    pub(crate) fn forbid(&self, what: &[&str]) {
        self.lock().forbidden = what.iter().map(|what| (*what).to_owned()).collect();
    }

    pub(crate) fn down(&self, down: bool) {
        self.lock().down = down;
    }

    pub(crate) fn writes(&self) -> Vec<String> {
        self.lock().writes.clone()
    }

    pub(crate) fn requests(&self) -> usize {
        self.lock().requests
    }

    /// A field of the Secret, decoded.
    pub(crate) fn secret(&self, field: &str) -> Vec<u8> {
        let secret = self.get(SECRET).unwrap_or_default();
        decode(secret["data"][field].as_str().unwrap_or_default())
    }

    /// The bundle that a client uses that lags by `lag`.
    pub(crate) fn bundle(&self, lag: Duration) -> Vec<u8> {
        let inner = self.lock();
        let then = Instant::now().checked_sub(lag).unwrap();
        let current = inner.bundles.iter().rev().find(|(from, _)| *from <= then);
        current.or(inner.bundles.first()).map(|(_, bundle)| bundle.clone()).unwrap_or_default()
    }
}

impl Inner {
    fn put(&mut self, path: &str, mut object: Value) {
        self.version += 1;
        object["metadata"]["resourceVersion"] = json!(self.version.to_string());
        if path == CONFIGURATION {
            let bundle = |index: usize| {
                decode(object["webhooks"][index]["clientConfig"]["caBundle"].as_str().unwrap_or_default())
            };
            assert_eq!(bundle(0), bundle(1), "the webhooks of one configuration trust different authorities");
            self.bundles.push((Instant::now(), bundle(0)));
        }
        self.objects.insert(path.to_owned(), object);
    }

    fn act(&mut self, method: &Method, path: &str, body: &[u8]) -> Result<Value, (u16, &'static str)> {
        self.requests += 1;
        if self.down {
            return Err((500, "out of order"));
        }
        let verb = match method.as_str() {
            "GET" => "get",
            "POST" => "create",
            "PATCH" => "patch",
            _ => return Err((405, "not here")),
        };
        let plural = path
            .split('/')
            .find(|part| ["secrets", "leases", "validatingwebhookconfigurations"].contains(part));
        if self.forbidden.contains(&format!("{verb} {}", plural.unwrap_or_default())) {
            return Err((403, "User \"hook\" cannot do that"));
        }
        if verb == "get" {
            return self.objects.get(path).cloned().ok_or((404, "not found"));
        }
        let sent: Value = serde_json::from_slice(body).unwrap();
        let (path, object) = if verb == "create" {
            let path = format!("{path}/{}", sent["metadata"]["name"].as_str().unwrap());
            if self.objects.contains_key(&path) {
                return Err((409, "already exists"));
            }
            (path, sent)
        } else {
            let mut object = self.objects.get(path).cloned().ok_or((404, "not found"))?;
            let precondition = &sent["metadata"]["resourceVersion"];
            assert!(precondition.is_string(), "a patch without a precondition: {sent}");
            if *precondition != object["metadata"]["resourceVersion"] {
                return Err((409, "the object has been modified"));
            }
            merge(&mut object, &sent);
            (path.to_owned(), object)
        };
        let renewed = object["spec"]["renewTime"].as_str();
        // The API server accepts a MicroTime only with six fractional digits.
        assert!(renewed.is_none_or(|time| time.len() == 27), "{renewed:?}");
        self.writes.push(format!("{verb} {path}"));
        self.put(&path, object);
        Ok(self.objects[&path].clone())
    }
}

/// A merge patch that merges webhooks by name, as a strategic merge patch does.
fn merge(object: &mut Value, patch: &Value) {
    let (Some(object), Some(patch)) = (object.as_object_mut(), patch.as_object()) else { return };
    for (name, value) in patch {
        if value.is_null() {
            object.remove(name);
        } else if name == "webhooks" {
            for webhook in value.as_array().unwrap() {
                let own = object["webhooks"].as_array_mut().unwrap();
                merge(own.iter_mut().find(|own| own["name"] == webhook["name"]).unwrap(), webhook);
            }
        } else if value.is_object() {
            let own = object.entry(name).or_insert_with(|| json!({}));
            if own.is_null() {
                *own = json!({});
            }
            merge(own, value);
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
}

async fn answer(State(fake): State<Fake>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let answer = fake.lock().act(&parts.method, parts.uri.path(), &body);
    let mut response = respond(answer);
    if !fake.dated {
        // hyper adds the time to an answer that has none.
        response.headers_mut().insert("date", "hidden".parse().unwrap());
    }
    response
}

fn respond(answer: Result<Value, (u16, &'static str)>) -> Response {
    match answer {
        Ok(object) => axum::Json(object).into_response(),
        Err((code, message)) => {
            let reason = match code {
                403 => "Forbidden",
                404 => "NotFound",
                409 => "Conflict",
                _ => "InternalError",
            };
            let status = json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
                "message": message, "reason": reason, "code": code });
            let body = Body::from(status.to_string());
            let code = StatusCode::from_u16(code).unwrap();
            (code, [("content-type", "application/json")], body).into_response()
        }
    }
}

fn decode(text: &str) -> Vec<u8> {
    serde_json::from_value::<k8s_openapi::ByteString>(json!(text)).unwrap().0
}
