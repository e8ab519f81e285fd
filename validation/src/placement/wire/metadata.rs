//! The metadata of an object.

use serde::{Deserialize, Serialize};

use super::{Pairs, Text};

/// Which object this is.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Metadata<'a> {
    /// `name`.
    #[serde(borrow)]
    pub name: Text<'a>,
    /// `namespace`, empty for what has none.
    #[serde(borrow, skip_serializing_if = "empty")]
    pub namespace: Text<'a>,
    /// `uid`, which only a server gives.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub uid: Option<Text<'a>>,
    /// `labels`.
    #[serde(borrow, skip_serializing_if = "Pairs::is_empty")]
    pub labels: Pairs<'a>,
    /// `ownerReferences`.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub owner_references: Option<Vec<OwnerReference<'a>>>,
    /// `deletionTimestamp`: the object is on its way out.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub deletion_timestamp: Option<Text<'a>>,
}

/// Who made the object.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct OwnerReference<'a> {
    /// `kind`.
    #[serde(borrow)]
    pub kind: Text<'a>,
    /// `name`.
    #[serde(borrow)]
    pub name: Text<'a>,
    /// Whether it is the one that manages the object.
    pub controller: Option<bool>,
}

pub(super) fn empty(text: &Text<'_>) -> bool {
    text.is_empty()
}
