//! Readiness: its conditions, and what they say.

mod certificate;
mod check;

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use daemonset_certs::Clock;

use crate::config::{Instead, Refused};
use crate::logs::clipped;
use crate::metrics::Part;
use crate::supervise::Supervisor;
pub(crate) use certificate::Certificate;
use certificate::Certified;
pub(crate) use check::Check;

/// How long after the start a cold cache keeps the replica unready: during a rollout, older replicas with a warm cache can answer instead.
/// After that, an answer without placement is better than none.
const CACHE_GRACE: Duration = Duration::from_secs(5);

/// The state of the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CacheState {
    /// There is no cache (`--cache off`).
    Off,
    /// Some kinds are not listed yet, or may not be listed.
    Cold {
        /// Each missing kind, and why it is missing.
        missing: Vec<String>,
    },
    /// All kinds are listed.
    Ready,
}

type AskCache = Box<dyn Fn() -> CacheState + Send + Sync>;

type AskCallers = Box<dyn Fn() -> bool + Send + Sync>;

type AskConfig = Box<dyn Fn() -> Option<Refused> + Send + Sync>;

/// The conditions of readiness. Shared behind an `Arc`; each part of the webhook sets its own condition.
pub(crate) struct Health {
    started: Instant,
    listening: AtomicBool,
    draining: AtomicBool,
    certified: Certified,
    /// The time by which the certificate is judged.
    clock: Clock,
    cache: OnceLock<AskCache>,
    config: OnceLock<AskConfig>,
    callers: OnceLock<AskCallers>,
    parts: OnceLock<Supervisor>,
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Health")
            .field("draining", &self.draining)
            .field("certified", &self.certified)
            .finish()
    }
}

impl Default for Health {
    fn default() -> Self {
        Self::new(Clock::default())
    }
}

/// The readiness of the replica.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Readiness {
    /// All checks, always in the same order.
    pub(crate) checks: Vec<Check>,
}

impl Readiness {
    /// Whether all checks hold.
    pub(crate) fn is_ready(&self) -> bool {
        self.checks.iter().all(|check| check.ok)
    }
}

impl fmt::Display for Readiness {
    /// The format of kube-apiserver's `/readyz?verbose`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for check in &self.checks {
            let (mark, word) = if check.ok { ('+', "ok") } else { ('-', "failed") };
            writeln!(f, "[{mark}]{} {word}: {}", check.name, check.why)?;
        }
        writeln!(f, "readyz check {}", if self.is_ready() { "passed" } else { "failed" })
    }
}

