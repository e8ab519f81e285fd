//! Renders charts and kustomizations with the programs that the user has, and checks what they render.
//!
//! Nothing is run unless it is asked for. A program gets arguments and no shell, its output is bounded, and it has [`TIME_LIMIT`].

mod action;
mod copy;
mod helm;
mod kustomize;
mod lines;
mod program;
mod split;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::engine::Engine;
use crate::engine::outcome::FileReport;
use crate::engine::rendered::Rendered;
use crate::engine::role::Role;
use crate::files::Input;
use crate::folder::{Chart, Kustomizations, is_kustomization};
use crate::limited_read::MaxFileSize;
use crate::shown::{shown_lines, shown_path};
use crate::unread::{PathError, PathReason};

/// How long a program may take.
const TIME_LIMIT: Duration = Duration::from_secs(120);

/// How charts are rendered, and by what.
#[derive(Clone, Debug)]
pub(crate) struct Options<'o> {
    /// Files of values, as for `helm --values`.
    pub(crate) values: &'o [String],
    /// Values, as for `helm --set`.
    pub(crate) set: &'o [String],
    /// Values that are texts, as for `helm --set-string`.
    pub(crate) set_string: &'o [String],
    /// The name of the release; the chart's own by default.
    pub(crate) release: Option<&'o str>,
    /// The namespace of the release.
    pub(crate) namespace: Option<&'o str>,
    /// The Kubernetes version that a chart is rendered for, such as `1.37`.
    pub(crate) minor: &'o str,
    /// The most that a program may print.
    pub(crate) max: MaxFileSize,
    /// The folders in which programs are searched for, as in the variable `PATH`.
    pub(crate) search: Option<OsString>,
}

/// What was rendered.
#[derive(Debug, Default)]
pub(crate) struct Renderings {
    /// The files that are read as they are: those that no chart and no kustomization is made of.
    pub(crate) inputs: Vec<Input>,
    /// The texts to check.
    pub(crate) texts: Vec<Text>,
    /// What could not be rendered.
    pub(crate) errors: Vec<PathError>,
}

/// A rendered text.
#[derive(Debug)]
pub(crate) struct Text {
    /// The template, or where the text does not come from one, the chart or the kustomization.
    path: String,
    text: String,
    rendered: Rendered,
    /// Whether a DaemonSet may stand in it.
    holds: bool,
}

impl Text {
    /// The report of the text.
    pub(crate) fn report(&self, engine: &Engine<'_>) -> FileReport {
        let (path, bytes) = (self.path.clone(), self.text.clone().into_bytes());
        let report = if self.holds {
            engine.check(path, bytes)
        } else {
            engine.check_found(path, bytes, Role::Resource)
        };
        FileReport { rendered: Some(Box::new(self.rendered.clone())), ..report }
    }

    /// The name in messages.
    pub(crate) fn name(&self) -> &str {
        &self.path
    }
}

/// Renders every chart and every kustomization among the files. A chart within another one and a kustomization that another one names are
/// rendered with those, library charts and components not at all.
///
/// # Errors
///
/// A message, if there is nothing to render.
pub(crate) fn render(inputs: Vec<Input>, options: &Options<'_>) -> Result<Renderings, String> {
    let charts = charts(&inputs);
    let in_chart =
        |path: &Path| charts.iter().any(|chart| chart.path.is_dir() && is_below(path, &chart.path));
    let mut kustomizations = Kustomizations::default();
    let files = || inputs.iter().filter_map(Input::path);
    let named: Vec<&Path> = files().filter(|path| is_kustomization(path) && !in_chart(path)).collect();
    named.iter().for_each(|file| kustomizations.add(file));
    let roots: Vec<&Path> = named.iter().copied().filter(|file| kustomizations.is_root(file)).collect();
    if charts.is_empty() && named.is_empty() {
        return Err(NOTHING.to_owned());
    }
    if charts.is_empty() && options.has_values() {
        return Err(
            "-f, --set, --set-string and --release are for charts, but none of the paths is one".to_owned()
        );
    }
    let mut renderings = Renderings::default();
    for target in &charts {
        let rendered = helm::render(target, options);
        renderings.add(
            &target.path,
            rendered.map_err(|error| {
                error.message(&target.chart.template_command(options.release, &options.words()))
            }),
        );
    }
    for file in roots {
        let folder = folder_of(file);
        let command = format!("kustomize build {}", crate::folder::quoted(&folder.to_string_lossy()));
        renderings.add(folder, kustomize::render(file, options).map_err(|error| error.message(&command)));
    }
    let is_part = |path: &Path| {
        let of_kustomization =
            is_kustomization(path) || kustomizations.is_resource(path) || kustomizations.is_patch(path);
        in_chart(path) || is_archive(path) || of_kustomization
    };
    renderings.inputs = inputs.iter().filter(|input| !input.path().is_some_and(is_part)).cloned().collect();
    Ok(renderings)
}

