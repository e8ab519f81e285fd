//! Notes about templates that hold a DaemonSet: they are checked when they have been rendered.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use daemonset_validation::words::names::folded;
use daemonset_validation::{FieldPath, Finding, Severity, Span};

use super::chart::{Chart, Charts};
use crate::engine::locate::Place;
use crate::engine::outcome::{FileReport, Located, Reading};

/// Adds one note a chart, with the command that renders it, and one note for all other templates. The findings of templates that were named
/// get the command, too.
pub(crate) fn explain_templates(files: &mut [FileReport]) {
    let mut charts = Charts::default();
    let mut of_charts: BTreeMap<usize, (Chart, usize)> = BTreeMap::new();
    let mut is_own: HashSet<usize> = HashSet::new();
    let mut others: Vec<usize> = Vec::new();
    for (at, file) in files.iter_mut().enumerate() {
        let is_template = matches!(file.reading, Reading::Template(_));
        let chart =
            if is_template || has_template_finding(file) { charts.of(Path::new(&file.path)) } else { None };
        match (is_template, chart) {
            (true, Some(chart)) if chart.is_library => {}
            (true, Some(chart)) => {
                let known = of_charts.iter().find(|(_, (known, _))| *known == chart).map(|(first, _)| *first);
                let (first, count) = match known.and_then(|first| Some((first, of_charts.remove(&first)?))) {
                    Some((first, (_, count))) => (first, count),
                    None => (at, 0),
                };
                // A template of its own shows more of the chart than one of a subchart.
                let first = if count == 0 || !is_own.contains(&first) && chart.owns(Path::new(&file.path)) {
                    at
                } else {
                    first
                };
                if chart.owns(Path::new(&file.path)) {
                    is_own.insert(at);
                }
                of_charts.insert(first, (chart, count.saturating_add(1)));
            }
            (true, None) => others.push(at),
            (false, Some(chart)) => give_command(file, &chart),
            (false, None) => {}
        }
    }
    for (at, (chart, count)) in of_charts {
        add(files, at, of_chart(&chart, count));
    }
    if let Some(first) = others.first().copied() {
        let names: Vec<&str> =
            others.iter().filter_map(|at| files.get(*at)).map(|file| file.path.as_str()).collect();
        let note = of_others(&names);
        add(files, first, note);
    }
}

fn has_template_finding(file: &FileReport) -> bool {
    file.findings.iter().any(|located| located.finding.rule == TEMPLATE)
}

const TEMPLATE: &str = "file/template";

fn note(message: String, help: String) -> Finding {
    Finding::new(TEMPLATE, Severity::Info, FieldPath::document(), message).help(help)
}

fn of_chart(chart: &Chart, count: usize) -> Finding {
    let message = match count {
        1 => "the chart has to be rendered before its DaemonSet can be checked".to_owned(),
        _ => format!(
            "the chart has to be rendered before the DaemonSets of its {count} templates can be checked"
        ),
    };
    note(message, advice(chart))
}

fn of_others(names: &[&str]) -> Finding {
    let message = match names {
        [_] => "the template has to be filled in before its DaemonSet can be checked".to_owned(),
        _ => format!(
            "{} templates have to be filled in before their DaemonSets can be checked: {}",
            names.len(),
            folded(names)
        ),
    };
    let help = "there is no Chart.yaml above, so this is no chart of Helm: pipe the output of the tool that fills it in into `daemonset-lint -`";
    note(message, help.to_owned())
}

fn add(files: &mut [FileReport], at: usize, finding: Finding) {
    let Some(file) = files.get_mut(at) else { return };
    let span = match file.reading {
        Reading::Template(span) => span,
        _ => Span::default(),
    };
    file.findings.push(Located { finding, place: Place { exact: span, frame: span } });
}

/// Two ways to check what a chart renders.
fn advice(chart: &Chart) -> String {
    format!("check what it renders: `{}`, or `{}`", chart.render_command(), chart.command())
}

/// The finding of a template that was named says how its own chart is rendered.
fn give_command(file: &mut FileReport, chart: &Chart) {
    if chart.is_library {
        return;
    }
    for located in file.findings.iter_mut().filter(|located| located.finding.rule == TEMPLATE) {
        located.finding.help = Some(advice(chart).into());
    }
}
