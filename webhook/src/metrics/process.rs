//! The `process_*` metrics that Prometheus client libraries export: memory, CPU time, open files, start time. Linux only.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};

/// Clock ticks per second in `/proc/self/stat`. Linux reports 100 on every architecture.
const TICKS: f64 = 100.0;

/// Bytes in a `kB` of `/proc/self/status`.
const KIB: i64 = 1024;

/// Reads `/proc/self` on each scrape.
#[derive(Debug)]
struct Process;

/// Registers the metrics of the process. They have no prefix.
pub(super) fn register(registry: &mut Registry) {
    registry.register_collector(Box::new(Process));
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let mut gauge = |name: &str, help: &str, unit: Option<&Unit>, value: Option<i64>| {
            let Some(value) = value else { return Ok(()) };
            let metric = ConstGauge::new(value);
            metric.encode(encoder.encode_descriptor(name, help, unit, metric.metric_type())?)
        };
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let bytes = Some(&Unit::Bytes);
        gauge("process_resident_memory", "Resident memory", bytes, kib(&status, "VmRSS:"))?;
        gauge("process_virtual_memory", "Virtual memory", bytes, kib(&status, "VmSize:"))?;
        let files = std::fs::read_dir("/proc/self/fd").ok().map(Iterator::count);
        gauge(
            "process_open_fds",
            "Open file descriptors",
            None,
            files.and_then(|count| i64::try_from(count).ok()),
        )?;
        gauge("process_threads", "Threads", None, number(&status, "Threads:"))?;
        let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
        if let Some(seconds) = cpu_seconds(&stat) {
            let metric = ConstCounter::new(seconds);
            let (help, unit) = ("User and system CPU time", Some(&Unit::Seconds));
            metric.encode(encoder.encode_descriptor("process_cpu", help, unit, metric.metric_type())?)?;
        }
        let boot = std::fs::read_to_string("/proc/stat").unwrap_or_default();
        if let Some(seconds) = start_seconds(&stat, &boot) {
            let metric = ConstGauge::new(seconds);
            let (help, unit) = ("Start time of the process since the Unix epoch", Some(&Unit::Seconds));
            metric.encode(encoder.encode_descriptor(
                "process_start_time",
                help,
                unit,
                metric.metric_type(),
            )?)?;
        }
        Ok(())
    }
}

fn number(status: &str, key: &str) -> Option<i64> {
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    line.split_whitespace().next()?.parse().ok()
}

fn kib(status: &str, key: &str) -> Option<i64> {
    number(status, key)?.checked_mul(KIB)
}

/// A field of `/proc/self/stat`, counted from 1 as in proc(5). The second field, the command, may contain spaces and parentheses.
fn field(stat: &str, number: usize) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(')')?;
    // The first field after the command is the third.
    rest.split_whitespace().nth(number.checked_sub(3)?)?.parse().ok()
}

fn cpu_seconds(stat: &str) -> Option<f64> {
    Some((field(stat, 14)? + field(stat, 15)?) / TICKS)
}

fn start_seconds(stat: &str, boot: &str) -> Option<f64> {
    let boot: f64 = boot.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
    Some(boot + field(stat, 22)? / TICKS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_behind_any_command() {
        let stat = "7 (a) b c) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 5 0 1000 9 9";
        assert_eq!(cpu_seconds(stat), Some(3.0));
        assert_eq!(start_seconds(stat, "cpu 1\nbtime 1700000000\n"), Some(1_700_000_010.0));
        assert_eq!(cpu_seconds(""), None);
        assert_eq!(kib("VmSize:\t  8 kB\nVmRSS:\t     3 kB\n", "VmRSS:"), Some(3072));
    }
}
