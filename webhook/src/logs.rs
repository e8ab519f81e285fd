//! stub
use clap::ValueEnum;
use std::sync::Arc;
/// How lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// One JSON object a line, for programs.
    #[default]
    Json,
    /// For people.
    Text,
}
/// s
pub fn start(_: Format, level: &str, _: Arc<crate::metrics::Metrics>) -> Result<(), String> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .json()
        .with_env_filter(level)
        .try_init()
        .map_err(|error| error.to_string())
}
