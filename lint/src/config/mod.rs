//! `.daemonset-lint.yaml`: found upwards from each file, read with places, checked against `schema/config.schema.json`, and what holds for a
//! file by it.
//!
//! A config with an error is never used in part: the command ends with exit code 2 and shows the error as it shows findings.

mod find;
mod globs;
mod read;
mod schema;
mod sets;
mod value;

pub(crate) use find::{Configs, LookFor};
pub(crate) use sets::{Config, Origin};

/// The names of the file, the usual one first.
pub(crate) const NAMES: [&str; 2] = [".daemonset-lint.yaml", ".daemonset-lint.yml"];
