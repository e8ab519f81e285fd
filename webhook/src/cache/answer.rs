//! Pages of lists and lines of watches, as far as they are about lists and watches; objects stay text.

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

/// Where a list is.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ListMetadata<'p> {
    #[serde(borrow)]
    pub(super) resource_version: Cow<'p, str>,
    /// The token of the page behind this one.
    #[serde(borrow, rename = "continue")]
    pub(super) next: Cow<'p, str>,
}

/// A line of a watch.
#[derive(Debug, Deserialize)]
pub(super) struct Event<'e> {
    /// `ADDED`, `MODIFIED`, `DELETED`, `BOOKMARK` or `ERROR`.
    #[serde(borrow, rename = "type")]
    pub(super) kind: Cow<'e, str>,
    #[serde(borrow)]
    pub(super) object: &'e RawValue,
}

/// Which object it is, and when.
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

/// The object of an `ERROR`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Status {
    pub(super) code: u16,
    pub(super) message: String,
}
