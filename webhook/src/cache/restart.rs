//! Starts the parts of the cache again after a panic, with a pause that grows.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;

use super::shared::Shared;
use super::watch::Watch;

/// A part that has run this long has recovered from its earlier panics.
const STEADY: Duration = Duration::from_secs(60);

/// The pause before the next start of one part.
struct Pauses<'s> {
    shared: &'s Shared,
    next: Duration,
    began: Instant,
}

impl<'s> Pauses<'s> {
    fn new(shared: &'s Shared) -> Self {
        Self { shared, next: shared.options.pause.0, began: Instant::now() }
    }

    /// Counts a panic. Returns the pause that follows it.
    fn after_panic(&mut self, part: &'static str) -> Duration {
        self.shared.restarted();
        let (first, longest) = self.shared.options.pause;
        let pause = if self.began.elapsed() >= STEADY { first } else { self.next };
        self.next = pause.saturating_mul(2).min(longest);
        tracing::error!(part, ?pause, "a part of the cache has panicked and is started again");
        pause
    }
}

/// Starts the thread of the writer.
pub(super) fn thread(shared: Arc<Shared>, mut run: impl FnMut() + Send + 'static) {
    let body = move || {
        let mut pauses = Pauses::new(&shared);
        while catch_unwind(AssertUnwindSafe(&mut run)).is_err() {
            std::thread::sleep(pauses.after_panic("writer"));
            pauses.began = Instant::now();
        }
    };
    if let Err(error) = std::thread::Builder::new().name("cache".to_owned()).spawn(body) {
        // Without the thread all tasks fail, the cache stays cold, and reviews say that placement is unknown.
        tracing::error!(%error, "the thread of the cache cannot be started");
    }
}

/// The task of a watch.
pub(super) async fn task(shared: Arc<Shared>, watch: Watch) {
    let mut pauses = Pauses::new(&shared);
    while AssertUnwindSafe(watch.clone().run()).catch_unwind().await.is_err() {
        tokio::time::sleep(pauses.after_panic(watch.kind.as_str())).await;
        pauses.began = Instant::now();
    }
}