impl Renderings {
    fn add(&mut self, path: &Path, rendered: Result<Vec<Text>, String>) {
        match rendered {
            Ok(texts) => self.texts.extend(texts),
            Err(reason) => {
                self.errors.push(PathError { path: path.to_path_buf(), reason: PathReason::System(reason) });
            }
        }
    }
}

impl Options<'_> {
    fn has_values(&self) -> bool {
        !(self.values.is_empty() && self.set.is_empty() && self.set_string.is_empty())
            || self.release.is_some()
    }

    /// The options of `helm template` that the user gave.
    fn words(&self) -> Vec<String> {
        let joined = |name: &str, value: &str| format!("{name}={value}");
        let namespace = self.namespace.iter().map(|value| joined("--namespace", value));
        let values = self.values.iter().map(|value| joined("--values", value));
        let set = self.set.iter().map(|value| joined("--set", value));
        let texts = self.set_string.iter().map(|value| joined("--set-string", value));
        namespace.chain(values).chain(set).chain(texts).collect()
    }
}

/// The message where nothing can be rendered.
const NOTHING: &str = "--render: there is no Chart.yaml, no kustomization and no packed chart (.tgz) at the paths; leave out --render to check the files as they are";

/// A chart to render.
#[derive(Debug)]
struct Target {
    /// Its folder, or its archive.
    path: PathBuf,
    chart: Chart,
}

/// The charts that are rendered by themselves.
fn charts(inputs: &[Input]) -> Vec<Target> {
    let files = || inputs.iter().filter_map(Input::path);
    let is_chart = |path: &&Path| path.file_name().is_some_and(|name| name == "Chart.yaml");
    let folders: Vec<&Path> = files().filter(is_chart).map(folder_of).collect();
    let is_sub = |folder: &Path| folders.iter().any(|other| is_below(folder, &other.join("charts")));
    let own = folders
        .iter()
        .copied()
        .filter(|folder| !is_sub(folder))
        .map(|folder| Target { path: folder.to_path_buf(), chart: Chart::of_folder(folder) });
    let archives = files()
        .filter(|path| is_archive(path))
        .map(|path| Target { path: path.to_path_buf(), chart: Chart::of_archive(path) });
    own.filter(|target| !target.chart.is_library).chain(archives).collect()
}

/// Whether the file is a packed chart by its name.
fn is_archive(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "tgz")
}

/// The folder of a file, written as the file is.
fn folder_of(file: &Path) -> &Path {
    let folder = file.parent().unwrap_or(file);
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}

fn is_below(path: &Path, folder: &Path) -> bool {
    folder == Path::new(".") && path.is_relative() && !path.starts_with("..") || path.starts_with(folder)
}

/// Why something could not be rendered.
#[derive(Debug)]
enum Failure {
    /// None of these programs is there.
    Absent(&'static str),
    /// It could not be started, or did not do its work.
    Failed(String),
    /// What it rendered cannot be used.
    Output(String),
}

impl Failure {
    /// The message. `command` renders it by hand.
    fn message(&self, command: &str) -> String {
        match self {
            Self::Absent(programs) => {
                format!(
                    "cannot be rendered, because {programs}; install it, or run `{command} | daemonset-lint -` where it is"
                )
            }
            Self::Failed(reason) => shown_lines(reason).into_owned(),
            Self::Output(reason) => format!("what was rendered cannot be read: {reason}"),
        }
    }
}

/// The name of a path in reports.
fn name_of(path: &Path) -> String {
    let name = shown_path(path);
    if std::path::MAIN_SEPARATOR == '/' { name } else { name.replace('\\', "/") }
}
