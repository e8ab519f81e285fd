//! The output of a scrape, and the cost of counting.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::*;

fn lines(metrics: &Metrics, start: &str) -> Vec<String> {
    metrics.render().lines().filter(|line| line.starts_with(start)).map(str::to_owned).collect()
}

#[test]
fn what_happens_is_counted() {
    let metrics = Metrics::new();
    let guard = metrics.review_started();
    let other = metrics.review_started();
    assert_eq!(metrics.in_flight.get(), 2);
    assert_eq!(lines(&metrics, "daemonset_webhook_in_flight"), ["daemonset_webhook_in_flight 2"]);
    assert!(other.seconds() >= 0.0);
    drop(other);
    metrics.reviewed(Operation::of("UPDATE"), Verdict::Denied, 0.000_06);
    metrics.reviewed(Operation::of("PATCH\n"), Verdict::Unjudged, 10.0);
    metrics.findings("host-port-clash", Level::Deny, 1);
    metrics.findings("skips-nodes", Level::Off, 1);
    metrics.findings("made-up", Level::Warn, 1);
    metrics.shed(Shed::Draining);
    metrics.panicked();
    metrics.ready(true);
    drop(guard);
    let text = metrics.render();
    for line in [
        "daemonset_webhook_in_flight 0",
        "daemonset_webhook_reviews_total{operation=\"UPDATE\",verdict=\"denied\"} 1",
        "daemonset_webhook_reviews_total{operation=\"other\",verdict=\"unjudged\"} 1",
        "daemonset_webhook_reviews_total{operation=\"CREATE\",verdict=\"allowed\"} 0",
        "daemonset_webhook_findings_total{rule=\"host-port-clash\",level=\"deny\"} 1",
        "daemonset_webhook_findings_total{rule=\"skips-nodes\",level=\"warn\"} 0",
        "daemonset_webhook_findings_total{rule=\"other\",level=\"warn\"} 1",
        "daemonset_webhook_review_duration_seconds_bucket{le=\"0.0001\"} 1",
        "daemonset_webhook_review_duration_seconds_bucket{le=\"+Inf\"} 2",
        "daemonset_webhook_review_duration_seconds_count 2",
        "daemonset_webhook_shed_total{reason=\"draining\"} 1",
        "daemonset_webhook_panics_total 1",
        "daemonset_webhook_ready 1",
        "daemonset_webhook_config_ok 1",
        concat!("daemonset_webhook_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
    assert!(!text.contains("made-up"));
}

#[test]
fn what_is_not_known_is_not_there() {
    let metrics = Metrics::new();
    for name in [
        "certificate_not_before_seconds",
        "certificate_not_after_seconds",
        "self_probe_ok",
        "cache_age_seconds",
        "cache_objects",
    ] {
        let name = format!("daemonset_webhook_{name}");
        assert!(lines(&metrics, &name).is_empty(), "{name}");
    }
    metrics.certificate(Validity { not_before: 1_700_000_000, not_after: 1_800_000_000 });
    metrics.self_probe(false);
    metrics.on_render(|metrics| metrics.cache_age("nodes", 1.5));
    metrics.cache_objects("nodes", 44);
    for line in [
        "daemonset_webhook_certificate_not_before_seconds 1700000000",
        "daemonset_webhook_certificate_not_after_seconds 1800000000",
        "daemonset_webhook_self_probe_ok 0",
        "daemonset_webhook_cache_age_seconds{kind=\"nodes\"} 1.5",
        "daemonset_webhook_cache_objects{kind=\"nodes\"} 44",
    ] {
        let name = line.split(['{', ' ']).next().unwrap();
        assert_eq!(lines(&metrics, name), [line]);
    }
}

/// The parts of the format that Prometheus needs: each family has HELP and TYPE before its samples, samples are unique, and counters and
/// units have the suffixes that OpenMetrics requires.
#[test]
fn the_text_is_openmetrics() {
    let metrics = Metrics::new();
    metrics.certificate(Validity { not_before: 0, not_after: 1 });
    metrics.self_probe(true);
    metrics.cache_age("nodes", 0.0);
    metrics.cache_objects("nodes", 1);
    let text = metrics.render();
    let mut samples = BTreeSet::new();
    let (mut family, mut kind) = (String::new(), String::new());
    for line in text.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["#", "HELP", name, ..] => name.clone_into(&mut family),
            ["#", "TYPE", name, of] => {
                assert_eq!(name, family);
                of.clone_into(&mut kind);
            }
            ["#", "UNIT", name, unit] => assert!(name.ends_with(&format!("_{unit}")), "{line}"),
            ["#", "EOF"] => {}
            _ => {
                let (sample, value) = line.rsplit_once(' ').unwrap();
                assert!(value.parse::<f64>().is_ok(), "{line}");
                assert!(samples.insert(sample.to_owned()), "{line} is repeated");
                let name = sample.split('{').next().unwrap();
                let suffix = name.strip_prefix(family.as_str()).unwrap_or("?");
                let allowed: &[&str] = match kind.as_str() {
                    "counter" => &["_total"],
                    "gauge" => &[""],
                    "info" => &["_info"],
                    "histogram" => &["_bucket", "_sum", "_count"],
                    _ => &[],
                };
                assert!(allowed.contains(&suffix), "{line} in {family} of {kind}");
            }
        }
    }
    assert!(samples.len() > 80, "{}", samples.len());
    assert!(text.len() < 32 * 1024, "{} bytes; make render's first buffer larger", text.len());
}

/// An upper bound on the cost of the metrics of a review, loose enough for a slow machine and a debug build. In a release build it is well
/// under a microsecond; `cargo test --release` prints it.
#[test]
fn counting_is_cheap() {
    let metrics = Arc::new(Metrics::new());
    let rounds = 20_000_u32;
    let start = Instant::now();
    for _ in 0..rounds {
        let guard = metrics.review_started();
        metrics.findings("skips-nodes", Level::Warn, 1);
        metrics.findings("api/required", Level::Warn, 1);
        metrics.reviewed(Operation::of("CREATE"), Verdict::Warned, guard.seconds());
    }
    let each = start.elapsed() / rounds;
    println!("a review's metrics cost {each:?}");
    assert!(each.as_micros() < 20, "{each:?}");
    assert_eq!(metrics.in_flight.get(), 0);
}
