//! An object of which only the name is read.

use serde::{Deserialize, Serialize};

use super::Text;
use super::metadata::empty;

/// An object of which only the name is read, such as a Secret: nothing else of it is in memory, and nothing else can be saved.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Named<'a> {
    /// `metadata`.
    #[serde(borrow)]
    pub metadata: NamedMetadata<'a>,
}

/// Which object it is.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct NamedMetadata<'a> {
    /// `name`.
    #[serde(borrow)]
    pub name: Text<'a>,
    /// `namespace`, empty for what has none.
    #[serde(borrow, skip_serializing_if = "empty")]
    pub namespace: Text<'a>,
}
