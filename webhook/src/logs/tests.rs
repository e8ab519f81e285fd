//! The format of log lines, and that requests cannot forge them.

use std::io::{self, Write};
use std::sync::Mutex;

use serde_json::Value;

use super::*;

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn logged(format: Format, level: &str, log: impl FnOnce()) -> Vec<String> {
    let kept = Kept::default();
    let lines = Lines::start(kept.clone(), Arc::new(Metrics::new())).unwrap();
    let layer = layer(format, lines.clone(), false).with_filter(filter::parse(level).unwrap());
    tracing::subscriber::with_default(Registry::default().with(layer), log);
    lines.flush(Duration::from_secs(20));
    let bytes = kept.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
}

const FINDINGS: &[(&str, Level)] = &[("host-port-clash", Level::Deny), ("skips-nodes", Level::Warn)];

fn sample(name: &str, allowed: bool) -> Review<'_> {
    Review {
        uid: "d9b5",
        operation: "CREATE",
        namespace: "default",
        name,
        user: name,
        dry_run: true,
        allowed,
        findings: FINDINGS,
        micros: 41,
        trace: None,
    }
}

#[test]
fn a_denial_is_a_line_at_info_and_an_allowed_review_at_debug() {
    let log = || {
        review(&sample("agent", false));
        review(&sample("other", true));
    };
    let lines = logged(Format::Json, "info", log);
    assert_eq!(lines.len(), 1, "{lines:#?}");
    let line: Value = serde_json::from_str(&lines[0]).unwrap();
    for (field, value) in [
        ("level", Value::from("INFO")),
        ("message", "denied".into()),
        ("target", "daemonset_webhook::review".into()),
        ("uid", "d9b5".into()),
        ("operation", "CREATE".into()),
        ("namespace", "default".into()),
        ("name", "agent".into()),
        ("user", "agent".into()),
        ("dryRun", true.into()),
        ("allowed", false.into()),
        ("findings", "host-port-clash=deny skips-nodes=warn".into()),
        ("micros", 41.into()),
    ] {
        assert_eq!(line[field], value, "{field} in {line}");
    }
    assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));
    assert_eq!(logged(Format::Json, "debug", log).len(), 2);
    assert_eq!(logged(Format::Json, "warn", log).len(), 0);
}

/// Whatever a request contains, its log entry is one line with the same fields, and it holds no control characters.
#[test]
fn a_request_cannot_forge_a_line() {
    let hostile = [
        "a\n{\"level\":\"INFO\",\"message\":\"denied\"}",
        "a\r\n2026-01-01T00:00:00Z  INFO daemonset_webhook: all is well",
        "\",\"allowed\":true,\"x\":\"",
        "\u{1b}[2J\u{9b}31m\u{7}",
        "\u{202e}gnp.exe\u{2028}\u{85}\0",
        "agent\" allowed=true",
    ];
    for name in hostile {
        let lines = logged(Format::Json, "info", || review(&sample(name, false)));
        assert_eq!(lines.len(), 1, "{lines:#?}");
        let line: Value = serde_json::from_str(&lines[0]).unwrap();
        assert_eq!(line["name"], name);
        assert_eq!(line["allowed"], false);
        assert_eq!(line.as_object().unwrap().len(), 13, "{line}");
        assert!(
            !lines[0].chars().any(|character| character.is_control() || character == '\u{202e}'),
            "{}",
            lines[0]
        );

        let log = || {
            review(&sample(name, false));
            tracing::warn!(target: "daemonset_webhook", error = %name, "{name}");
        };
        let lines = logged(Format::Text, "info", log);
        assert_eq!(lines.len(), 2, "{lines:#?}");
        for line in lines {
            assert!(
                !line.chars().any(|character| character.is_control() || character == '\u{202e}'),
                "{line}"
            );
        }
    }
    let lines = logged(Format::Text, "info", || review(&sample("agent\" allowed=true", false)));
    assert!(lines[0].contains("name=\"agent\\\" allowed=true\" user="), "{}", lines[0]);
    let long = "é".repeat(1 << 20);
    let lines = logged(Format::Json, "info", || review(&sample(&long, false)));
    assert!(lines[0].len() < 2000, "{}", lines[0].len());
}

/// A review below the log level costs almost nothing.
#[test]
fn what_is_not_logged_costs_nothing() {
    let rounds = 10_000_u32;
    let mut each = Duration::ZERO;
    let lines = logged(Format::Json, "info", || {
        let start = std::time::Instant::now();
        for _ in 0..rounds {
            review(&sample("agent", true));
        }
        each = start.elapsed() / rounds;
    });
    println!("an allowed review costs the log {each:?}");
    assert!(lines.is_empty());
    assert!(each < Duration::from_micros(20), "{each:?}");
}
