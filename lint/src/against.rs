//! The DaemonSets as they are stored now, for `--against`.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use daemonset_validation::{Stored, Subject, SubjectKind, subjects};

use crate::files::{self, Input, reason};
use crate::lint::read;
use crate::shown::{shown, shown_path};
use crate::source::{self, Content};

/// The stored objects, by namespace and name.
#[derive(Debug, Default)]
pub(crate) struct StoredObjects {
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
pub(crate) struct StoredObject<'s> {
    text: &'s str,
    place: StoredPlace,
}

impl StoredObjects {
    /// Reads the DaemonSets of a file or folder, or of standard input for the path `-`.
    ///
    /// # Errors
    ///
    /// A sentence that names the file, where one cannot be read or parsed: an update judged against half of what is stored
    /// would be a wrong answer.
    pub(crate) fn load(path: &Path, no_ignore: bool, standard_input: &mut dyn Read) -> Result<Self, String> {
        let (inputs, errors) = files::expand(&[path.to_path_buf()], no_ignore);
        if let Some(error) = errors.first() {
            return Err(format!("--against {}: {}", shown_path(&error.path), error.reason));
        }
        let mut stored = Self::default();
        for input in inputs {
            let bytes = match input {
                Input::Stdin => {
                    let mut bytes = Vec::new();
                    standard_input.read_to_end(&mut bytes).map(|_| bytes).map_err(|error| reason(&error))
                }
                Input::File(_) => read(&input),
            };
            stored.add(&shown(&input.name()), bytes)?;
        }
        Ok(stored)
    }

    fn add(&mut self, name: &str, bytes: Result<Vec<u8>, String>) -> Result<(), String> {
        let bytes = bytes.map_err(|reason| format!("--against {name}: {reason}"))?;
        let text = source::decode(bytes).map_err(|error| format!("--against {name}: {}", error.message))?;
        for document in source::documents(&text) {
            match document.content {
                Content::Empty => {}
                Content::Broken(error) => return Err(format!("--against {name}: {}", error.message)),
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
    pub(crate) fn find(&self, subject: &Subject) -> Option<StoredObject<'_>> {
        let place = *self.places.get(&(subject.namespace.clone(), subject.name.clone()))?;
        Some(StoredObject { text: self.texts.get(place.text)?, place })
    }
}

impl StoredObject<'_> {
    /// Runs `judge` with the object's document; with `None` where it can no longer be found, which cannot happen.
    pub(crate) fn with<T>(&self, judge: impl FnOnce(Option<Stored<'_>>) -> T) -> T {
        let document = source::documents(self.text).nth(self.place.index);
        if let Some(Content::Tree(tree)) = document.map(|document| document.content) {
            let subject = subjects(&tree).into_iter().find(|subject| subject.item == self.place.item);
            if let Some(subject) = subject {
                return judge(Some(Stored { tree: &tree, subject: &subject }));
            }
        }
        judge(None)
    }
}
