//! A second object in a document: the line between them is missing.

use crate::edit::{Edit, Fix};
use crate::finding::Finding;

/// Says so of the finding that people are shown for the keys that stand twice.
pub(super) fn advise(findings: &mut [Finding]) {
    let twice = |name: &str| {
        findings.iter().any(|finding| finding.rule == "api/duplicate-key" && finding.field == name)
    };
    if !(twice("apiVersion") && twice("kind")) {
        return;
    }
    let shown = findings.iter_mut().find(|finding| {
        finding.rule == "api/duplicate-key" && finding.is_shown() && finding.path.segments().len() == 1
    });
    let Some(finding) = shown else { return };
    finding.headline = Some("a second object begins here without a separator".to_owned());
    finding.label = Some("this key is there twice".into());
    finding.help = Some("write a line `---` above it".into());
    let edits = vec![Edit::Separate { path: finding.path.clone() }];
    finding.fix = Some(Fix { safe: false, edits });
}
