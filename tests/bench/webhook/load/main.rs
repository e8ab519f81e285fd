//! Sends admission reviews on loopback as kube-apiserver does, up to a limit, and prints one line of JSON.

mod admission;
mod args;
mod histogram;
mod http2;
mod tally;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clap::Parser;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::admission::{Caller, Way};
use crate::args::Args;
use crate::tally::{Tally, Times};
use daemonset_tests::reviews::{bodies, http1, tls};

/// What kube-apiserver's client of webhooks calls itself.
const USER_AGENT: &str = "kube-apiserver-admission";

/// A load that is going on.
struct Load {
    args: Args,
    caller: Caller,
    tally: Mutex<Tally>,
    next: AtomicU64,
    turned_away: AtomicU64,
    start: Instant,
    counted_from: Instant,
    end: Instant,
}

fn main() -> std::process::ExitCode {
    match run(Args::parse()) {
        Ok(true) => std::process::ExitCode::SUCCESS,
        Ok(false) => std::process::ExitCode::from(1),
        Err(error) => {
            eprintln!("review-load: {error}");
            std::process::ExitCode::from(2)
        }
    }
}

fn run(args: Args) -> Result<bool, String> {
    let runtime = if args.threads <= 1 {
        tokio::runtime::Builder::new_current_thread().enable_all().build()
    } else {
        tokio::runtime::Builder::new_multi_thread().worker_threads(args.threads).enable_all().build()
    }
    .map_err(|error| error.to_string())?;
    runtime.block_on(drive(args))
}

async fn drive(args: Args) -> Result<bool, String> {
    if !matches!(args.expect.as_str(), "allowed" | "denied" | "any") {
        return Err(format!("--expect {}: allowed, denied or any", args.expect));
    }
    let target = format!("{}?timeout={}s", args.path, args.timeout);
    let protocol: &[u8] = if args.http == 2 { b"h2" } else { b"http/1.1" };
    let dialer = tls::Dialer::new(args.address, &args.server_name, args.ca.clone(), protocol)?;
    let dialer = match (&args.client_cert, &args.client_key) {
        (Some(chain), Some(key)) => dialer.with_client(tls::client(chain, key)?)?,
        _ => dialer,
    };
    let way = if args.http == 2 {
        let url = format!("https://{}:{}{target}", args.server_name, args.address.port());
        Way::Two(Box::new(http2::Streams::new(dialer, args.connections.unwrap_or(1), url)))
    } else {
        // Reviews of a closed loop keep their connections; an open loop is kept from eating every port.
        let keep = if args.rate.is_some() { args.idle } else { args.at_once };
        let slots = args.connections.unwrap_or(if args.rate.is_some() { 600 } else { args.at_once });
        Way::One(http1::Pool::new(dialer, slots.max(1), keep, args.reviews_per_connection))
    };
    let head = format!(
        "POST {target} HTTP/1.1\r\nHost: {}:{}\r\nUser-Agent: {USER_AGENT}\r\nAccept: application/json, */*\r\nContent-Type: application/json\r\nAccept-Encoding: gzip\r\nContent-Length: ",
        args.server_name,
        args.address.port()
    );
    let bodies = bodies::Bodies::new(&args.body, args.seed)?;
    let bodies = if args.fresh_specs { bodies.with_fresh_specs()? } else { bodies };
    let body_bytes = bodies.mean();
    let start = Instant::now();
    let load = Arc::new(Load {
        caller: Caller { way, bodies, head, timeout: Duration::from_secs(args.timeout) },
        tally: Mutex::default(),
        next: AtomicU64::new(0),
        turned_away: AtomicU64::new(0),
        start,
        counted_from: start + Duration::from_secs_f64(args.warm_up),
        end: start + Duration::from_secs_f64(args.warm_up + args.seconds),
        args,
    });
    let spinning = load.args.spin.then(|| {
        tokio::spawn(async {
            loop {
                tokio::task::yield_now().await;
            }
        })
    });
    match load.args.rate {
        Some(rate) => open_loop(&load, rate).await,
        None => closed_loop(&load).await,
    }
    if let Some(spinning) = spinning {
        spinning.abort();
    }
    let counted = Instant::now().min(load.end).saturating_duration_since(load.counted_from);
    let (opened, served) = match &load.caller.way {
        Way::One(pool) => (pool.opened(), pool.dialer().served()),
        Way::Two(streams) => (streams.opened(), streams.dialer().served()),
    };
    let tally = load.tally.lock().unwrap_or_else(PoisonError::into_inner);
    let mut report = tally.report(counted);
    report["http"] = json!(load.args.http);
    report["loop"] = match load.args.rate {
        Some(rate) => json!({ "open": rate }),
        None => json!({ "closed": load.args.at_once }),
    };
    report["turnedAway"] = json!(load.turned_away.load(Ordering::Relaxed));
    report["bodyBytes"] = json!(body_bytes);
    report["connectionsOpened"] = json!(opened);
    report["certificates"] = served
        .into_iter()
        .map(|(serial, seen)| {
            json!({ "serial": serial, "handshakes": seen.handshakes, "firstAtSecond": seen.first, "lastAtSecond": seen.last })
        })
        .collect();
    println!("{report}");
    Ok(!load.args.strict || tally.failures() == 0)
}

