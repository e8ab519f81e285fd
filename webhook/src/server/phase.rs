//! The phases of a graceful shutdown.

use std::time::Duration;

use tokio::sync::watch;

/// How often `Switch::idle` checks whether a connection is left.
const IDLE_POLLED: Duration = Duration::from_millis(50);

/// The phase of a replica. Phases only advance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// The replica answers reviews.
    Serving,
    /// The replica is unready. It answers reviews and closes each connection after the answer, so that the next request goes to another
    /// replica.
    Leaving,
    /// The replica answers 503 with `Retry-After: 0`, so that late requests go to another replica.
    Refusing,
    /// The listener and all connections are closed.
    Ended,
}

/// Sets the phase. All clones set the same one.
#[derive(Clone, Debug)]
pub struct Switch(watch::Sender<Phase>);

/// Observes the phase.
#[derive(Clone, Debug)]
pub(crate) struct Phases(watch::Receiver<Phase>);

impl Default for Switch {
    fn default() -> Self {
        Self(watch::Sender::new(Phase::Serving))
    }
}

impl Switch {
    /// Advances to a phase. An earlier phase than the current one is ignored.
    pub(crate) fn enter(&self, phase: Phase) {
        self.0.send_if_modified(|now| {
            let later = phase > *now;
            if later {
                *now = phase;
            }
            later
        });
    }

    /// The current phase.
    pub(crate) fn now(&self) -> Phase {
        *self.0.borrow()
    }

    /// Waits until all connections are closed, but at most `patience`.
    pub(crate) async fn idle(&self, patience: Duration) {
        // Each connection has a receiver, and the listener has one.
        let closed = async {
            while self.0.receiver_count() > 1 {
                tokio::time::sleep(IDLE_POLLED).await;
            }
        };
        let _ = tokio::time::timeout(patience, closed).await;
    }

    /// A new observer.
    pub(crate) fn follow(&self) -> Phases {
        Phases(self.0.subscribe())
    }
}

impl Phases {
    /// Waits until this phase or a later one.
    pub(crate) async fn reached(&mut self, phase: Phase) {
        // An error means that the switch is gone, and then the process is ending.
        let _ = self.0.wait_for(|now| *now >= phase).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn phases_only_advance() {
        let switch = Switch::default();
        let mut phases = switch.follow();
        switch.enter(Phase::Refusing);
        switch.enter(Phase::Leaving);
        assert_eq!(switch.now(), Phase::Refusing);
        phases.reached(Phase::Leaving).await;
        switch.enter(Phase::Ended);
        phases.reached(Phase::Ended).await;
    }
}
