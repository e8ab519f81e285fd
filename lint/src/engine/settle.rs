//! The last steps of a run, when all findings are known: levels that are set hold for all findings of their rules, and what is to be said of
//! allowances is added.

use daemonset_validation::levels::Level;

use super::allow;
use super::context::Engine;
use super::outcome::{FileReport, Located};
use super::settings::Settings;

/// Settles the findings of every file.
pub(super) fn settle(files: &mut [FileReport], engine: &Engine<'_>) {
    let kept = engine.kept();
    for file in files {
        match file.settings.clone() {
            Some(settings) => {
                set_levels(file, &settings);
                allow::finish(file, settings.levels(), kept);
            }
            None => allow::finish(file, &engine.levels, kept),
        }
        for document in &mut file.documents {
            document.allowed.sort_by_key(|allowed| allowed.located.place.exact.start);
        }
    }
}

/// Gives findings the levels that are set for their rules. Most have them already, since the rules were checked at these levels.
fn set_levels(file: &mut FileReport, settings: &Settings) {
    let lists = file.documents.iter_mut().map(|document| &mut document.findings);
    for findings in std::iter::once(&mut file.findings).chain(lists) {
        findings.retain(|located| settings.set(located.finding.rule) != Some(Level::Off));
        for Located { finding, .. } in findings {
            if let Some(severity) = settings.set(finding.rule).and_then(Level::severity) {
                finding.severity = severity;
            }
        }
    }
    file.more.retain(|more| settings.set(more.rule) != Some(Level::Off));
    for more in &mut file.more {
        if let Some(severity) = settings.set(more.rule).and_then(Level::severity) {
            more.severity = severity;
        }
    }
}
