//! The names by which the tables of a snapshot find objects.

/// The name of an object with a namespace. Neither part has a slash.
pub(in crate::placement::snapshot) fn key(namespace: &str, name: &str) -> String {
    [namespace, "/", name].concat()
}
