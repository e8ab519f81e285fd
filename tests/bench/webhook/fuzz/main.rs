//! Sends hostile reviews: `review-fuzz --number 1000000` calls the router in this process, or, with `--address`, a running webhook over
//! TLS. Prints the answers, each fault and the memory. Exit status 1 if there is a fault.

mod raw;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use daemonset_tests::reviews::answer::Answer;
use daemonset_tests::reviews::hostile::{Hostile, Request, fault, text};
use daemonset_tests::reviews::http1::Pool;
use daemonset_tests::reviews::in_process::InProcess;
use daemonset_tests::reviews::tls::Dialer;
use daemonset_validation::Server;

/// Sends malformed and hostile reviews.
#[derive(Parser)]
#[command(name = "review-fuzz")]
struct Args {
    /// How many.
    #[arg(long, default_value_t = 10_000)]
    number: u64,
    /// The first of them, to ask again what was found.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Which.
    #[arg(long, default_value_t = 20_261_126)]
    seed: u64,
    /// A webhook that runs, instead of the router in this process.
    #[arg(long, requires = "ca", requires = "pid")]
    address: Option<SocketAddr>,
    /// Its certificate authority.
    #[arg(long)]
    ca: Option<PathBuf>,
    /// Its name in the certificate.
    #[arg(long, default_value = "localhost")]
    server_name: String,
    /// Its process, for its memory.
    #[arg(long)]
    pid: Option<u32>,
    /// So many rounds of hostile bytes below HTTP, besides.
    #[arg(long, default_value_t = 0)]
    raw: usize,
    /// MiB by which a webhook's own process may grow from the second fifth of the run to its last.
    #[arg(long, default_value_t = 8.0)]
    growth: f64,
}

/// The largest body, in bytes, that a webhook takes unless it is told otherwise.
const MOST: usize = 8 << 20;

enum Target {
    Here(Box<[InProcess; 2]>),
    There(Arc<Pool>),
}

fn main() -> std::process::ExitCode {
    let args = Args::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime.map_err(|error| error.to_string()).and_then(|runtime| runtime.block_on(run(&args))) {
        Ok(true) => std::process::ExitCode::SUCCESS,
        Ok(false) => std::process::ExitCode::from(1),
        Err(error) => {
            eprintln!("review-fuzz: {error}");
            std::process::ExitCode::from(2)
        }
    }
}

async fn run(args: &Args) -> Result<bool, String> {
    let target = match (&args.address, &args.ca) {
        (Some(address), Some(ca)) => {
            let dialer = Dialer::new(*address, &args.server_name, ca.clone(), b"http/1.1")?;
            Target::There(Pool::new(dialer, 1, 1, 1000))
        }
        _ => Target::Here(Box::new([InProcess::by_default(), InProcess::denying()])),
    };
    let hostile = Hostile::new(Server::supported().len() - 1, args.seed);
    let mut answered: BTreeMap<(&str, String), u64> = BTreeMap::new();
    let (mut resident, step) = (Resident::default(), args.number.div_ceil(100).max(1));
    let (mut faults, start) = (0, Instant::now());
    for number in args.first..args.first.saturating_add(args.number) {
        let request = hostile.request(number);
        let answer = tokio::time::timeout(Duration::from_secs(30), send(&target, number, &request)).await;
        let (what, wrong) = match &answer {
            Err(_) => ("none in time".to_owned(), Some("no answer in 30 s".to_owned())),
            Ok(None) => ("not sent".to_owned(), None),
            // A server may hang up on who goes on sending more than it takes; everybody else must be answered.
            Ok(Some(Err(error))) => (error.clone(), (request.body.len() <= MOST).then(|| error.clone())),
            Ok(Some(Ok(answer))) => (answer.status.to_string(), fault(&request, answer)),
        };
        *answered.entry((request.kind, what)).or_default() += 1;
        if let Some(wrong) = wrong {
            faults += 1;
            if faults <= 20 {
                let body = String::from_utf8_lossy(&request.body[..request.body.len().min(300)]);
                let (kind, target, size) = (request.kind, &request.target, request.body.len());
                println!("FAULT {number} ({kind}, {target}, {size} bytes): {wrong}\n  {body}");
            }
        }
        if (number + 1 - args.first).is_multiple_of(step) {
            resident.0.push(memory(args.pid));
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("{} requests in {seconds:.0} s ({:.0}/s)", args.number, args.number as f64 / seconds);
    for ((kind, what), count) in &answered {
        println!("{count:>9}  {kind}: {what}");
    }
    if let (Some(address), Some(ca)) = (args.address, &args.ca) {
        for round in 0..args.raw {
            faults += raw::round(address, ca, &args.server_name, round == 0).await?;
        }
    }
    if let Target::Here(webhooks) = &target {
        for webhook in webhooks.iter() {
            let panics = webhook.panics();
            println!("{panics}");
            faults += u64::from(!panics.ends_with(" 0"));
        }
    }
    println!("resident memory: {resident}, {:.1} MiB at the end", memory(args.pid));
    // In this process the generator's own bodies of many megabytes are most of it.
    let grown = resident.grown().filter(|grown| args.pid.is_some() && *grown > args.growth);
    if let Some(grown) = grown {
        println!("FAULT: memory grew by {grown:.1} MiB");
        faults += 1;
    }
    println!("{faults} faults");
    Ok(faults == 0)
}

/// The answer; an error where the connection ended without one.
async fn send(target: &Target, number: u64, request: &Request) -> Option<Result<Answer, String>> {
    match target {
        Target::Here(webhooks) => {
            let pieces = if number % 8 == 5 { 1 + request.body.len() / 5 } else { 0 };
            webhooks[(number & 1) as usize].ask(request, pieces).await.map(Ok)
        }
        Target::There(pool) => {
            let text = text(request, number % 8 == 5);
            match pool.post(&text).await {
                // The request before may have been refused without being read, and then its connection ends. What a new
                // connection does not answer either is a fault.
                Err(_) => Some(pool.post(&text).await),
                answered => Some(answered),
            }
        }
    }
}

/// Resident memory in MiB, a hundred times in a run. A body of megabytes shows for a while, so what counts is the least of a fifth.
#[derive(Default)]
struct Resident(Vec<f64>);

impl Resident {
    /// The least and the most of each fifth.
    fn fifths(&self) -> impl Iterator<Item = (f64, f64)> {
        self.0.chunks(self.0.len().div_ceil(5).max(1)).map(|fifth| {
            let least = fifth.iter().copied().fold(f64::INFINITY, f64::min);
            (least, fifth.iter().copied().fold(0.0, f64::max))
        })
    }

    /// What the last fifth has more than the second, at least.
    fn grown(&self) -> Option<f64> {
        let least: Vec<_> = self.fifths().map(|(least, _)| least).collect();
        Some(least.last()? - least.get(1)?)
    }
}

impl std::fmt::Display for Resident {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let told: Vec<_> = self.fifths().map(|(least, most)| format!("{least:.1}–{most:.1}")).collect();
        write!(f, "{} MiB in the fifths of the run", told.join(", "))
    }
}

/// Resident memory of a process, or of this one, in MiB.
fn memory(pid: Option<u32>) -> f64 {
    let pid = pid.map_or("self".to_owned(), |pid| pid.to_string());
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}
