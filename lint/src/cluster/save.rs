//! Saves a snapshot to a file, for a later `--nodes FILE`: one List whose objects hold only the fields that placement reads.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use daemonset_validation::placement::Kind;
use serde::{Deserialize, Serialize};

use crate::files::reason;
use crate::output::Output;
use crate::shown::shown_path;

/// The annotation of the list that holds the kinds that could not be read, with the reasons.
const REFUSED: &str = "daemonset-lint/refused";

/// Writes objects one by one. The file takes its place when it is complete: see [`Output`].
pub(crate) struct Saver {
    path: PathBuf,
    out: Output,
    empty: bool,
    /// The kinds whose empty list is written. It is written once, however many pages the kind has.
    listed: BTreeSet<Kind>,
    refused: BTreeMap<&'static str, String>,
    /// The first error. After it, nothing more is written.
    failed: Option<std::io::Error>,
}

#[derive(Serialize)]
struct Typed<'o, T: Serialize> {
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    kind: &'o str,
    #[serde(flatten)]
    object: &'o T,
}

#[derive(Serialize)]
struct Empty {
    items: [(); 0],
}

impl Saver {
    /// Begins the file.
    ///
    /// # Errors
    ///
    /// A message, if it cannot be created.
    pub(crate) fn create(path: &Path) -> Result<Self, String> {
        let failed = |reason: String| format!("--snapshot {}: {reason}", shown_path(path));
        let mut out = Output::create(path).map_err(failed)?;
        let begun = out.write_all(b"{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[");
        begun.map_err(|error| failed(reason(&error)))?;
        Ok(Self {
            path: path.to_owned(),
            out,
            empty: true,
            listed: BTreeSet::new(),
            refused: BTreeMap::new(),
            failed: None,
        })
    }

    /// Writes an object, with the `apiVersion` and `kind` of this kind.
    pub(super) fn object<T: Serialize>(&mut self, kind: Kind, object: &T) {
        self.item(&Typed { api_version: kind.api_version(), kind: kind.as_str(), object });
    }

    /// Writes an empty list of the kind. It marks the kind as read, even if the cluster has no object of it.
    pub(super) fn list(&mut self, kind: Kind) {
        if !self.listed.insert(kind) {
            return;
        }
        let list = format!("{}List", kind.as_str());
        self.item(&Typed { api_version: kind.api_version(), kind: &list, object: &Empty { items: [] } });
    }

    /// Notes that a kind could not be read, with the reason.
    pub(super) fn refused(&mut self, kind: Kind, why: &str) {
        self.refused.insert(kind.as_str(), why.to_owned());
    }

    fn item<T: Serialize>(&mut self, item: &T) {
        if self.failed.is_some() {
            return;
        }
        let mark: &[u8] = if self.empty { b"\n" } else { b",\n" };
        self.empty = false;
        let written = self.out.write_all(mark);
        self.failed =
            written.and_then(|()| serde_json::to_writer(&mut self.out, item).map_err(Into::into)).err();
    }

    /// Ends the file.
    ///
    /// # Errors
    ///
    /// A message, if not all of it could be written.
    pub(super) fn finish(mut self) -> Result<(), String> {
        let end = |saver: &mut Self| {
            let annotation = serde_json::to_string(&saver.refused)?;
            let metadata = BTreeMap::from([(REFUSED, annotation)]);
            let annotations = BTreeMap::from([("annotations", metadata)]);
            let metadata = serde_json::to_string(&annotations)?;
            let metadata = if saver.refused.is_empty() { "{}" } else { metadata.as_str() };
            writeln!(saver.out, "\n],\"metadata\":{metadata}}}")
        };
        let ended = match self.failed.take() {
            Some(error) => Err(error),
            None => end(&mut self),
        };
        let Self { path, out, .. } = self;
        let ended = ended.and_then(|()| out.finish());
        ended.map_err(|error| format!("--snapshot {}: {}", shown_path(&path), reason(&error)))
    }
}

/// The kinds that could not be read, with the reasons, from the metadata of a saved list.
pub(super) fn refusals(metadata: &[u8]) -> Vec<(Kind, String)> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Metadata {
        annotations: BTreeMap<String, String>,
    }
    let metadata: Metadata = serde_json::from_slice(metadata).unwrap_or_default();
    let Some(text) = metadata.annotations.get(REFUSED) else { return Vec::new() };
    let refused: BTreeMap<String, String> = serde_json::from_str(text).unwrap_or_default();
    let known = |(kind, why): (String, String)| Kind::of_list(&format!("{kind}List")).map(|kind| (kind, why));
    refused.into_iter().filter_map(known).collect()
}
