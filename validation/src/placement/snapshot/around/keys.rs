//! The keys of a ConfigMap or a Secret.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::which::Name;

/// The keys of a ConfigMap or a Secret; never its values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DataKeys(Option<Box<[Box<str>]>>);

impl DataKeys {
    /// The keys, sorted; `None` where only the object's name is known.
    pub fn known(&self) -> Option<&[Box<str>]> {
        self.0.as_deref()
    }
}

/// The fields that have keys. Their values are not read.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Data {
    metadata: Name,
    data: Option<BTreeMap<String, IgnoredAny>>,
    binary_data: Option<BTreeMap<String, IgnoredAny>>,
    string_data: Option<BTreeMap<String, IgnoredAny>>,
}

impl Data {
    /// The object's name, and its keys.
    pub(super) fn keys(self) -> (Name, DataKeys) {
        let maps = [self.data, self.binary_data, self.string_data];
        if maps.iter().all(Option::is_none) {
            return (self.metadata, DataKeys(None));
        }
        let mut keys: Vec<Box<str>> =
            maps.into_iter().flatten().flat_map(BTreeMap::into_keys).map(String::into_boxed_str).collect();
        keys.sort();
        keys.dedup();
        (self.metadata, DataKeys(Some(keys.into_boxed_slice())))
    }
}
