//! Matching of label selectors, node selectors and tolerations, as the API server, the DaemonSet controller and the scheduler do
//! it.
//!
//! A match allocates nothing. The reasons for a mismatch are computed on request.

pub(crate) mod contradiction;
pub mod label_selector;
pub mod node_selector;
pub(crate) mod prepared_selector;
pub(crate) mod required;
pub(crate) mod toleration;

mod error;
mod requirement;

use std::collections::BTreeMap;

pub use error::{SelectorError, SelectorFault};

/// The labels of an object.
pub type Labels = BTreeMap<String, String>;

/// The labels of an object without labels.
pub(crate) static NO_LABELS: Labels = Labels::new();
