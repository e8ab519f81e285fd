//! Finds the config of each file: the nearest one in the folders above it, up to the root of the git repository. Each folder is looked at
//! once.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use daemonset_validation::Server;

use super::NAMES;
use super::read::read;
use super::sets::Config;
use crate::engine::outcome::FileReport;
use crate::engine::settings::Settings;
use crate::files::reason;
use crate::folder::absolute;
use crate::limited_read::may_wait;
use crate::shown::shown_path;

/// The largest config, in bytes.
const LARGEST: u64 = 1 << 20;

/// Where configs are looked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum LookFor<'a> {
    /// Above each file.
    Above,
    /// One file, for all files.
    File(&'a Path),
    /// There is none.
    Nothing,
}

/// The configs of the files of a run.
#[derive(Debug)]
pub(crate) struct Configs {
    configs: Vec<Config>,
    /// The config of each folder that was looked at, by its absolute path.
    by_folder: HashMap<PathBuf, Option<usize>>,
    /// The same for the folders of the files, as they were given.
    by_given: HashMap<PathBuf, Option<usize>>,
    /// Whether configs are looked for; else the first one, if there is any, holds for all files.
    looks: bool,
    /// The configs that hold for a file, and `None` if a file has none.
    used: BTreeSet<Option<usize>>,
    /// Findings about configs that cannot be used.
    pub(crate) faults: Vec<FileReport>,
}

impl Configs {
    /// Without files yet.
    pub(crate) fn new(look_for: LookFor<'_>) -> Self {
        let mut configs = Self {
            configs: Vec::new(),
            by_folder: HashMap::new(),
            by_given: HashMap::new(),
            looks: matches!(look_for, LookFor::Above),
            used: BTreeSet::new(),
            faults: Vec::new(),
        };
        if let LookFor::File(path) = look_for {
            // It may be anywhere, so its globs start where the command runs.
            let _ = configs.add(path, shown_path(path), absolute(Path::new(".")), is_given);
        }
        configs
    }

    /// Finds the configs of files. Standard input counts as a file in the working folder.
    pub(crate) fn find<'p>(&mut self, files: impl IntoIterator<Item = &'p Path>) {
        for file in files {
            let folder = file.parent().unwrap_or(Path::new(""));
            if self.by_given.contains_key(folder) {
                continue;
            }
            let found = if self.looks { self.above(file) } else { self.one() };
            self.by_given.insert(folder.to_path_buf(), found);
            self.used.insert(found);
        }
    }

    /// The config that holds for a file.
    pub(crate) fn of(&self, file: &Path) -> Option<&Config> {
        let folder = file.parent().unwrap_or(Path::new(""));
        self.configs.get(self.by_given.get(folder).copied().flatten()?)
    }

    /// What is set for a file.
    pub(crate) fn settings(&self, file: &Path) -> Option<Arc<Settings>> {
        self.of(file).map(|config| config.settings(file))
    }

    /// The glob that excludes a file, and its line.
    pub(crate) fn excludes(&self, file: &Path) -> Option<(&str, usize)> {
        self.of(file)?.excludes(file)
    }

    /// The Kubernetes version that all files are checked against; `None` where no config sets one.
    ///
    /// # Errors
    ///
    /// A message, where the configs of the files set different ones.
    pub(crate) fn server(&self) -> Result<Option<Server>, String> {
        let of = |found: &Option<usize>| found.and_then(|at| self.configs.get(at));
        let version = |found: &Option<usize>| of(found).and_then(|config| config.kubernetes_version);
        let mut versions: Vec<(String, Option<Server>)> = Vec::new();
        for found in &self.used {
            let server = version(found).map(|(server, _)| server);
            if versions.iter().all(|(_, known)| known.unwrap_or_default() != server.unwrap_or_default()) {
                let line = version(found).map(|(_, line)| format!(":{line}")).unwrap_or_default();
                let name =
                    of(found).map_or("files without a config".to_owned(), |config| config.name.clone());
                versions.push((format!("{name}{line}"), server));
            }
        }
        match versions.as_slice() {
            [] => Ok(None),
            [(_, server)] => Ok(*server),
            several => {
                let said = several.iter().map(|(name, server)| match server {
                    Some(server) => format!("{} by {name}", server.minor()),
                    None => format!("{} for {name}", Server::newest().minor()),
                });
                Err(format!(
                    "a run has one Kubernetes version, and the files have {}; choose one with --kubernetes-version, or check them in \
                     several runs",
                    said.collect::<Vec<_>>().join(", and ")
                ))
            }
        }
    }

    const fn one(&self) -> Option<usize> {
        if self.configs.is_empty() { None } else { Some(0) }
    }

    fn above(&mut self, file: &Path) -> Option<usize> {
        let file = absolute(file);
        let mut passed = Vec::new();
        let mut found = None;
        for folder in file.ancestors().skip(1) {
            if let Some(known) = self.by_folder.get(folder) {
                found = *known;
                break;
            }
            passed.push(folder.to_path_buf());
            if let Some(config) = self.in_folder(folder) {
                found = config;
                break;
            }
            if folder.join(".git").symlink_metadata().is_ok() {
                break;
            }
        }
        self.by_folder.extend(passed.into_iter().map(|folder| (folder, found)));
        found
    }

    /// The config in a folder; `None` if there is none, and `Some(None)` if it cannot be used.
    fn in_folder(&mut self, folder: &Path) -> Option<Option<usize>> {
        let there: Vec<PathBuf> = NAMES
            .iter()
            .map(|name| folder.join(name))
            .filter(|path| path.symlink_metadata().is_ok())
            .collect();
        let path = there.first()?;
        if there.len() > 1 {
            let message = format!("{} is beside it, and only one of the two can hold: delete one", NAMES[1]);
            self.faults.push(*read(named(path), folder.to_path_buf(), Err(message)).err()?);
            return Some(None);
        }
        Some(self.add(path, named(path), folder.to_path_buf(), is_found))
    }

    fn add(
        &mut self,
        path: &Path,
        name: String,
        base: PathBuf,
        may_be_read: fn(&Path, &fs::Metadata) -> Result<(), String>,
    ) -> Option<usize> {
        let bytes = fs::metadata(path).map_err(|error| reason(&error)).and_then(|metadata| {
            may_be_read(path, &metadata)?;
            bytes(path)
        });
        match read(name, base, bytes) {
            Ok(config) => {
                self.configs.push(config);
                self.configs.len().checked_sub(1)
            }
            Err(fault) => {
                self.faults.push(*fault);
                None
            }
        }
    }
}

