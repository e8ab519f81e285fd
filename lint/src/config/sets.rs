//! What a config sets, and what of it holds for a file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use daemonset_validation::levels::Level;
use daemonset_validation::rules::{RULES, RuleKey};
use daemonset_validation::{Server, Severity};

use super::globs::Globs;
use crate::engine::settings::Settings;
use crate::folder::absolute;

/// A config without errors.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// Its path in messages.
    pub(crate) name: String,
    /// The folder where its globs start.
    pub(super) base: PathBuf,
    /// `kubernetesVersion`, and its line.
    pub(crate) kubernetes_version: Option<(Server, usize)>,
    /// `failOn`, and its line.
    pub(crate) fail_on: Option<(Severity, usize)>,
    /// `exclude`
    pub(super) exclude: Globs,
    /// `levels`
    pub(super) levels: Vec<SetLevel>,
    /// `overrides`
    pub(super) overrides: Vec<Override>,
    /// What holds for a file that no override matches.
    pub(super) plain: Arc<Settings>,
}

/// A level that is set.
#[derive(Clone, Debug)]
pub(super) struct SetLevel {
    pub(super) key: RuleKey,
    pub(super) level: Level,
    pub(super) line: usize,
}

/// Levels for some files.
#[derive(Clone, Debug)]
pub(super) struct Override {
    pub(super) paths: Globs,
    pub(super) levels: Vec<SetLevel>,
}

/// What sets the level of a rule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin<'c> {
    /// The level.
    pub(crate) level: Level,
    /// The key that names the rule, or its family.
    pub(crate) key: RuleKey,
    /// The line of the config.
    pub(crate) line: usize,
    /// The glob of the override that it is part of.
    pub(crate) glob: Option<&'c str>,
}

impl Config {
    /// A config that sets nothing.
    pub(super) fn new(name: String, base: PathBuf, exclude: Globs) -> Self {
        Self {
            name,
            base,
            kubernetes_version: None,
            fail_on: None,
            exclude,
            levels: Vec::new(),
            overrides: Vec::new(),
            plain: Arc::default(),
        }
    }

    /// The config with what holds for most files made ready.
    pub(super) fn ready(mut self) -> Self {
        self.plain = Arc::new(self.made(None));
        self
    }

    /// The path from the folder where the globs start; `None` for a file that is not below it.
    fn relative(&self, file: &Path) -> Option<PathBuf> {
        absolute(file).strip_prefix(&self.base).ok().map(Path::to_path_buf)
    }

    /// The glob that excludes a file, and its line.
    pub(crate) fn excludes(&self, file: &Path) -> Option<(&str, usize)> {
        self.exclude.matching(&self.relative(file)?)
    }

    /// What holds for a file.
    pub(crate) fn settings(&self, file: &Path) -> Arc<Settings> {
        let relative = if self.overrides.is_empty() { None } else { self.relative(file) };
        match relative {
            Some(file) if self.overrides.iter().any(|one| one.paths.matching(&file).is_some()) => {
                Arc::new(self.made(Some(&file)))
            }
            _ => self.plain.clone(),
        }
    }

    fn made(&self, relative: Option<&Path>) -> Settings {
        let set = self.origins_of(relative).into_iter().map(|(rule, origin)| (rule, origin.level)).collect();
        Settings::new(set, self.fail_on.map(|(severity, _)| severity))
    }

    /// The levels that are set for a file, by the id of their rule.
    pub(crate) fn origins(&self, file: &Path) -> BTreeMap<&'static str, Origin<'_>> {
        self.origins_of(self.relative(file).as_deref())
    }

    fn origins_of(&self, relative: Option<&Path>) -> BTreeMap<&'static str, Origin<'_>> {
        let mut found = BTreeMap::new();
        add(&mut found, &self.levels, None);
        for one in &self.overrides {
            if let Some((glob, _)) = relative.and_then(|file| one.paths.matching(file)) {
                add(&mut found, &one.levels, Some(glob));
            }
        }
        found
    }
}

/// Adds the levels of one place of the config. The id of a rule takes precedence over a pattern, wherever the two stand.
fn add<'c>(found: &mut BTreeMap<&'static str, Origin<'c>>, levels: &[SetLevel], glob: Option<&'c str>) {
    let is_pattern = |set: &&SetLevel| matches!(set.key, RuleKey::Family(_));
    let patterns = levels.iter().filter(is_pattern);
    for SetLevel { key, level, line } in patterns.chain(levels.iter().filter(|set| !is_pattern(set))) {
        for rule in RULES.iter().filter(|rule| key.covers(rule)) {
            found.insert(rule.id, Origin { level: *level, key: *key, line: *line, glob });
        }
    }
}