/// So many reviews at a time; each task sends the next when its last one is decided.
async fn closed_loop(load: &Arc<Load>) {
    let mut tasks = JoinSet::new();
    for _ in 0..load.args.at_once {
        let load = Arc::clone(load);
        tasks.spawn(async move {
            while Instant::now() < load.end {
                let number = load.next.fetch_add(1, Ordering::Relaxed);
                if number >= load.args.reviews {
                    break;
                }
                load.admit(number, Instant::now()).await;
            }
        });
    }
    tasks.join_all().await;
}

/// Reviews at their intended moments, whatever became of those before. A thread keeps the time, since the runtime's
/// timers count in milliseconds.
async fn open_loop(load: &Arc<Load>, rate: f64) {
    let (send, mut moments) = tokio::sync::mpsc::unbounded_channel();
    let (start, end, reviews) = (load.start, load.end, load.args.reviews);
    let pacer = std::thread::spawn(move || {
        for number in 0..reviews {
            let intended = start + Duration::from_secs_f64(number as f64 / rate);
            if intended >= end {
                break;
            }
            let wait = intended.saturating_duration_since(Instant::now());
            if !wait.is_zero() {
                std::thread::sleep(wait);
            }
            if send.send((number, intended)).is_err() {
                break;
            }
        }
    });
    let mut tasks = JoinSet::new();
    let most = load.args.turn_away_beyond.unwrap_or(usize::MAX);
    // All moments that have come, and then those under way get the thread again: one at a time, what is turned away would
    // pile up here until its deadline.
    let mut come = Vec::new();
    while moments.recv_many(&mut come, usize::MAX).await > 0 {
        while tasks.try_join_next().is_some() {}
        for (number, intended) in come.drain(..) {
            if tasks.len() >= most {
                load.turned_away.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            let load = Arc::clone(load);
            tasks.spawn(async move { load.admit(number, intended).await });
        }
        tokio::task::yield_now().await;
    }
    tasks.join_all().await;
    let _ = pacer.join();
}

impl Load {
    async fn admit(&self, number: u64, intended: Instant) {
        let late = intended.elapsed();
        let outcome = self.caller.admit(number, intended).await;
        let times =
            Times { begun: intended.saturating_duration_since(self.start), late, whole: intended.elapsed() };
        if intended >= self.counted_from {
            self.tally.lock().unwrap_or_else(PoisonError::into_inner).record(
                outcome,
                &times,
                &self.args.expect,
            );
        }
    }
}
