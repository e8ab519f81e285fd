//! The probes of a container, with the API's defaults.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use daemonset_tests::http_client;
use serde_json::Value;

use crate::proxy::on_loopback;

/// A probe and what it has seen.
pub struct Probe {
    path: Option<String>,
    address: Option<SocketAddr>,
    period: Duration,
    timeout: Duration,
    failures_allowed: u64,
    successes_wanted: u64,
    next: Instant,
    failures: u64,
    successes: u64,
    /// What it says: nothing until the thresholds are met.
    pub verdict: Option<bool>,
}

impl Probe {
    /// The probe of a kind, such as `readinessProbe`, if the container has one.
    pub fn of(container: &Value, kind: &str, ip: &str) -> Option<Self> {
        let probe = container.get(kind)?;
        let number = |key: &str, default: u64| probe[key].as_u64().unwrap_or(default);
        let http = probe.get("httpGet");
        let port = &http.or_else(|| probe.get("tcpSocket"))?["port"];
        let port = match port.as_str() {
            Some(name) => {
                let ports = container["ports"].as_array().into_iter().flatten();
                ports.clone().find(|port| port["name"] == name)?["containerPort"].as_u64()?
            }
            None => port.as_u64()?,
        };
        Some(Self {
            path: http.map(|http| http["path"].as_str().unwrap_or("/").to_owned()),
            address: format!("{}:{port}", on_loopback(ip)).parse().ok(),
            period: Duration::from_secs(number("periodSeconds", 10)),
            timeout: Duration::from_secs(number("timeoutSeconds", 1)),
            failures_allowed: number("failureThreshold", 3),
            successes_wanted: number("successThreshold", 1),
            next: Instant::now() + Duration::from_secs(number("initialDelaySeconds", 0)),
            failures: 0,
            successes: 0,
            verdict: None,
        })
    }

    /// Probes if it is time to. Whether the verdict changed.
    pub async fn tick(&mut self) -> bool {
        if Instant::now() < self.next {
            return false;
        }
        self.next = Instant::now() + self.period;
        let well = match (self.address, &self.path) {
            (Some(address), Some(path)) => http_client::get(address, path, self.timeout)
                .await
                .is_ok_and(|(status, _)| (200..400).contains(&status)),
            (Some(address), None) => {
                let connect = tokio::net::TcpStream::connect(address);
                tokio::time::timeout(self.timeout, connect).await.is_ok_and(|stream| stream.is_ok())
            }
            _ => false,
        };
        (self.successes, self.failures) = if well { (self.successes + 1, 0) } else { (0, self.failures + 1) };
        let before = self.verdict;
        if self.successes >= self.successes_wanted {
            self.verdict = Some(true);
        } else if self.failures >= self.failures_allowed {
            self.verdict = Some(false);
        }
        self.verdict != before
    }
}
