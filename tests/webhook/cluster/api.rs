//! A client of the API server: JSON in, JSON out, by the URL of an object.

use std::path::Path;
use std::time::{Duration, Instant};

use http::{Method, Request};
use http_body_util::BodyExt;
use kube::client::Body;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde_json::{Value, json};

/// What the API server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub code: u16,
    /// What it warned about, without the header's frame.
    pub warnings: Vec<String>,
    /// The body; its text where it is no JSON.
    pub body: Value,
}

impl Answer {
    /// Whether the call was accepted.
    pub fn accepted(&self) -> bool {
        (200..300).contains(&self.code)
    }

    /// The message of a refusal.
    pub fn message(&self) -> String {
        self.body["message"].as_str().map_or_else(|| self.body.to_string(), str::to_owned)
    }
}

/// A client of one user.
#[derive(Clone)]
pub struct ApiClient {
    /// The client itself, for watches.
    pub client: Client,
}

impl ApiClient {
    /// The api of the user whom a kubeconfig names.
    pub async fn open(kubeconfig: &Path) -> Result<Self, String> {
        let file = Kubeconfig::read_from(kubeconfig).map_err(|error| error.to_string())?;
        Self::connect(file, None).await
    }

    /// The same, in the name of somebody who may do everything: reviews then carry this user.
    pub async fn open_as(kubeconfig: &Path, user: &str) -> Result<Self, String> {
        let file = Kubeconfig::read_from(kubeconfig).map_err(|error| error.to_string())?;
        Self::connect(file, Some(user)).await
    }

    async fn connect(file: Kubeconfig, user: Option<&str>) -> Result<Self, String> {
        let config = Config::from_custom_kubeconfig(file, &KubeConfigOptions::default()).await;
        let mut config = config.map_err(|error| error.to_string())?;
        if let Some(user) = user {
            config.auth_info.impersonate = Some(user.to_owned());
            config.auth_info.impersonate_groups = Some(vec!["system:masters".to_owned()]);
        }
        let client = Client::try_from(config).map_err(|error| error.to_string())?;
        Ok(Self { client })
    }

    /// Sends a request; an error is one of the connection, not of the server's answer.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        kind: &str,
        body: Vec<u8>,
    ) -> Result<Answer, String> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("Content-Type", kind)
            .header("Accept", "application/json")
            .body(Body::from(body))
            .map_err(|error| error.to_string())?;
        let response = self.client.send(request).await.map_err(|error| format!("{path}: {error}"))?;
        let code = response.status().as_u16();
        let warnings = response
            .headers()
            .get_all("warning")
            .iter()
            // Headers carry UTF-8 here, such as the ellipsis of a warning that was cut.
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .map(|value| value.trim_start_matches("299 - ").trim_matches('"').replace("\\\"", "\""))
            .collect();
        let bytes =
            response.into_body().collect().await.map_err(|error| format!("{path}: {error}"))?.to_bytes();
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        Ok(Answer { code, warnings, body })
    }

    /// An object or a list; `None` where there is none.
    pub async fn get(&self, path: &str) -> Result<Option<Value>, String> {
        let answer = self.send(Method::GET, path, "application/json", Vec::new()).await?;
        match answer.code {
            404 => Ok(None),
            _ if answer.accepted() => Ok(Some(answer.body)),
            code => Err(format!("GET {path}: {code} {}", answer.message())),
        }
    }

    /// The items of a list; none where the kind is unknown.
    pub async fn list(&self, path: &str) -> Result<Vec<Value>, String> {
        let list = self.get(path).await?.unwrap_or_default();
        Ok(list["items"].as_array().cloned().unwrap_or_default())
    }

    /// Posts an object below `path`.
    pub async fn post(&self, path: &str, object: &Value) -> Result<Answer, String> {
        self.send(Method::POST, path, "application/json", object.to_string().into_bytes()).await
    }

    /// Posts an object and expects that it is accepted.
    pub async fn create(&self, path: &str, object: &Value) -> Result<Value, String> {
        let answer = self.post(path, object).await?;
        if answer.accepted() {
            Ok(answer.body)
        } else {
            Err(format!("POST {path}: {} {}", answer.code, answer.message()))
        }
    }

    /// A merge patch.
    pub async fn merge(&self, path: &str, patch: &Value) -> Result<Answer, String> {
        let body = patch.to_string().into_bytes();
        self.send(Method::PATCH, path, "application/merge-patch+json", body).await
    }

    /// Deletes an object; that it is gone already is fine.
    pub async fn delete(&self, path: &str, grace: Option<u32>) -> Result<Answer, String> {
        let mut options = json!({ "propagationPolicy": "Background" });
        if let Some(grace) = grace {
            options["gracePeriodSeconds"] = json!(grace);
        }
        self.send(Method::DELETE, path, "application/json", options.to_string().into_bytes()).await
    }

    /// A metric page of the API server itself.
    pub async fn metrics(&self) -> Result<String, String> {
        let request = Request::get("/metrics").body(Vec::new()).map_err(|error| error.to_string())?;
        self.client.request_text(request).await.map_err(|error| error.to_string())
    }
}

/// Asks again and again until there is an answer; `what` is said where there is none in time.
pub async fn until<T, F: Future<Output = Result<Option<T>, String>>>(
    what: &str,
    within: Duration,
    mut ask: impl FnMut() -> F,
) -> Result<T, String> {
    let start = Instant::now();
    let mut last = String::new();
    loop {
        match ask().await {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => {}
            Err(error) => last = format!(" ({error})"),
        }
        if start.elapsed() > within {
            return Err(format!("{what}: not within {:.0} s{last}", within.as_secs_f64()));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The sum of a metric's samples that hold all of the words, on a page of Prometheus' text format.
pub fn sum(page: &str, metric: &str, words: &[&str]) -> f64 {
    let samples = page.lines().filter(|line| {
        line.strip_prefix(metric).is_some_and(|rest| rest.starts_with(['{', ' ']))
            && words.iter().all(|word| line.contains(word))
    });
    // An empty sum of floats would be -0.
    samples
        .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
        .fold(0.0, |sum, value| sum + value)
}
