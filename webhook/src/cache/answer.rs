//! The JSON of list pages and watch events. Objects stay text; `writer` parses them.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

/// A page of a list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Page<'p> {
    #[serde(borrow)]
    pub(super) metadata: ListMetadata<'p>,
    #[serde(borrow)]
    pub(super) items: Option<Vec<&'p RawValue>>,
}

/// The metadata of a list.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ListMetadata<'p> {
    #[serde(borrow)]
    pub(super) resource_version: Cow<'p, str>,
    /// The token of the next page.
    #[serde(borrow, rename = "continue")]
    pub(super) next: Cow<'p, str>,
}

/// An event of a watch: one line.
#[derive(Debug, Deserialize)]
pub(super) struct Event<'e> {
    /// `ADDED`, `MODIFIED`, `DELETED`, `BOOKMARK` or `ERROR`.
    #[serde(borrow, rename = "type")]
    pub(super) kind: Cow<'e, str>,
    #[serde(borrow)]
    pub(super) object: &'e RawValue,
}

/// The name and version of an object.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Head<'e> {
    #[serde(borrow)]
    pub(super) metadata: HeadMetadata<'e>,
}

/// The metadata of [`Head`].
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct HeadMetadata<'e> {
    #[serde(borrow)]
    pub(super) name: Cow<'e, str>,
    #[serde(borrow)]
    pub(super) namespace: Cow<'e, str>,
    #[serde(borrow)]
    pub(super) resource_version: Cow<'e, str>,
}

/// The object of an `ERROR` event.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Status {
    pub(super) code: u16,
    pub(super) message: String,
}
