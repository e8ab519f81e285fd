//! The DaemonSets as they are stored now, by namespace and name.

use std::collections::HashMap;

use daemonset_validation::{Stored, Subject, SubjectKind, subjects};

use super::locate::with_object;
use crate::source::{self, Content};

/// The stored objects, by namespace and name.
#[derive(Debug, Default)]
pub struct StoredObjects {
    texts: Vec<String>,
    places: HashMap<(String, String), StoredPlace>,
}

#[derive(Clone, Copy, Debug)]
struct StoredPlace {
    text: usize,
    index: usize,
    item: Option<usize>,
}

/// One stored object. Its document is parsed again when it is asked for, since a tree borrows from its text.
#[derive(Debug)]
pub struct StoredObject<'s> {
    text: &'s str,
    place: StoredPlace,
}

impl StoredObjects {
    /// Adds the DaemonSets of a text.
    ///
    /// # Errors
    ///
    /// A sentence, if the text cannot be parsed: an update checked against half of the stored objects would be a wrong answer.
    pub fn add(&mut self, bytes: Vec<u8>) -> Result<(), String> {
        let text = source::decode(bytes).map_err(|error| error.message)?;
        for document in source::documents(&text) {
            match document.content {
                Content::Empty => {}
                Content::Broken(error) => return Err(error.message),
                Content::Tree(tree) => {
                    for subject in subjects(&tree)
                        .into_iter()
                        .filter(|subject| subject.classify() == SubjectKind::DaemonSet)
                    {
                        let place =
                            StoredPlace { text: self.texts.len(), index: document.index, item: subject.item };
                        self.places.insert((subject.namespace, subject.name), place);
                    }
                }
            }
        }
        self.texts.push(text);
        Ok(())
    }

    /// The stored object of the same namespace and name.
    pub fn find(&self, subject: &Subject) -> Option<StoredObject<'_>> {
        let place = *self.places.get(&(subject.namespace.clone(), subject.name.clone()))?;
        Some(StoredObject { text: self.texts.get(place.text)?, place })
    }
}

impl StoredObject<'_> {
    /// Runs `judge` with the object's document; with `None` if it is no longer found, which cannot happen.
    pub fn with<T>(&self, judge: impl Fn(Option<Stored<'_>>) -> T) -> T {
        let StoredPlace { index, item, .. } = self.place;
        let found =
            with_object(self.text, index, item, |tree, subject| judge(Some(Stored { tree, subject })));
        found.unwrap_or_else(|| judge(None))
    }
}