impl Health {
    /// A replica that has just started: it does not listen and has no certificate and no cache. `clock` is the time by which the certificate is
    /// judged.
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            started: Instant::now(),
            listening: AtomicBool::new(false),
            draining: AtomicBool::new(false),
            certified: Certified::default(),
            clock,
            cache: OnceLock::new(),
            config: OnceLock::new(),
            callers: OnceLock::new(),
            parts: OnceLock::new(),
        }
    }

    /// The listener for reviews is open.
    pub(crate) fn listening(&self) {
        self.listening.store(true, Ordering::Release);
    }

    /// The replica is shutting down: it still answers, but is unready.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Whether the replica is shutting down.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    /// Sets the served certificate; `None` without one.
    pub(crate) fn certificate(&self, certificate: Option<Certificate>) {
        self.certified.set(certificate);
    }

    /// Registers a function that returns the state of the cache; it is called for each probe. Only the first registration counts. Without one,
    /// the cache is off.
    pub(crate) fn ask_cache(&self, state: impl Fn() -> CacheState + Send + Sync + 'static) {
        let _ = self.cache.set(Box::new(state));
    }

    /// Registers a function that returns the config file if it is not in use. Only the first registration counts. Without one, there is no
    /// config file.
    pub(crate) fn ask_config(&self, refused: impl Fn() -> Option<Refused> + Send + Sync + 'static) {
        let _ = self.config.set(Box::new(refused));
    }

    /// Registers a function that returns whether there are CA certificates of clients. Only the first registration counts. Without one, clients
    /// need no certificate.
    pub(crate) fn ask_callers(&self, usable: impl Fn() -> bool + Send + Sync + 'static) {
        let _ = self.callers.set(Box::new(usable));
    }

    /// Registers who knows whether the background parts run. Only the first registration counts.
    pub(crate) fn ask_supervisor(&self, supervisor: Supervisor) {
        let _ = self.parts.set(supervisor);
    }

    /// Why only a new process helps, if parts without which no review or probe is answered keep failing.
    pub(crate) fn dead(&self) -> Option<String> {
        let dead: Vec<Part> = self.failing().into_iter().filter(|part| part.is_vital()).collect();
        (!dead.is_empty())
            .then(|| format!("{} failed several times in a row; the process must be restarted", names(&dead)))
    }

    fn failing(&self) -> Vec<Part> {
        self.parts.get().map(Supervisor::failing).unwrap_or_default()
    }

    /// The readiness now.
    pub(crate) fn readiness(&self) -> Readiness {
        self.readiness_at(self.clock.now(), self.started.elapsed())
    }

    /// The readiness at `now` (Unix seconds), when the replica has been `up` this long.
    fn readiness_at(&self, now: i64, up: Duration) -> Readiness {
        let cache = self.cache.get().map_or(CacheState::Off, |state| state());
        let checks = vec![
            self.listener(),
            self.drained(),
            self.certified.check(now),
            cached(&cache, up),
            configured(self.config.get().map(|refused| refused())),
            admitted(self.callers.get().map(|usable| usable())),
            running(&self.failing()),
        ];
        Readiness { checks }
    }

    fn listener(&self) -> Check {
        let ok = self.listening.load(Ordering::Acquire);
        let why =
            if ok { "the listener for reviews is open" } else { "the listener for reviews is not open yet" };
        Check { name: "listener", ok, why: why.to_owned() }
    }

    fn drained(&self) -> Check {
        let ok = !self.is_draining();
        let why =
            if ok { "not shutting down" } else { "shutting down: reviews in flight are still answered" };
        Check { name: "shutdown", ok, why: why.to_owned() }
    }
}

fn cached(state: &CacheState, up: Duration) -> Check {
    let (ok, why) = match state {
        CacheState::Off => (true, "off: placement is not checked".to_owned()),
        CacheState::Ready => (true, "warm: placement is checked".to_owned()),
        CacheState::Cold { missing } => {
            let missing = if missing.is_empty() { "everything".to_owned() } else { missing.join(", ") };
            if up < CACHE_GRACE {
                let left = CACHE_GRACE.saturating_sub(up).as_secs().saturating_add(1);
                (false, format!("cold, missing: {missing}; the replica becomes ready without it in {left} s"))
            } else {
                (true, format!("cold, missing: {missing}; reviews are answered without placement"))
            }
        }
    };
    Check { name: "cache", ok, why }
}

/// A config file with errors does not make the replica unready: all replicas read the same file, and without them there is no admission.
fn configured(refused: Option<Option<Refused>>) -> Check {
    let why = match refused {
        None => "no config file: the defaults are in use".to_owned(),
        Some(None) => "the config file is in use".to_owned(),
        Some(Some(Refused { errors, instead })) => {
            let instead = match instead {
                Instead::Previous => "the previous one stays in use",
                Instead::Defaults => "the defaults are in use, which deny nothing",
            };
            format!("refused, and {instead}: {}", clipped(&errors))
        }
    };
    Check { name: "config", ok: true, why }
}

/// Without a CA no review is accepted, so another replica should get it.
fn admitted(usable: Option<bool>) -> Check {
    let (ok, why) = match usable {
        None => (true, "off: clients need no certificate"),
        Some(true) => (true, "clients need a certificate of --client-ca"),
        Some(false) => {
            (false, "the file of --client-ca has no usable CA certificate, so no client is accepted")
        }
    };
    Check { name: "client-ca", ok, why: why.to_owned() }
}

fn running(failing: &[Part]) -> Check {
    let ok = failing.is_empty();
    let why = if ok {
        "all background parts run".to_owned()
    } else {
        format!("{} failed several times in a row; the log has the errors", names(failing))
    };
    Check { name: "parts", ok, why }
}

/// The names of parts, with commas.
fn names(parts: &[Part]) -> String {
    parts.iter().map(|part| part.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
