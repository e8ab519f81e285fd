//! The queue of log lines: escapes them, queues a bounded number, and writes them to standard error on a separate thread.
//!
//! A write to a full pipe blocks while the reader of the log is slow. A review never waits for that: if the queue is full, lines are dropped
//! and counted.
//!
//! `tracing-appender` has such a queue, too, but flushes it only when it ends, and for at most a second. Here a flush has a deadline and the
//! queue goes on.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

use tracing_subscriber::fmt::MakeWriter;

use crate::metrics::Metrics;

/// The most lines in the queue: about one to two MB.
const QUEUE: usize = 4096;

/// Lines are written together up to about this many bytes, the size of a pipe's buffer.
const BATCH_BYTES: usize = 64 * 1024;

enum Message {
    Line(Vec<u8>),
    /// Answered when all earlier lines are written.
    Flush(SyncSender<()>),
}

/// Sends lines to the writing thread.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    queue: SyncSender<Message>,
    metrics: Arc<Metrics>,
}

impl Lines {
    /// Starts the writing thread.
    ///
    /// # Errors
    ///
    /// If the thread cannot be started.
    pub(super) fn start(out: impl Write + Send + 'static, metrics: Arc<Metrics>) -> io::Result<Self> {
        let (queue, waiting) = sync_channel(QUEUE);
        std::thread::Builder::new().name("log".to_owned()).spawn(move || write(out, &waiting))?;
        Ok(Self { queue, metrics })
    }

    /// Waits until all earlier lines are written, but at most `patience`.
    pub(super) fn flush(&self, patience: Duration) {
        let start = Instant::now();
        let (done, written) = sync_channel(1);
        let mut message = Message::Flush(done);
        loop {
            message = match self.queue.try_send(message) {
                Ok(()) => break,
                Err(TrySendError::Disconnected(_)) => return,
                Err(TrySendError::Full(message)) => message,
            };
            if start.elapsed() >= patience {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        match written.recv_timeout(patience.saturating_sub(start.elapsed())) {
            Ok(()) | Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
    }

    fn send(&self, line: Vec<u8>) {
        if self.queue.try_send(Message::Line(line)).is_err() {
            self.metrics.log_lines_dropped(1);
        }
    }
}

fn write(mut out: impl Write, waiting: &Receiver<Message>) {
    let mut buffer = Vec::with_capacity(BATCH_BYTES);
    while let Ok(first) = waiting.recv() {
        let mut flush = None;
        let mut next = Some(first);
        while let Some(message) = next.take() {
            match message {
                Message::Line(line) => buffer.extend_from_slice(&line),
                Message::Flush(done) => flush = Some(done),
            }
            if buffer.len() < BATCH_BYTES && flush.is_none() {
                next = waiting.try_recv().ok();
            }
        }
        // An error cannot be reported: this is the log.
        let _ = out.write_all(&buffer);
        let _ = out.flush();
        buffer.clear();
        if let Some(done) = flush {
            let _ = done.try_send(());
        }
    }
}

/// Queues the text of one event. The subscriber writes it in one call.
#[derive(Debug)]
pub(super) struct Line<'l> {
    lines: &'l Lines,
}

impl Write for Line<'_> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.lines.send(cleaned(text));
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'l> MakeWriter<'l> for Lines {
    type Writer = Line<'l>;

    fn make_writer(&'l self) -> Line<'l> {
        Line { lines: self }
    }
}

/// The text as one line. Characters that could break the line, move the cursor or change the writing direction are escaped as in JSON.
fn cleaned(text: &[u8]) -> Vec<u8> {
    let body = text.strip_suffix(b"\n").unwrap_or(text);
    let mut line = if body.iter().all(|byte| matches!(byte, 0x20..=0x7e)) {
        body.to_vec()
    } else {
        let mut line = String::with_capacity(body.len().saturating_add(16));
        for character in String::from_utf8_lossy(body).chars() {
            if is_unsafe(character) {
                // Writing to a string does not fail. All of these characters fit into four digits.
                let _ = write!(line, "\\u{:04x}", u32::from(character));
            } else {
                line.push(character);
            }
        }
        line.into_bytes()
    };
    line.push(b'\n');
    line
}

fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn a_line_is_a_line() {
        for (text, line) in [
            ("a b\n", "a b\n"),
            ("a b", "a b\n"),
            ("", "\n"),
            ("é→\n", "é→\n"),
            ("a\nb\r\u{1b}[31m\u{7f}\n", "a\\u000ab\\u000d\\u001b[31m\\u007f\n"),
            ("\u{85}\u{202e}\u{2028}\u{2066}\n\n", "\\u0085\\u202e\\u2028\\u2066\\u000a\n"),
        ] {
            assert_eq!(String::from_utf8(cleaned(text.as_bytes())).unwrap(), line, "{text:?}");
        }
        assert_eq!(cleaned(b"\xff\n"), "\u{fffd}\n".as_bytes());
    }

    /// A writer that blocks while the test holds the lock.
    struct Stuck(Arc<Mutex<Vec<u8>>>);

    impl Write for Stuck {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(text);
            Ok(text.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_stuck_reader_does_not_delay_logging() {
        let metrics = Arc::new(Metrics::new());
        let written = Arc::new(Mutex::new(Vec::new()));
        let lines = Lines::start(Stuck(written.clone()), metrics.clone()).unwrap();
        let held = written.lock().unwrap();
        let start = Instant::now();
        // More than the queue and the batch that the stuck thread holds can take together, however the threads take turns.
        let sent = QUEUE * 2 + BATCH_BYTES / b"line\n".len();
        for _ in 0..sent {
            lines.send(b"line\n".to_vec());
        }
        lines.flush(Duration::from_millis(20));
        assert!(start.elapsed() < Duration::from_secs(5));
        drop(held);
        lines.flush(Duration::from_secs(20));
        let kept = written.lock().unwrap().len() / b"line\n".len();
        let text = metrics.render();
        let dropped: usize = text
            .lines()
            .find_map(|line| line.strip_prefix("daemonset_webhook_log_lines_dropped_total "))
            .unwrap()
            .parse()
            .unwrap();
        assert!(dropped > 0);
        assert_eq!(kept + dropped, sent);
    }
}
