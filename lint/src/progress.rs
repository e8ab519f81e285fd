//! A line on a terminal that tells what a long run is doing. It appears after a second, and it is gone at the end.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use daemonset_validation::placement::Kind;
use daemonset_validation::words::count::thousands;

/// How long a run says nothing.
const DELAY: Duration = Duration::from_secs(1);

/// How often the line changes.
const EVERY: Duration = Duration::from_millis(200);

/// What takes time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Task {
    /// Nothing that has a line.
    #[default]
    Nothing,
    /// The cluster's objects are read from files.
    Snapshot,
    /// Files are checked, and previewed if there is a cluster.
    Files {
        /// Their number.
        total: usize,
    },
    /// The DaemonSets are compared with one another.
    Together,
    /// Objects of this kind are read from the cluster.
    List {
        /// The kind.
        kind: Kind,
        /// The nodes that have been read so far.
        nodes: usize,
        /// The pods that have been read so far.
        pods: usize,
    },
}

/// What the run is doing now. All threads may tell.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    state: Mutex<State>,
    ended: Condvar,
    /// The files that have been checked.
    checked: AtomicUsize,
}

#[derive(Debug, Default)]
struct State {
    task: Task,
    is_over: bool,
}

/// Where the line is drawn, and since when the run takes.
pub(crate) struct Line<'o> {
    /// The terminal; `None` if there is none.
    out: Option<&'o mut (dyn Write + Send)>,
    /// The terminal's width, in columns.
    columns: usize,
    since: Instant,
    delay: Duration,
}

impl<'o> Line<'o> {
    /// A line on `out`, if that is a terminal.
    pub(crate) fn new(
        out: &'o mut (dyn Write + Send),
        is_terminal: bool,
        columns: usize,
        since: Instant,
    ) -> Self {
        Self { out: is_terminal.then_some(out), columns, since, delay: DELAY }
    }

    /// Does the work, and meanwhile shows what it is doing. If no thread can be started, the line is not shown.
    pub(crate) fn during<T>(self, work: impl FnOnce(&Progress) -> T) -> T {
        let progress = Progress::default();
        let Some(out) = self.out else { return work(&progress) };
        let pace = Pace { columns: self.columns, since: self.since, delay: self.delay };
        thread::scope(|scope| {
            // The line ends however the work ends. If it did not, the scope would wait forever.
            let _end = End(&progress);
            let _drawing = thread::Builder::new().spawn_scoped(scope, || progress.draw(out, pace));
            work(&progress)
        })
    }
}

#[derive(Clone, Copy)]
struct Pace {
    columns: usize,
    since: Instant,
    delay: Duration,
}

/// Ends the line when it is dropped.
struct End<'p>(&'p Progress);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.state().is_over = true;
        self.0.ended.notify_all();
    }
}

impl Progress {
    /// Tells what is done from now on.
    pub(crate) fn start(&self, task: Task) {
        self.state().task = task;
    }

    /// Tells that a file has been checked.
    pub(crate) fn checked(&self) {
        self.checked.fetch_add(1, Ordering::Relaxed);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn draw(&self, out: &mut dyn Write, pace: Pace) {
        let mut drawn = String::new();
        let mut state = self.state();
        while !state.is_over {
            let left = pace.delay.saturating_sub(pace.since.elapsed());
            if left.is_zero() {
                let text = self.text(state.task, pace.columns);
                // The same text is not drawn again: a program that asks for a password may have written behind it.
                if text != drawn {
                    // An error is ignored: progress is only a convenience.
                    let _ = write!(out, "\r\x1b[K{text}").and_then(|()| out.flush());
                    drawn = text;
                }
            }
            let wait = if left.is_zero() { EVERY } else { left };
            (state, _) = self.ended.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner);
        }
        if !drawn.is_empty() {
            let _ = write!(out, "\r\x1b[K").and_then(|()| out.flush());
        }
    }

    /// The line, cut at the terminal's width: a line that is broken could not be overwritten.
    fn text(&self, task: Task, columns: usize) -> String {
        let line = match task {
            Task::Nothing => String::new(),
            Task::Snapshot => "reading the nodes and pods".to_owned(),
            Task::Files { total } => {
                let checked = self.checked.load(Ordering::Relaxed);
                format!("checking: {} of {}", thousands(checked), amount(total, "file"))
            }
            Task::Together => "comparing the DaemonSets with one another".to_owned(),
            Task::List { kind, nodes, pods } => {
                format!(
                    "reading {}: {} and {} so far",
                    kind.plural(),
                    amount(nodes, "node"),
                    amount(pods, "pod")
                )
            }
        };
        line.chars().take(columns.saturating_sub(1)).collect()
    }
}

/// `1 node`, `5,000 nodes`.
fn amount(count: usize, noun: &str) -> String {
    format!("{} {noun}{}", thousands(count), if count == 1 { "" } else { "s" })
}

#[cfg(test)]
#[allow(clippy::panic, reason = "a panic is what is tested")]
mod tests {
    use super::*;

    fn drawn(is_terminal: bool, delay: Duration, work: impl FnOnce(&Progress)) -> String {
        let mut out = Vec::new();
        let line = Line { delay, ..Line::new(&mut out, is_terminal, 40, Instant::now()) };
        line.during(work);
        String::from_utf8_lossy(&out).into_owned()
    }

    /// Checks two of 5,000 files, with time for the line to be drawn after each.
    fn two_files(progress: &Progress) {
        progress.start(Task::Files { total: 5_000 });
        for _ in 0..2 {
            progress.checked();
            thread::sleep(EVERY.saturating_mul(3));
        }
    }

    #[test]
    fn the_line_is_overwritten_and_gone_at_the_end() {
        let text = drawn(true, Duration::ZERO, two_files);
        assert!(
            text.contains("\r\x1b[Kchecking: 1 of 5,000 files\r\x1b[Kchecking: 2 of 5,000 files"),
            "{text:?}"
        );
        assert!(text.ends_with("files\r\x1b[K"), "{text:?}");
    }

    #[test]
    fn short_runs_and_pipes_have_no_line() {
        assert_eq!(drawn(true, DELAY, |progress| progress.start(Task::Together)), "");
        assert_eq!(drawn(false, Duration::ZERO, two_files), "");
        assert_eq!(drawn(true, Duration::ZERO, |_| thread::sleep(EVERY)), "");
    }

    #[test]
    fn the_line_is_cut_at_the_terminals_width() {
        let task = Task::List { kind: Kind::Pod, nodes: 5_000, pods: 150_000 };
        let progress = Progress::default();
        assert_eq!(progress.text(task, 80), "reading pods: 5,000 nodes and 150,000 pods so far");
        assert_eq!(progress.text(task, 20), "reading pods: 5,000");
    }

    #[test]
    fn a_panic_ends_the_line() {
        let mut out = Vec::new();
        let line = Line { delay: Duration::ZERO, ..Line::new(&mut out, true, 80, Instant::now()) };
        let work = std::panic::AssertUnwindSafe(|| line.during(|_| panic!("such luck")));
        assert!(std::panic::catch_unwind(work).is_err());
    }
}
