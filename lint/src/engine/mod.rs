//! Makes reports of texts. The command, its formats and the tests use it; an editor can, too.
//!
//! The engine reads no files and prints nothing. It takes the bytes of texts, and optionally a cluster and stored objects:
//!
//! ```
//! use daemonset_lint::engine::{Engine, Run};
//!
//! let engine = Engine::default();
//! let text = b"apiVersion: apps/v1\nkind: DaemonSet\nmetadata: { name: agent }\n";
//! let report = engine.check("agent.yaml".to_owned(), text.to_vec());
//! let run = Run::new(vec![report], &engine);
//! assert!(run.summary().errors > 0);
//! ```

pub mod allow;
pub mod bounded;
pub mod cluster;
pub mod comparison;
pub mod explain;
pub mod left_behind;
pub mod locate;
pub mod origin;
pub mod outcome;
mod overlay;
pub mod rendered;
pub mod role;
pub mod settings;
pub mod stored;
pub mod stored_objects;
pub mod summary;

mod applied;
mod before;
mod companions;
mod context;
mod found;
mod headless;
mod indent;
mod inline;
mod judge;
mod namespace;
mod part;
mod placeholder;
mod settle;
mod together;
mod written;

pub use applied::Applied;
use daemonset_validation::Server;
pub use overlay::Overlay;

use cluster::Cluster;
pub use context::Engine;
use origin::Origin;
use outcome::FileReport;
use role::Role;
use summary::Summary;

impl Engine<'_> {
    /// The report of a text that was named. `path` is its name in messages.
    pub fn check(&self, path: String, bytes: Vec<u8>) -> FileReport {
        self.check_from(path, bytes, Origin::Named)
    }

    /// The report of a text of the given origin. `path` is its name in messages.
    pub fn check_from(&self, path: String, bytes: Vec<u8>, origin: Origin) -> FileReport {
        judge::judge_bytes(path, Ok(bytes), Role::Whole, origin, self)
    }

    /// The report of a file that was found in a folder, where it has the given role. `path` is its name in messages.
    pub fn check_found(&self, path: String, bytes: Vec<u8>, role: Role) -> FileReport {
        found::judge_found(path, bytes, role, self)
    }

    /// The report of a file that cannot be read for the given reason.
    pub fn unreadable(&self, path: String, reason: String) -> FileReport {
        judge::judge_bytes(path, Err(reason), Role::Whole, Origin::Named, self)
    }

    /// The report of a text that is judged alone, as a run has it: with the levels that are set, and with what is to be said of its
    /// allowances.
    pub fn settled(&self, mut report: FileReport) -> FileReport {
        settle::settle(std::slice::from_mut(&mut report), self);
        report
    }

    /// Adds the findings that concern several DaemonSets. Every text must have its report before.
    pub fn compare(&self, files: &mut [FileReport]) {
        together::compare(files, self);
    }
}

/// The data of a report.
#[derive(Debug)]
pub struct Run<'r> {
    /// The files, in the order in which they were given.
    pub files: Vec<FileReport>,
    /// The paths that were to be read and could not be, or in which nothing was found. Files that were found and could not be read have a
    /// report.
    pub errors: Vec<Unread>,
    /// The Kubernetes version of the API server.
    pub server: Server,
    /// The cluster of the previews.
    pub cluster: Option<&'r Cluster>,
    /// How many files a configuration excludes.
    pub excluded: usize,
    /// Whether reports show the findings that are allowed.
    pub shows_allowed: bool,
}

/// A path that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The path.
    pub path: String,
    /// Why.
    pub message: String,
}

impl<'r> Run<'r> {
    /// The run of an engine, with the findings that concern several DaemonSets.
    pub fn new(mut files: Vec<FileReport>, engine: &Engine<'r>) -> Self {
        engine.compare(&mut files);
        settle::settle(&mut files, engine);
        Self { files, cluster: engine.cluster, ..Self::empty(engine.server) }
    }

    /// A run without files.
    pub const fn empty(server: Server) -> Self {
        Self {
            files: Vec::new(),
            errors: Vec::new(),
            server,
            cluster: None,
            excluded: 0,
            shows_allowed: false,
        }
    }

    /// The numbers of files, objects and findings.
    pub fn summary(&self) -> Summary {
        Summary { excluded: self.excluded, ..Summary::of(&self.files) }
    }
}
