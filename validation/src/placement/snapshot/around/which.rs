//! Which object it is.

use serde::Deserialize;

/// The namespace and the name of an object.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Name {
    pub(super) namespace: Option<String>,
    pub(super) name: Option<String>,
}
