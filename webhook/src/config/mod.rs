//! The config file: read, validated against its schema, and watched.

mod check;
mod document;
mod errors;
mod file;
mod pod_security;
pub mod rules;
mod schema;
mod watch;

pub(crate) use check::check_config;
pub use daemonset_validation::levels::AdmissionLevel as Level;
pub use errors::{ConfigError, ConfigErrors};
pub use file::{Config, KubernetesVersion, PlacementConfig};
pub use pod_security::{PodSecurityConfig, PodSecurityExemptions};
pub use schema::SCHEMA;
pub(crate) use watch::{Instead, Refused, Watched, watch};

#[cfg(test)]
mod tests;
