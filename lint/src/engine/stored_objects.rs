//! The DaemonSets as they are stored now, by namespace and name.

use std::collections::HashMap;

use daemonset_validation::rules::Levels;
use daemonset_validation::{Server, Stored, Subject, SubjectKind, Tree, check, subjects};

use super::headless;

use crate::source::{self, Content};

/// The stored DaemonSets of some texts. Each text is parsed once, however many objects are looked up.
#[derive(Debug, Default)]
pub struct StoredObjects<'t> {
    trees: Vec<Tree<'t>>,
    by_name: HashMap<(String, String), StoredObject>,
}

/// What is wrong with the kind or the version of an object.
fn unknown(tree: &Tree<'_>, subject: &Subject) -> String {
    let checked = check(tree, subject, None, &Server::default(), &Levels::default());
    checked.findings.into_iter().next().map(|finding| finding.message.into_owned()).unwrap_or_default()
}

/// One stored object: its document in `trees`, and where it is in the document.
#[derive(Debug)]
struct StoredObject {
    tree: usize,
    subject: Subject,
}

impl<'t> StoredObjects<'t> {
    /// Adds the DaemonSets of a text. Of two with the same namespace and name, the later one counts.
    ///
    /// # Errors
    ///
    /// A sentence, if a document of the text cannot be parsed or the kind or version of a DaemonSet is misspelt: without the stored object, an update would be checked as a create.
    pub fn add(&mut self, text: &'t str) -> Result<(), String> {
        for document in source::documents(text) {
            let tree = match (document.content, document.not_json) {
                (Content::Empty, _) => continue,
                (Content::Broken(error), _) => return Err(error.message),
                (Content::Tree(tree), Some(error)) if !headless::is_manifest(&tree) => {
                    return Err(error.message);
                }
                (Content::Tree(tree), _) => tree,
            };
            let mut found = false;
            for subject in subjects(&tree) {
                match subject.classify() {
                    SubjectKind::DaemonSet => {}
                    SubjectKind::Unknown => return Err(unknown(&tree, &subject)),
                    SubjectKind::Other => continue,
                }
                found = true;
                let name = (subject.namespace.clone(), subject.name.clone());
                self.by_name.insert(name, StoredObject { tree: self.trees.len(), subject });
            }
            if found {
                self.trees.push(tree);
            }
        }
        Ok(())
    }

    /// The stored object of the same namespace and name.
    pub fn find(&self, subject: &Subject) -> Option<Stored<'_>> {
        let StoredObject { tree, subject } =
            self.by_name.get(&(subject.namespace.clone(), subject.name.clone()))?;
        Some(Stored { tree: self.trees.get(*tree)?, subject })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn an_object_of_a_list_is_found_by_namespace_and_name() {
        let text = "\
kind: List
apiVersion: v1
items:
  - { apiVersion: apps/v1, kind: DaemonSet, metadata: { name: a } }
  - { apiVersion: apps/v1, kind: DaemonSet, metadata: { name: b, namespace: logs } }
  - { apiVersion: v1, kind: Secret, metadata: { name: c } }
---
---
{ apiVersion: apps/v1, kind: DaemonSet, metadata: { name: d } }
";
        let mut stored = StoredObjects::default();
        stored.add(text).unwrap();
        let find = |namespace: &str, name: &str| {
            let tree = format!(
                "{{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"metadata\":{{\"name\":\"{name}\",\"namespace\":\"{namespace}\"}}}}"
            );
            let Some(Content::Tree(tree)) = source::documents(&tree).next().map(|document| document.content)
            else {
                return None;
            };
            let wanted = subjects(&tree).into_iter().next()?;
            stored.find(&wanted).map(|found| (found.subject.item, found.subject.name.clone()))
        };
        assert_eq!(find("default", "a"), Some((Some(0), "a".to_owned())));
        assert_eq!(find("logs", "b"), Some((Some(1), "b".to_owned())));
        assert_eq!(find("default", "d"), Some((None, "d".to_owned())));
        assert_eq!(find("default", "b"), None);
        assert_eq!(find("default", "c"), None);
        assert!(StoredObjects::default().add("a: [").is_err());
    }
}
