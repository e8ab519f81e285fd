//! Renders charts and kustomizations with the programs that the user has, and checks what they render.
//!
//! Nothing is run unless it is asked for. A program gets arguments and no shell, its output is bounded, and its time is limited.

mod action;
mod copy;
mod helm;
mod kustomize;
mod lines;
mod program;
mod split;
mod target;

use std::path::Path;

use self::target::{Target, folder_of};
use crate::files::Input;
use crate::folder::{Chart, Kustomizations, is_kustomization, quoted};
use crate::unread::{PathError, PathReason};

pub(crate) use self::target::{Options, Text};

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

/// Renders every chart and every kustomization among the files. A chart within another one and a kustomization that another one names are
/// rendered with those, library charts and components not at all.
///
/// # Errors
///
/// A message, if there is nothing to render.
pub(crate) fn render(inputs: Vec<Input>, options: &Options<'_>) -> Result<Renderings, String> {
    if options.values.iter().any(|file| file == "-") {
        return Err("-f -: values cannot be read from standard input; save them to a file".to_owned());
    }
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
        let command = format!("kustomize build {}", quoted(&folder.to_string_lossy()));
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

/// The message where nothing can be rendered.
const NOTHING: &str = "--render: there is no Chart.yaml, no kustomization and no packed chart (.tgz) at the paths; leave out --render to check the files as they are";

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

fn is_below(path: &Path, folder: &Path) -> bool {
    folder == Path::new(".") && path.is_relative() && !path.starts_with("..") || path.starts_with(folder)
}
