//! The rule `tight-liveness`. Its page is `tight_liveness.md`.

use super::rule;
use crate::levels::Level;
use crate::rules::pod::{containers, spec};
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "tight-liveness",
    Level::Warning,
    (
        "a liveness probe restarts the container after a few seconds without an answer",
        include_str!("tight_liveness.md"),
    ),
    check,
);

/// A container is not restarted for less than this, in seconds.
const LEAST: i64 = 10;

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object.daemon_set) else { return };
    for listed in containers(spec) {
        let Some(probe) = &listed.container.liveness_probe else { continue };
        let seconds = |value: Option<i32>, default: i64| value.map_or(default, i64::from);
        let (period, failures) = (seconds(probe.period_seconds, 10), seconds(probe.failure_threshold, 3));
        let timeout = seconds(probe.timeout_seconds, 1);
        // From the first question without an answer to the restart.
        let silence = failures.saturating_sub(1).saturating_mul(period).saturating_add(timeout);
        if silence < LEAST {
            let unit = if silence == 1 { "second" } else { "seconds" };
            let message = format!(
                "the container is restarted after {silence} {unit} without an answer, so a short overload of the node, \
                 or of what the probe depends on, restarts it"
            );
            let help =
                "raise `failureThreshold`, `periodSeconds` or `timeoutSeconds`: half a minute is usual";
            findings.push(RULE.finding(listed.path().field("livenessProbe"), message).help(help));
        }
    }
}
