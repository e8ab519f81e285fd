//! Helm charts: folders with a `Chart.yaml`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::source::{self, Content};

/// A chart that is rendered by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chart {
    /// Its folder, written as the paths of its files are.
    pub(super) folder: PathBuf,
    /// The name of a release: the chart's own.
    pub(crate) release: String,
    /// Whether it only holds parts for other charts, and cannot be rendered.
    pub(crate) is_library: bool,
    /// Whether it depends on charts that are not in its `charts` folder.
    pub(super) lacks_dependencies: bool,
}

/// Finds charts, and remembers which folders are charts.
#[derive(Debug, Default)]
pub(super) struct Charts {
    known: HashMap<PathBuf, bool>,
}

impl Charts {
    fn is_chart(&mut self, folder: &Path) -> bool {
        if let Some(known) = self.known.get(folder) {
            return *known;
        }
        let found = file_of(folder).is_file();
        self.known.insert(folder.to_path_buf(), found);
        found
    }

    /// Whether the file is below the `templates` folder of a chart.
    pub(super) fn is_template(&mut self, file: &Path) -> bool {
        file.ancestors().skip(1).any(|folder| {
            folder.file_name().is_some_and(|name| name == "templates")
                && folder.parent().is_some_and(|parent| self.is_chart(parent))
        })
    }

    /// The chart with whose values the file is rendered: the nearest one above it, or, for a subchart in the `charts` folder of another
    /// chart, that other one.
    pub(super) fn of(&mut self, file: &Path) -> Option<Chart> {
        let absolute = super::absolute(file);
        let mut folder = absolute.ancestors().skip(1).find(|folder| self.is_chart(folder))?.to_path_buf();
        while let Some(parent) =
            folder.parent().filter(|parent| parent.ends_with("charts")).and_then(Path::parent)
            && self.is_chart(parent)
        {
            folder = parent.to_path_buf();
        }
        let depth = absolute.components().count().saturating_sub(folder.components().count());
        // A file is named as the user names it; so is its chart, if the name reaches that far.
        let named = file.ancestors().nth(depth).filter(|_| depth <= file.components().count());
        let named = named.map(|named| if named.as_os_str().is_empty() { Path::new(".") } else { named });
        Some(read(&folder, named.unwrap_or(&folder)))
    }
}

/// The `Chart.yaml` of a folder.
fn file_of(folder: &Path) -> PathBuf {
    folder.join("Chart.yaml")
}

fn read(folder: &Path, named: &Path) -> Chart {
    let text = std::fs::read_to_string(file_of(folder)).unwrap_or_default();
    let tree = source::documents(&text).find_map(|document| match document.content {
        Content::Tree(tree) => Some(tree),
        _ => None,
    });
    let get = |key: &str| tree.as_ref().and_then(|tree| tree.get_str(tree.root(), key));
    let depends = tree.as_ref().and_then(|tree| tree.get(tree.root(), "dependencies")).is_some();
    let folder_name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
    Chart {
        folder: named.to_path_buf(),
        release: get("name").map(str::to_owned).or(folder_name).unwrap_or_else(|| "release".to_owned()),
        is_library: get("type") == Some("library"),
        lacks_dependencies: depends && !folder.join("charts").is_dir(),
    }
}

impl Chart {
    /// Whether the file is a template of the chart itself, and not of a subchart.
    pub(super) fn owns(&self, file: &Path) -> bool {
        let folder = if self.folder == Path::new(".") { Path::new("") } else { &self.folder };
        file.starts_with(folder.join("templates"))
    }

    /// The chart of this folder.
    pub(crate) fn of_folder(folder: &Path) -> Self {
        read(&super::absolute(folder), folder)
    }

    /// The chart in a packed file, `agent-1.2.3.tgz`. The file is not opened.
    pub(crate) fn of_archive(file: &Path) -> Self {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let version = name.match_indices('-').find(|(at, _)| {
            name.get(at.saturating_add(1)..)
                .is_some_and(|rest| rest.starts_with(|one: char| one.is_ascii_digit()))
        });
        let release = version.and_then(|(at, _)| name.get(..at)).unwrap_or(&name).to_owned();
        Self { folder: file.to_path_buf(), release, is_library: false, lacks_dependencies: false }
    }

    /// The command that renders it and checks the result, to copy.
    pub(super) fn command(&self) -> String {
        format!("{} | daemonset-lint -", self.template_command(None, &[]))
    }

    /// The command that has it rendered and checks the result, to copy.
    pub(super) fn render_command(&self) -> String {
        format!("daemonset-lint --render {}", quoted(&self.folder.to_string_lossy()))
    }

    /// The command that renders it, with these options (`--name=value`) and the name of the release, to copy.
    pub(crate) fn template_command(&self, release: Option<&str>, options: &[String]) -> String {
        let update = if self.lacks_dependencies { "--dependency-update " } else { "" };
        let option = |option: &String| match option.split_once('=') {
            Some((name, value)) => format!("{name}={} ", quoted(value)),
            None => format!("{option} "),
        };
        let options: String = options.iter().map(option).collect();
        let (release, folder) =
            (quoted(release.unwrap_or(&self.release)), quoted(&self.folder.to_string_lossy()));
        format!("helm template {update}{options}{release} {folder}")
    }
}

/// The word for a shell.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain = |one: char| {
        one.is_alphanumeric() || matches!(one, '/' | '.' | '-' | '_' | '+' | ',' | ':' | '@' | '%' | '=')
    };
    if !word.is_empty() && !word.starts_with('-') && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_chart_is_released_by_its_name() {
        for (file, release) in
            [("agent-1.2.3.tgz", "agent"), ("a/node-agent-2-0.1.0.tgz", "node-agent"), ("agent.tgz", "agent")]
        {
            assert_eq!(Chart::of_archive(Path::new(file)).release, release);
        }
    }

    #[test]
    fn commands_can_be_copied() {
        let chart = |folder: &str, lacks_dependencies| Chart {
            folder: folder.into(),
            release: "agent".to_owned(),
            is_library: false,
            lacks_dependencies,
        };
        assert_eq!(
            chart("charts/agent", false).command(),
            "helm template agent charts/agent | daemonset-lint -"
        );
        assert_eq!(
            chart("my charts/it's", true).command(),
            "helm template --dependency-update agent 'my charts/it'\\''s' | daemonset-lint -"
        );
    }
}
