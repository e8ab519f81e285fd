//! Who may read the metrics: everybody who reaches the listener, or those whose bearer token the API server allows to `get /metrics`.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, header};
use k8s_openapi::api::authentication::v1::{TokenReview, TokenReviewSpec, UserInfo};
use k8s_openapi::api::authorization::v1::{
    NonResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec,
};
use kube::api::PostParams;
use kube::{Api, Client};
use lru::LruCache;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::logs::{Rarely, clipped};

/// How long an answer of the API server is used again. A token that is revoked is accepted this long.
const KEPT: Duration = Duration::from_secs(60);

/// The most tokens of each kind that are remembered. Refused ones are apart, so that invented tokens push no good one out.
const REMEMBERED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(31);

/// The most questions to the API server at once. Further ones wait for their turn.
const AT_ONCE: usize = 4;

/// How long a scrape waits for its turn and for the answer.
const PATIENCE: Duration = Duration::from_secs(4);

/// The longest token that is sent to the API server.
const MAX_TOKEN_BYTES: usize = 12 * 1024;

/// Why the metrics are not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Denied {
    /// There is no bearer token, or the API server does not know it.
    Unknown,
    /// This user may not read the metrics.
    Forbidden(String),
    /// The API server did not answer.
    Undecided,
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => {
                f.write_str("Give a bearer token that the API server knows (--metrics-auth token).")
            }
            Self::Forbidden(user) => write!(
                f,
                "{user:?} may not read the metrics. It needs a ClusterRole with nonResourceURLs [\"/metrics\"] and the verb get."
            ),
            Self::Undecided => {
                f.write_str("The API server does not say whether the token may be used. Try again.")
            }
        }
    }
}

/// Who may read the metrics.
pub(crate) enum Access {
    /// Everybody who reaches the listener.
    Open,
    /// Those whom the API server allows to.
    Token(Box<Reviewer>),
}

impl Access {
    /// Checks the `Authorization` of a request.
    ///
    /// # Errors
    ///
    /// [`Denied`] if the metrics are not shown.
    pub(super) async fn check(&self, headers: &HeaderMap) -> Result<(), Denied> {
        match self {
            Self::Open => Ok(()),
            Self::Token(reviewer) => reviewer.check(bearer(headers).ok_or(Denied::Unknown)?).await,
        }
    }
}

/// The token of `Authorization: Bearer …`.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.len() <= MAX_TOKEN_BYTES)
        .then_some(token)
}

/// Answers that are used again, by token.
type Answers<T> = Mutex<LruCache<String, (Instant, T)>>;

/// Asks the API server about tokens.
pub(crate) struct Reviewer {
    client: Client,
    /// Where the client's connections live. The ops listener has a runtime of its own.
    runtime: Handle,
    allowed: Answers<()>,
    denied: Answers<Denied>,
    turns: Arc<Semaphore>,
}

impl Reviewer {
    /// A reviewer that asks on the current runtime.
    pub(crate) fn new(client: Client) -> Self {
        Self {
            client,
            runtime: Handle::current(),
            allowed: Mutex::new(LruCache::new(REMEMBERED)),
            denied: Mutex::new(LruCache::new(REMEMBERED)),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    async fn check(&self, token: &str) -> Result<(), Denied> {
        if let Some(known) = self.known(token) {
            return known;
        }
        let (client, owned, turns) = (self.client.clone(), token.to_owned(), self.turns.clone());
        let asking = async move {
            let _turn = turns.acquire_owned().await;
            ask(&client, owned).await
        };
        let asked = self.runtime.spawn(tokio::time::timeout(PATIENCE, asking)).await;
        let answer = match asked {
            Ok(Ok(Ok(answer))) => answer,
            Ok(Ok(Err(error))) => return undecided(&error.to_string()),
            Ok(Err(_)) => return undecided("no answer in time"),
            Err(error) => return undecided(&error.to_string()),
        };
        self.remember(token, &answer);
        answer
    }

    /// The answer of the API server, if it is fresh.
    fn known(&self, token: &str) -> Option<Result<(), Denied>> {
        if fresh(&self.allowed, token).is_some() {
            return Some(Ok(()));
        }
        fresh(&self.denied, token).map(Err)
    }

    fn remember(&self, token: &str, answer: &Result<(), Denied>) {
        match answer {
            Ok(()) => keep(&self.allowed, token, ()),
            Err(denied) => keep(&self.denied, token, denied.clone()),
        }
    }
}

fn fresh<T: Clone>(answers: &Answers<T>, token: &str) -> Option<T> {
    let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
    let (since, answer) = answers.get(token)?;
    (since.elapsed() < KEPT).then(|| answer.clone())
}

fn keep<T>(answers: &Answers<T>, token: &str, answer: T) {
    let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
    answers.put(token.to_owned(), (Instant::now(), answer));
}

fn undecided(why: &str) -> Result<(), Denied> {
    static LINE: Rarely = Rarely::every(Duration::from_secs(10));
    if let Some(left_out) = LINE.allows() {
        tracing::warn!(
            left_out,
            "the API server does not say who may read the metrics: {}; --metrics-auth token needs the right to create tokenreviews and \
             subjectaccessreviews",
            clipped(why)
        );
    }
    Err(Denied::Undecided)
}

/// Asks who has a token, and whether they may read the metrics.
async fn ask(client: &Client, token: String) -> kube::Result<Result<(), Denied>> {
    let params = PostParams::default();
    let spec = TokenReviewSpec { token, ..TokenReviewSpec::default() };
    let review = TokenReview { spec, ..TokenReview::default() };
    let status = Api::all(client.clone()).create(&params, &review).await?.status.unwrap_or_default();
    let Some(user) = status.user.filter(|_| status.authenticated == Some(true)) else {
        return Ok(Err(Denied::Unknown));
    };
    let name = clipped(user.username.as_deref().unwrap_or_default()).to_owned();
    let review = SubjectAccessReview { spec: question(user), ..SubjectAccessReview::default() };
    let reviewed: SubjectAccessReview = Api::all(client.clone()).create(&params, &review).await?;
    let allowed = reviewed.status.is_some_and(|status| status.allowed && status.denied != Some(true));
    Ok(if allowed { Ok(()) } else { Err(Denied::Forbidden(name)) })
}

/// Whether a user may `get /metrics`.
fn question(user: UserInfo) -> SubjectAccessReviewSpec {
    SubjectAccessReviewSpec {
        non_resource_attributes: Some(NonResourceAttributes {
            path: Some("/metrics".to_owned()),
            verb: Some("get".to_owned()),
        }),
        user: user.username,
        groups: user.groups,
        uid: user.uid,
        extra: user.extra,
        ..SubjectAccessReviewSpec::default()
    }
}

#[cfg(test)]
mod tests;
