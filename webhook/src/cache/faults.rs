//! Faults that tests inject.

use std::sync::Mutex;

use daemonset_validation::placement::Kind;

/// The faults that are still to come.
#[derive(Debug, Default)]
pub(super) struct Faults {
    /// The writer panics over events that have this text.
    pub(super) events: Mutex<Option<&'static str>>,
    /// The task of this kind panics.
    pub(super) watch: Mutex<Option<Kind>>,
}

impl Faults {
    /// Panics once where the events have the text.
    pub(super) fn strike(&self, events: &[u8]) {
        let events = String::from_utf8_lossy(events);
        let struck = self.events.lock().unwrap().take_if(|text| events.contains(*text));
        assert!(struck.is_none(), "injected");
    }

    /// Panics once in the task of the kind.
    pub(super) fn strike_watch(&self, kind: Kind) {
        let struck = self.watch.lock().unwrap().take_if(|of| *of == kind);
        assert!(struck.is_none(), "injected");
    }
}
