//! Objects by namespace, in the order of their names.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::table::Table;

/// Objects by namespace, in the order of their names. Copies share each object.
#[derive(Clone, Debug)]
pub(in crate::placement) struct ByNamespace<T>(Table<BTreeMap<Box<str>, Arc<T>>>);

impl<T> Default for ByNamespace<T> {
    fn default() -> Self {
        Self(Table::default())
    }
}

impl<T> ByNamespace<T> {
    /// How many objects there are.
    pub(in crate::placement) fn len(&self) -> usize {
        self.0.values().map(BTreeMap::len).sum()
    }

    /// An object.
    pub(in crate::placement) fn get(&self, namespace: &str, name: &str) -> Option<&T> {
        self.0.get(namespace)?.get(name).map(Arc::as_ref)
    }

    /// The objects of a namespace with their names, in the order of the names.
    pub(in crate::placement) fn of(&self, namespace: &str) -> impl Iterator<Item = (&str, &T)> {
        let objects = self.0.get(namespace).into_iter().flatten();
        objects.map(|(name, object)| (&**name, &**object))
    }

    /// Whether the namespace has an object.
    pub(in crate::placement) fn has_any(&self, namespace: &str) -> bool {
        self.0.contains_key(namespace)
    }

    /// The names of all objects, as `namespace/name`.
    pub(in crate::placement) fn keys(&self) -> impl Iterator<Item = String> {
        self.0
            .iter()
            .flat_map(|(namespace, objects)| objects.keys().map(move |name| [namespace, "/", name].concat()))
    }

    /// Adds an object or replaces the one of its name.
    pub(in crate::placement) fn insert(&mut self, namespace: &str, name: &str, object: T) {
        if let Some(objects) = self.0.entry(namespace) {
            objects.insert(Box::from(name), Arc::new(object));
        }
    }

    /// Removes an object, if it is there.
    pub(in crate::placement) fn remove(&mut self, namespace: &str, name: &str) {
        if self.get(namespace, name).is_none() {
            return;
        }
        let left = self.0.entry(namespace).map(|objects| {
            objects.remove(name);
            objects.len()
        });
        if left == Some(0) {
            self.0.remove(namespace);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_found_in_their_namespace_and_in_order() {
        let mut objects = ByNamespace::default();
        for (namespace, name) in [("a", "z"), ("a", "b"), ("c", "b"), ("a", "z")] {
            objects.insert(namespace, name, format!("{namespace}.{name}"));
        }
        let copy = objects.clone();
        assert_eq!(objects.len(), 3);
        assert_eq!(objects.of("a").map(|(name, _)| name).collect::<Vec<_>>(), ["b", "z"]);
        assert_eq!(objects.get("c", "b").map(String::as_str), Some("c.b"));
        objects.remove("c", "none");
        objects.remove("c", "b");
        assert!(!objects.has_any("c"));
        let mut keys: Vec<String> = copy.keys().collect();
        keys.sort();
        assert_eq!(keys, ["a/b", "a/z", "c/b"]);
    }
}
