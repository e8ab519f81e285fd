//! `helm template`, and where the lines that it prints stand in the chart.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use super::split::{Part, split};
use super::target::{Failure, Options, TIME_LIMIT, Target, Text, name_of};
use super::{copy, lines, program};
use crate::engine::rendered::Rendered;

const NAME: &str = "helm";

/// The texts of a chart: one for each template that renders a DaemonSet, and one for the rest.
pub(super) fn render(target: &Target, options: &Options<'_>) -> Result<Vec<Text>, Failure> {
    let search = options.search.as_deref();
    let program = program::find(NAME, search).ok_or(Failure::Absent("helm is not on the PATH"))?;
    let text = template(&program, &target.path, target, options)?;
    let text = String::from_utf8(text).map_err(|_| Failure::Output("it is not UTF-8".to_owned()))?;
    let parts = split(&text);
    let templates: BTreeSet<PathBuf> = parts.iter().filter_map(|part| in_chart(part, &target.path)).collect();
    let lines = if templates.is_empty() {
        Vec::new()
    } else {
        places(&program, target, &templates, &text, options).unwrap_or_default()
    };
    let texts = parts.into_iter().map(|part| {
        let template = in_chart(&part, &target.path);
        let path = template.as_ref().map(|template| join(&target.path, template));
        let known = |place: &Option<lines::Place>| match (place, &template) {
            (Some(place), Some(template)) if place.template == *template => place.line,
            _ => 0,
        };
        Text {
            path: name_of(path.as_deref().unwrap_or(&target.path)),
            rendered: Rendered::new(NAME, lines.iter().map(known).collect()),
            holds: part.holds,
            text: part.text,
        }
    });
    Ok(texts.collect())
}

/// The folder's file, without `./` in front.
fn join(folder: &Path, file: &Path) -> PathBuf {
    if folder == Path::new(".") { file.to_path_buf() } else { folder.join(file) }
}

fn template(
    program: &Path,
    chart: &Path,
    target: &Target,
    options: &Options<'_>,
) -> Result<Vec<u8>, Failure> {
    let mut arguments: Vec<OsString> =
        vec!["template".into(), format!("--kube-version=v{}.0", options.minor).into()];
    arguments.extend(options.words().into_iter().map(OsString::from));
    arguments.push("--".into());
    arguments.push(options.release.unwrap_or(&target.chart.release).into());
    // A relative path without a slash would be searched for in repositories.
    arguments.push(std::path::absolute(chart).unwrap_or_else(|_| chart.to_path_buf()).into_os_string());
    program::run(program, "helm template", &arguments, options.max, TIME_LIMIT)
}

/// The template of a part, by its path within the chart; `None` if it holds no DaemonSet, or if the chart's folder has no such file: its
/// subchart is packed.
fn in_chart(part: &Part, chart: &Path) -> Option<PathBuf> {
    let source = part.source.as_ref().filter(|_| part.holds)?;
    let (_, within) = source.split_once('/')?;
    let within = Path::new(within);
    let is_plain = within.components().all(|component| matches!(component, Component::Normal(_)));
    (is_plain && chart.join(within).is_file()).then(|| within.to_path_buf())
}

/// The place of each line. The chart is rendered once more with marks in its templates, which tell what a line comes from. Where that
/// renders something else, nothing is known.
fn places(
    program: &Path,
    target: &Target,
    templates: &BTreeSet<PathBuf>,
    text: &str,
    options: &Options<'_>,
) -> Option<Vec<Option<lines::Place>>> {
    let copy = copy::copy(&target.path).ok()?;
    let marks = lines::mark(copy.path(), templates).ok()?;
    let marked = template(program, copy.path(), target, options).ok()?;
    marks.places(text, &String::from_utf8(marked).ok()?)
}
