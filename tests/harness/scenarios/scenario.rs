//! A scenario's file: a comment with its subject, then the existing objects, then the DaemonSets in order.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use daemonset_lint::source::{Content, decode, documents};
use daemonset_validation::{NodeId, Tree, Value};
use serde_json::{Map, Value as Json};

use crate::root;

/// The scenarios of pods that the API server may not store.
const REFUSED: &str = "tests/cluster/admission";

/// What happens in one scenario.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The file's name without its ending; for real manifests the path below the corpus.
    pub name: String,
    /// The first line of the file's comment.
    pub about: String,
    /// Objects that are there before the DaemonSets come: nodes besides the fleet, pods with a `nodeName`, volumes.
    pub objects: Vec<Json>,
    /// The DaemonSets, each created when the one before it has settled. One that stands there again is asked about again, and one that
    /// stands there changed is updated.
    pub daemon_sets: Vec<Json>,
    /// By the number of a DaemonSet, what is made or changed before it comes.
    pub changes: BTreeMap<usize, Vec<Json>>,
    /// Whether nothing is made besides what the file has: a namespace that it does not name is absent.
    pub explicit: bool,
}

impl Scenario {
    /// Reads a scenario's file.
    ///
    /// # Errors
    ///
    /// Where it cannot be read.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let about = text.lines().next().unwrap_or_default().trim_start_matches('#').trim().to_owned();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let all = read_objects(path, &text)?;
        let (mut objects, mut daemon_sets, mut changes) = (Vec::new(), Vec::new(), BTreeMap::new());
        for object in all {
            match daemon_sets.len() {
                _ if object["kind"] == "DaemonSet" => daemon_sets.push(object),
                0 => objects.push(object),
                number => changes.entry(number).or_insert_with(Vec::new).push(object),
            }
        }
        let explicit = path.parent().is_some_and(|folder| folder.ends_with(REFUSED));
        Ok(Self { name, about, objects, daemon_sets, changes, explicit })
    }

    /// The machines of every scenario.
    ///
    /// # Errors
    ///
    /// Where they cannot be read.
    pub fn fleet() -> Result<Self, String> {
        Self::read(&root().join("tests/cluster/fleet.yaml"))
    }

    /// Our own scenarios: the tutorial's, the systems of `tests/systems`, and a file each in `tests/cluster/scenarios`.
    ///
    /// # Errors
    ///
    /// Where one cannot be read.
    pub fn ours() -> Result<Vec<Self>, String> {
        let mut tutorial = Self::read(&root().join("tests/tutorial/cluster.yaml"))?;
        for file in ["fluentd-logging.yaml", "nginx-node-affinity.yaml"] {
            tutorial.daemon_sets.extend(Self::read(&root().join("tests/tutorial").join(file))?.daemon_sets);
        }
        tutorial.name = "tutorial".into();
        let folders = ["tests/systems", "tests/cluster/scenarios"];
        let files = folders.iter().flat_map(|folder| yaml_files(&root().join(folder)));
        std::iter::once(Ok(tutorial)).chain(files.map(|path| Self::read(&path))).collect()
    }

    /// Our own scenarios of pods that the API server may not store: a file each in `tests/cluster/admission`.
    ///
    /// # Errors
    ///
    /// Where one cannot be read.
    pub fn refused() -> Result<Vec<Self>, String> {
        yaml_files(&root().join(REFUSED)).iter().map(|path| Self::read(path)).collect()
    }

    /// Where the outcome of one of our own scenarios is recorded.
    pub fn record(&self) -> PathBuf {
        let folder = if self.explicit { REFUSED } else { "tests/cluster/scenarios" };
        root().join(folder).join(format!("{}.expected", self.name))
    }

    /// Where the outcome of a real manifest is recorded: not beside it, for it is not ours.
    pub fn record_of_real(&self) -> PathBuf {
        let name = self.name.trim_end_matches(".yaml").replace('/', "--");
        root().join("tests/cluster/real").join(format!("{name}.expected"))
    }
}

/// The scenarios of which the command is known to say something else than the control plane, as `tests/cluster/ahead.txt` lists them.
pub fn ahead() -> Vec<String> {
    let text = std::fs::read_to_string(root().join("tests/cluster/ahead.txt")).unwrap_or_default();
    text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(str::to_owned).collect()
}

/// Where real manifests are at hand: others' work, which is in no repository of ours.
pub fn corpus() -> Option<PathBuf> {
    let folder = root().parent()?.join("shared/corpus/manifests");
    folder.is_dir().then_some(folder)
}

/// The real DaemonSets of the corpus: for each folder of it, the first file that has one. Others' work, read in place.
pub fn real(corpus: &Path) -> Vec<Scenario> {
    let mut scenarios = Vec::new();
    let mut folders: Vec<_> =
        std::fs::read_dir(corpus).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    folders.sort();
    for folder in folders {
        for path in yaml_files(&folder) {
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            let Ok(all) = read_objects(&path, &text) else { continue };
            let mut found: Vec<_> = all
                .into_iter()
                .filter(|object| object["kind"] == "DaemonSet" && object["apiVersion"] == "apps/v1")
                .collect();
            if found.is_empty() {
                continue;
            }
            // A release's several DaemonSets are created one after another.
            found.truncate(3);
            let name = path.strip_prefix(corpus).unwrap_or(&path).display().to_string();
            scenarios.push(Scenario {
                name,
                about: "a real manifest".into(),
                objects: Vec::new(),
                daemon_sets: found,
                changes: BTreeMap::new(),
                explicit: false,
            });
            break;
        }
    }
    scenarios
}

/// The YAML files of a folder, in order.
fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|extension| extension == "yaml")).collect();
    files.sort();
    files
}

/// The objects of a file, lists taken apart.
pub(super) fn read_objects(path: &Path, text: &str) -> Result<Vec<Json>, String> {
    let text =
        decode(text.as_bytes().to_vec()).map_err(|error| format!("{}: {}", path.display(), error.message))?;
    let mut objects = Vec::new();
    for document in documents(&text) {
        match document.content {
            Content::Empty => {}
            Content::Tree(tree) => flatten(json(&tree, tree.root()), &mut objects),
            Content::Broken(error) => return Err(format!("{}: {}", path.display(), error.message)),
        }
    }
    Ok(objects)
}

fn flatten(object: Json, objects: &mut Vec<Json>) {
    match object {
        Json::Object(mut map) if map.get("kind").is_some_and(|kind| kind == "List") => {
            if let Some(Json::Array(items)) = map.remove("items") {
                for item in items {
                    flatten(item, objects);
                }
            }
        }
        other => objects.push(other),
    }
}

fn json(tree: &Tree<'_>, node: NodeId) -> Json {
    match tree.value(node) {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Number(text) => serde_json::from_str(text).unwrap_or_else(|_| Json::String(text.to_string())),
        Value::String(text) => Json::String(text.to_string()),
        Value::Sequence(_) => tree.items(node).iter().map(|item| json(tree, *item)).collect(),
        Value::Mapping(_) => {
            let entries =
                tree.entries(node).iter().map(|entry| (entry.key.to_string(), json(tree, entry.value)));
            Json::Object(entries.collect::<Map<_, _>>())
        }
    }
}
