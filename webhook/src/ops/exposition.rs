//! The format of `/metrics`: OpenMetrics if the client asks for it, else the older text format, as Prometheus' own libraries do.

use std::fmt::Write;

use axum::http::{HeaderMap, header};

use crate::metrics::CONTENT_TYPE;

/// The content type of the text format.
const TEXT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A format of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// OpenMetrics 1.0.0.
    OpenMetrics,
    /// Prometheus' text format 0.0.4.
    Text,
}

impl Format {
    /// The format that the client prefers of those that there are. Without a usable wish it is the text format.
    ///
    /// Upstream: `prometheus/common/expfmt.NegotiateIncludingOpenMetrics`.
    pub(super) fn wanted(headers: &HeaderMap) -> Self {
        let mut best = (0, Self::Text);
        for value in headers.get_all(header::ACCEPT) {
            for wish in value.to_str().unwrap_or_default().split(',') {
                // The first of equal wishes counts.
                if let Some((weight, format)) = Self::of(wish)
                    && weight > best.0
                {
                    best = (weight, format);
                }
            }
        }
        best.1
    }

    /// The format of a media range, and its weight in thousandths.
    fn of(wish: &str) -> Option<(u16, Self)> {
        let mut parts = wish.split(';').map(str::trim);
        let media_type = parts.next()?;
        let (mut weight, mut version) = (1000, "");
        for (key, value) in parts.filter_map(|part| part.split_once('=')) {
            match key.trim().to_ascii_lowercase().as_str() {
                "q" => weight = thousandths(value.trim())?,
                "version" => version = value.trim().trim_matches('"'),
                _ => {}
            }
        }
        let is = |name: &str| media_type.eq_ignore_ascii_case(name);
        let format = if is("application/openmetrics-text") && matches!(version, "" | "1.0.0" | "0.0.1") {
            Self::OpenMetrics
        } else if is("text/plain") && matches!(version, "" | "0.0.4") || is("text/*") || is("*/*") {
            Self::Text
        } else {
            return None;
        };
        Some((weight, format))
    }

    /// The `Content-Type`.
    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => CONTENT_TYPE,
            Self::Text => TEXT_TYPE,
        }
    }

    /// Turns OpenMetrics into this format.
    pub(super) fn written(self, open_metrics: String) -> String {
        match self {
            Self::OpenMetrics => open_metrics,
            Self::Text => text(&open_metrics),
        }
    }
}

/// A weight such as `0.5` in thousandths.
fn thousandths(text: &str) -> Option<u16> {
    let weight: f32 = text.parse().ok()?;
    // The cast saturates, and what is not a number becomes 0.
    (0.0..=1.0).contains(&weight).then_some((weight * 1000.0) as u16)
}

/// OpenMetrics as the text format: families of counters have the suffix of their samples, and there are no units and no end mark.
fn text(open_metrics: &str) -> String {
    let mut text = String::with_capacity(open_metrics.len());
    let mut help = None;
    for line in open_metrics.lines() {
        let mut words = line.splitn(4, ' ');
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("#"), Some("EOF" | "UNIT"), ..) => {}
            // The name of a family depends on its type, which comes after this line.
            (Some("#"), Some("HELP"), Some(_), rest) => help = rest,
            (Some("#"), Some("TYPE"), Some(name), Some(kind)) => {
                let (suffix, kind) = match kind {
                    "counter" => ("_total", "counter"),
                    "info" => ("_info", "gauge"),
                    "unknown" => ("", "untyped"),
                    kind => ("", kind),
                };
                // Writing to a string does not fail.
                if let Some(help) = help.take() {
                    let _ = writeln!(text, "# HELP {name}{suffix} {help}");
                }
                let _ = writeln!(text, "# TYPE {name}{suffix} {kind}");
            }
            _ => {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::metrics::Metrics;

    #[test]
    fn the_format_is_the_one_that_the_client_prefers() {
        let (open, text) = (Format::OpenMetrics, Format::Text);
        for (accept, format) in [
            ("", text),
            ("*/*", text),
            ("text/plain", text),
            ("text/plain; version=0.0.4", text),
            ("application/openmetrics-text", open),
            ("application/openmetrics-text; version=1.0.0; charset=utf-8", open),
            ("Application/OpenMetrics-Text;version=\"0.0.1\"", open),
            ("application/openmetrics-text;version=9.0.0", text),
            ("application/openmetrics-text;q=0.1,text/plain;q=0.9", text),
            ("text/plain;q=0.1 , application/openmetrics-text; q=0.2", open),
            ("application/openmetrics-text;q=0", text),
            ("application/openmetrics-text;q=abc", text),
            ("application/json", text),
            // Prometheus 2 and 3.
            (
                "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
                open,
            ),
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,*/*;q=0.2",
                open,
            ),
            // Prometheus with scrape_protocols: [PrometheusText0.0.4].
            ("text/plain;version=0.0.4;q=0.5,*/*;q=0.2", text),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            assert_eq!(Format::wanted(&headers), format, "{accept:?}");
        }
        assert_eq!(Format::wanted(&HeaderMap::new()), text);
        let mut two = HeaderMap::new();
        two.append(header::ACCEPT, "text/plain;q=0.5".parse().unwrap());
        two.append(header::ACCEPT, "application/openmetrics-text".parse().unwrap());
        assert_eq!(Format::wanted(&two), open);
    }

    /// The parts of the text format that Prometheus checks: HELP and TYPE carry the name of the samples, each type is one that it knows.
    #[test]
    fn the_text_format_has_its_names_and_types() {
        let metrics = Metrics::new();
        metrics.certificate(daemonset_certs::Validity { not_before: 0, not_after: 1 });
        let written = Format::Text.written(metrics.render());
        let mut kinds = BTreeMap::new();
        for line in written.lines() {
            let words: Vec<&str> = line.splitn(4, ' ').collect();
            match words[..] {
                ["#", "HELP", name, _] => assert!(!kinds.contains_key(name), "{line}"),
                ["#", "TYPE", name, kind] => {
                    assert!(matches!(kind, "counter" | "gauge" | "histogram" | "untyped"), "{line}");
                    kinds.insert(name, kind);
                }
                ["#", ..] => panic!("{line}"),
                _ => {
                    let name = line.split(['{', ' ']).next().unwrap();
                    let family = ["_bucket", "_sum", "_count"]
                        .iter()
                        .find_map(|suffix| {
                            name.strip_suffix(suffix).filter(|of| kinds.get(of) == Some(&"histogram"))
                        })
                        .unwrap_or(name);
                    assert!(kinds.contains_key(family), "{line} has no TYPE");
                }
            }
        }
        assert_eq!(kinds.get("daemonset_webhook_reviews_total"), Some(&"counter"));
        assert_eq!(kinds.get("daemonset_webhook_build_info"), Some(&"gauge"));
        let samples = |text: &str| -> Vec<String> {
            // The process' own values change between two renders.
            let own = |line: &&str| line.starts_with("daemonset_webhook_");
            text.lines().filter(own).map(str::to_owned).collect()
        };
        assert_eq!(samples(&written), samples(&metrics.render()));
    }
}
