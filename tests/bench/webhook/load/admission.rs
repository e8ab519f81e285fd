//! One admission: the call and its retries within the deadline.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, timeout_at};

use crate::http2::Streams;
use daemonset_tests::reviews::answer::{Answer, Verdict, verdict};
use daemonset_tests::reviews::bodies::Bodies;
use daemonset_tests::reviews::http1::Pool;

/// client-go's default (k8s.io/client-go/rest.NewRequest).
const RETRIES: usize = 10;

/// How reviews travel.
pub enum Way {
    /// HTTP/1.1.
    One(Arc<Pool>),
    /// HTTP/2.
    Two(Box<Streams>),
}

/// What admissions have in common.
pub struct Caller {
    /// How reviews travel.
    pub way: Way,
    /// What is sent.
    pub bodies: Bodies,
    /// The request line and headers of HTTP/1.1, up to the length.
    pub head: String,
    /// timeoutSeconds.
    pub timeout: Duration,
}

/// How one admission ended.
pub struct Outcome {
    /// What was decided.
    pub verdict: Verdict,
    /// The statuses that were answered before and retried.
    pub retried: Vec<u16>,
    /// How long the last answer was waited for.
    pub last: Duration,
}

impl Caller {
    /// The admission of review `number`, which began at `begun`. Mirrors k8s.io/client-go/rest.Request.request: answers of
    /// 429 and 5xx with a Retry-After are retried, errors of a POST never.
    pub async fn admit(&self, number: u64, begun: Instant) -> Outcome {
        let deadline = begun + self.timeout;
        let mut request = Vec::with_capacity(self.head.len() + 16 + self.bodies.length(number));
        if let Way::One(_) = self.way {
            request.extend_from_slice(self.head.as_bytes());
            request.extend_from_slice(self.bodies.length(number).to_string().as_bytes());
            request.extend_from_slice(b"\r\n\r\n");
        }
        let uid = self.bodies.append(number, &mut request);
        let request = Bytes::from(request);
        let mut retried = Vec::new();
        let mut last = Instant::now();
        let verdict = loop {
            last = last.max(Instant::now());
            let answer = match timeout_at(deadline, self.post(request.clone())).await {
                Ok(Ok(answer)) => answer,
                Ok(Err(error)) => break Verdict::Failed(error),
                Err(_) => break Verdict::Failed(late(&retried)),
            };
            let again = answer.status == 429 || answer.status >= 500;
            match answer.retry_after {
                Some(wait) if again && retried.len() < RETRIES => {
                    retried.push(answer.status);
                    let until = Instant::now() + Duration::from_secs(u64::try_from(wait).unwrap_or(0));
                    if until >= deadline {
                        tokio::time::sleep_until(deadline).await;
                        break Verdict::Failed(late(&retried));
                    }
                    tokio::time::sleep_until(until).await;
                }
                _ => break verdict(&answer, &uid),
            }
        };
        Outcome { verdict, retried, last: last.elapsed() }
    }

    async fn post(&self, request: Bytes) -> Result<Answer, String> {
        match &self.way {
            Way::One(pool) => pool.post(&request).await,
            Way::Two(streams) => streams.post(request).await,
        }
    }
}

fn late(retried: &[u16]) -> String {
    match retried.last() {
        Some(status) => format!("deadline after {status}"),
        None => "deadline".to_owned(),
    }
}
