//! Reads the objects of list pages and watch events into the snapshot. The rest of the answers is in `answer`.

use std::panic::{AssertUnwindSafe, catch_unwind};

use daemonset_validation::Server;
use daemonset_validation::placement::{Kind, LiveSnapshot, Object};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::answer::{Event, Head, Page, Status};
use super::request::RequestError;

/// The largest text of an object that is read. In memory an object takes up to thirty times the bytes of its text. Of nodes and pods only
/// what is kept is read, so they may be larger.
const LARGEST: usize = 1 << 20;

/// What was read, besides objects.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// The token of the next page; empty after the last one.
    pub(super) next: String,
    /// The resource version of the list or of the last event; empty if there is none.
    pub(super) version: String,
    /// The error that ended the watch.
    pub(super) error: Option<RequestError>,
    /// How many objects the page has.
    pub(super) items: usize,
    /// The buffer of the page, to be used again.
    pub(super) page: Vec<u8>,
}

/// Reads one kind. Objects are read one by one, so that only one of them is in memory besides the answer and the snapshot.
pub(super) struct Reader<'r> {
    pub(super) kind: Kind,
    pub(super) server: Server,
    pub(super) live: &'r mut LiveSnapshot,
}

impl Reader<'_> {
    /// Reads a page.
    ///
    /// # Errors
    ///
    /// [`RequestError::Unreadable`] if it is not a list.
    pub(super) fn page(&mut self, bytes: &[u8]) -> Result<Read, RequestError> {
        let page: Page<'_> = serde_json::from_slice(bytes).map_err(unreadable)?;
        let items = page.items.unwrap_or_default();
        items.iter().for_each(|item| self.upsert(item));
        Ok(Read {
            next: page.metadata.next.into_owned(),
            version: page.metadata.resource_version.into_owned(),
            items: items.len(),
            ..Read::default()
        })
    }

    /// Reads the events of a watch, one in a line.
    pub(super) fn lines(&mut self, bytes: &[u8]) -> Read {
        let mut read = Read::default();
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
            if let Err(error) = self.line(line, &mut read.version) {
                read.error = Some(error);
                break;
            }
        }
        read
    }

    fn line(&mut self, line: &[u8], version: &mut String) -> Result<(), RequestError> {
        let event: Event<'_> = serde_json::from_slice(line).map_err(unreadable)?;
        if event.kind == "ERROR" {
            let status: Status = serde_json::from_str(event.object.get()).map_err(unreadable)?;
            return Err(RequestError::Status { code: status.code, message: status.message });
        }
        let Head { metadata } = serde_json::from_str(event.object.get()).map_err(unreadable)?;
        match &*event.kind {
            "ADDED" | "MODIFIED" => self.upsert(event.object),
            "DELETED" => self.live.remove(self.kind, &metadata.namespace, &metadata.name),
            _ => {}
        }
        if !metadata.resource_version.is_empty() {
            *version = metadata.resource_version.into_owned();
        }
        Ok(())
    }

    /// Adds or updates an object. One that cannot be read is skipped; one that has become too large is removed.
    fn upsert(&mut self, text: &RawValue) {
        let Self { kind, server, .. } = *self;
        if text.get().len() > LARGEST && !matches!(kind, Kind::Node | Kind::Pod) {
            let (namespace, name) = self.skip(text, &format!("it has more than {LARGEST} bytes"));
            return self.live.remove(kind, &namespace, &name);
        }
        // Nothing is shared while an object is read, so a panic leaves nothing half done.
        let object = catch_unwind(AssertUnwindSafe(|| {
            if kind == Kind::ServiceAccount {
                return Object::read(kind, present(text)?, &server);
            }
            let mut reader = serde_json::Deserializer::from_str(text.get());
            Object::read(kind, &mut reader, &server)
        }));
        let error = match object {
            Ok(Ok(object)) => return self.live.upsert(object),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "internal error (a panic)".to_owned(),
        };
        self.skip(text, &error);
    }

    /// Logs that an object is skipped. Returns its namespace and name.
    fn skip(&self, text: &RawValue, error: &str) -> (String, String) {
        let Head { metadata } = serde_json::from_str(text.get()).unwrap_or_default();
        let (namespace, name) = (metadata.namespace, metadata.name);
        tracing::warn!(kind = self.kind.as_str(), %namespace, %name, error, "an object cannot be read and is skipped");
        (namespace.into_owned(), name.into_owned())
    }
}

/// A service account, of which only the metadata is read, as one that is there. Its annotation `kubernetes.io/enforce-mountable-secrets`
/// needs the names of its secrets to mean anything; what it would refuse is unknown.
fn present(text: &RawValue) -> Result<Value, serde_json::Error> {
    let Head { metadata } = serde_json::from_str(text.get())?;
    Ok(json!({ "metadata": { "namespace": metadata.namespace, "name": metadata.name } }))
}

fn unreadable(error: serde_json::Error) -> RequestError {
    RequestError::Unreadable(error.to_string())
}
