//! The config file: read, validated against its schema, and watched.

mod check;
mod document;
mod errors;
mod file;
mod level;
pub mod rules;
mod schema;
mod watch;

pub use check::{Checked, check_config};
pub use errors::{ConfigError, ConfigErrors};
pub use file::{Config, KubernetesVersion, PlacementConfig};
pub use level::Level;
pub use schema::SCHEMA;
pub use watch::watch;

#[cfg(test)]
mod tests;
