//! How a replica goes: it is unready first, and still answers; then it sends new requests elsewhere; then it ends.

use std::time::Duration;

use tokio::sync::watch;

/// How often it is looked whether a connection is left, at the end.
const LOOK: Duration = Duration::from_millis(50);

/// Where a replica is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// It answers.
    Serving,
    /// It is unready. It answers, and asks for each connection to be closed, so that the next request goes to another.
    Leaving,
    /// By now nobody should ask; who does is told to ask another on a new connection.
    Refusing,
    /// Connections are closed.
    Ended,
}

/// Sets the phase; clones set the same one.
#[derive(Clone, Debug)]
pub struct Switch(watch::Sender<Phase>);

/// Sees the phase.
#[derive(Clone, Debug)]
pub struct Phases(watch::Receiver<Phase>);

impl Default for Switch {
    fn default() -> Self {
        Self(watch::Sender::new(Phase::Serving))
    }
}

impl Switch {
    /// Goes on to a phase; there is no way back.
    pub fn enter(&self, phase: Phase) {
        self.0.send_if_modified(|now| {
            let later = phase > *now;
            if later {
                *now = phase;
            }
            later
        });
    }

    /// The phase.
    pub fn now(&self) -> Phase {
        *self.0.borrow()
    }

    /// Waits until nobody follows any more, so no connection is left, but no longer than this.
    pub async fn idle(&self, patience: Duration) {
        // The listener itself follows as well, so one is left.
        let alone = async {
            while self.0.receiver_count() > 1 {
                tokio::time::sleep(LOOK).await;
            }
        };
        let _ = tokio::time::timeout(patience, alone).await;
    }

    /// Somebody who sees the phases.
    pub fn follow(&self) -> Phases {
        Phases(self.0.subscribe())
    }
}

impl Phases {
    /// Waits until a phase is there, or a later one.
    pub async fn reached(&mut self, phase: Phase) {
        // Where the switch is gone the process ends anyway; nothing waits for it.
        let _ = self.0.wait_for(|now| *now >= phase).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn there_is_no_way_back() {
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
