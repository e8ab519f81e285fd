//! One connection as the limits see it: what it is doing, since when, and whether it was told to leave.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

use super::peer::Peer;
use crate::server::moment::Moment;

/// What a connection is doing between requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(in crate::server) enum Stage {
    /// The TLS handshake is not finished.
    Handshake,
    /// It has not sent a request.
    Fresh,
    /// The head of a request has begun to arrive.
    Head,
    /// It has sent a request, which was answered.
    Served,
}

impl Stage {
    const fn of(number: u8) -> Self {
        match number {
            0 => Self::Handshake,
            1 => Self::Fresh,
            2 => Self::Head,
            _ => Self::Served,
        }
    }
}

/// A connection that takes place in the limits.
#[derive(Debug)]
pub(in crate::server) struct Caller {
    peer: Arc<Peer>,
    /// A [`Stage`].
    stage: AtomicU8,
    /// When the stage began.
    since: Moment,
    /// Requests that are being answered.
    in_service: AtomicUsize,
    /// Bytes of bodies that are held.
    pub(in crate::server) held: AtomicUsize,
    /// Whether it speaks HTTP/2.
    http2: AtomicBool,
    told: AtomicBool,
    leave: Notify,
}

impl Caller {
    /// A connection whose handshake begins now.
    pub(in crate::server) fn new(peer: Arc<Peer>) -> Arc<Self> {
        Arc::new(Self {
            peer,
            stage: AtomicU8::new(Stage::Handshake as u8),
            since: Moment::now(),
            in_service: AtomicUsize::new(0),
            held: AtomicUsize::new(0),
            http2: AtomicBool::new(false),
            told: AtomicBool::new(false),
            leave: Notify::new(),
        })
    }

    /// The peer.
    pub(in crate::server) const fn peer(&self) -> &Arc<Peer> {
        &self.peer
    }

    /// The stage, and for how long; `None` while a request is being answered.
    pub(super) fn stage(&self) -> Option<(Stage, Duration)> {
        let idle = self.in_service.load(Ordering::Acquire) == 0;
        idle.then(|| (Stage::of(self.stage.load(Ordering::Relaxed)), self.since.elapsed()))
    }

    fn enter(&self, stage: Stage) {
        self.stage.store(stage as u8, Ordering::Relaxed);
        self.since.set();
    }

    /// The handshake is finished.
    pub(in crate::server) fn shaken(&self, http2: bool) {
        self.http2.store(http2, Ordering::Relaxed);
        self.enter(Stage::Fresh);
    }

    /// Whether it speaks HTTP/2.
    pub(super) fn is_http2(&self) -> bool {
        self.http2.load(Ordering::Relaxed)
    }

    /// Bytes have arrived.
    pub(in crate::server) fn heard(&self) {
        let stage = self.stage.load(Ordering::Relaxed);
        if stage != Stage::Head as u8 && !self.is_http2() && self.in_service.load(Ordering::Relaxed) == 0 {
            self.enter(Stage::Head);
        }
    }

    /// A request is answered until the guard is dropped.
    pub(in crate::server) fn serve(self: &Arc<Self>) -> InService {
        self.in_service.fetch_add(1, Ordering::AcqRel);
        InService(self.clone())
    }

    /// Whether a request is being answered.
    pub(in crate::server) fn is_serving(&self) -> bool {
        self.in_service.load(Ordering::Acquire) > 0
    }

    /// Whether a request is being answered, or was.
    pub(in crate::server) fn is_used(&self) -> bool {
        self.is_serving() || self.stage.load(Ordering::Relaxed) == Stage::Served as u8
    }

    /// Tells it to leave. Returns whether it was not told before.
    pub(in crate::server) fn tell(&self) -> bool {
        let first = !self.told.swap(true, Ordering::Relaxed);
        self.leave.notify_one();
        first
    }

    /// Whether it was told to leave.
    pub(super) fn is_told(&self) -> bool {
        self.told.load(Ordering::Relaxed)
    }

    /// Waits until it is told to leave.
    pub(in crate::server) async fn told(&self) {
        self.leave.notified().await;
    }
}

/// A request that is being answered.
#[derive(Debug)]
pub(in crate::server) struct InService(Arc<Caller>);

impl Drop for InService {
    fn drop(&mut self) {
        self.0.enter(Stage::Served);
        self.0.in_service.fetch_sub(1, Ordering::AcqRel);
    }
}
