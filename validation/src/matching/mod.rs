//! Does it match? Label selectors, node selectors and tolerations, as the API server, the controller and the scheduler ask.
//!
//! A match allocates nothing; the reasons why something does not match, or is no selector at all, are made where they are asked
//! for.

pub mod label_selector;
pub mod node_selector;
pub(crate) mod toleration;

mod error;
mod requirement;

use std::collections::BTreeMap;

pub use error::{SelectorError, SelectorFault};

/// The labels of an object.
pub type Labels = BTreeMap<String, String>;

/// The labels of an object that has none.
pub(crate) static NO_LABELS: Labels = Labels::new();
