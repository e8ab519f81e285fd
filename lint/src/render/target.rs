//! What is rendered, how, and what comes of it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::engine::Engine;
use crate::engine::origin::Origin;
use crate::engine::outcome::FileReport;
use crate::engine::rendered::Rendered;
use crate::engine::role::Role;
use crate::files::Input;
use crate::folder::Chart;
use crate::limited_read::MaxFileSize;
use crate::shown::shown_lines;

/// How long a program may take.
pub(super) const TIME_LIMIT: Duration = Duration::from_secs(120);

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

impl Options<'_> {
    pub(super) fn has_values(&self) -> bool {
        !(self.values.is_empty() && self.set.is_empty() && self.set_string.is_empty())
            || self.release.is_some()
    }

    /// The options of `helm template` that the user gave.
    pub(super) fn words(&self) -> Vec<String> {
        let joined = |name: &str, value: &str| format!("{name}={value}");
        let namespace = self.namespace.iter().map(|value| joined("--namespace", value));
        let values = self.values.iter().map(|value| joined("--values", value));
        let set = self.set.iter().map(|value| joined("--set", value));
        let texts = self.set_string.iter().map(|value| joined("--set-string", value));
        namespace.chain(values).chain(set).chain(texts).collect()
    }
}

/// A rendered text.
#[derive(Debug)]
pub(crate) struct Text {
    /// The template, or where the text does not come from one, the chart or the kustomization.
    pub(super) path: String,
    /// What was rendered, with empty lines for the parts that other texts have.
    pub(super) text: String,
    /// Where its lines come from.
    pub(super) rendered: Rendered,
    /// Whether a DaemonSet may stand in it.
    pub(super) holds: bool,
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

/// A chart to render.
#[derive(Debug)]
pub(super) struct Target {
    /// Its folder, or its archive.
    pub(super) path: PathBuf,
    /// What it says of itself.
    pub(super) chart: Chart,
}

/// The folder of a file, written as the file is.
pub(super) fn folder_of(file: &Path) -> &Path {
    let folder = file.parent().unwrap_or(file);
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}

/// Why something could not be rendered.
#[derive(Debug)]
pub(super) enum Failure {
    /// None of these programs is there.
    Absent(&'static str),
    /// It could not be started, or did not do its work.
    Failed(String),
    /// What it rendered cannot be used.
    Output(String),
}

impl Failure {
    /// The message. `command` renders it by hand.
    pub(super) fn message(&self, command: &str) -> String {
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
pub(super) fn name_of(path: &Path) -> String {
    Input::File(path.to_path_buf(), Origin::Named).name()
}
