//! The time by which certificates are made and judged: the API server's, because it is the API server that checks them.
//!
//! The API server's time is read from the `Date` header of its answers. Between answers it is carried on with a monotonic clock, so a wrong
//! or jumping clock of this node has no effect once an answer was seen. Before that, and without a cluster, this node's clock is used.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwapOption;
use http::{HeaderMap, StatusCode, header};
use kube::Client;

/// A difference between this node's clock and the API server's is logged from this many seconds on.
const NOTABLE: i64 = 60;

/// A time that the API server has told, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerTime {
    seconds: i64,
    seen: Duration,
}

impl ServerTime {
    /// `seconds`: the API server's time in Unix seconds. `seen`: a monotonic clock when its answer arrived.
    pub fn new(seconds: i64, seen: Duration) -> ServerTime {
        ServerTime { seconds, seen }
    }

    /// The API server's time (Unix seconds) when the same monotonic clock says `monotonic`.
    pub fn at(self, monotonic: Duration) -> i64 {
        let since = monotonic.saturating_sub(self.seen).as_secs();
        self.seconds.saturating_add(i64::try_from(since).unwrap_or(i64::MAX))
    }
}

/// The API server's time if it is known, else this node's. Clones share what they know.
#[derive(Clone)]
pub struct Clock {
    shared: Arc<Shared>,
}

struct Shared {
    started: Instant,
    own: Box<dyn Fn() -> i64 + Send + Sync>,
    server: ArcSwapOption<ServerTime>,
    /// The difference that was logged last, in seconds; 0 if none was.
    logged: AtomicI64,
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Clock").field("server", &self.shared.server.load()).finish_non_exhaustive()
    }
}

impl Default for Clock {
    /// Begins with the system's clock.
    fn default() -> Clock {
        Clock::with(system)
    }
}

impl Clock {
    /// Begins with a clock of your own: Unix seconds.
    pub fn with(own: impl Fn() -> i64 + Send + Sync + 'static) -> Clock {
        Clock {
            shared: Arc::new(Shared {
                started: Instant::now(),
                own: Box::new(own),
                server: ArcSwapOption::empty(),
                logged: AtomicI64::new(0),
            }),
        }
    }

    /// The time in Unix seconds: the API server's if it is known, else this node's.
    pub fn now(&self) -> i64 {
        self.server().unwrap_or_else(|| (self.shared.own)())
    }

    /// How many seconds this node's clock is ahead of the API server's (negative: behind); `None` while the API server's is not known.
    pub fn ahead(&self) -> Option<i64> {
        self.server().map(|server| (self.shared.own)().saturating_sub(server))
    }

    fn server(&self) -> Option<i64> {
        let server = self.shared.server.load();
        server.as_ref().map(|server| server.at(self.shared.started.elapsed()))
    }

    /// A client whose answers set this clock. Requests and answers are those of `client`.
    ///
    /// Must be called within a Tokio runtime.
    pub fn observe(&self, client: Client) -> Client {
        let namespace = client.default_namespace().to_owned();
        let until = *client.valid_until();
        let clock = self.clone();
        let service = tower::service_fn(move |request| {
            let (client, clock) = (client.clone(), clock.clone());
            async move {
                let answer = client.send(request).await?;
                clock.read(answer.status(), answer.headers());
                Ok::<_, kube::Error>(answer)
            }
        });
        Client::new(service, namespace).with_valid_until(until)
    }

    /// Reads the `Date` of an answer. A server error may come from a proxy with a clock of its own, so it is not read.
    fn read(&self, status: StatusCode, headers: &HeaderMap) {
        if status.is_server_error() {
            return;
        }
        let date = headers.get(header::DATE).and_then(|date| date.to_str().ok());
        let Some(date) = date.and_then(|date| httpdate::parse_http_date(date).ok()) else { return };
        let server = ServerTime::new(unix(date), self.shared.started.elapsed());
        self.shared.server.store(Some(Arc::new(server)));
        self.compare();
    }

    /// Logs a large difference between the clocks, once for each change.
    fn compare(&self) {
        let Some(ahead) = self.ahead() else { return };
        let before = self.shared.logged.load(Ordering::Relaxed);
        let notable = if ahead.saturating_abs() >= NOTABLE { ahead } else { 0 };
        if notable.saturating_sub(before).saturating_abs() < NOTABLE && (notable == 0) == (before == 0) {
            return;
        }
        if self.shared.logged.swap(notable, Ordering::Relaxed) != before {
            return;
        }
        if notable == 0 {
            tracing::info!("this node's clock agrees with the API server's again");
        } else {
            let (seconds, side) = (ahead.unsigned_abs(), if ahead > 0 { "ahead of" } else { "behind" });
            tracing::warn!(
                "this node's clock is {seconds} s {side} the API server's; certificates follow the API server's. Check the time \
                 synchronisation of the node"
            );
        }
    }
}

/// This node's time in Unix seconds.
pub(crate) fn system() -> i64 {
    unix(SystemTime::now())
}

fn unix(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    /// 1 December 2026, noon.
    const DATE: (&str, i64) = ("Tue, 01 Dec 2026 12:00:00 GMT", 1_796_126_400);

    fn seen(clock: &Clock, status: u16, date: &'static str) {
        let headers = HeaderMap::from_iter([(header::DATE, HeaderValue::from_static(date))]);
        clock.read(StatusCode::from_u16(status).unwrap(), &headers);
    }

    #[test]
    fn this_nodes_clock_counts_until_the_api_server_has_told_its_own() {
        let clock = Clock::with(|| 77);
        assert_eq!((clock.now(), clock.ahead()), (77, None));
        seen(&clock, 502, DATE.0);
        seen(&clock, 200, "yesterday");
        assert_eq!(clock.now(), 77, "neither an error of a proxy nor nonsense is a time");
        seen(&clock, 404, DATE.0);
        assert!((0..5).contains(&(clock.now() - DATE.1)));
        let copy = clock.clone();
        assert!((0..5).contains(&(copy.now() - DATE.1)), "clones share what they know");
        assert!(clock.ahead().is_some_and(|ahead| ahead < -1_000_000));
    }

    #[test]
    fn between_answers_the_time_follows_the_monotonic_clock() {
        let told = ServerTime::new(1000, Duration::from_secs(5));
        assert_eq!(told.at(Duration::from_secs(65)), 1060);
        assert_eq!(told.at(Duration::from_secs(4)), 1000, "it does not go back");
        assert_eq!(ServerTime::new(i64::MAX, Duration::ZERO).at(Duration::MAX), i64::MAX);
    }

    #[test]
    fn a_wrong_clock_is_logged_once_for_each_change() {
        let own = Arc::new(AtomicI64::new(0));
        let clock = Clock::with({
            let own = own.clone();
            move || DATE.1 + own.load(Ordering::Relaxed)
        });
        let logged = |seconds: i64| {
            own.store(seconds, Ordering::Relaxed);
            seen(&clock, 200, DATE.0);
            clock.shared.logged.load(Ordering::Relaxed)
        };
        assert_eq!(logged(5), 0);
        assert_eq!(logged(3600), 3600);
        assert_eq!(logged(3610), 3600, "nearly the same difference is not logged again");
        assert_eq!(logged(-3600), -3600);
        assert_eq!(logged(3), 0);
    }
}
