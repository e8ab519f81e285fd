//! Measures whether work and memory grow with the input, and not faster.
//!
//! Work is the processor time of the test's thread, which does not depend on what else the machine does. Memory is the most that was allocated
//! at once; it is counted only in a program whose global allocator is [`PeakAlloc`], and it is that of the whole process, so such a
//! program runs one measurement at a time.

pub mod api;
pub mod objects;

pub use peak_alloc::PeakAlloc;
use rustix::time::{ClockId, clock_gettime};

/// What a piece of work took.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// Milliseconds of the thread's processor time.
    pub milliseconds: f64,
    /// The most bytes that were allocated at once, beyond those that were allocated before.
    pub peak: usize,
}

/// The processor time of this thread, in milliseconds.
pub fn processor_time() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

/// What the work takes: the least of so many runs. What it returns is dropped within the measurement.
pub fn cost<T>(runs: usize, mut work: impl FnMut() -> T) -> Cost {
    let mut least = Cost { milliseconds: f64::INFINITY, peak: usize::MAX };
    for _ in 0..runs.max(1) {
        PeakAlloc.reset_peak_usage();
        let before = PeakAlloc.current_usage();
        let start = processor_time();
        drop(work());
        let milliseconds = processor_time() - start;
        let peak = PeakAlloc.peak_usage().saturating_sub(before);
        least = Cost { milliseconds: least.milliseconds.min(milliseconds), peak: least.peak.min(peak) };
    }
    least
}

/// The costs of a work on an input of a size, of twice and of four times the size.
#[derive(Clone, Debug)]
pub struct Growth {
    /// What grows.
    pub name: String,
    /// The size of the first input.
    pub first: usize,
    /// The costs.
    pub costs: [Cost; 3],
}

/// Twice the input may take so many times the work; that of quadratic work is 4 times.
const WORK: f64 = 3.0;

/// Twice the input may take so many times the memory: a vector that grows has up to twice the room that it needs.
const MEMORY: f64 = 2.6;

/// Less work than this is not compared, in milliseconds: it is the constant part of a review.
const LITTLE_WORK: f64 = 1.0;

/// Less memory than this is not compared, in bytes: up to here serde gives a list the room that it needs, and beyond it the list grows.
const LITTLE_MEMORY: usize = 1024 * 1024;

impl Growth {
    /// Measures a work. `input` makes an input of a size, outside the measurement.
    ///
    /// Most works are linear, and one run on one and on four times the size shows it. Only the others are measured on all sizes, three
    /// times each.
    pub fn measure<I, T>(
        name: impl Into<String>,
        first: usize,
        input: impl Fn(usize) -> I,
        work: impl Fn(&I) -> T,
    ) -> Self {
        let name = name.into();
        let measured = |times: usize, runs: usize| {
            let input = input(first * times);
            cost(runs, || work(&input))
        };
        let [one, four] = [measured(1, 1), measured(4, 1)];
        let quick = Self { name: name.clone(), first, costs: [one, middle(one, four), four] };
        if quick.fault().is_none() {
            return quick;
        }
        Self { name, first, costs: [measured(1, 3), measured(2, 3), measured(4, 3)] }
    }

    /// Why it grows faster than the input, if it does.
    pub fn fault(&self) -> Option<String> {
        let [one, two, four] = self.costs;
        let work = |less: Cost, more: Cost| more.milliseconds / less.milliseconds.max(LITTLE_WORK);
        let memory = |less: Cost, more: Cost| more.peak as f64 / less.peak.max(LITTLE_MEMORY) as f64;
        if work(one, four) > WORK * WORK && work(two, four) > WORK * 0.9 {
            return Some(format!("{}: the work is not linear: {}", self.name, self.row()));
        }
        (memory(one, four) > MEMORY * MEMORY)
            .then(|| format!("{}: the memory is not linear: {}", self.name, self.row()))
    }

    /// The costs in one line.
    pub fn row(&self) -> String {
        let Self { name, first, costs: [one, two, four] } = self;
        format!(
            "{name:70} {first:6}  {:8.2} {:8.2} {:8.2} ms  {:8} {:8} {:8} KiB",
            one.milliseconds,
            two.milliseconds,
            four.milliseconds,
            one.peak / 1024,
            two.peak / 1024,
            four.peak / 1024,
        )
    }
}

/// What lies between two costs if they grow evenly.
fn middle(one: Cost, four: Cost) -> Cost {
    Cost { milliseconds: (one.milliseconds * four.milliseconds).sqrt(), peak: one.peak.midpoint(four.peak) }
}
