//! Collects the objects of a cluster into a snapshot, and saves them to a file.

use daemonset_validation::Server;
use daemonset_validation::placement::{Kind, Snapshot, SnapshotBuilder, wire};
use daemonset_validation::words::count::thousands;
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

use super::objects::Objects;
use super::save::{self, Saver};
use super::stream;
use super::trim;
use super::window::Stop;
use crate::limited_read::MaxFileSize;

/// How many messages about objects that cannot be read are kept.
const FAULTS: usize = 100;

/// Collects objects, and messages about those that cannot be read.
pub(crate) struct Collector {
    builder: SnapshotBuilder,
    saver: Option<Saver>,
    /// The file, or the server's path, that is being read.
    pub(super) source: String,
    faults: Vec<String>,
    /// The number of further faults.
    more_faults: usize,
    /// The continue token of the next page.
    next_page: Option<String>,
}

impl Collector {
    /// An empty collector. With a saver, every object is saved, too.
    pub(crate) fn new(server: Server, saver: Option<Saver>) -> Self {
        let builder = SnapshotBuilder::new(server);
        Self { builder, saver, source: String::new(), faults: Vec::new(), more_faults: 0, next_page: None }
    }

    /// The numbers of nodes and pods so far.
    pub(crate) fn counts(&self) -> (usize, usize) {
        self.builder.counts()
    }

    /// Adds an object.
    pub(crate) fn add<'de, D: Deserializer<'de>>(&mut self, kind: Kind, object: D) -> Result<(), D::Error> {
        let Some(saver) = &mut self.saver else { return self.builder.add(kind, object) };
        match kind {
            Kind::Node => {
                let node = wire::Node::deserialize(object)?;
                saver.object(kind, &node);
                self.builder.node(node);
            }
            Kind::Pod => {
                let pod = wire::Pod::deserialize(object)?;
                saver.object(kind, &pod);
                self.builder.pod(&pod);
            }
            Kind::ConfigMap | Kind::Secret => {
                // A value cannot get into the file, since it is not read.
                let named = wire::Named::deserialize(object)?;
                saver.object(kind, &named);
                let json = serde_json::to_value(&named).map_err(serde::de::Error::custom)?;
                self.builder.add(kind, json).map_err(serde::de::Error::custom)?;
            }
            _ => {
                // The preview uses the trimmed object, so that a preview of the saved file gives the same result.
                let json = trim::trim(kind, Json::deserialize(object)?);
                saver.object(kind, &json);
                self.builder.add(kind, json).map_err(serde::de::Error::custom)?;
            }
        }
        self.builder.mark_found(kind);
        Ok(())
    }

    /// Marks a kind as read completely.
    pub(crate) fn mark_read(&mut self, kind: Kind) {
        self.builder.mark_read(kind);
        if let Some(saver) = &mut self.saver {
            saver.list(kind);
        }
    }

    /// Marks a kind as refused, with the reason.
    pub(crate) fn mark_refused(&mut self, kind: Kind, why: String) {
        if let Some(saver) = &mut self.saver {
            saver.refused(kind, &why);
        }
        self.builder.mark_refused(kind, why);
    }

    /// Adds a message about an object that cannot be read.
    pub(crate) fn fault(&mut self, message: String) {
        if self.faults.len() < FAULTS {
            self.faults.push(message);
        } else {
            self.more_faults = self.more_faults.saturating_add(1);
        }
    }

    /// The messages about objects that cannot be read, a line each; `None` if there is none.
    pub(crate) fn faults_as_one(&mut self) -> Option<String> {
        let faults = self.take_faults();
        (!faults.is_empty()).then(|| faults.join("\n"))
    }

    fn take_faults(&mut self) -> Vec<String> {
        let mut faults = std::mem::take(&mut self.faults);
        if self.more_faults > 0 {
            faults.push(format!("{} more objects cannot be read", thousands(self.more_faults)));
        }
        faults
    }

    /// Reads a page of a list, and returns the continue token of the next page, if there is one.
    ///
    /// # Errors
    ///
    /// A message, if the page is not JSON.
    pub(crate) fn page(&mut self, kind: Kind, json: &[u8]) -> Result<Option<String>, String> {
        self.source = kind.path();
        self.next_page = None;
        if kind.is_metadata_only() {
            return self.page_of_metadata(kind, json);
        }
        let mut source = json;
        stream::read(&mut source, 1, MaxFileSize(u64::MAX), self).map_err(|stop| match stop {
            Stop::Source(error) => error.to_string(),
            Stop::Syntax { line, message } => format!("its answer is not JSON: line {line}: {message}"),
        })?;
        Ok(self.next_page.take())
    }

    /// The same, where the server was asked only for the metadata: the list and its items name no kind of their own.
    fn page_of_metadata(&mut self, kind: Kind, json: &[u8]) -> Result<Option<String>, String> {
        let page: Partial<'_> =
            serde_json::from_slice(json).map_err(|error| format!("its answer cannot be read: {error}"))?;
        for item in &page.items {
            let json = serde_json::to_value(item).map_err(|error| error.to_string())?;
            self.add(kind, json).map_err(|error| error.to_string())?;
        }
        Ok(page.metadata.next_page.filter(|token| !token.is_empty()))
    }

    /// The snapshot, and the messages about objects that could not be read.
    ///
    /// # Errors
    ///
    /// A message, if the snapshot cannot be saved.
    pub(crate) fn finish(mut self) -> Result<(Snapshot, Vec<String>), String> {
        let faults = self.take_faults();
        if let Some(saver) = self.saver {
            saver.finish()?;
        }
        Ok((self.builder.finish(), faults))
    }
}

/// A list of which only the metadata was asked for.
#[derive(Deserialize)]
struct Partial<'a> {
    #[serde(default)]
    metadata: ListMetadata,
    #[serde(borrow, default)]
    items: Vec<wire::Named<'a>>,
}

#[derive(Default, Deserialize)]
struct ListMetadata {
    #[serde(rename = "continue")]
    next_page: Option<String>,
}

impl Objects for Collector {
    fn object(&mut self, kind: Kind, json: &[u8]) -> Result<(), serde_json::Error> {
        self.add(kind, &mut serde_json::Deserializer::from_slice(json))
    }

    fn list(&mut self, kind: Kind) {
        self.mark_read(kind);
    }

    fn metadata(&mut self, json: &[u8]) {
        if let Ok(metadata) = serde_json::from_slice::<ListMetadata>(json) {
            self.next_page = metadata.next_page.filter(|token| !token.is_empty());
        }
        for (kind, why) in save::refusals(json) {
            self.mark_refused(kind, why);
        }
    }

    fn fault(&mut self, line: usize, message: String) {
        let source = &self.source;
        let message = format!("{source}:{line}: {message}");
        Self::fault(self, message);
    }
}
