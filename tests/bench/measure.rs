//! How the benchmarks measure. Each of them includes this file.

use std::time::{Duration, Instant};

/// Runs `work` for about a second and prints the median of ten rounds.
pub(crate) fn measure(name: &str, mut work: impl FnMut()) {
    const ROUNDS: usize = 10;
    let started = Instant::now();
    let mut count: u32 = 0;
    while started.elapsed() < Duration::from_millis(100) {
        work();
        count += 1;
    }
    let mut rounds: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            for _ in 0..count {
                work();
            }
            started.elapsed() / count
        })
        .collect();
    rounds.sort_unstable();
    println!("{name:56} {:8.1} µs", rounds[ROUNDS / 2].as_secs_f64() * 1e6);
}
