//! Sends spans to the collector in batches, from a bounded queue. Dropped spans are counted.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanExporter as _, SpanProcessor};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::{Instant, timeout, timeout_at};

use super::client::LastError;
use crate::metrics::{Metrics, Part};
use crate::supervise::Supervisor;

/// The most spans in the queue: about 2 MB.
const QUEUE: usize = 2048;

/// The most spans in a batch.
const BATCH: usize = 512;

/// How long a batch that is not full waits for more spans.
const DELAY: Duration = Duration::from_secs(1);

#[derive(Debug)]
enum Message {
    Span(Box<SpanData>),
    /// Answered when all earlier spans were sent or dropped.
    Flush(oneshot::Sender<()>),
}

/// Adds spans to the queue.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    sender: mpsc::Sender<Message>,
    metrics: Arc<Metrics>,
}

impl Queue {
    /// Waits until the queued spans are sent, but at most `patience`.
    pub(super) async fn flush(&self, patience: Duration) {
        let (done, sent) = oneshot::channel();
        let flush = async {
            if self.sender.send(Message::Flush(done)).await.is_ok() {
                let _ = sent.await;
            }
        };
        if timeout(patience, flush).await.is_err() {
            tracing::warn!("the last spans were not sent: the collector is too slow");
        }
    }

    fn push(&self, span: SpanData) {
        if self.sender.try_send(Message::Span(Box::new(span))).is_err() {
            self.metrics.spans_dropped(1);
        }
    }
}

/// Adds finished spans to the queue, without waiting.
#[derive(Debug)]
pub(super) struct Enqueue(Queue);

impl Enqueue {
    pub(super) const fn new(queue: Queue) -> Self {
        Self(queue)
    }
}

impl SpanProcessor for Enqueue {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        if span.span_context.is_sampled() {
            self.0.push(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// Starts the task that sends batches. It ends when the last [`Queue`] is dropped. If it panics, it is started again; readiness does not
/// depend on it.
pub(super) fn start(exporter: SpanExporter, last_error: LastError, metrics: Arc<Metrics>) -> Queue {
    let (sender, receiver) = mpsc::channel(QUEUE);
    let sending = Sending { exporter, last_error, metrics: metrics.clone(), failing: false };
    let sending = Arc::new(Mutex::new((sending, receiver)));
    Supervisor::new(metrics.clone()).until_done(Part::Traces, move || {
        let sending = sending.clone();
        async move {
            let (sending, receiver) = &mut *sending.lock().await;
            sending.run(receiver).await;
        }
    });
    Queue { sender, metrics }
}

struct Sending {
    exporter: SpanExporter,
    last_error: LastError,
    metrics: Arc<Metrics>,
    /// Whether the last batch failed, so that the failure is logged once.
    failing: bool,
}

impl Sending {
    async fn run(&mut self, receiver: &mut mpsc::Receiver<Message>) {
        while let Some(first) = receiver.recv().await {
            let (mut batch, mut flush) = (Vec::new(), None);
            let end = Instant::now().checked_add(DELAY);
            let mut next = Some(first);
            while let Some(message) = next.take() {
                match message {
                    Message::Span(span) => batch.push(*span),
                    Message::Flush(done) => flush = Some(done),
                }
                if batch.len() < BATCH
                    && flush.is_none()
                    && let Some(end) = end
                {
                    next = timeout_at(end, receiver.recv()).await.ok().flatten();
                }
            }
            if !batch.is_empty() {
                self.send(batch).await;
            }
            if let Some(done) = flush {
                let _ = done.send(());
            }
        }
    }

    async fn send(&mut self, batch: Vec<SpanData>) {
        let count = u64::try_from(batch.len()).unwrap_or(u64::MAX);
        match self.exporter.export(batch).await {
            Ok(()) => {
                self.metrics.spans_exported(count);
                if std::mem::take(&mut self.failing) {
                    tracing::info!("the collector accepts traces again");
                }
            }
            Err(error) => {
                self.metrics.spans_dropped(count);
                if !std::mem::replace(&mut self.failing, true) {
                    let why = self.last_error.lock().unwrap_or_else(PoisonError::into_inner).clone();
                    let error = if why.is_empty() { error.to_string() } else { why };
                    tracing::warn!(
                        error,
                        "the collector does not accept traces; they are dropped until it does"
                    );
                }
            }
        }
    }
}