/// Whether a file that was found is read: a pipe could wait for ever.
fn is_found(_: &Path, metadata: &fs::Metadata) -> Result<(), String> {
    if metadata.is_dir() {
        return Err("it is a folder".to_owned());
    }
    if metadata.is_file() { Ok(()) } else { Err("it is not a regular file".to_owned()) }
}

/// Whether a file that was given is read: also a pipe that the shell has made.
fn is_given(path: &Path, metadata: &fs::Metadata) -> Result<(), String> {
    if metadata.is_dir() {
        return Err("it is a folder".to_owned());
    }
    if may_wait(path) { Err("it is a pipe".to_owned()) } else { Ok(()) }
}

fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = |error: io::Error| reason(&error);
    File::open(path).map_err(read)?.take(LARGEST.saturating_add(1)).read_to_end(&mut bytes).map_err(read)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LARGEST {
        return Err("it is larger than 1 MiB; a config is a few lines".to_owned());
    }
    Ok(bytes)
}

/// The path of a config in messages: from the working folder, if it is below it or above it.
fn named(path: &Path) -> String {
    let here = absolute(Path::new("."));
    if let Ok(below) = path.strip_prefix(&here) {
        return shown_path(below);
    }
    let above = path.parent().and_then(|folder| here.strip_prefix(folder).ok());
    match (above, path.file_name()) {
        (Some(steps), Some(name)) => {
            let up: PathBuf = steps.components().map(|_| "..").collect();
            shown_path(&up.join(name))
        }
        _ => shown_path(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes files in a new folder, and removes it in the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str, files: &[(&str, &str)]) -> Self {
            let folder =
                std::env::temp_dir().join(format!("daemonset-lint-config-{name}-{}", std::process::id()));
            for (file, text) in files {
                let path = folder.join(file);
                assert!(fs::create_dir_all(path.parent().unwrap_or(&folder)).is_ok());
                assert!(fs::write(path, text).is_ok());
            }
            Self(folder)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn the_nearest_config_below_the_root_of_the_repository_holds() {
        let folder = Folder::new(
            "nearest",
            &[
                (".daemonset-lint.yaml", "failOn: info\n"),
                ("repo/.git/HEAD", ""),
                ("repo/a/.daemonset-lint.yaml", "failOn: warning\n"),
                ("repo/a/b/x.yaml", ""),
                ("repo/c/x.yaml", ""),
                ("other/.daemonset-lint.yml", ""),
            ],
        );
        let paths: Vec<PathBuf> =
            ["repo/a/b/x.yaml", "repo/a/y.yaml", "repo/c/x.yaml", "z/z.yaml", "other/z.yaml"]
                .iter()
                .map(|path| folder.0.join(path))
                .collect();
        let mut configs = Configs::new(LookFor::Above);
        configs.find(paths.iter().map(PathBuf::as_path));
        let found: Vec<Option<String>> = paths
            .iter()
            .map(|path| {
                let config = configs.of(path)?;
                Path::new(&config.name).strip_prefix(&folder.0).ok().map(|name| name.display().to_string())
            })
            .collect();
        let own = |name: &str| Some(name.to_owned());
        let expected = [
            own("repo/a/.daemonset-lint.yaml"),
            own("repo/a/.daemonset-lint.yaml"),
            None,
            own(".daemonset-lint.yaml"),
            own("other/.daemonset-lint.yml"),
        ];
        assert_eq!(found, expected);
        assert!(configs.faults.is_empty());
        let mut none = Configs::new(LookFor::Nothing);
        none.find(paths.iter().map(PathBuf::as_path));
        assert!(paths.iter().all(|path| none.of(path).is_none()));
    }
}
